import pytest
from hypothesis import given
from hypothesis import strategies as st

from privity.errors import UsageError
from privity.mls import tree_math

depths = st.integers(0, 12)


def test_leaves_have_no_children_and_the_root_no_parent():
    for impossible in (
        lambda: tree_math.left(4),
        lambda: tree_math.right(4),
        lambda: tree_math.parent(7, 8),
        lambda: tree_math.sibling(7, 8),
    ):
        with pytest.raises(UsageError):
            impossible()


def test_a_direct_path_leads_to_the_root_and_the_copath_stands_beside_it():
    assert tree_math.direct_path(4, 8) == [5, 3, 7]
    assert tree_math.copath(4, 8) == [6, 1, 11]
    assert tree_math.direct_path(0, 1) == []
    assert tree_math.copath(0, 1) == []


@pytest.mark.parametrize("node", [-1, 15, 16, 2**40])
def test_a_walk_from_outside_the_tree_is_refused(node):
    for walk in (tree_math.direct_path, tree_math.copath):
        with pytest.raises(UsageError):
            walk(node, 8)


def test_the_smallest_full_tree_is_found_for_any_number_of_nodes():
    assert [tree_math.leaf_count(n) for n in (1, 2, 3, 4, 7, 8, 15)] == [
        1, 2, 2, 4, 4, 8, 8,
    ]  # fmt: skip


@given(depth=st.integers(1, 12), data=st.data())
def test_children_and_parents_are_inverse(depth, data):
    leaves = 2**depth
    node = data.draw(st.integers(0, 2 * leaves - 2).filter(lambda n: n % 2))
    for child in (tree_math.left(node), tree_math.right(node)):
        assert tree_math.parent(child, leaves) == node
        assert tree_math.level(child) == tree_math.level(node) - 1
        assert tree_math.is_in_subtree(child, node)
        assert not tree_math.is_in_subtree(node, child)
    assert tree_math.sibling(tree_math.left(node), leaves) == tree_math.right(node)


@given(depth=depths, data=st.data())
def test_a_subtree_holds_the_leaves_of_its_span_and_no_others(depth, data):
    leaves = 2**depth
    node = data.draw(st.integers(0, 2 * leaves - 2))
    inside = [n for n in range(leaves) if tree_math.is_in_subtree(2 * n, node)]
    assert inside == list(tree_math.leaf_span(node))


@given(depth=depths, data=st.data())
def test_the_common_ancestor_is_the_first_that_both_paths_share(depth, data):
    leaves = 2**depth
    one, other = (2 * data.draw(st.integers(0, leaves - 1)) for _ in range(2))
    above_one = [one, *tree_math.direct_path(one, leaves)]
    above_other = {other, *tree_math.direct_path(other, leaves)}
    expected = next(node for node in above_one if node in above_other)
    assert tree_math.common_ancestor(one, other) == expected
