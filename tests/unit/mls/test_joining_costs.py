"""What joining, following and adding cost in a large group: counted, not timed."""

import tracemalloc
from collections import Counter
from contextlib import contextmanager
from functools import cache

import pytest
from mls_groups import CLASSIC, DRAW, identity, key_package

from privity.mls import CommitOptions, Group, suite
from privity.mls.group_context import GroupContext
from privity.mls.group_state import Membership, begin_epoch
from privity.mls.key_schedule import epoch_from_secret
from privity.mls.nodes import MLS_10
from privity.mls.ratchet_tree import RatchetTree
from privity.mls.suites import CipherSuite
from privity.mls.tree_draft import TreeDraft
from privity.mls.treekem import LeafSigner, refresh_path

CRYPTO = suite(CLASSIC)
NAME = b"a crowd"
HALF, WHOLE = 1000, 2000
COUNTED = ("verify_with_label", "hash", "decrypt_with_label", "encrypt_with_label")


def crowd(size):
    """Return a group of that many, all of whose parents are filled, as one sees it."""
    people = [identity(CRYPTO, f"person {n}") for n in range(size)]
    leaves = [key_package(CRYPTO, me).key_package.leaf_node for me in people]
    draft = TreeDraft(RatchetTree.of_one(CRYPTO, leaves[0]))
    for leaf in leaves[1:]:
        draft.add(leaf)
    tree = draft.freeze()
    for at in range(0, size, 2):
        signer = LeafSigner(people[at].signature_private, NAME)
        fresh = refresh_path(tree, at, tree.member(at), signer, DRAW)
        tree = fresh.tree
    context = GroupContext(
        MLS_10, CRYPTO.code, NAME, 1, tree.tree_hash(), bytes(32), ()
    )
    epoch = epoch_from_secret(CRYPTO, bytes(32))
    return Group(begin_epoch(context, tree, epoch, Membership(people[at], fresh.keys)))


@contextmanager
def counted(monkeypatch):
    """Count calls of the suite, and how many bytes it hashes."""
    count = Counter()

    def counting(name, honest):
        def call(*arguments):
            count[name] += 1
            if name == "hash":
                count["hashed"] += len(arguments[1])
            return honest(*arguments)

        return call

    with monkeypatch.context() as patch:
        for name in COUNTED:
            patch.setattr(CipherSuite, name, counting(name, getattr(CipherSuite, name)))
        yield count


@cache
def welcomed(size):
    """Return what a newcomer gets of a crowd, and the commit as the crowd gets it."""
    group = crowd(size)
    me = identity(CRYPTO, "newcomer")
    bundle = key_package(CRYPTO, me)
    pending = group.commit(CommitOptions(add=(bundle.key_package,)), DRAW)
    return me, bundle, pending, pending.next.tree_bytes()


def joined(size):
    me, bundle, pending, tree = welcomed(size)
    return Group.join(pending.welcome, bundle, me, tree=tree).group


@pytest.fixture
def costs(monkeypatch):
    def costs(act):
        with counted(monkeypatch) as count:
            act()
        return count

    return costs


def test_joining_costs_a_signature_for_each_member_and_hashes_each_node_twice(costs):
    for size in (HALF, WHOLE):
        welcomed(size)
    half, whole = (costs(lambda n=n: joined(n)) for n in (HALF, WHOLE))
    for size, count in ((HALF, half), (WHOLE, whole)):
        assert count["decrypt_with_label"] == 1
        # The newcomer is one, and the GroupInfo has a signature of its own.
        assert count["verify_with_label"] == size + 2
        # Once for the tree hash; once for the parent hash that vouches for each.
        assert count["hash"] < 2 * 2 * 2048 * (size / WHOLE) + 100
    assert whole["hashed"] < 2.2 * half["hashed"]


def test_following_a_commit_costs_the_depth_of_the_tree(costs):
    def follow(size):
        group = joined(size)
        bundle = key_package(CRYPTO, identity(CRYPTO, "another"))
        commit = group.commit(CommitOptions(add=(bundle.key_package,)), DRAW)
        watcher = group.public
        return costs(lambda: watcher.follow(commit.message))

    half, whole = follow(HALF), follow(WHOLE)
    assert whole["verify_with_label"] == half["verify_with_label"] <= 5
    # One level more: a node, a parent hash, and what stands beside them.
    assert whole["hash"] <= half["hash"] + 4
    assert whole["hash"] < 100


def test_adding_costs_the_depth_of_the_tree(costs):
    def add(size):
        group = joined(size)
        bundle = key_package(CRYPTO, identity(CRYPTO, "another"))
        options = CommitOptions(add=(bundle.key_package,), path=False)
        return costs(lambda: group.commit(options, DRAW))

    half, whole = add(HALF), add(WHOLE)
    assert whole["encrypt_with_label"] == half["encrypt_with_label"] == 1
    assert whole["hash"] <= half["hash"] + 4
    assert whole["verify_with_label"] == half["verify_with_label"] <= 3


def test_joining_takes_memory_in_proportion_to_what_arrives():
    def peak(size):
        me, bundle, pending, tree = welcomed(size)
        tracemalloc.start()
        try:
            Group.join(pending.welcome, bundle, me, tree=tree)
            return tracemalloc.get_traced_memory()[1] / len(tree)
        finally:
            tracemalloc.stop()

    assert peak(WHOLE) < 1.2 * peak(HALF)
    assert peak(WHOLE) < 20
