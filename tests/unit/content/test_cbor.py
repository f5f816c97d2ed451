import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from privity.content.cbor import MAX_DEPTH, decode, encode
from privity.errors import DecodeError, UsageError

KEYS = st.integers(-(2**53), 2**53) | st.text(max_size=5)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64 - 1)
    | st.binary(max_size=300)
    | st.text(max_size=40),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4)
    ),
    max_leaves=8,
)


@given(VALUES)
def test_a_value_reads_back_and_an_independent_reader_agrees(value):
    data = encode(value)
    assert decode(data) == value
    assert cbor2.loads(data) == value


@given(st.binary(max_size=60))
def test_any_bytes_are_refused_or_are_the_one_encoding_of_their_value(data):
    try:
        value = decode(data)
    except DecodeError:
        return
    assert encode(value) == data


@pytest.mark.parametrize("value", [0, 23, 24, 255, 256, 65535, 65536, 2**32, 2**64 - 1])
def test_integers_take_the_shortest_form(value):
    assert encode(value) == cbor2.dumps(value)
    assert encode(-1 - value) == cbor2.dumps(-1 - value)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("", "ends too early"),
        ("18", "ends too early"),
        ("1800", "shortest"),
        ("1817", "shortest"),
        ("1900ff", "shortest"),
        ("1a0000ffff", "shortest"),
        ("1b00000000ffffffff", "shortest"),
        ("5800", "shortest"),
        ("41", "longer than what is left"),
        ("5b7fffffffffffffff", "longer than what is left"),
        ("61ff", "UTF-8"),
        ("63eda080", "UTF-8"),
        ("5f4100ff", "indefinite"),
        ("9fff", "indefinite"),
        ("1c", "indefinite or reserved"),
        ("82", "more items than bytes"),
        ("9b00000000ffffffff", "shortest"),
        ("9affffffff", "more items than bytes"),
        ("a2010002", "ends too early"),
        ("a202000100", "out of order"),
        ("a201000100", "out of order or twice"),
        ("a1f500", "neither integer nor text"),
        ("a14000", "neither integer nor text"),
        ("a18000", "nested too deeply"),
        ("c000", "a tag"),
        ("f0", "simple value"),
        ("f7", "simple value"),
        ("f820", "float or simple"),
        ("f90000", "float or simple"),
        ("0000", "behind the content"),
    ],
)
def test_what_is_not_deterministic_or_not_ours_is_refused(data, why):
    with pytest.raises(DecodeError, match=why):
        decode(bytes.fromhex(data))


def test_nesting_is_bounded():
    decode(b"\x81" * MAX_DEPTH + b"\x00")
    with pytest.raises(DecodeError, match="nested too deeply"):
        decode(b"\x81" * (MAX_DEPTH + 1) + b"\x00")
    with pytest.raises(DecodeError, match="nested too deeply"):
        decode(b"\x81" * 50_000)


@pytest.mark.parametrize("value", [2**64, -(2**64) - 1, "\ud800"])
def test_what_has_no_encoding_is_our_own_fault(value):
    with pytest.raises(UsageError):
        encode(value)
