import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privity.errors import NotAuthentic, UsageError
from privity.identity.kdf import expand
from privity.identity.sealing import ZERO_NONCE, open_sealed, seal
from privity.identity.secret import Secret

KEY = bytes(range(32))


def test_expand_is_hkdf_expand_with_our_prefix():
    block = hmac.digest(KEY, b"privity 1.0 env\x01", hashlib.sha256)
    assert expand(KEY, b"env") == block


def test_labels_separate_keys_and_lengths_are_prefixes():
    assert expand(KEY, b"env") != expand(KEY, b"ckpt")
    assert expand(KEY, b"env", 64)[:32] == expand(KEY, b"env")


@pytest.mark.parametrize(("secret", "length"), [(bytes(31), 32), (KEY, 0), (KEY, 8161)])
def test_a_short_secret_or_an_impossible_length_is_refused(secret, length):
    with pytest.raises(UsageError):
        expand(secret, b"env", length)


@given(st.binary(max_size=300), st.binary(max_size=50))
def test_what_is_sealed_opens_with_the_same_key_and_context(plaintext, aad):
    assert open_sealed(KEY, seal(KEY, plaintext, aad), aad) == plaintext


@pytest.mark.parametrize(
    ("key", "cut", "aad", "nonce"),
    [
        (bytes(32), 0, b"aad", ZERO_NONCE),
        (KEY, 1, b"aad", ZERO_NONCE),
        (KEY, 0, b"aae", ZERO_NONCE),
        (KEY, 0, b"aad", b"\x01" * 12),
    ],
)
def test_another_key_context_nonce_or_a_cut_is_not_authentic(key, cut, aad, nonce):
    sealed = seal(KEY, b"plaintext", b"aad")
    with pytest.raises(NotAuthentic):
        open_sealed(key, sealed[: len(sealed) - cut], aad, nonce)


def test_less_than_a_tag_is_not_authentic():
    with pytest.raises(NotAuthentic):
        open_sealed(KEY, b"short")


def test_a_secret_does_not_print_and_is_revealed_on_purpose():
    secret = Secret(b"hush")
    assert "hush" not in f"{secret} {secret!r}"
    assert repr(secret) == "<Secret of 4 bytes>"
    assert secret.reveal() == b"hush"
    assert len(secret) == 4


def test_secrets_compare_by_value_and_are_in_no_set():
    assert Secret(b"one") == Secret(b"one")
    assert Secret(b"one") != Secret(b"two")
    assert Secret(b"one") != b"one"
    with pytest.raises(TypeError):
        hash(Secret(b"one"))
