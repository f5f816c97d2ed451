import pytest
from hypothesis import given
from hypothesis import strategies as st

from privity.content.padding import pad, pad_to, padme_length, unpad, unpad_from
from privity.errors import DecodeError, UsageError


@given(st.integers(0, 2**40))
def test_padme_lengths_are_fixed_points_and_cost_at_most_an_eighth(length):
    padded = padme_length(length)
    assert padme_length(padded) == padded
    assert length <= padded <= length + length // 8


@pytest.mark.parametrize(
    ("length", "padded"),
    [
        (0, 0),
        (1, 1),
        (2, 2),
        (8, 8),
        (9, 10),
        (100, 104),
        (1000, 1024),
        (10_000, 10_240),
    ],
)
def test_padme_lengths_have_known_values(length, padded):
    assert padme_length(length) == padded


@given(st.binary(max_size=3000))
def test_padded_content_comes_back(content):
    padded = pad(content)
    assert unpad(padded) == content
    assert padme_length(len(padded)) == len(padded)


@given(st.binary(max_size=100))
def test_any_bytes_are_refused_or_are_the_padding_of_their_content(data):
    try:
        content = unpad(data)
    except DecodeError:
        return
    assert pad(content) == data


def test_padding_that_is_not_zero_or_not_padme_is_refused():
    padded = pad(b"x" * 100)
    with pytest.raises(DecodeError, match="zero"):
        unpad(padded[:-1] + b"\x01")
    with pytest.raises(DecodeError, match="Padmé"):
        unpad(padded + bytes(1))
    with pytest.raises(DecodeError, match="Padmé"):
        unpad(padded[:-1])
    with pytest.raises(DecodeError):
        unpad(b"")


def test_a_fixed_size_holds_what_fits_and_nothing_more():
    assert unpad_from(pad_to(b"x" * 63, 64), 64) == b"x" * 63
    with pytest.raises(UsageError):
        pad_to(b"x" * 64, 64)
    with pytest.raises(DecodeError):
        unpad_from(bytes(63), 64)
    with pytest.raises(DecodeError, match="zero"):
        unpad_from(b"\x00" * 63 + b"\x01", 64)
