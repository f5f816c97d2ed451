import pytest
from mls_trees import SUITE, Grove, Person
from rejecting import rejects

from privity.mls.nodes import ParentNode
from privity.mls.ratchet_tree import RatchetTree
from privity.mls.rules import Rule
from privity.mls.tree_draft import TreeDraft


def leaf_of(name):
    return Person(name).package()[0].leaf_node


@pytest.fixture
def five():
    draft = TreeDraft(RatchetTree.of_one(SUITE, leaf_of("0")))
    for name in "1234":
        draft.add(leaf_of(name))
    return draft.freeze()


def test_a_new_leaf_takes_the_leftmost_blank_place(five):
    draft = TreeDraft(five)
    draft.remove(3)
    draft.remove(1)
    assert [draft.add(leaf_of(name)) for name in "abc"] == [1, 3, 5]
    assert draft.freeze().size == 8


def test_a_tree_doubles_when_it_is_full_and_halves_when_its_right_half_is_blank(five):
    assert five.size == 8
    draft = TreeDraft(five)
    draft.remove(4)
    draft.truncate()
    assert draft.freeze().size == 4
    draft = TreeDraft(five)
    for leaf in (1, 2, 3, 4):
        draft.remove(leaf)
    draft.truncate()
    assert draft.freeze().size == 1


def test_a_blank_leaf_can_neither_be_removed_nor_updated(five):
    draft = TreeDraft(five)
    for leaf in (5, 8, 2**32 - 1):
        for change in (draft.remove, lambda at: draft.update(at, leaf_of("x"))):
            with rejects(Rule.BLANK_LEAF):
                change(leaf)
        with rejects(Rule.BLANK_LEAF):
            five.member(leaf)


def test_a_draft_changes_nothing_in_the_tree_it_started_from(five):
    before, tree_hash = five.encode(), five.tree_hash()
    draft = TreeDraft(five)
    draft.remove(4)
    draft.update(0, leaf_of("other"))
    draft.set_parent(1, ParentNode(SUITE.derive_key_pair(b"p")[1], b""))
    draft.truncate()
    assert draft.freeze().tree_hash() != tree_hash
    assert five.encode() == before
    assert five.tree_hash() == tree_hash
    assert five.find_signature_key(five.leaf(4).signature_key) == 4


def test_hashes_are_right_after_shrinking_and_growing_in_one_draft(five):
    five.tree_hash()
    draft = TreeDraft(five)
    draft.remove(4)
    draft.truncate()
    draft.add(leaf_of("later"))
    tree = draft.freeze()
    again = RatchetTree.decode(SUITE, tree.encode())
    assert [tree.node_hash(at) for at in range(15)] == [
        again.node_hash(at) for at in range(15)
    ]


def test_a_change_hashes_its_own_path_only():
    hashed = []

    class Counting:
        def __init__(self, inner):
            self.inner = inner

        def hash(self, data):
            hashed.append(data)
            return self.inner.hash(data)

        def __getattr__(self, name):
            return getattr(self.inner, name)

    tree = RatchetTree.of_one(Counting(SUITE), leaf_of("first"))
    draft = TreeDraft(tree)
    for n in range(255):
        draft.add(leaf_of(f"member {n}"))
    tree = draft.freeze()
    tree.tree_hash()
    assert len(hashed) == 511
    hashed.clear()
    draft = TreeDraft(tree)
    draft.update(77, leaf_of("changed"))
    draft.freeze().tree_hash()
    assert len(hashed) == 9


def test_members_may_exchange_keys_in_one_draft_but_not_share_them(five):
    one, other = five.leaf(1), five.leaf(2)
    draft = TreeDraft(five)
    draft.update(1, other)
    draft.update(2, one)
    swapped = draft.freeze()
    assert swapped.find_signature_key(one.signature_key) == 2
    draft = TreeDraft(five)
    draft.update(1, other)
    with rejects(Rule.DUPLICATE_ENCRYPTION_KEY):
        draft.freeze()
    assert five.find_signature_key(other.signature_key) == 2


def test_keys_are_compared_even_if_nobody_looked_one_up_before(five):
    untouched = RatchetTree.decode(SUITE, five.encode())
    draft = TreeDraft(untouched)
    draft.add(five.leaf(3))
    with rejects(Rule.DUPLICATE_ENCRYPTION_KEY):
        draft.freeze()


def test_keys_are_found_by_one_look_up(five):
    leaf = five.leaf(3)
    assert five.find_encryption_key(leaf.encryption_key) == 6
    assert five.find_signature_key(leaf.signature_key) == 3
    assert five.find_encryption_key(b"unknown") is None
    assert five.find_signature_key(b"unknown") is None


def test_missing_nodes_are_blank(five):
    assert five.node(-1) is None
    assert five.leaf(99) is None
    assert five.parent(0) is None
    assert five.leaf(5) is None


def test_adding_a_leaf_names_it_at_the_parents_that_have_keys():
    grove = Grove.of(4)
    grove.commit(3, remove=[2])
    grove.commit(3)
    draft = TreeDraft(grove.tree)
    assert draft.add(leaf_of("new")) == 2
    tree = draft.freeze()
    assert tree.parent(3).unmerged_leaves == (2,)
    assert tree.parent(1).unmerged_leaves == ()
    assert tree.parent(5) is None
