"""What a member knows of its group: the public state, and its secrets.

A value: every step returns the next one and leaves this one as it was.
"""

from dataclasses import dataclass, field, replace

from privity.codec import Opaque, Struct
from privity.errors import NotAuthentic
from privity.mls.failures import ConfirmationTagMismatch
from privity.mls.group_context import GroupContext
from privity.mls.key_schedule import EpochSecrets, NewEpoch, interim_transcript_hash
from privity.mls.own_keys import LeafIdentity
from privity.mls.past_epochs import Past, PastEpoch
from privity.mls.path_keys import PathKeys
from privity.mls.proposals import ReInit
from privity.mls.public_state import PublicState
from privity.mls.ratchet_tree import RatchetTree
from privity.mls.secret_tree import SecretTree
from privity.mls.suites import CipherSuite

__all__ = [
    "GroupState",
    "Membership",
    "OwnUpdate",
    "begin_epoch",
    "check_tag",
    "enter_epoch",
    "succeed",
]


@dataclass(frozen=True, slots=True, repr=False)
class OwnUpdate(Struct):
    """The key pair of an Update that we proposed and nobody committed yet."""

    encryption_key: Opaque
    private: Opaque


@dataclass(frozen=True, slots=True)
class Membership:
    """Who we are in an epoch: what stays when its secrets are replaced."""

    me: LeafIdentity
    keys: PathKeys = field(repr=False)


@dataclass(frozen=True, slots=True)
class GroupState:
    """One epoch as one of its members knows it."""

    public: PublicState
    membership: Membership
    confirmation_tag: bytes
    secrets: EpochSecrets = field(repr=False)
    secret_tree: SecretTree = field(repr=False)
    own_updates: tuple[OwnUpdate, ...] = field(repr=False, default=())
    past: Past = field(default_factory=Past)

    @property
    def suite(self) -> CipherSuite:
        """The group's cipher suite."""
        return self.public.suite

    @property
    def context(self) -> GroupContext:
        """The GroupContext of this epoch."""
        return self.public.context

    @property
    def tree(self) -> RatchetTree:
        """The ratchet tree of this epoch."""
        return self.public.tree

    def using(self, secret_tree: SecretTree) -> "GroupState":
        """Return this state with the secret tree after a message."""
        # Spelt out: `replace` takes as long as a derivation, for every message.
        return GroupState(
            self.public,
            self.membership,
            self.confirmation_tag,
            self.secrets,
            secret_tree,
            self.own_updates,
            self.past,
        )

    def owning(self, update: OwnUpdate) -> "GroupState":
        """Return this state with the private key of an Update that we proposed."""
        return replace(self, own_updates=(*self.own_updates, update))

    def ended_by(self, reinit: ReInit | None) -> "GroupState":
        """Return this state as that of a group that was reinitialised, if it was."""
        if reinit is None:
            return self
        return replace(self, public=replace(self.public, reinit=reinit))

    @property
    def external_pub(self) -> bytes:
        """The key by which clients join this epoch by a commit of theirs (§8)."""
        return self.suite.derive_key_pair(self.secrets.external_secret)[1]

    @property
    def own_leaf(self) -> int:
        """The leaf index at which we stand."""
        return self.membership.keys.own_leaf


def begin_epoch(
    context: GroupContext, tree: RatchetTree, epoch: NewEpoch, membership: Membership
) -> GroupState:
    """Return the state at the start of an epoch, with the tag that confirms it."""
    suite = tree.suite
    confirmed = context.confirmed_transcript_hash
    tag = suite.mac(epoch.secrets.confirmation_key, confirmed)
    interim = interim_transcript_hash(suite, confirmed, tag)
    public = PublicState.of(context, tree, interim)
    return enter_epoch(public, tag, epoch, membership)


def enter_epoch(
    public: PublicState,
    confirmation_tag: bytes,
    epoch: NewEpoch,
    membership: Membership,
) -> GroupState:
    """Return the state at the start of an epoch whose tag was found to confirm it."""
    return GroupState(
        public=public,
        membership=membership,
        confirmation_tag=confirmation_tag,
        secrets=epoch.secrets,
        secret_tree=SecretTree.of(epoch.encryption_secret, public.tree.size),
    )


def check_tag(
    suite: CipherSuite, epoch: NewEpoch, confirmed_transcript_hash: bytes, tag: bytes
) -> None:
    """Raise ConfirmationTagMismatch unless `tag` confirms this epoch (§6.1)."""
    key = epoch.secrets.confirmation_key
    try:
        suite.verify_mac(key, confirmed_transcript_hash, tag)
    except NotAuthentic:
        raise ConfirmationTagMismatch("a confirmation tag is wrong") from None


def succeed(before: GroupState, after: GroupState) -> GroupState:
    """Return the state of a new epoch, with what the old one leaves to it."""
    past = before.past
    if past.keep == 0:
        return after
    ended = PastEpoch(
        epoch=before.context.epoch,
        encoded_context=before.public.encoded_context,
        sender_data_secret=before.secrets.sender_data_secret,
        secret_tree=before.secret_tree,
        members=dict(before.tree.members()),
    )
    return replace(after, past=past.after(ended))
