"""Commits whose update path breaks a rule; everything else in them is right."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from privity.mls import CommitOptions, Random, Rule, suite
from privity.mls.following import next_context
from privity.mls.framing import PublicMessage
from privity.mls.messages import MLSMessage
from privity.mls.nodes import UpdatePath, UpdatePathNode
from privity.mls.proposal_list import apply_proposals
from privity.mls.proposals import Commit
from privity.mls.treekem import merge_path
from tools.mls_makers import Case
from tools.mls_makers.party import forge
from tools.mls_makers.refusals import Maker, Scene, cases_of

__all__ = ["make_paths"]


def make_paths(random: Random) -> list[Case]:
    """Return the cases, of suite 1."""
    return cases_of(_MAKERS, suite(1), random)


def _changed(change: Callable[[Scene, UpdatePath], UpdatePath]) -> Maker:
    """Return a maker of Ada's commit whose path was changed before she signed it."""

    def make(scene: Scene) -> list[bytes]:
        pending = scene.group.commit(CommitOptions(), scene.random)
        body = MLSMessage.decode(pending.message).body
        if not isinstance(body, PublicMessage):
            raise TypeError("not a PublicMessage")
        commit = body.content.content
        if not isinstance(commit, Commit) or commit.path is None:
            raise TypeError("not a commit with a path")
        path = change(scene, commit.path)
        tag = body.auth.confirmation_tag
        return [forge(scene.group, replace(commit, path=path), tag)]

    return make


def _with_node(path: UpdatePath, place: int, node: UpdatePathNode) -> UpdatePath:
    nodes = list(path.nodes)
    nodes[place] = node
    return replace(path, nodes=tuple(nodes))


def _shorter(_: Scene, path: UpdatePath) -> UpdatePath:
    return replace(path, nodes=path.nodes[:-1])


def _fewer_ciphertexts(_: Scene, path: UpdatePath) -> UpdatePath:
    return _with_node(path, -1, replace(path.nodes[-1], encrypted_path_secret=()))


def _old_key(scene: Scene, path: UpdatePath) -> UpdatePath:
    key = scene.group.state.tree.member(1).encryption_key
    return _with_node(path, 0, replace(path.nodes[0], encryption_key=key))


def _other_key(scene: Scene, path: UpdatePath) -> UpdatePath:
    """The key of a step is one that the leaf's parent hash does not cover."""
    _, other = scene.crypto.derive_key_pair(scene.random(32))
    return _with_node(path, 0, replace(path.nodes[0], encryption_key=other))


def _other_secret(scene: Scene, path: UpdatePath) -> UpdatePath:
    """The victim's ciphertext opens, to a secret of other keys."""
    state = scene.group.state
    applied = apply_proposals(state.tree, state.context, 0, ())
    merged = merge_path(applied, 0, path, state.context.group_id)
    context = next_context(state.context, merged.tree, applied).encode()
    slot = merged.receivers[-1].index(_VICTIM)
    sealed = list(path.nodes[-1].encrypted_path_secret)
    sealed[slot] = scene.crypto.encrypt_with_label(
        state.tree.member(3).encryption_key,
        "UpdatePathNode",
        context,
        scene.random(32),
    )
    node = replace(path.nodes[-1], encrypted_path_secret=tuple(sealed))
    return _with_node(path, -1, node)


def _no_path(scene: Scene) -> list[bytes]:
    return [forge(scene.group, Commit(()))]


_VICTIM = 6  # the node of leaf 3
_MAKERS: Mapping[Rule, Maker] = {
    Rule.PATH_MISSING: _no_path,
    Rule.WRONG_PATH_LENGTH: _changed(_shorter),
    Rule.WRONG_CIPHERTEXT_COUNT: _changed(_fewer_ciphertexts),
    Rule.PATH_KEY_REUSED: _changed(_old_key),
    Rule.PATH_PARENT_HASH: _changed(_other_key),
    Rule.PATH_KEY_MISMATCH: _changed(_other_secret),
}
