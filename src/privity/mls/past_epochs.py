"""Messages that arrive after their epoch has ended (RFC 9420 §9.2, §15.3).

By default nothing of an epoch outlives it. Where an application's messages have no
order, a group may keep what opens application data of its last few epochs: less
forward secrecy for fewer lost messages. There is no clock here, so the application
bounds the time as well, by `Group.keeping(0)`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated

from privity.codec import U8, U32, U64, Nested, Opaque, Struct, Vector
from privity.errors import DecodeError, RuleViolation, UsageError
from privity.mls.framing import AuthenticatedContent, PrivateMessage
from privity.mls.nodes import LeafNode
from privity.mls.protection import open_private, open_sender_data, verify_signature
from privity.mls.rules import Rule
from privity.mls.secret_tree import SecretTree
from privity.mls.suites import CipherSuite

__all__ = ["MAX_KEPT", "Past", "PastEpoch", "StoredPast", "open_past"]

MAX_KEPT = 16
"""How many ended epochs a group can keep at most."""


@dataclass(frozen=True, slots=True)
class PastEpoch:
    """What is needed to open application data of an epoch, and to name its sender."""

    epoch: int
    encoded_context: bytes
    sender_data_secret: bytes = field(repr=False)
    secret_tree: SecretTree = field(repr=False)
    members: Mapping[int, LeafNode] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Past:
    """The last epochs, newest first: at most `keep` of them."""

    keep: int = 0
    epochs: tuple[PastEpoch, ...] = ()

    def keeping(self, keep: int) -> "Past":
        """Return this past with another limit, and what exceeds it forgotten."""
        if not 0 <= keep <= MAX_KEPT:
            raise UsageError(f"a group keeps 0 to {MAX_KEPT} ended epochs")
        return Past(keep, self.epochs[:keep])

    def after(self, ended: PastEpoch) -> "Past":
        """Return the past of the next epoch."""
        return Past(self.keep, (ended, *self.epochs)[: self.keep])

    def find(self, epoch: int) -> PastEpoch | None:
        """Return an epoch that is still kept."""
        return next((past for past in self.epochs if past.epoch == epoch), None)

    def with_epoch(self, changed: PastEpoch) -> "Past":
        """Return this past after a message of one epoch was opened."""
        epochs = (changed if e.epoch == changed.epoch else e for e in self.epochs)
        return replace(self, epochs=tuple(epochs))


def open_past(
    suite: CipherSuite, past: PastEpoch, message: PrivateMessage
) -> tuple[int, AuthenticatedContent, PastEpoch]:
    """Open a message of an ended epoch, checked against its own members.

    Returns the sender's leaf index of that time, the content, and the epoch without
    the key that was used.

    Raises:
        RuleViolation: as for messages of this epoch.
        NotAuthentic: a seal or the signature is wrong.
    """
    sender = open_sender_data(suite, past.sender_data_secret, message)
    leaf = past.members.get(sender.leaf_index)
    if leaf is None:
        raise RuleViolation(Rule.SENDER_IS_BLANK, f"leaf {sender.leaf_index}")
    signed, tree = open_private(suite, past.secret_tree, sender, message)
    verify_signature(suite, leaf.signature_key, signed, past.encoded_context)
    return sender.leaf_index, signed, replace(past, secret_tree=tree)


@dataclass(frozen=True, slots=True, repr=False)
class _StoredMember(Struct):
    leaf: U32
    node: LeafNode


@dataclass(frozen=True, slots=True, repr=False)
class _StoredEpoch(Struct):
    epoch: U64
    encoded_context: Opaque
    sender_data_secret: Opaque
    secret_tree: Opaque
    members: Annotated[tuple[_StoredMember, ...], Vector(Nested(_StoredMember))]

    def restored(self) -> PastEpoch:
        """Return what was stored; raises DecodeError."""
        members = {member.leaf: member.node for member in self.members}
        if len(members) < len(self.members):
            raise DecodeError("a past member who stands twice")
        return PastEpoch(
            epoch=self.epoch,
            encoded_context=self.encoded_context,
            sender_data_secret=self.sender_data_secret,
            secret_tree=SecretTree.decode(self.secret_tree),
            members=members,
        )


@dataclass(frozen=True, slots=True, repr=False)
class StoredPast(Struct):
    """How `Past` lies in the stored state."""

    keep: U8
    epochs: Annotated[tuple[_StoredEpoch, ...], Vector(Nested(_StoredEpoch), MAX_KEPT)]

    @classmethod
    def of(cls, past: Past) -> "StoredPast":
        """Return the stored form."""
        epochs = (
            _StoredEpoch(
                epoch=one.epoch,
                encoded_context=one.encoded_context,
                sender_data_secret=one.sender_data_secret,
                secret_tree=one.secret_tree.encode(),
                members=tuple(_StoredMember(*item) for item in one.members.items()),
            )
            for one in past.epochs
        )
        return cls(past.keep, tuple(epochs))

    def restored(self) -> Past:
        """Return what was stored; raises DecodeError."""
        return Past(self.keep, tuple(one.restored() for one in self.epochs))
