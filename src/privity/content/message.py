"""MIMI message content (draft-ietf-mimi-content-08), as deterministic CBOR.

    mimiContent = [salt, replaces, topicId, expires, inReplyTo, extensions, nestedPart]

Format and our profile of it: docs/spec/content.md. The profile requires sender and
room URI, knows one extension of its own (the manifests of sealed files) and refuses
every other: a field that one side does not understand is not carried along.
"""

import hmac
from dataclasses import dataclass, field
from hashlib import sha256

from privity.content import cbor, limits
from privity.content.attachments import sealed_size
from privity.content.cbor import Value
from privity.content.parts import (
    ExternalPart,
    NestedPart,
    part_from_value,
    part_to_value,
    walk,
)
from privity.content.rules import Rule
from privity.content.shapes import U32, array, octets, sized, text, uint
from privity.content.uris import account_uri, chat_uri, parse_blob_url
from privity.errors import DecodeError, RuleViolation, UsageError

__all__ = [
    "ENC_ALG_STREAM",
    "HASH_ALG_SHA256",
    "MESSAGE_ID_SIZE",
    "SALT_SIZE",
    "Expiration",
    "FileManifest",
    "MimiContent",
    "check_place",
    "message_id",
]

SALT_SIZE = 16
MESSAGE_ID_SIZE = 32
ENC_ALG_STREAM = 0xF5A1
"""The private AEAD number of our chunked AES-256-GCM (docs/spec/attachments.md)."""
HASH_ALG_SHA256 = 1
"""SHA-256 in the IANA registry of named information hashes."""

_SENDER_URI = 1
_ROOM_URI = 2
_FILES = "privity/files"
_HASH_SIZE = 32


@dataclass(frozen=True, slots=True)
class Expiration:
    """When to delete: seconds after reading, or an absolute Unix time."""

    relative: bool
    time: int


@dataclass(frozen=True, slots=True)
class FileManifest:
    """What an ExternalPart of ours commits to beside the hash of its ciphertext.

    `part` is the part's index, `length` the plaintext's, `root` the RFC 6962 root
    of its chunks, `key_hash` SHA-256 of the key: AES-GCM alone binds none of them.
    """

    part: int
    length: int
    root: bytes
    key_hash: bytes


@dataclass(frozen=True, slots=True)
class MimiContent:
    """One message as its sender meant it."""

    salt: bytes
    sender: str
    room: str
    body: NestedPart
    replaces: bytes | None = None
    topic_id: bytes = b""
    expires: Expiration | None = None
    in_reply_to: bytes | None = None
    files: tuple[FileManifest, ...] = field(default=())

    def encode(self) -> bytes:
        """Return the one encoding; raises UsageError where no reader would take it."""
        data = cbor.encode(_to_value(self))
        try:
            same = MimiContent.decode(data) == self
        except DecodeError as error:
            raise UsageError(f"content that a reader refuses: {error}") from None
        if not same:
            raise UsageError("content that reads back as another")
        return data

    @classmethod
    def decode(cls, data: bytes) -> "MimiContent":
        """Return the content that `data` encodes, or raise DecodeError."""
        if len(data) > limits.CONTENT:
            raise DecodeError(f"content of more than {limits.CONTENT} bytes")
        content = _from_value(cbor.decode(data))
        _check_files(content)
        return content


def message_id(content: bytes, sender: str, room: str, salt: bytes) -> bytes:
    """Return the 32 bytes that name a message (§3.3); `content` as it was encoded."""
    digest = sha256()
    for uri in (sender.encode(), room.encode()):
        digest.update(len(uri).to_bytes(2, "big") + uri)
    digest.update(content + salt)
    return bytes([HASH_ALG_SHA256]) + digest.digest()[: MESSAGE_ID_SIZE - 1]


def check_place(content: MimiContent, account_id: bytes, chat_id: bytes) -> None:
    """Refuse content whose URIs are not the leaf's account's and this chat's.

    Raises RuleViolation (SENDER, ROOM).
    """
    if content.sender != account_uri(account_id):
        raise RuleViolation(Rule.SENDER)
    if content.room != chat_uri(chat_id):
        raise RuleViolation(Rule.ROOM)


def _to_value(content: MimiContent) -> list[Value]:
    expires = content.expires
    extensions: dict[int | str, Value] = {
        _SENDER_URI: content.sender,
        _ROOM_URI: content.room,
    }
    if content.files:
        extensions[_FILES] = [
            [file.part, file.length, file.root, file.key_hash] for file in content.files
        ]
    return [
        content.salt,
        content.replaces,
        content.topic_id,
        [expires.relative, expires.time] if expires else None,
        content.in_reply_to,
        extensions,
        part_to_value(content.body),
    ]


def _from_value(value: Value) -> MimiContent:
    salt, replaces, topic_id, expires, in_reply_to, extensions, body = array(value, 7)
    if not isinstance(extensions, dict):
        raise DecodeError("extensions are a map")
    if not extensions.keys() <= {_SENDER_URI, _ROOM_URI, _FILES}:
        raise DecodeError("an extension that is not known here")
    return MimiContent(
        salt=sized(salt, SALT_SIZE),
        sender=text(extensions.get(_SENDER_URI), limits.URI, least=1),
        room=text(extensions.get(_ROOM_URI), limits.URI, least=1),
        body=part_from_value(body),
        replaces=_optional_id(replaces),
        topic_id=octets(topic_id, limits.TOPIC),
        expires=None if expires is None else _expiration(expires),
        in_reply_to=_optional_id(in_reply_to),
        files=_files(extensions[_FILES]) if _FILES in extensions else (),
    )


def _expiration(value: Value) -> Expiration:
    relative, time = array(value, 2)
    if not isinstance(relative, bool):
        raise DecodeError("an expiration is relative or it is not")
    seconds = uint(time, U32)
    if relative and seconds > limits.EXPIRY:
        raise DecodeError("an expiration more than a year after reading")
    return Expiration(relative, seconds)


def _files(value: Value) -> tuple[FileManifest, ...]:
    if not array(value):
        raise DecodeError("manifests are not empty where they are given")
    return tuple(_file(*array(item, 4)) for item in array(value))


def _file(part: Value, length: Value, root: Value, key_hash: Value) -> FileManifest:
    return FileManifest(
        uint(part, limits.PARTS - 1),
        uint(length, limits.FILE),
        sized(root, _HASH_SIZE),
        sized(key_hash, _HASH_SIZE),
    )


def _check_files(content: MimiContent) -> None:
    """Refuse manifests that do not stand one by one for the sealed ExternalParts."""
    parts = list(walk(content.body))
    if len(parts) > limits.PARTS:
        raise DecodeError("too many parts")
    sealed = {
        index: part
        for index, part in enumerate(parts)
        if isinstance(part, ExternalPart) and part.enc_alg == ENC_ALG_STREAM
    }
    if [file.part for file in content.files] != list(sealed):
        raise DecodeError("each sealed part has one manifest, in the order of parts")
    for file in content.files:
        part = sealed[file.part]
        if len(part.key) != 32 or part.nonce or part.aad:
            raise DecodeError("a sealed part has a 32-byte key, no nonce, no aad")
        if part.hash_alg != HASH_ALG_SHA256 or len(part.content_hash) != _HASH_SIZE:
            raise DecodeError("a sealed part is hashed with SHA-256")
        parse_blob_url(part.url)
        if part.size != sealed_size(file.length):
            raise DecodeError("a sealed part's size does not follow from its length")
        if not hmac.compare_digest(sha256(part.key).digest(), file.key_hash):
            raise DecodeError("a sealed part's key is not the committed one")


def _optional_id(value: Value) -> bytes | None:
    if value is None:
        return None
    identifier = sized(value, MESSAGE_ID_SIZE)
    if identifier[0] != HASH_ALG_SHA256:
        raise DecodeError("a message id of an unknown hash")
    return identifier
