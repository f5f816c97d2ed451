from dataclasses import replace

import pytest

from privity.codec import write_varint
from privity.errors import DecodeError, NotAuthentic, UsageError
from privity.identity.kdf import expand
from privity.identity.links import RelayAddress
from privity.identity.sealing import seal
from privity.identity.secret import Secret
from privity.identity.self_storage import (
    OBJECT_SIZE,
    SelfStorage,
    open_self_storage,
    seal_self_storage,
    self_storage_hash,
)

KEY = Secret(b"r" * 32)
STORAGE = SelfStorage(
    version=1,
    account_id=b"a" * 16,
    identity_seed=b"i" * 32,
    relay=RelayAddress(b"chat.example", b"https://chat.example", b""),
    name=b"ana",
    list_version=7,
)


def sealed_plaintext(plaintext):
    front = b"\x01" + b"s" * 32
    return front + seal(
        expand(b"r" * 32, b"s" * 32 + b"self-storage"), plaintext, front
    )


def test_what_is_sealed_opens_under_the_recovery_key(random):
    sealed = seal_self_storage(KEY, STORAGE, random)
    assert open_self_storage(KEY, sealed) == STORAGE


def test_every_object_has_one_size_and_shows_nothing(random):
    short = seal_self_storage(KEY, replace(STORAGE, name=b""), random)
    long = seal_self_storage(KEY, replace(STORAGE, name=b"n" * 32), random)
    assert len(short) == len(long) == OBJECT_SIZE
    assert b"chat.example" not in long
    assert b"iiii" not in repr(STORAGE).encode()


def test_sealing_twice_gives_two_objects(random):
    one, other = (seal_self_storage(KEY, STORAGE, random) for _ in range(2))
    assert one != other
    assert self_storage_hash(one) != self_storage_hash(other)


@pytest.mark.parametrize("at", [1, 32, 33, 2000, OBJECT_SIZE - 1])
def test_a_changed_object_is_not_authentic(random, at):
    sealed = bytearray(seal_self_storage(KEY, STORAGE, random))
    sealed[at] ^= 1
    with pytest.raises(NotAuthentic):
        open_self_storage(KEY, bytes(sealed))


def test_another_recovery_key_or_a_cut_object_is_not_authentic(random):
    sealed = seal_self_storage(KEY, STORAGE, random)
    with pytest.raises(NotAuthentic):
        open_self_storage(Secret(b"q" * 32), sealed)
    with pytest.raises(NotAuthentic):
        open_self_storage(KEY, sealed[:-1])


@pytest.mark.parametrize("sealed", [b"", b"\x02" + bytes(OBJECT_SIZE - 1)])
def test_an_object_of_an_unknown_version_is_refused(sealed):
    with pytest.raises(DecodeError):
        open_self_storage(KEY, sealed)


def test_padding_that_is_not_zero_is_refused():
    plaintext = bytearray()
    encoded = STORAGE.encode()
    write_varint(plaintext, len(encoded))
    plaintext += encoded
    plaintext += b"\x00" * (4095 - len(plaintext)) + b"\x01"
    with pytest.raises(DecodeError):
        open_self_storage(KEY, sealed_plaintext(bytes(plaintext)))


def test_a_content_of_an_unknown_version_is_refused_and_never_sealed(random):
    newer = replace(STORAGE, version=2)
    plaintext = bytearray()
    write_varint(plaintext, len(newer.encode()))
    plaintext += newer.encode()
    plaintext += bytes(4096 - len(plaintext))
    with pytest.raises(DecodeError):
        open_self_storage(KEY, sealed_plaintext(bytes(plaintext)))
    with pytest.raises(UsageError):
        seal_self_storage(KEY, newer, random)
