"""Messages of members who keep to no rule: any content, signed and sealed all right.

A fuzzer that only turns bits of a message reaches no further than its signature. Here
the content is anything, and what protects it is made anew with the members' keys, so
that what is behind the signatures is reached too.
"""

from dataclasses import dataclass, replace
from typing import Annotated

from privity.codec import (
    U8,
    U16,
    Bytes,
    Reader,
    Struct,
    write_opaque,
    write_uint,
)
from privity.errors import ProtocolError, Stale, UsageError
from privity.mls import following, processing, treekem
from privity.mls.framing import (
    AuthenticatedContent,
    ContentType,
    FramedContent,
    FramedContentAuthData,
    Sender,
    SenderData,
    SenderType,
    WireFormat,
    read_content,
)
from privity.mls.group_state import GroupState
from privity.mls.key_schedule import derive_epoch, derive_joiner_secret
from privity.mls.nodes import MLS_10, FromCommit, UpdatePath
from privity.mls.proposal_list import AppliedProposals, apply_proposals
from privity.mls.proposals import Commit
from privity.mls.protection import sender_data_key_and_nonce
from privity.mls.psks import derive_psk_secret
from privity.mls.secret_tree import RatchetKind
from privity.mls.tree_draft import TreeDraft
from tests.fuzz.world import World, seeded

__all__ = ["Mode", "Recipe", "crafted", "written"]


class Mode:
    """The bits of `Recipe.mode`; the lowest two say what kind of sender it is."""

    PRIVATE = 4
    MEND_LEAF = 8
    FRESH_PATH = 16
    NO_TAG = 32
    WAITING = 64
    LATE = 128


@dataclass(frozen=True, slots=True)
class Recipe(Struct):
    """An input: what is said, and by whom. `body` is the rest of it."""

    mode: U8
    leaf: U8
    generation: U16
    kind: U8
    authenticated_data: Annotated[bytes, Bytes(40)]
    padding: Annotated[bytes, Bytes(40)]

    @property
    def sender_type(self) -> SenderType:
        """What kind of sender says it."""
        return tuple(SenderType)[self.mode & 3]


def crafted(world: World, state: GroupState, recipe: Recipe, body: bytes) -> bytes:
    """Return the message of a recipe; `state` is the receiver's."""
    with seeded(b"craft"):
        return _Craft(world, state, recipe).message(body)


def written(*parts: bytes | tuple[int, int]) -> bytes:
    """Return vectors, and integers that stand with their size, one after the other."""
    out = bytearray()
    for part in parts:
        if isinstance(part, bytes):
            write_opaque(out, part)
        else:
            write_uint(out, *part)
    return bytes(out)


@dataclass(frozen=True)
class _Craft:
    world: World
    state: GroupState
    recipe: Recipe

    @property
    def key(self) -> bytes:
        match self.recipe.sender_type:
            case SenderType.MEMBER:
                return self.world.key_of(self.recipe.leaf)
            case SenderType.EXTERNAL:
                return self.world.sender_private
            case _:
                return self.world.outsider.signature_private

    @property
    def is_commit(self) -> bool:
        return self.recipe.kind == ContentType.COMMIT

    def message(self, body: bytes) -> bytes:
        private = bool(self.recipe.mode & Mode.PRIVATE)
        wire = WireFormat.PRIVATE_MESSAGE if private else WireFormat.PUBLIC_MESSAGE
        body = self._mended(body)
        context = self.state.context
        epoch = (context.epoch - bool(self.recipe.mode & Mode.LATE), 8)
        sender = Sender(self.recipe.sender_type, self.recipe.leaf).encode()
        framed = written(context.group_id, epoch) + sender
        framed += written(self.recipe.authenticated_data, (self.recipe.kind, 1)) + body
        signed = written((MLS_10, 2), (wire, 2)) + framed
        if self.recipe.sender_type in {
            SenderType.MEMBER,
            SenderType.NEW_MEMBER_COMMIT,
        }:
            signed += self._signed_context()
        suite = self.state.suite
        signature = suite.sign_with_label(self.key, "FramedContentTBS", signed)
        auth = written(signature)
        if self.is_commit:
            auth += written(self._tag(wire, body, signature))
        head = written((MLS_10, 2), (wire, 2))
        if private:
            return head + self._sealed(body + auth + self.recipe.padding)
        membership = b""
        if self.recipe.sender_type is SenderType.MEMBER:
            mac = suite.mac(self.state.secrets.membership_key, signed + auth)
            membership = written(mac)
        return head + framed + auth + membership

    def _signed_context(self) -> bytes:
        late = self.recipe.mode & Mode.LATE
        state = self.world.before.state if late else self.state
        return state.public.encoded_context

    def _mended(self, body: bytes) -> bytes:
        """Return a commit with a path that fits it, as far as that can be had."""
        mode = self.recipe.mode
        if not self.is_commit or not mode & (Mode.MEND_LEAF | Mode.FRESH_PATH):
            return body
        try:
            commit = self._with_path(_commit(body))
        except (ProtocolError, ValueError):
            return body
        return commit.encode()

    def _with_path(self, commit: Commit) -> Commit:
        if commit.path is None:
            return commit
        content = self._content(commit)
        by_member = self.recipe.sender_type is SenderType.MEMBER
        committer = self.recipe.leaf if by_member else None
        public = self.state.public
        listed = [following._resolve(public, content, it) for it in commit.proposals]
        applied = apply_proposals(public.tree, public.context, committer, listed)
        at = self.recipe.leaf
        if committer is None:
            draft = TreeDraft(applied.tree)
            at = draft.add(replace(commit.path.leaf_node, encryption_key=b""))
            applied = replace(applied, tree=draft.freeze())
        applied.tree.member(at)
        if self.recipe.mode & Mode.FRESH_PATH:
            return replace(commit, path=self._fresh(applied, at, commit.path))
        return replace(commit, path=self._resigned(applied, at, commit.path))

    def _resigned(
        self, applied: AppliedProposals, at: int, path: UpdatePath
    ) -> UpdatePath:
        steps = applied.tree.filtered_direct_path(at)
        publics = [node.encryption_key for node in path.nodes]
        _, stated = treekem._set_path(applied.tree, at, steps, publics)
        leaf = replace(path.leaf_node, source=FromCommit(stated))
        group_id = self.state.context.group_id
        signed = leaf.signed(self.state.suite, self.key, group_id, at)
        return replace(path, leaf_node=signed)

    def _fresh(
        self, applied: AppliedProposals, at: int, path: UpdatePath
    ) -> UpdatePath:
        context = self.state.context
        signer = treekem.LeafSigner(self.key, context.group_id)
        with seeded(b"path") as draw:
            fresh = treekem.refresh_path(applied.tree, at, path.leaf_node, signer, draw)
            after = following.next_context(context, fresh.tree, applied)
            return fresh.seal(after.encode(), applied.added_leaves)

    def _content(self, commit: Commit) -> FramedContent:
        context = self.state.context
        sender = Sender(self.recipe.sender_type, self.recipe.leaf)
        data = self.recipe.authenticated_data
        return FramedContent(context.group_id, context.epoch, sender, data, commit)

    def _tag(self, wire: WireFormat, body: bytes, signature: bytes) -> bytes:
        """Return the confirmation tag of the epoch that a commit leads to, if any."""
        wrong = bytes(self.state.suite.hash_length)
        if self.recipe.mode & Mode.NO_TAG:
            return wrong
        try:
            auth = FramedContentAuthData(signature, wrong)
            signed = AuthenticatedContent(wire, self._content(_commit(body)), auth)
            return confirmation_tag(self.world, self.state, signed)
        except UsageError:
            # The receiver is removed, or the commit is its own: then it needs no tag.
            return wrong
        except (ProtocolError, Stale, ValueError):
            return wrong

    def _sealed(self, plaintext: bytes) -> bytes:
        recipe, suite = self.recipe, self.state.suite
        late = recipe.mode & Mode.LATE
        state = self.world.before.state if late else self.state
        is_data = recipe.kind == ContentType.APPLICATION
        kind = RatchetKind.APPLICATION if is_data else RatchetKind.HANDSHAKE
        key, nonce = bytes(suite.key_length), bytes(suite.nonce_length)
        leaf = recipe.leaf % state.tree.size
        try:
            found, _ = state.secret_tree.key_for(suite, leaf, kind, recipe.generation)
            key, nonce = found.key, found.nonce
        except ProtocolError:
            pass
        aad = written(state.context.group_id, (state.context.epoch, 8))
        aad += written((recipe.kind, 1))
        sealed = suite.seal(
            key, nonce, aad + written(recipe.authenticated_data), plaintext
        )
        data = SenderData(recipe.leaf, recipe.generation, bytes(4)).encode()
        secret = state.secrets.sender_data_secret
        data_key, data_nonce = sender_data_key_and_nonce(suite, secret, sealed)
        sender = suite.seal(data_key, data_nonce, aad, data)
        return aad + written(recipe.authenticated_data, sender, sealed)


def _commit(body: bytes) -> Commit:
    reader = Reader(body)
    commit = read_content(reader, ContentType.COMMIT)
    reader.finish()
    assert isinstance(commit, Commit)
    return commit


def confirmation_tag(
    world: World, state: GroupState, signed: AuthenticatedContent
) -> bytes:
    """Return the tag of the epoch that a commit begins, as `state` comes to know it."""
    suite = state.suite
    followed = following.follow_commit(state.public, signed)
    _, commit_secret = processing._open_path(state, followed)
    context = followed.state.encoded_context
    joiner = derive_joiner_secret(
        suite, processing._init_secret(state, followed), commit_secret, context
    )
    known = processing.known_psks(state, world.psks)
    psk_secret = derive_psk_secret(suite, followed.applied.psks, known)
    epoch = derive_epoch(suite, joiner, psk_secret, context)
    confirmed = followed.state.context.confirmed_transcript_hash
    return suite.mac(epoch.secrets.confirmation_key, confirmed)
