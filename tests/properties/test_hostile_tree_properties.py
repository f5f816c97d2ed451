"""Invariant: a damaged tree or path is refused by name, and nothing else happens."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from mls_trees import GROUP_ID, SUITE, Grove, Person

from privity.errors import ProtocolError
from privity.mls.key_packages import KeyPackage
from privity.mls.leaf_validation import validate_key_package
from privity.mls.nodes import UpdatePath
from privity.mls.proposal_list import AppliedProposals
from privity.mls.proposals import Add, Commit
from privity.mls.ratchet_tree import RatchetTree
from privity.mls.tree_validation import validate_tree
from privity.mls.treekem import merge_path


def grown():
    grove = Grove.of(6)
    grove.commit(5, remove=[4])
    grove.commit(5)
    grove.tree = grove.apply(0, Add(Person("late").package()[0])).tree
    return grove


GROVE = grown()
TREE = GROVE.tree.encode()
PATH = GROVE.path(2).encode()
PACKAGE = Person("somebody").package()[0].encode()


@st.composite
def damaged(draw, data):
    """Return `data` with a run of bytes replaced, removed or put in."""
    start = draw(st.integers(0, len(data) - 1))
    end = start + draw(st.integers(0, 4))
    return data[:start] + draw(st.binary(max_size=4)) + data[end:]


def join(data):
    """Validate a tree whose hash is the one that is stated."""
    tree = RatchetTree.decode(SUITE, data)
    assert tree.encode() == data
    validate_tree(tree, GROVE.context(tree))


@given(data=damaged(TREE))
@settings(max_examples=300, deadline=None)
def test_a_damaged_tree_is_refused_by_name(data):
    if data == TREE:
        return
    with pytest.raises(ProtocolError):
        join(data)


@given(data=damaged(PATH))
@settings(max_examples=300, deadline=None)
def test_a_damaged_path_is_refused_or_differs_in_ciphertexts_only(data):
    try:
        path = UpdatePath.decode(data)
        merged = merge_path(AppliedProposals(GROVE.tree, ()), 2, path, GROUP_ID)
    except ProtocolError:
        return
    honest = UpdatePath.decode(PATH)
    assert path.encode() == data
    assert path.leaf_node == honest.leaf_node
    assert [n.encryption_key for n in path.nodes] == [
        n.encryption_key for n in honest.nodes
    ]
    assert merged.tree != GROVE.tree


@given(data=damaged(PACKAGE))
@settings(max_examples=300, deadline=None)
def test_a_damaged_key_package_is_refused_by_name(data):
    if data == PACKAGE:
        return
    with pytest.raises(ProtocolError):
        validate_key_package(SUITE, KeyPackage.decode(data))


@given(data=st.binary(max_size=200))
@example(data=b"\x00")
@example(data=b"\xbf\xff\xff\xff")
@example(data=b"\x40\x40" + b"\x00" * 64)
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_refused_or_are_the_canonical_encoding(data):
    for decode in (
        lambda: RatchetTree.decode(SUITE, data),
        lambda: UpdatePath.decode(data),
        lambda: KeyPackage.decode(data),
        lambda: Commit.decode(data),
    ):
        try:
            assert decode().encode() == data
        except ProtocolError:
            continue
