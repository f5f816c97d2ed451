from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from privity.content.merkle import EMPTY


def root_by_definition(leaves):
    """RFC 6962 §2.1, word for word."""
    if not leaves:
        return sha256().digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    left, right = root_by_definition(leaves[:split]), root_by_definition(leaves[split:])
    return sha256(b"\x01" + left + right).digest()


@given(st.lists(st.binary(max_size=8), max_size=70))
def test_the_growing_root_is_the_rfc_s(leaves):
    tree = EMPTY
    for leaf in leaves:
        tree = tree.append(leaf)
    assert tree.root() == root_by_definition(leaves)
    assert len(tree.peaks) == len(leaves).bit_count()


def test_appending_leaves_the_tree_before_as_it_was():
    tree = EMPTY.append(b"one")
    tree.append(b"two")
    assert tree.root() == root_by_definition([b"one"])
