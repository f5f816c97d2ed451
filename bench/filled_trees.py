"""Joins of groups in whose trees every parent holds a key: near-linear, or not.

Such a tree takes a commit of every second member to grow. Here the paths are merged
without sending them, and one member's state is put on top, from which a Welcome comes
as from any other.
"""

import os
import statistics
from collections.abc import Callable

from bench.report import Peer, Row, measured, with_peer
from bench.timing import timed
from privity.mls import (
    Capabilities,
    CommitOptions,
    Credential,
    Group,
    LeafIdentity,
    make_key_package,
    suite,
)
from privity.mls.group_context import GroupContext
from privity.mls.group_state import Membership, begin_epoch
from privity.mls.key_schedule import epoch_from_secret
from privity.mls.nodes import MLS_10
from privity.mls.ratchet_tree import RatchetTree
from privity.mls.tree_draft import TreeDraft
from privity.mls.treekem import FreshPath, LeafSigner, refresh_path

__all__ = ["joins_of_filled_trees"]

SUITE = suite(0x0001)
GROUP_ID = b"filled"
NAME = "join, all parents filled"
SMALL, LARGE = 1000, 2000
NEAR_LINEAR = 2.5
"""How much longer the join of a group of twice the size may take."""


def joins_of_filled_trees(repeats: int) -> list[Row]:
    """Return what joining takes at both sizes; the larger beside the smaller."""
    joins = {size: _join_of(size) for size in (SMALL, LARGE)}
    samples: dict[int, list[float]] = {size: [] for size in joins}
    for _ in range(repeats):
        for size, join in joins.items():
            samples[size].append(timed(join)[0] * 1e3)
    small, large = (
        measured(NAME, size, "ms", "less", values) for size, values in samples.items()
    )
    half = statistics.median(samples[SMALL])
    return [small, with_peer(large, Peer(f"N = {SMALL:,}", half, NEAR_LINEAR))]


def _join_of(size: int) -> Callable[[], object]:
    """Return a function that joins a group of `size` by a Welcome."""
    people = [_person(number) for number in range(size)]
    first = _grown(people)
    context = GroupContext(
        MLS_10, SUITE.code, GROUP_ID, 1, first.tree.tree_hash(), b"", ()
    )
    epoch = epoch_from_secret(SUITE, os.urandom(SUITE.hash_length))
    membership = Membership(people[0], first.keys)
    group = Group(begin_epoch(context, first.tree, epoch, membership))
    me = _person(size)
    bundle = make_key_package(
        SUITE, me, random=os.urandom, not_before=0, not_after=2**40
    )
    options = CommitOptions(add=(bundle.key_package,), tree_in_welcome=True)
    welcome = group.commit(options, os.urandom).welcome or b""
    return lambda: Group.join(welcome, bundle, me)


def _grown(people: list[LeafIdentity]) -> FreshPath:
    """Return the path of the first member, the last to refresh its own."""
    leaves = [
        make_key_package(
            SUITE, me, random=os.urandom, not_before=0, not_after=2**40
        ).key_package.leaf_node
        for me in people
    ]
    draft = TreeDraft(RatchetTree.of_one(SUITE, leaves[0]))
    for leaf in leaves[1:]:
        draft.add(leaf)
    tree = draft.freeze()
    for at in range(len(people) - len(people) % 2 - 2, 0, -2):
        tree = _refreshed(tree, at, people[at]).tree
    return _refreshed(tree, 0, people[0])


def _refreshed(tree: RatchetTree, at: int, me: LeafIdentity) -> FreshPath:
    signer = LeafSigner(me.signing_key(SUITE), GROUP_ID)
    return refresh_path(tree, at, tree.member(at), signer, os.urandom)


def _person(number: int) -> LeafIdentity:
    private, _ = SUITE.generate_signature_pair(os.urandom)
    able = Capabilities(cipher_suites=(SUITE.code,), credentials=(1,))
    return LeafIdentity(Credential.basic(b"m%d" % number), private, able)
