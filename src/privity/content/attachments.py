"""Sealing files chunk by chunk, in constant memory, bytes in and bytes out.

    plaintext   zeros up to the Padmé length   64 KiB chunks   chunk i:
    AES-256-GCM(key, nonce = u88 i ‖ u8 last, aad = "", chunk)

A fresh key for every file; the last chunk alone has `last` = 1, so a cut file does
not open. The message commits to the key, the ciphertext and the plaintext, because
AES-GCM alone can open to two files. Format: docs/spec/attachments.md. Reading files
and talking to a relay are the client's.
"""

import hmac
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from privity.content import limits
from privity.content.merkle import EMPTY
from privity.content.padding import padme_length
from privity.content.rules import Rule
from privity.errors import RuleViolation, UsageError

__all__ = [
    "CHUNK_SIZE",
    "KEY_SIZE",
    "SEALED_CHUNK_SIZE",
    "Opener",
    "SealedFile",
    "Sealer",
    "chunk_count",
    "open_chunk",
    "plaintext_size",
    "sealed_range",
    "sealed_size",
]

KEY_SIZE = 32
CHUNK_SIZE = 64 * 1024
_TAG_SIZE = 16
SEALED_CHUNK_SIZE = CHUNK_SIZE + _TAG_SIZE


@dataclass(frozen=True, slots=True)
class SealedFile:
    """What opens a sealed file and what it must open to.

    `length` and `root` are the plaintext's (root: RFC 6962 over its 64 KiB chunks),
    `content_hash` is SHA-256 of the whole ciphertext.
    """

    key: bytes = field(repr=False)
    length: int
    root: bytes
    content_hash: bytes

    @property
    def key_hash(self) -> bytes:
        """SHA-256 of the key: the message's commitment to it."""
        return sha256(self.key).digest()

    @property
    def size(self) -> int:
        """How many bytes the relay keeps."""
        return sealed_size(self.length)


def chunk_count(length: int) -> int:
    """Return how many chunks a file of `length` bytes becomes; at least one."""
    if not 0 <= length <= limits.FILE:
        raise UsageError(f"a file has at most {limits.FILE} bytes")
    return max(1, -(-padme_length(length) // CHUNK_SIZE))


def sealed_size(length: int) -> int:
    """Return the size of the sealed file: padding and a tag for every chunk."""
    return padme_length(length) + _TAG_SIZE * chunk_count(length)


def sealed_range(length: int, index: int) -> tuple[int, int]:
    """Return offset and size of sealed chunk `index`, for a ranged download."""
    count = chunk_count(length)
    if not 0 <= index < count:
        raise UsageError(f"chunk {index} of {count}")
    start = index * SEALED_CHUNK_SIZE
    return start, min(SEALED_CHUNK_SIZE, sealed_size(length) - start)


def plaintext_size(length: int, index: int) -> int:
    """Return how many bytes of the file itself chunk `index` holds; padding has 0."""
    return min(max(length - index * CHUNK_SIZE, 0), CHUNK_SIZE)


def open_chunk(key: bytes, length: int, index: int, sealed: bytes) -> bytes:
    """Return the file's bytes in chunk `index` of a file of `length` bytes.

    For reading from anywhere: each chunk is authentic by itself. Raises
    RuleViolation (FILE_CHUNK_SIZE, FILE_CHUNK, FILE_PADDING).
    """
    return _open(AESGCM(key), length, index, sealed)


class Sealer:
    """Seals one file from its first chunk to its last.

        sealer = Sealer(random(KEY_SIZE), length)
        while not sealer.done:
            upload(sealer.seal(source.read(sealer.next_size)))
        sealed_file = sealer.finish()

    The same key and file give the same bytes, so an upload that was cut off is
    resumed by sealing again and sending what is missing.
    """

    def __init__(self, key: bytes, length: int) -> None:
        if len(key) != KEY_SIZE:
            raise UsageError(f"a file's key has {KEY_SIZE} bytes")
        self._count = chunk_count(length)
        self._key = key
        self._length = length
        self._aead = AESGCM(key)
        self._index = 0
        self._tree = EMPTY
        self._hash = sha256()

    @property
    def next_size(self) -> int:
        """How many bytes of the file the next chunk takes; 0 in the padding."""
        return plaintext_size(self._length, self._index)

    @property
    def done(self) -> bool:
        """Whether the last chunk is sealed."""
        return self._index == self._count

    def seal(self, chunk: bytes) -> bytes:
        """Return the next sealed chunk.

        Raises UsageError, and stays where it was, if `chunk` has not `next_size`
        bytes: the file became shorter or was read wrongly.
        """
        if self.done or len(chunk) != self.next_size:
            raise UsageError(f"{len(chunk)} bytes where {self.next_size} belong")
        size = sealed_range(self._length, self._index)[1] - _TAG_SIZE
        padded = chunk if len(chunk) == size else chunk + bytes(size - len(chunk))
        nonce = _nonce(self._index, self._count)
        sealed = self._aead.encrypt(nonce, padded, b"")
        if chunk:
            self._tree = self._tree.append(chunk)
        self._hash.update(sealed)
        self._index += 1
        return sealed

    def finish(self) -> SealedFile:
        """Return what the message has to say of the file."""
        if not self.done:
            raise UsageError("chunks are missing")
        return SealedFile(
            key=self._key,
            length=self._length,
            root=self._tree.root(),
            content_hash=self._hash.digest(),
        )


class Opener:
    """Opens one file from its first chunk to its last.

        opener = Opener(sealed_file)
        while not opener.done:
            target.write(opener.open(download(opener.next_size)))
        opener.finish()

    What `open` returns is authentic and in its place; only after `finish` is it the
    whole file that the message committed to.
    """

    def __init__(self, file: SealedFile) -> None:
        if len(file.key) != KEY_SIZE:
            raise UsageError(f"a file's key has {KEY_SIZE} bytes")
        self._file = file
        self._count = chunk_count(file.length)
        self._aead = AESGCM(file.key)
        self._index = 0
        self._tree = EMPTY
        self._hash = sha256()

    @property
    def next_size(self) -> int:
        """How many bytes the next sealed chunk has; 0 behind the last."""
        return 0 if self.done else sealed_range(self._file.length, self._index)[1]

    @property
    def done(self) -> bool:
        """Whether the last chunk is open."""
        return self._index == self._count

    def open(self, sealed: bytes) -> bytes:
        """Return the file's bytes of the next sealed chunk; b"" in the padding.

        Raises RuleViolation (FILE_AFTER_LAST, FILE_CHUNK_SIZE, FILE_CHUNK,
        FILE_PADDING) and stays where it was: the right chunk can still follow.
        """
        if self.done:
            raise RuleViolation(Rule.FILE_AFTER_LAST)
        chunk = _open(self._aead, self._file.length, self._index, sealed)
        if chunk:
            self._tree = self._tree.append(chunk)
        self._hash.update(sealed)
        self._index += 1
        return chunk

    def finish(self) -> None:
        """Accept the file, or raise RuleViolation (FILE_TRUNCATED, _HASH, _ROOT)."""
        if not self.done:
            raise RuleViolation(Rule.FILE_TRUNCATED)
        if not hmac.compare_digest(self._hash.digest(), self._file.content_hash):
            raise RuleViolation(Rule.FILE_HASH)
        if not hmac.compare_digest(self._tree.root(), self._file.root):
            raise RuleViolation(Rule.FILE_ROOT)


def _open(aead: AESGCM, length: int, index: int, sealed: bytes) -> bytes:
    if len(sealed) != sealed_range(length, index)[1]:
        raise RuleViolation(Rule.FILE_CHUNK_SIZE)
    try:
        padded = aead.decrypt(_nonce(index, chunk_count(length)), sealed, b"")
    except InvalidTag:
        raise RuleViolation(Rule.FILE_CHUNK) from None
    size = plaintext_size(length, index)
    if size == len(padded):
        return padded
    if padded[size:].strip(b"\0"):
        raise RuleViolation(Rule.FILE_PADDING)
    return padded[:size]


def _nonce(index: int, count: int) -> bytes:
    return index.to_bytes(11, "big") + bytes([index == count - 1])
