from dataclasses import FrozenInstanceError, dataclass
from enum import IntEnum
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privity.codec import (
    MAX_VARINT,
    U8,
    U16,
    U32,
    U53,
    U64,
    Bytes,
    Enumerated,
    Fixed,
    Flag,
    Nested,
    Opaque,
    Optional,
    Reader,
    Safe,
    Select,
    Struct,
    Uint,
    Vector,
    write_varint,
)
from privity.errors import DecodeError, UsageError


class Colour(IntEnum):
    RED = 1
    BLUE = 2


@dataclass(frozen=True, slots=True)
class Point(Struct):
    x: U8
    y: U8


@dataclass(frozen=True, slots=True)
class Empty(Struct):
    pass


@dataclass(frozen=True, slots=True)
class Everything(Struct):
    small: U16
    large: U64
    flag: Flag
    colour: Annotated[Colour, Enumerated(Colour, 1)]
    nonce: Annotated[bytes, Fixed(3)]
    text: Opaque
    short: Annotated[bytes, Bytes(4)]
    point: Point
    maybe: Annotated[Point | None, Optional(Nested(Point))]
    numbers: Annotated[tuple[int, ...], Vector(Uint(2), 3)]
    points: Annotated[tuple[Point, ...], Vector(Point)]
    either: Annotated[Point | Empty, Select(1, {1: Point, 2: Empty})]


SAMPLE = Everything(
    small=0x0102,
    large=3,
    flag=True,
    colour=Colour.BLUE,
    nonce=b"abc",
    text=b"hi",
    short=b"",
    point=Point(1, 2),
    maybe=None,
    numbers=(5, 6),
    points=(Point(7, 8),),
    either=Empty(),
)
ENCODED = bytes.fromhex(
    "0102 0000000000000003 01 02 616263 026869 00 0102 00 04 0005 0006 02 0708 02"
)


def with_byte(at, value):
    changed = bytearray(ENCODED)
    changed[at] = value
    return bytes(changed)


def test_fields_are_written_in_the_order_in_which_they_stand():
    assert SAMPLE.encode() == ENCODED
    assert Everything.decode(ENCODED) == SAMPLE


def test_an_optional_value_stands_behind_a_byte():
    data = ENCODED[:21] + b"\1\x09\x0a" + ENCODED[22:]
    assert Everything.decode(data).maybe == Point(9, 10)
    assert Everything.decode(data).encode() == data


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(with_byte(10, 2), id="a boolean of 2"),
        pytest.param(with_byte(11, 9), id="an unknown colour"),
        pytest.param(with_byte(18, 5), id="an opaque that is too long"),
        pytest.param(with_byte(21, 2), id="a presence byte of 2"),
        pytest.param(with_byte(22, 3), id="half a number"),
        pytest.param(with_byte(len(ENCODED) - 1, 7), id="an unknown variant"),
        pytest.param(ENCODED + b"\0", id="a trailing byte"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_what_is_not_canonical_is_refused(data):
    with pytest.raises(DecodeError):
        Everything.decode(data)


def test_every_prefix_is_refused():
    for size in range(len(ENCODED)):
        with pytest.raises(DecodeError):
            Everything.decode(ENCODED[:size])


@pytest.mark.parametrize(
    ("length", "encoded"),
    [
        (0, "00"),
        (63, "3f"),
        (64, "4040"),
        (16383, "7fff"),
        (16384, "80004000"),
        (MAX_VARINT, "bfffffff"),
    ],
)
def test_lengths_have_one_encoding(length, encoded):
    out = bytearray()
    write_varint(out, length)
    assert out.hex() == encoded
    assert Reader(bytes(out)).varint() == length


@pytest.mark.parametrize(
    "encoded", ["4000", "403f", "80000000", "80003fff", "c0", "ffffffff", "40", "8000"]
)
def test_longer_and_invalid_encodings_of_lengths_are_refused(encoded):
    with pytest.raises(DecodeError):
        Reader(bytes.fromhex(encoded)).varint()


def test_a_claimed_length_takes_no_memory():
    for data in (b"\xbf\xff\xff\xff", b"\xbf\xff\xff\xff" + bytes(100)):
        with pytest.raises(DecodeError):
            Reader(data).opaque()
        with pytest.raises(DecodeError):
            Reader(data).inner()


def test_items_without_bytes_do_not_loop():
    with pytest.raises(DecodeError):
        Vector(Empty).read(Reader(b"\1\0"))


def test_more_items_than_allowed_are_refused_both_ways():
    field = Vector(Uint(1), 2)
    with pytest.raises(DecodeError):
        field.read(Reader(b"\3\1\2\3"))
    with pytest.raises(UsageError):
        field.write(bytearray(), (1, 2, 3))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (Uint(1), 256),
        (Uint(4), -1),
        (Safe(), -1),
        (Safe(), 1 << 53),
        (Fixed(3), b"four"),
        (Bytes(2), b"three"),
    ],
)
def test_values_that_do_not_fit_are_our_own_mistake(field, value):
    with pytest.raises(UsageError):
        field.write(bytearray(), value)


def test_a_number_of_2_to_the_53_or_more_is_refused_where_none_counts_so_far():
    @dataclass(frozen=True, slots=True)
    class Place(Struct):
        seq: U53

    most = Place((1 << 53) - 1)
    assert Place.decode(most.encode()) == most
    for number in (1 << 53, (1 << 64) - 1):
        with pytest.raises(DecodeError):
            Place.decode(number.to_bytes(8, "big"))


def test_a_vector_has_a_longest_length():
    with pytest.raises(UsageError):
        write_varint(bytearray(), MAX_VARINT + 1)


def test_a_field_must_say_how_it_is_encoded():
    @dataclass(frozen=True, slots=True)
    class Silent(Struct):
        number: int

    with pytest.raises(UsageError, match="number"):
        Silent(1).encode()


def test_a_structure_that_is_not_slotted_is_refused():
    @dataclass(frozen=True)
    class Open(Struct):
        number: U8

    with pytest.raises(UsageError, match="slotted"):
        Open.decode(b"\1")


def test_a_structure_that_decoding_would_leave_unfinished_is_refused():
    @dataclass(frozen=True, slots=True)
    class Careful(Struct):
        number: U8

        def __post_init__(self):
            assert self.number

    with pytest.raises(UsageError, match="__post_init__"):
        Careful.decode(b"\0")


def test_what_was_decoded_is_frozen_and_equal_to_what_was_made():
    point = Point.decode(b"\1\2")
    assert point == Point(1, 2)
    assert hash(point) == hash(Point(1, 2))
    with pytest.raises(FrozenInstanceError):
        point.x = 3


@pytest.mark.parametrize("size", [1, 2, 4, 8])
def test_integers_of_a_vector_are_big_endian_and_bounded(size):
    field = Vector(Uint(size))
    most = 2 ** (8 * size) - 1
    out = bytearray()
    field.write(out, (1, most))
    assert out.hex() == bytes([2 * size]).hex() + "00" * (size - 1) + "01" + "ff" * size
    assert field.read(Reader(bytes(out))) == (1, most)
    for wrong in (most + 1, -1):
        with pytest.raises(UsageError):
            field.write(bytearray(), (wrong,))


def test_a_reader_knows_where_it_is():
    reader = Reader(b"\1\2\3\4")
    reader.take(1)
    start = reader.position
    reader.uint(2)
    assert reader.since(start) == b"\2\3"
    assert reader.remaining == 1


@given(st.binary(max_size=80))
def test_any_bytes_are_refused_or_are_the_canonical_encoding(data):
    try:
        value = Everything.decode(data)
    except DecodeError:
        return
    assert value.encode() == data


@given(
    st.builds(
        Everything,
        small=st.integers(0, 2**16 - 1),
        large=st.integers(0, 2**64 - 1),
        flag=st.booleans(),
        colour=st.sampled_from(Colour),
        nonce=st.binary(min_size=3, max_size=3),
        text=st.binary(max_size=100),
        short=st.binary(max_size=4),
        point=st.builds(Point, st.integers(0, 255), st.integers(0, 255)),
        maybe=st.none() | st.builds(Point, st.integers(0, 255), st.integers(0, 255)),
        numbers=st.lists(st.integers(0, 2**16 - 1), max_size=3).map(tuple),
        points=st.lists(st.builds(Point, st.just(1), st.just(2))).map(tuple),
        either=st.just(Empty()) | st.just(Point(1, 1)),
    )
)
def test_what_was_encoded_decodes_to_itself(value):
    assert Everything.decode(value.encode()) == value


@given(st.integers(0, 2**32 - 1))
def test_integers_are_big_endian(number):
    @dataclass(frozen=True, slots=True)
    class One(Struct):
        number: U32

    assert One(number).encode() == number.to_bytes(4, "big")
