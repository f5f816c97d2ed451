"""Nothing about a tree costs the square of its size (counted, not timed)."""

import math
import sys

import pytest
from mls_trees import DRAW, GROUP_ID, SUITE, Person

from privity.mls.group_context import GroupContext
from privity.mls.nodes import MLS_10
from privity.mls.proposal_list import AppliedProposals
from privity.mls.ratchet_tree import RatchetTree
from privity.mls.tree_draft import TreeDraft
from privity.mls.tree_validation import validate_tree
from privity.mls.treekem import merge_path, refresh_path

SMALL, LARGE = 32, 256


def grown(size, *, half_unmerged):
    """Return a tree with filled parents; every second leaf may have come later."""
    people = [Person(f"person {n}") for n in range(size)]
    draft = TreeDraft(RatchetTree.of_one(SUITE, people[0].package()[0].leaf_node))
    for person in people[1:]:
        draft.add(person.package()[0].leaf_node)
    if half_unmerged:
        for leaf in range(1, size, 2):
            draft.remove(leaf)
    tree = draft.freeze()
    for leaf in range(0, size, 2):
        signer = people[leaf].signer
        tree = refresh_path(tree, leaf, tree.member(leaf), signer, DRAW).tree
    draft = TreeDraft(tree)
    if half_unmerged:
        for leaf in range(1, size, 2):
            draft.add(people[leaf].package()[0].leaf_node)
    return people, draft.freeze()


def steps(action):
    """Count the calls that an action makes, of Python and of C."""
    count = 0

    def note(_frame, event, _argument):
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        action()
    finally:
        sys.setprofile(before)
    return count


def join(tree):
    context = GroupContext(MLS_10, SUITE.code, GROUP_ID, 0, tree.tree_hash(), b"", ())
    data = tree.encode()
    return steps(lambda: validate_tree(RatchetTree.decode(SUITE, data), context))


@pytest.mark.parametrize("half_unmerged", [False, True])
def test_validating_a_tree_is_near_linear_in_its_size(half_unmerged):
    small, large = (
        join(grown(size, half_unmerged=half_unmerged)[1]) for size in (SMALL, LARGE)
    )
    # N log N at the worst; squared it would be 64 times as much.
    growth = LARGE / SMALL * math.log2(LARGE) / math.log2(SMALL)
    assert large <= 1.2 * growth * small


def follow(size):
    people, tree = grown(size, half_unmerged=False)
    fresh = refresh_path(tree, 0, tree.member(0), people[0].signer, DRAW)
    path = fresh.seal(b"", ())
    tree.tree_hash()
    tree.key_index()
    applied = AppliedProposals(tree, ())

    def follow_it():
        merge_path(applied, 0, path, GROUP_ID).tree.tree_hash()

    return steps(follow_it)


def test_following_a_path_in_a_warm_tree_costs_the_depth_of_the_tree():
    growth = math.log2(LARGE) / math.log2(SMALL)
    assert follow(LARGE) <= 1.2 * growth * follow(SMALL)
