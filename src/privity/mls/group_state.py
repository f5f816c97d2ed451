"""What a member knows of its group: the public state, and its secrets.

A value: every step returns the next one and leaves this one as it was.
"""

from dataclasses import dataclass, field

from privity.codec import Opaque, Struct
from privity.mls.group_context import GroupContext
from privity.mls.key_schedule import EpochSecrets, NewEpoch, interim_transcript_hash
from privity.mls.own_keys import LeafIdentity
from privity.mls.path_keys import PathKeys
from privity.mls.public_state import PublicState
from privity.mls.ratchet_tree import RatchetTree
from privity.mls.secret_tree import SecretTree
from privity.mls.suites import CipherSuite

__all__ = ["GroupState", "Membership", "OwnUpdate", "begin_epoch"]


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
    return GroupState(
        public=PublicState.of(context, tree, interim),
        membership=membership,
        confirmation_tag=tag,
        secrets=epoch.secrets,
        secret_tree=SecretTree.of(epoch.encryption_secret, tree.size),
    )
