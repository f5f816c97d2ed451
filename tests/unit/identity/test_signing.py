import pytest
from hypothesis import given
from hypothesis import strategies as st

from privity.errors import NotAuthentic, UsageError
from privity.identity import labels
from privity.identity.signing import (
    SignContent,
    public_of,
    sign_with_label,
    verify_with_label,
)

SEED = b"s" * 32
ORDER = 2**252 + 27742317777372353535851937790883648493


@given(st.binary(max_size=200))
def test_a_signature_holds_for_its_key_label_and_content(content):
    signature = sign_with_label(SEED, labels.PLEA, content)
    verify_with_label(public_of(SEED), labels.PLEA, content, signature)


@pytest.mark.parametrize(
    ("key", "label", "content"),
    [
        (b"t" * 32, labels.PLEA, b"content"),
        (SEED, labels.ANSWER, b"content"),
        (SEED, labels.PLEA, b"contenT"),
    ],
)
def test_another_key_label_or_content_is_not_authentic(key, label, content):
    signature = sign_with_label(SEED, labels.PLEA, b"content")
    with pytest.raises(NotAuthentic):
        verify_with_label(public_of(key), label, content, signature)


def test_every_changed_bit_of_a_signature_is_refused():
    signature = sign_with_label(SEED, labels.PLEA, b"content")
    for bit in range(512):
        changed = bytearray(signature)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(NotAuthentic):
            verify_with_label(public_of(SEED), labels.PLEA, b"content", bytes(changed))


def test_a_signature_with_s_above_the_order_is_refused():
    signature = sign_with_label(SEED, labels.PLEA, b"content")
    s = int.from_bytes(signature[32:], "little") + ORDER
    forged = signature[:32] + s.to_bytes(32, "little")
    with pytest.raises(NotAuthentic):
        verify_with_label(public_of(SEED), labels.PLEA, b"content", forged)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_key_of_another_size_is_not_authentic(size):
    with pytest.raises(NotAuthentic):
        verify_with_label(bytes(size), labels.PLEA, b"", bytes(64))


@pytest.mark.parametrize("size", [0, 63, 65])
def test_a_signature_of_another_size_is_not_authentic(size):
    with pytest.raises(NotAuthentic):
        verify_with_label(public_of(SEED), labels.PLEA, b"", bytes(size))


def test_a_seed_of_another_size_is_our_own_fault():
    with pytest.raises(UsageError):
        sign_with_label(bytes(31), labels.PLEA, b"")


def test_the_signed_bytes_are_label_and_content_behind_their_lengths():
    encoded = SignContent(label=b"ab", content=b"c").encode()
    assert encoded == b"\x02ab\x01c"


def test_labels_are_full_distinct_and_none_is_of_mls():
    named = [value for name, value in vars(labels).items() if name.isupper()]
    texts = [value for value in named if isinstance(value, str)]
    assert set(texts) == labels.ALL
    assert len(texts) == len(labels.ALL)
    assert all(text.startswith("Privity 1.0 ") for text in texts)
