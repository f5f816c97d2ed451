"""`Group`: the one state machine of MLS that an application drives.

A value. Whatever makes a message or takes one returns the next `Group`; the caller
stores that (`dump_tree`, `dump_ratchet`) before a message leaves or is shown, and
forgets the old one. A refused message changes nothing: whatever raises a
`PrivityError` leaves the caller with the group that it had. § are of RFC 9420.
"""

from dataclasses import dataclass, field, replace
from typing import Self

from privity.errors import UsageError
from privity.mls.committing import (
    CommitOptions,
    create_commit,
    fresh_psk,
    fresh_update,
    propose,
)
from privity.mls.events import (
    Application,
    JoinResult,
    Members,
    PendingCommit,
    Proposed,
    StagedCommit,
)
from privity.mls.extensions import Extension
from privity.mls.external_commit import ExternalJoin, join_by_commit
from privity.mls.group_context import GroupContext
from privity.mls.group_state import GroupState, succeed
from privity.mls.inviting import add_tree, make_group_info, make_welcome
from privity.mls.joining import Beside, create_group, join_group
from privity.mls.key_packages import KeyPackage
from privity.mls.key_schedule import export_secret
from privity.mls.messages import wrap
from privity.mls.nodes import LeafNode
from privity.mls.own_keys import KeyPackageBundle, LeafIdentity
from privity.mls.past_epochs import Past
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
    SelfRemove,
    Update,
)
from privity.mls.psks import KnownPsks
from privity.mls.public_group import PublicGroup, verify_group_info
from privity.mls.speaking import say
from privity.mls.state import decode_group, encode_ratchet_part, encode_tree_part
from privity.mls.suites import CipherSuite, Random
from privity.mls.welcome import GroupInfo

__all__ = ["Group"]


@dataclass(frozen=True, slots=True)
class Group:
    """One epoch of a group, as one of its members knows it (§8, §11, §12).

    Messages that it makes and takes are encoded MLSMessages (§6): handshakes are
    PublicMessage unless asked for otherwise, application data is PrivateMessage.
    `random(n)` gives n unpredictable bytes. `authenticated_data` is sent in the open,
    and signed.
    """

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
        """Return a new group of which `me` is the only member (§11).

        `group_id` is of any length and must be new to its members. Raises
        RuleViolation or DecodeError if our leaf cannot live under the GroupContext
        `extensions`, UsageError for a private key of another scheme.
        """
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
        """Join by a Welcome (§12.4.3.1), an MLSMessage.

        `tree` is the encoded ratchet tree, as `tree_bytes` gives it, if it does not
        travel inside. `former` is the group that the new one goes on from, after a
        ReInit or as its branch; without it such a Welcome is refused.

        Raises RuleViolation, NotAuthentic, DecodeError, UnknownPsk, Unsupported, or
        UsageError if the tree is missing or the bundle is not of `me`. The caller
        refuses a `group_id` that it has already, and deletes the bundle unless it is
        of last resort. Costs a signature check for each member.
        """
        beside = Beside(tree, psks or KnownPsks(), former.state if former else None)
        joined = join_group(welcome, bundle, me, beside)
        return JoinResult(Group(joined.state), joined.group_info)

    @classmethod
    def join_externally(
        cls, info: GroupInfo, me: LeafIdentity, options: ExternalJoin, random: Random
    ) -> PendingCommit:
        """Make a commit by which we join (§12.4.3.2), or take our lost self's place.

        Raises RuleViolation, NotAuthentic, DecodeError, UnknownPsk, Unsupported, or
        UsageError if the tree is missing.
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

        Which is not in RFC 9420. `me` is who we were when they were made. What is read
        is taken to be what was written: shape, epoch and fork are compared; keys and
        signatures of the tree are not, and no sum would show a flipped bit.
        Parts of different moments of an epoch load, and repeat keys.

        Raises:
            DecodeError: they are no such parts, or of different epochs, or of two forks
                of one; UnknownStateVersion if a later version of this library wrote
                them.
            RuleViolation: the tree is none.
            Unsupported: the suite.
            UsageError: `me` is not whose leaf is ours.
        """
        return cls(decode_group(tree, ratchet, me))

    def dump_tree(self) -> bytes:
        """Return the secret state that changes with the epoch (not in RFC 9420)."""
        return encode_tree_part(self.state)

    def dump_ratchet(self) -> bytes:
        """Return the secret state that changes with every message (not in RFC 9420)."""
        return encode_ratchet_part(self.state)

    @property
    def suite(self) -> CipherSuite:
        """The group's cipher suite (§5.1)."""
        return self.state.suite

    @property
    def context(self) -> GroupContext:
        """The GroupContext of this epoch (§8.1)."""
        return self.state.context

    @property
    def group_id(self) -> bytes:
        """The group's name, of any length (§8.1)."""
        return self.state.context.group_id

    @property
    def epoch(self) -> int:
        """How many commits there were: 0 to 2^64 - 1 (§8.1)."""
        return self.state.context.epoch

    @property
    def own_leaf(self) -> int:
        """Our leaf index, which names us in this group (§4.1)."""
        return self.state.own_leaf

    @property
    def epoch_authenticator(self) -> bytes:
        """What all members of the epoch share and nobody else knows (§8.7).

        As long as the suite's hash, as are the next ones.
        """
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
        """The proposals that wait, with their references, oldest first (§12.4)."""
        return tuple(self.state.public.proposals.items())

    def keeping(self, epochs: int) -> "Group":
        """Return this group, opening late messages of so many ended epochs (§15.3).

        From 0, the default, to 16, else UsageError. What exceeds it is forgotten at
        once; whoever keeps some bounds the time by calling this with 0. A member that
        was removed is still heard in epochs that are kept.
        """
        return Group(replace(self.state, past=self.state.past.keeping(epochs)))

    def members(self) -> Members:
        """Return every occupied leaf with its leaf index (§4.1)."""
        return self.state.tree.members()

    def member(self, leaf: int) -> LeafNode | None:
        """Return one leaf, `None` if it is blank or not there (§4.1)."""
        return self.state.tree.leaf(leaf)

    def tree_bytes(self) -> bytes:
        """Return the encoded ratchet tree, as joiners need it (§12.4.3.3)."""
        return self.state.tree.encode()

    @property
    def public(self) -> PublicGroup:
        """What all who see the handshakes know, as a checkpoint (not in RFC 9420)."""
        return PublicGroup(self.state.public)

    def export(self, label: str, context: bytes, length: int) -> bytes:
        """MLS-Exporter (§8.5): a secret of `length` bytes of this epoch.

        Raises UsageError for none, or more than 255 times the suite's hash.
        """
        secret = self.state.secrets.exporter_secret
        return export_secret(self.suite, secret, label, context, length)

    def group_info(
        self, extensions: tuple[Extension, ...] = (), *, with_tree: bool = False
    ) -> bytes:
        """Return a GroupInfo of this epoch with `external_pub`, encoded (§12.4.3).

        Whoever has it and the tree can make a commit that joins, a member that was
        removed too; `StagedCommit.joins` says so to the others.
        """
        return make_group_info(self.state, extensions, with_tree=with_tree).encode()

    def verify_group_info(self, info: GroupInfo) -> None:
        """Check as the function does, and that its key is the epoch's (§8)."""
        verify_group_info(self.public, info)
        info.check_external_pub(self.state.external_pub)

    def begin(self, after: "Group") -> "Group":
        """Return the `next` of a commit, without keys that were used since (§9.2).

        A commit's `next` holds the ending epoch as it was when the commit was made or
        processed. A group that keeps ended epochs and has opened messages meanwhile
        begins the new one by this: else those would open once more. Raises UsageError
        if `after` is not the epoch behind this one.
        """
        if (after.group_id, after.epoch) != (self.group_id, self.epoch + 1):
            raise UsageError("not the epoch that follows this one")
        return Group(succeed(self.state, replace(after.state, past=Past())))

    def protect(
        self,
        data: bytes,
        *,
        random: Random,
        authenticated_data: bytes = b"",
        padding: int = 0,
    ) -> "tuple[bytes, Group]":
        """Return an MLSMessage with application data, and the group afterwards (§6.3).

        Store that group first: two messages of one group have one key. `padding` is
        how many zero bytes are encrypted as well (§6.3.1). Raises CommitRequired if a
        proposal waits (§12.4), GroupEnded after a ReInit (§11.2), UsageError for more
        than a message holds, 8 MiB.
        """
        if padding < 0:
            raise UsageError("less than no padding")
        message, after = say(self.state, data, authenticated_data, random, padding)
        return wrap(message), Group(after)

    def propose_remove(
        self, leaf: int, *, authenticated_data: bytes = b""
    ) -> "tuple[bytes, Group]":
        """Propose to remove a member, or ourselves (§12.1.3)."""
        return self._propose(Remove(leaf), authenticated_data)

    def propose_self_remove(
        self, *, authenticated_data: bytes = b""
    ) -> "tuple[bytes, Group]":
        """Propose to leave so that joiners may commit it (draft-ietf-mls-extensions).

        Raises RuleViolation unless every member's capabilities list SelfRemove.
        """
        return self._propose(SelfRemove(), authenticated_data)

    def propose_add(
        self, key_package: KeyPackage, *, authenticated_data: bytes = b""
    ) -> "tuple[bytes, Group]":
        """Propose to add a client (§12.1.1); returns the group afterwards as well."""
        return self._propose(Add(key_package), authenticated_data)

    def propose_update(
        self, *, random: Random, authenticated_data: bytes = b"", private: bool = False
    ) -> "tuple[bytes, Group]":
        """Propose a fresh key for our leaf, and return the group after it (§12.1.2).

        If `private`, as a PrivateMessage.
        """
        proposal, own = fresh_update(self.state, random)
        data, sealing = authenticated_data, random if private else None
        message, after = propose(self.state, proposal, data, sealing)
        return wrap(message), Group(after.owning(own))

    def propose_privately(
        self, proposal: Proposal, *, random: Random, authenticated_data: bytes = b""
    ) -> "tuple[bytes, Group]":
        """Propose in a PrivateMessage, which only members read (§6.3, §12.1).

        For an Update use `propose_update`, whose private key is kept; for the other
        types this is what their methods do. Raises as they do, and UsageError.
        """
        if isinstance(proposal, Update):
            raise UsageError("an Update whose private key is not kept")
        message, after = propose(self.state, proposal, authenticated_data, random)
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

    def commit(self, options: CommitOptions, random: Random) -> PendingCommit:
        """Make a commit; this group stays as it is (§12.4.1).

        Raises RuleViolation, NotAuthentic, DecodeError or UsageError if what is to
        be committed cannot be, UnknownPsk if a key that it names is not given, and
        GroupEnded. Costs what `options` add, and a seal for each node on the copath.
        """
        committed = create_commit(self.state, options, random)
        after = Group(committed.state)
        more = options.group_info_extensions
        extensions = more(after) if more else ()
        info = make_group_info(committed.state, extensions)
        applied = committed.applied
        inside = info
        if options.tree_in_welcome and applied.added:
            inside = add_tree(committed.state, info)
        welcome = make_welcome(committed, inside)
        return PendingCommit(
            message=wrap(committed.message),
            welcome=wrap(welcome) if welcome else None,
            group_info=info.encode(),
            added=tuple((leaf, package.leaf_node) for leaf, package in applied.added),
            removed=applied.removed,
            next=after,
            before=Group(committed.before) if committed.before else None,
        )

    def process(
        self, message: bytes, *, psks: KnownPsks | None = None
    ) -> Application | Proposed | StagedCommit:
        """Open an MLSMessage of this group and say what is in it (§6, §12.4.2).

        `psks` are the pre-shared keys that a commit may name.

        Raises:
            DecodeError, RuleViolation, NotAuthentic: as everybody sees it.
            PathSlotFailed, ConfirmationTagMismatch: as only some may see it.
            UnknownPsk: a commit names a key that was not given.
            Unsupported: all members support a proposal of a commit but this library.
            WrongEpoch, OwnCommit: nothing is wrong, and nothing to be done with it.

        What we encrypted ourselves comes back as `GENERATION_CONSUMED`.
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
