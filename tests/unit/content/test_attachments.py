import random as stdlib_random
from dataclasses import replace
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from privity.content.attachments import (
    CHUNK_SIZE,
    Opener,
    SealedFile,
    Sealer,
    chunk_count,
    open_chunk,
    plaintext_size,
    sealed_range,
    sealed_size,
)
from privity.content.merkle import EMPTY
from privity.content.padding import padme_length
from privity.content.rules import Rule
from privity.errors import UsageError

KEY = bytes(range(32))
SIZES = [0, 1, 2, 100, CHUNK_SIZE - 1, CHUNK_SIZE, CHUNK_SIZE + 1, 5 * CHUNK_SIZE + 7]
LONG = 40 * CHUNK_SIZE + 1
"""Long enough for chunks that are padding and nothing else."""


def plaintext_of(size):
    return stdlib_random.Random(size).randbytes(size)


def seal(data, key=KEY):
    sealer, chunks, at = Sealer(key, len(data)), [], 0
    while not sealer.done:
        chunks.append(sealer.seal(data[at : at + sealer.next_size]))
        at += CHUNK_SIZE
    return sealer.finish(), chunks


def opened(file, chunks):
    opener = Opener(file)
    data = b"".join(opener.open(chunk) for chunk in chunks)
    opener.finish()
    return data


@pytest.mark.parametrize("size", [*SIZES, LONG])
def test_a_file_of_any_size_opens_to_itself(size):
    data = plaintext_of(size)
    file, chunks = seal(data)
    assert opened(file, chunks) == data
    assert file.size == sum(map(len, chunks)) == sealed_size(size)
    assert len(chunks) == chunk_count(size)
    assert file.content_hash == sha256(b"".join(chunks)).digest()


@given(st.integers(0, 2**31))
def test_sizes_follow_from_the_length_alone(length):
    count = chunk_count(length)
    last_start, last_size = sealed_range(length, count - 1)
    assert last_start + last_size == sealed_size(length)
    assert sealed_size(length) == padme_length(length) + 16 * count


@given(st.integers(0, 3 * 2**20))
def test_every_byte_of_a_file_is_in_one_chunk(length):
    parts = [plaintext_size(length, i) for i in range(chunk_count(length))]
    assert sum(parts) == length


@pytest.mark.parametrize("size", [CHUNK_SIZE, LONG])
def test_a_chunk_opens_by_itself(size):
    data = plaintext_of(size)
    _, chunks = seal(data)
    for i, chunk in enumerate(chunks):
        part = data[i * CHUNK_SIZE : (i + 1) * CHUNK_SIZE]
        assert open_chunk(KEY, size, i, chunk) == part


def test_sealing_again_gives_the_same_bytes():
    data = plaintext_of(3 * CHUNK_SIZE)
    assert seal(data) == seal(data)


def test_the_nonce_is_a_counter_and_a_last_flag():
    data = plaintext_of(2 * CHUNK_SIZE)
    _, chunks = seal(data)
    aead = AESGCM(KEY)
    assert aead.decrypt(bytes(12), chunks[0], None) == data[:CHUNK_SIZE]
    last = bytes(10) + b"\x01\x01"
    assert aead.decrypt(last, chunks[1], None) == data[CHUNK_SIZE:]


def test_the_root_is_over_the_unpadded_chunks():
    data = plaintext_of(LONG)
    tree = EMPTY
    for at in range(0, LONG, CHUNK_SIZE):
        tree = tree.append(data[at : at + CHUNK_SIZE])
    assert seal(data)[0].root == tree.root()


def test_chunks_in_another_order_are_rejected(rejects):
    file, chunks = seal(plaintext_of(3 * CHUNK_SIZE))
    opener = Opener(file)
    with rejects(Rule.FILE_CHUNK):
        opener.open(chunks[1])
    assert opener.open(chunks[0])


def test_a_changed_chunk_is_rejected_and_the_right_one_still_opens(rejects):
    file, chunks = seal(plaintext_of(100))
    opener = Opener(file)
    with rejects(Rule.FILE_CHUNK):
        opener.open(chunks[0][:-1] + bytes([chunks[0][-1] ^ 1]))
    assert opener.open(chunks[0]) == plaintext_of(100)
    opener.finish()


def test_a_chunk_of_another_file_is_rejected(rejects):
    file, _ = seal(plaintext_of(100))
    _, others = seal(plaintext_of(100), key=b"o" * 32)
    with rejects(Rule.FILE_CHUNK):
        Opener(file).open(others[0])


def test_a_file_cut_at_a_chunk_is_rejected(rejects):
    data = plaintext_of(4 * CHUNK_SIZE)
    file, chunks = seal(data)
    opener = Opener(file)
    for chunk in chunks[:3]:
        opener.open(chunk)
    with rejects(Rule.FILE_TRUNCATED):
        opener.finish()
    shorter = Opener(replace(file, length=3 * CHUNK_SIZE))
    shorter.open(chunks[0])
    shorter.open(chunks[1])
    with rejects(Rule.FILE_CHUNK):
        shorter.open(chunks[2])


def test_a_chunk_of_another_size_is_rejected(rejects):
    file, chunks = seal(plaintext_of(100))
    for wrong in (b"", chunks[0][:-1], chunks[0] + b"\x00"):
        with rejects(Rule.FILE_CHUNK_SIZE):
            Opener(file).open(wrong)


def test_a_chunk_behind_the_last_is_rejected(rejects):
    file, chunks = seal(b"x")
    opener = Opener(file)
    opener.open(chunks[0])
    assert opener.next_size == 0
    with rejects(Rule.FILE_AFTER_LAST):
        opener.open(chunks[0])


def test_padding_that_hides_something_is_rejected(rejects):
    length = 1000
    padded = plaintext_of(length) + b"\x00" * 23 + b"\x01"
    sealed = AESGCM(KEY).encrypt(bytes(11) + b"\x01", padded, None)
    with rejects(Rule.FILE_PADDING):
        open_chunk(KEY, length, 0, sealed)


@pytest.mark.parametrize(
    ("field", "rule"), [("content_hash", Rule.FILE_HASH), ("root", Rule.FILE_ROOT)]
)
def test_a_file_that_is_not_the_committed_one_is_rejected(rejects, field, rule):
    file, chunks = seal(plaintext_of(100))
    with rejects(rule):
        opened(replace(file, **{field: bytes(32)}), chunks)


def test_a_chunk_of_the_wrong_size_is_not_sealed_and_changes_nothing():
    sealer = Sealer(KEY, 5)
    for wrong in (b"hell", b"hello!"):
        with pytest.raises(UsageError):
            sealer.seal(wrong)
    with pytest.raises(UsageError):
        sealer.finish()
    sealer.seal(b"hello")
    assert sealer.finish() == seal(b"hello")[0]
    with pytest.raises(UsageError):
        sealer.seal(b"")


def test_impossible_sizes_are_our_own_fault():
    with pytest.raises(UsageError):
        Sealer(bytes(31), 1)
    with pytest.raises(UsageError):
        Opener(SealedFile(bytes(31), 1, bytes(32), bytes(32)))
    for length in (-1, 4 * 2**30):
        with pytest.raises(UsageError):
            chunk_count(length)
    with pytest.raises(UsageError):
        sealed_range(1, 1)


def test_the_key_does_not_print():
    file, _ = seal(b"x")
    assert KEY.hex() not in repr(file)
    assert "key" not in repr(file)
    assert file.key_hash == sha256(KEY).digest()
