from dataclasses import replace

import pytest
from mls_trees import GROUP_ID, SUITE, Grove, Person
from rejecting import rejects

from privity.codec import write_varint
from privity.errors import DecodeError, NotAuthentic
from privity.mls.nodes import FromCommit, OptionalNode, ParentNode
from privity.mls.parent_hash import verify_parent_hashes
from privity.mls.proposals import Add, Remove
from privity.mls.ratchet_tree import RatchetTree
from privity.mls.rules import Rule
from privity.mls.tree_draft import TreeDraft
from privity.mls.tree_validation import check_tree_structure, validate_tree


@pytest.fixture
def grove():
    """Six members; member 4 came last, without a path, so it is unmerged."""
    grove = Grove.of(6)
    grove.commit(5, remove=[4])
    grove.commit(5)
    package, _ = Person("late").package()
    grove.tree = grove.apply(0, Add(package)).tree
    return grove


def changed(tree, **nodes):
    """Return a tree as a stranger could send it, some nodes replaced: n5=..."""
    listed = list(tree.nodes)
    for name, node in nodes.items():
        listed[int(name[1:])] = node
    while listed[-1] is None:
        listed.pop()
    return RatchetTree.decode(tree.suite, encoded(listed))


def encoded(nodes):
    body = bytearray()
    for node in nodes:
        OptionalNode.write(body, node)
    out = bytearray()
    write_varint(out, len(body))
    return bytes(out + body)


def check(grove, tree):
    validate_tree(tree, grove.context(tree))


def test_the_tree_of_the_fixture_is_valid_and_has_an_unmerged_leaf(grove):
    check(grove, grove.tree)
    assert [n.unmerged_leaves for n in grove.tree.nodes[1::2] if n] == [
        (),
        (),
        (),
        (4,),
    ]


def test_a_tree_with_another_hash_is_refused(grove):
    context = replace(grove.context(), tree_hash=bytes(32))
    with rejects(Rule.WRONG_TREE_HASH):
        validate_tree(grove.tree, context)


def test_a_tree_without_nodes_is_refused():
    with pytest.raises(DecodeError):
        RatchetTree.decode(SUITE, b"\x00")


def test_bytes_behind_a_tree_are_refused(grove):
    with pytest.raises(DecodeError):
        RatchetTree.decode(SUITE, grove.tree.encode() + b"\x00")


def test_blank_nodes_at_the_end_are_not_sent(grove):
    with rejects(Rule.BLANK_LAST_NODE):
        RatchetTree.decode(SUITE, encoded([*grove.tree.nodes[:1], None]))
    with rejects(Rule.BLANK_LAST_NODE):
        RatchetTree.decode(SUITE, encoded([None]))


def test_leaves_stand_in_even_places_and_parents_in_odd_ones(grove):
    leaf, parent = grove.tree.node(0), grove.tree.node(1)
    for nodes in ([parent], [leaf, leaf], [leaf, parent, parent]):
        with rejects(Rule.MALFORMED_TREE):
            RatchetTree.decode(SUITE, encoded(nodes))


def test_a_signature_key_stands_in_one_leaf(grove):
    twin, _ = grove.people[1].updated_leaf(2)
    with rejects(Rule.DUPLICATE_SIGNATURE_KEY):
        check(grove, changed(grove.tree, n4=twin))


def test_an_encryption_key_stands_in_one_node(grove):
    key = grove.tree.node(3).encryption_key
    twin, _ = grove.people[2].updated_leaf(2, encryption_key=key)
    with rejects(Rule.DUPLICATE_ENCRYPTION_KEY):
        check(grove, changed(grove.tree, n4=twin))


def test_parents_do_not_share_a_key(grove):
    twin = replace(grove.tree.node(1), encryption_key=grove.tree.node(3).encryption_key)
    with rejects(Rule.DUPLICATE_ENCRYPTION_KEY):
        check(grove, changed(grove.tree, n1=twin))


def test_a_parents_key_is_one_that_can_be_encrypted_to(grove):
    bad = replace(grove.tree.node(1), encryption_key=bytes(32))
    with rejects(Rule.BAD_PUBLIC_KEY):
        check(grove, changed(grove.tree, n1=bad))


@pytest.mark.parametrize(
    "unmerged",
    [
        pytest.param((5, 4), id="not in order"),
        pytest.param((4, 4), id="twice"),
        pytest.param((4, 6), id="blank"),
        pytest.param((4, 8), id="not below"),
        pytest.param((4, 2**32 - 1), id="far outside"),
    ],
)
def test_unmerged_leaves_are_occupied_leaves_below_in_order(grove, unmerged):
    bad = replace(grove.tree.node(7), unmerged_leaves=unmerged)
    with rejects(Rule.BAD_UNMERGED_LEAVES):
        check(grove, changed(grove.tree, n7=bad))


def test_a_leaf_unmerged_at_a_parent_is_unmerged_at_all_parents_below(grove):
    # Node 7 names leaf 0; so should nodes 1 and 3, which stand between.
    bad = replace(grove.tree.node(7), unmerged_leaves=(0, 4))
    with rejects(Rule.BAD_UNMERGED_LEAVES):
        check(grove, changed(grove.tree, n7=bad))
    between = replace(grove.tree.node(3), unmerged_leaves=(0,))
    with rejects(Rule.BAD_UNMERGED_LEAVES):
        check(grove, changed(grove.tree, n7=bad, n3=between))


def test_a_parent_whose_key_was_replaced_is_refused(grove):
    private, public = SUITE.derive_key_pair(b"a stranger's")
    del private
    for name in ("n1", "n3", "n7"):
        node = grove.tree.node(int(name[1:]))
        stranger = replace(node, encryption_key=public)
        with rejects(Rule.BAD_PARENT_HASH):
            check(grove, changed(grove.tree, **{name: stranger}))


def test_a_parent_out_of_nowhere_is_refused(grove):
    _, public = SUITE.derive_key_pair(b"a stranger's")
    with rejects(Rule.BAD_PARENT_HASH):
        check(grove, changed(grove.tree, n9=ParentNode(public, b"", (4,))))


def test_hiding_an_unmerged_leaf_breaks_the_parent_hash(grove):
    hidden = replace(grove.tree.node(7), unmerged_leaves=())
    with rejects(Rule.BAD_PARENT_HASH):
        check(grove, changed(grove.tree, n7=hidden))


def test_a_leaf_that_is_unmerged_vouches_for_nobody():
    tree = Grove.of(2).tree
    for unmerged in ((0,), (1,), (0, 1)):
        root = replace(tree.node(1), unmerged_leaves=unmerged)
        with rejects(Rule.BAD_PARENT_HASH):
            verify_parent_hashes(changed(tree, n1=root))


def test_every_leafs_signature_is_checked(grove):
    leaf = grove.tree.leaf(4)
    forged = replace(leaf, signature=bytes(64))
    with pytest.raises(NotAuthentic):
        check(grove, changed(grove.tree, n8=forged))


def test_a_leaf_moved_to_another_place_is_not_authentic():
    grove = Grove.of(2)
    tree = TreeDraft(grove.tree)
    tree.remove(0)
    moved = grove.tree.leaf(1)
    assert isinstance(moved.source, FromCommit)
    tree.remove(1)
    tree.truncate()
    tree.add(moved)
    with pytest.raises(NotAuthentic):
        check(grove, tree.freeze())


def test_every_leaf_fits_the_group(grove):
    leaf = grove.tree.leaf(4)
    able = replace(leaf.capabilities, cipher_suites=())
    with rejects(Rule.SUITE_NOT_LISTED):
        check(grove, changed(grove.tree, n8=replace(leaf, capabilities=able)))


def test_structure_is_checked_without_signatures(grove):
    forged = replace(grove.tree.leaf(4), signature=bytes(64))
    check_tree_structure(changed(grove.tree, n8=forged))


def test_a_removed_leaf_leaves_a_valid_tree(grove):
    for leaf in (1, 2, 3, 5):
        check(grove, grove.apply(0, Remove(leaf)).tree)


def test_a_tree_prints_its_size_and_compares_by_its_nodes(grove):
    assert repr(grove.tree) == "<RatchetTree of 8 leaves>"
    assert grove.tree == RatchetTree.decode(SUITE, grove.tree.encode())
    assert grove.tree != Grove.of(2).tree
    assert grove.tree != GROUP_ID
