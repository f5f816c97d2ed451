"""`Group`: the one state machine of MLS that an application drives.

A value. Whatever makes a message or takes one returns the next `Group`; the caller
stores that (`dump_tree`, `dump_ratchet`) before a message leaves or is shown, and
forgets the old one. A refused message changes nothing.
"""

from dataclasses import dataclass, field, replace
from typing import Self

from privity.errors import Unsupported
from privity.mls.committing import (
    CommitOptions,
    create_commit,
    fresh_psk,
    propose,
    propose_update,
    sign_content,
)
from privity.mls.extensions import Extension
from privity.mls.external_commit import ExternalJoin, join_by_commit
from privity.mls.failures import CommitRequired, GroupEnded
from privity.mls.framing import SenderType, WireFormat
from privity.mls.group_context import GroupContext
from privity.mls.group_state import GroupState
from privity.mls.inviting import make_group_info, make_welcome
from privity.mls.joining import Beside, create_group, join_group
from privity.mls.key_packages import KeyPackage
from privity.mls.key_schedule import export_secret
from privity.mls.messages import wrap
from privity.mls.nodes import MLS_10, LeafNode
from privity.mls.own_keys import KeyPackageBundle, LeafIdentity
from privity.mls.processing import Received, open_message, receive_commit
from privity.mls.proposal_list import SentProposal
from privity.mls.proposals import (
    Add,
    Commit,
    ExternalPSK,
    GroupContextExtensions,
    Proposal,
    ReInit,
    Remove,
    ResumptionPSK,
)
from privity.mls.protection import seal_private
from privity.mls.psks import KnownPsks
from privity.mls.public_group import PublicGroup
from privity.mls.resumption import resumption_of
from privity.mls.state import (
    decode_group,
    encode_ratchet_part,
    encode_tree_part,
)
from privity.mls.suites import CipherSuite, Random, suite
from privity.mls.welcome import GroupInfo

__all__ = [
    "Application",
    "Group",
    "JoinResult",
    "PendingCommit",
    "Proposed",
    "StagedCommit",
]

Members = tuple[tuple[int, LeafNode], ...]


@dataclass(frozen=True, slots=True)
class Application:
    """Application data that a member sent; `frame` is the AuthenticatedContent.

    `sender` is the leaf index and `leaf` the leaf of the epoch that it was sent in.
    """

    sender: int
    leaf: LeafNode
    epoch: int
    data: bytes = field(repr=False)
    authenticated_data: bytes
    frame: bytes = field(repr=False)
    next: "Group"


@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposal that arrived; a commit may name it by `reference`.

    `sender` is a member's leaf index, or an external sender's place in its list.
    """

    sender: int
    proposal: Proposal
    reference: bytes
    authenticated_data: bytes
    next: "Group"
    sender_type: SenderType = SenderType.MEMBER


@dataclass(frozen=True, slots=True)
class StagedCommit:
    """A valid commit of another member, or of a client that `joins`, before it counts.

    Leaf indexes of added members are those in the new epoch, of removed ones those
    in the old. `next` is `None` if the commit removes us.
    """

    committer: int
    added: Members
    removed: Members
    updated: Members
    path_leaf: LeafNode | None
    proposals: tuple[SentProposal, ...]
    authenticated_data: bytes
    context: GroupContext
    next: "Group | None"
    joins: bool = False

    @property
    def removes_me(self) -> bool:
        """Whether we are not a member of the new epoch."""
        return self.next is None


@dataclass(frozen=True, slots=True)
class PendingCommit:
    """A commit of ours. `next` counts when the commit was accepted, never before.

    `message` and `welcome` are MLSMessages, `group_info` is a GroupInfo without the
    tree. The Welcome goes out after acceptance too.
    """

    message: bytes
    welcome: bytes | None
    group_info: bytes
    added: Members
    removed: Members
    next: "Group"


@dataclass(frozen=True, slots=True)
class JoinResult:
    """A group that we joined, and the GroupInfo that came with the Welcome."""

    group: "Group"
    group_info: GroupInfo


@dataclass(frozen=True, slots=True)
class Group:
    """One epoch of a group, as one of its members knows it."""

    state: GroupState = field(repr=False)

    @classmethod
    def create(
        cls,
        suite: CipherSuite,
        group_id: bytes,
        me: LeafIdentity,
        *,
        random: Random,
        extensions: tuple[Extension, ...] = (),
    ) -> Self:
        """Return a new group of which `me` is the only member (§11)."""
        return cls(create_group(suite, group_id, me, extensions, random))

    @classmethod
    def join(  # noqa: PLR0913  three of these are there in rare cases
        cls,
        welcome: bytes,
        bundle: KeyPackageBundle,
        me: LeafIdentity,
        *,
        tree: bytes | None = None,
        psks: KnownPsks | None = None,
        former: "Group | None" = None,
    ) -> JoinResult:
        """Join by a Welcome (§12.4.3.1); `tree` if it does not travel inside.

        `former` is the group that the new one goes on from, after a ReInit or as its
        branch; without it such a Welcome is refused.

        Raises ProtocolError, Unsupported or UsageError. The caller refuses a
        `group_id` that it has already, and deletes the bundle unless it is of last
        resort.
        """
        beside = Beside(tree, psks or KnownPsks(), former.state if former else None)
        joined = join_group(welcome, bundle, me, beside)
        return JoinResult(Group(joined.state), joined.group_info)

    @classmethod
    def join_externally(
        cls, info: GroupInfo, me: LeafIdentity, options: ExternalJoin, random: Random
    ) -> PendingCommit:
        """Make a commit by which we join (§12.4.3.2), or take our lost self's place.

        Raises ProtocolError, Unsupported or UsageError.
        """
        joined = join_by_commit(info, me, options, random)
        state = joined.state
        leaf = state.tree.member(state.own_leaf)
        return PendingCommit(
            message=wrap(joined.message),
            welcome=None,
            group_info=make_group_info(state, ()).encode(),
            added=((state.own_leaf, leaf),),
            removed=joined.applied.removed,
            next=Group(state),
        )

    @classmethod
    def load(cls, tree: bytes, ratchet: bytes, me: LeafIdentity) -> Self:
        """Return the group that `dump_tree` and `dump_ratchet` stored.

        Raises:
            DecodeError: the two do not belong together, or are damaged.
        """
        return cls(decode_group(tree, ratchet, me))

    def dump_tree(self) -> bytes:
        """Return the part of the state that changes with the epoch."""
        return encode_tree_part(self.state)

    def dump_ratchet(self) -> bytes:
        """Return the part of the state that changes with every message."""
        return encode_ratchet_part(self.state)

    @property
    def suite(self) -> CipherSuite:
        """The group's cipher suite."""
        return self.state.suite

    @property
    def context(self) -> GroupContext:
        """The GroupContext of this epoch."""
        return self.state.context

    @property
    def group_id(self) -> bytes:
        """The group's name."""
        return self.state.context.group_id

    @property
    def epoch(self) -> int:
        """How many commits there were."""
        return self.state.context.epoch

    @property
    def own_leaf(self) -> int:
        """Our leaf index."""
        return self.state.own_leaf

    @property
    def epoch_authenticator(self) -> bytes:
        """A value that all members of the epoch share and nobody else knows (§8.7)."""
        return self.state.secrets.epoch_authenticator

    @property
    def resumption_psk(self) -> bytes:
        """The secret by which another epoch or group can go on from this one (§8.6)."""
        return self.state.secrets.resumption_psk

    @property
    def reinit(self) -> ReInit | None:
        """What ended the group and says which one follows it (§11.2)."""
        return self.state.public.reinit

    @property
    def interim_transcript_hash(self) -> bytes:
        """The transcript up to and with this epoch's confirmation tag (§8.2)."""
        return self.state.public.interim_transcript_hash

    @property
    def commit_required(self) -> bool:
        """Whether proposals wait, so that no application data may be sent (§12.4)."""
        return bool(self.state.public.proposals)

    @property
    def pending_proposals(self) -> tuple[tuple[bytes, SentProposal], ...]:
        """The proposals of this epoch with their references, oldest first."""
        return tuple(self.state.public.proposals.items())

    def keeping(self, epochs: int) -> "Group":
        """Return this group, opening late messages of so many ended epochs (§15.3).

        The default is 0. What exceeds the limit is forgotten at once; an application
        that keeps some bounds the time by calling this with 0.
        """
        return Group(replace(self.state, past=self.state.past.keeping(epochs)))

    def members(self) -> Members:
        """Return every occupied leaf with its index."""
        return self.state.tree.members()

    def member(self, leaf: int) -> LeafNode | None:
        """Return one leaf, `None` if it is blank."""
        return self.state.tree.leaf(leaf)

    def tree_bytes(self) -> bytes:
        """Return the ratchet tree as joiners need it (§12.4.3.3)."""
        return self.state.tree.encode()

    @property
    def public(self) -> PublicGroup:
        """What everybody who sees the handshakes knows; it encodes as a checkpoint."""
        return PublicGroup(self.state.public)

    def export(self, label: str, context: bytes, length: int) -> bytes:
        """MLS-Exporter (§8.5): a secret of `length` bytes of this epoch."""
        secret = self.state.secrets.exporter_secret
        return export_secret(self.suite, secret, label, context, length)

    def group_info(
        self, extensions: tuple[Extension, ...] = (), *, with_tree: bool = False
    ) -> bytes:
        """Return a signed GroupInfo of this epoch, with `external_pub`."""
        return make_group_info(self.state, extensions, with_tree=with_tree).encode()

    def protect(
        self, data: bytes, *, random: Random, authenticated_data: bytes = b""
    ) -> "tuple[bytes, Group]":
        """Return an MLSMessage with application data, and the group afterwards.

        Raises:
            CommitRequired: a proposal waits (§12.4).
            GroupEnded: the group was reinitialised.
        """
        if self.reinit is not None:
            raise GroupEnded("the group was reinitialised")
        if self.commit_required:
            raise CommitRequired("a proposal waits for a commit")
        state = self.state
        signed = sign_content(
            state, WireFormat.PRIVATE_MESSAGE, data, authenticated_data
        )
        sent = seal_private(
            state.suite,
            state.secrets.sender_data_secret,
            state.secret_tree,
            signed,
            random,
        )
        return wrap(sent.message), Group(state.using(sent.tree))

    def propose_remove(
        self, leaf: int, *, authenticated_data: bytes = b""
    ) -> "tuple[bytes, Group]":
        """Propose to remove a member, or ourselves, and return the group afterwards."""
        return self._propose(Remove(leaf), authenticated_data)

    def propose_add(
        self, key_package: KeyPackage, *, authenticated_data: bytes = b""
    ) -> "tuple[bytes, Group]":
        """Propose to add a client, and return the group afterwards."""
        return self._propose(Add(key_package), authenticated_data)

    def propose_update(
        self, *, random: Random, authenticated_data: bytes = b""
    ) -> "tuple[bytes, Group]":
        """Propose a fresh key for our leaf, and return the group afterwards."""
        message, after = propose_update(self.state, random, authenticated_data)
        return wrap(message), Group(after)

    def propose_extensions(
        self, extensions: tuple[Extension, ...], *, authenticated_data: bytes = b""
    ) -> "tuple[bytes, Group]":
        """Propose to replace the extensions of the GroupContext (§12.1.7)."""
        return self._propose(GroupContextExtensions(extensions), authenticated_data)

    def propose_psk(
        self,
        key: ExternalPSK | ResumptionPSK,
        *,
        random: Random,
        authenticated_data: bytes = b"",
    ) -> "tuple[bytes, Group]":
        """Propose that a pre-shared key enters the next epoch (§12.1.4)."""
        return self._propose(fresh_psk(self.state, key, random), authenticated_data)

    def propose_reinit(
        self, reinit: ReInit, *, authenticated_data: bytes = b""
    ) -> "tuple[bytes, Group]":
        """Propose to end this group in favour of another one (§12.1.5)."""
        return self._propose(reinit, authenticated_data)

    def go_on(
        self,
        group_id: bytes,
        me: LeafIdentity,
        others: tuple[KeyPackage, ...],
        *,
        random: Random,
    ) -> PendingCommit:
        """Create the group that follows this one: a branch, or what a ReInit agreed on.

        §11.2, §11.3. A branch takes `group_id`, which must be new, and keeps version,
        suite and extensions; after a ReInit everything is as it says. `others` are
        the members to add. Raises as `commit` does.
        """
        reinit, old = self.reinit, self.context
        if reinit is not None and reinit.version != MLS_10:
            raise Unsupported(f"protocol version {reinit.version}")
        crypto = suite(reinit.cipher_suite if reinit else old.cipher_suite)
        name = reinit.group_id if reinit else group_id
        extensions = reinit.extensions if reinit else old.extensions
        first = Group.create(crypto, name, me, random=random, extensions=extensions)
        known = KnownPsks().with_epoch(old.group_id, old.epoch, self.resumption_psk)
        key = resumption_of(self.state)
        options = CommitOptions(add=others, psks=(key,), known_psks=known)
        return first.commit(options, random)

    def commit(self, options: CommitOptions, random: Random) -> PendingCommit:
        """Make a commit; this group stays as it is (§12.4.1).

        Raises RuleViolation, NotAuthentic, DecodeError or UsageError if what is to
        be committed cannot be.
        """
        committed = create_commit(self.state, options, random)
        after = Group(committed.state)
        more = options.group_info_extensions
        extensions = more(after) if more else ()
        info = make_group_info(committed.state, extensions)
        inside = info
        if options.tree_in_welcome:
            inside = make_group_info(committed.state, extensions, with_tree=True)
        welcome = make_welcome(committed, inside)
        applied = committed.applied
        return PendingCommit(
            message=wrap(committed.message),
            welcome=wrap(welcome) if welcome else None,
            group_info=info.encode(),
            added=tuple((leaf, package.leaf_node) for leaf, package in applied.added),
            removed=applied.removed,
            next=after,
        )

    def process(
        self, message: bytes, *, psks: KnownPsks | None = None
    ) -> Application | Proposed | StagedCommit:
        """Open a message of this group and epoch, and return what it says.

        `psks` are the pre-shared keys that a commit may name. Raises ProtocolError,
        Stale or Unsupported; this group is what it was.
        """
        received = open_message(self.state, message)
        content = received.signed.content
        if isinstance(content.content, bytes) and received.leaf is not None:
            return Application(
                sender=received.sender,
                leaf=received.leaf,
                epoch=content.epoch,
                data=content.content,
                authenticated_data=content.authenticated_data,
                frame=received.signed.encode(),
                next=Group(received.state),
            )
        if isinstance(content.content, bytes):
            raise TypeError("application data that no member sent")
        if isinstance(content.content, Commit):
            return _staged(received, psks or KnownPsks())
        return Proposed(
            sender=received.sender,
            proposal=content.content,
            reference=received.reference,
            authenticated_data=content.authenticated_data,
            next=Group(received.state),
            sender_type=content.sender.sender_type,
        )

    def _propose(self, proposal: Proposal, data: bytes) -> "tuple[bytes, Group]":
        message, after = propose(self.state, proposal, data)
        return wrap(message), Group(after)


def _staged(received: Received, psks: KnownPsks) -> StagedCommit:
    followed, after = receive_commit(received.state, received.signed, psks)
    applied = followed.applied
    return StagedCommit(
        committer=followed.committer,
        added=tuple((leaf, package.leaf_node) for leaf, package in applied.added),
        removed=applied.removed,
        updated=applied.updated,
        path_leaf=followed.path.path.leaf_node if followed.path else None,
        proposals=followed.proposals,
        authenticated_data=received.signed.content.authenticated_data,
        context=followed.state.context,
        next=Group(after) if after else None,
        joins=applied.kem_output is not None,
    )
