"""Message framing (RFC 9420 §6): the structures, without any key.

`FramedContent` is what a sender says, `AuthenticatedContent` what it signed, and
`PublicMessage` and `PrivateMessage` how that travels. The functions that sign,
seal and open are in `protection`.
"""

from dataclasses import dataclass, field
from enum import IntEnum
from struct import pack
from typing import Annotated, Self

from privity.codec import (
    U32,
    U64,
    Enumerated,
    Fixed,
    Opaque,
    Reader,
    Struct,
    as_opaque,
    write_opaque,
    write_uint,
)
from privity.errors import DecodeError
from privity.mls.nodes import MLS_10, Remembered
from privity.mls.proposals import Commit, Proposal, ProposalField

__all__ = [
    "AuthenticatedContent",
    "ContentType",
    "FramedContent",
    "FramedContentAuthData",
    "PrivateMessage",
    "PublicMessage",
    "Sender",
    "SenderData",
    "SenderType",
    "WireFormat",
]


class WireFormat(IntEnum):
    """RFC 9420 §17.2."""

    PUBLIC_MESSAGE = 1
    PRIVATE_MESSAGE = 2
    WELCOME = 3
    GROUP_INFO = 4
    KEY_PACKAGE = 5


class ContentType(IntEnum):
    """RFC 9420 §6, `enum ContentType`."""

    APPLICATION = 1
    PROPOSAL = 2
    COMMIT = 3


class SenderType(IntEnum):
    """RFC 9420 §6, `enum SenderType`."""

    MEMBER = 1
    EXTERNAL = 2
    NEW_MEMBER_PROPOSAL = 3
    NEW_MEMBER_COMMIT = 4


_INDEXED = (SenderType.MEMBER, SenderType.EXTERNAL)
_WITH_CONTEXT = (SenderType.MEMBER, SenderType.NEW_MEMBER_COMMIT)
_CONTENT_TYPE = Enumerated(ContentType, 1)
_SENDER_TYPE = Enumerated(SenderType, 1)
_WIRE_FORMAT = Enumerated(WireFormat, 2)
_FRAMED = (WireFormat.PUBLIC_MESSAGE, WireFormat.PRIVATE_MESSAGE)


@dataclass(frozen=True, slots=True)
class Sender(Struct):
    """RFC 9420 §6, `struct Sender`; `index` is 0 where the type has none."""

    sender_type: SenderType
    index: int = 0

    def write(self, out: bytearray) -> None:
        """Append the encoding."""
        out.append(self.sender_type)
        if self.sender_type in _INDEXED:
            write_uint(out, self.index, 4)

    @classmethod
    def read(cls, reader: Reader) -> Self:
        """Take one sender."""
        kind = _SENDER_TYPE.read(reader)
        return cls(kind, reader.uint(4) if kind in _INDEXED else 0)


@dataclass(frozen=True, slots=True)
class FramedContent(Remembered):
    """RFC 9420 §6, `struct FramedContent`; application data stands as bytes."""

    group_id: bytes
    epoch: int
    sender: Sender
    authenticated_data: bytes
    content: bytes | Proposal | Commit = field(repr=False)

    @property
    def content_type(self) -> ContentType:
        """The type of `content`."""
        if isinstance(self.content, bytes):
            return ContentType.APPLICATION
        if isinstance(self.content, Commit):
            return ContentType.COMMIT
        return ContentType.PROPOSAL

    def write_fields(self, out: bytearray) -> None:
        """Append the encoding."""
        write_opaque(out, self.group_id)
        write_uint(out, self.epoch, 8)
        self.sender.write(out)
        write_opaque(out, self.authenticated_data)
        out.append(self.content_type)
        out += encode_content(self.content)

    @classmethod
    def read_fields(cls, reader: Reader) -> Self:
        """Take one content."""
        group_id = reader.opaque()
        epoch = reader.uint(8)
        sender = Sender.read(reader)
        authenticated_data = reader.opaque()
        kind = _CONTENT_TYPE.read(reader)
        content = read_content(reader, kind)
        return cls(group_id, epoch, sender, authenticated_data, content)


@dataclass(frozen=True, slots=True)
class FramedContentAuthData:
    """RFC 9420 §6.1; only a commit has a `confirmation_tag`."""

    signature: bytes
    confirmation_tag: bytes | None = None

    def encode(self) -> bytes:
        """Return the encoding, which only says by its content what it is of."""
        if self.confirmation_tag is None:
            return as_opaque(self.signature)
        return as_opaque(self.signature) + as_opaque(self.confirmation_tag)

    @classmethod
    def read(cls, reader: Reader, kind: ContentType) -> Self:
        """Take the data that belongs to content of that kind."""
        signature = reader.opaque()
        return cls(signature, reader.opaque() if kind is ContentType.COMMIT else None)


@dataclass(frozen=True, slots=True)
class AuthenticatedContent(Struct):
    """RFC 9420 §6, `struct AuthenticatedContent`."""

    wire_format: WireFormat
    content: FramedContent
    auth: FramedContentAuthData

    def write(self, out: bytearray) -> None:
        """Append the encoding."""
        out += self.encode()

    def encode(self) -> bytes:
        """Return the encoding."""
        head = pack(">H", self.wire_format)
        return head + self.content.encode() + self.auth.encode()

    @classmethod
    def read(cls, reader: Reader) -> Self:
        """Take one content with its authentication."""
        wire_format = _WIRE_FORMAT.read(reader)
        if wire_format not in _FRAMED:
            raise DecodeError("content that is neither public nor private")
        content = FramedContent.read(reader)
        auth = FramedContentAuthData.read(reader, content.content_type)
        return cls(wire_format, content, auth)

    def to_be_signed(self, context: bytes) -> bytes:
        """Encode FramedContentTBS (§6.1); `context` is the encoded GroupContext."""
        return to_be_signed(self.wire_format, self.content, context)

    def confirmed_input(self) -> bytes:
        """Encode ConfirmedTranscriptHashInput (§8.2)."""
        head = pack(">H", self.wire_format)
        return head + self.content.encode() + as_opaque(self.auth.signature)


@dataclass(frozen=True, slots=True)
class PublicMessage(Struct):
    """RFC 9420 §6.2; only a member's message has a `membership_tag`."""

    content: FramedContent
    auth: FramedContentAuthData
    membership_tag: bytes | None

    def write(self, out: bytearray) -> None:
        """Append the encoding."""
        out += self.content.encode()
        out += self.auth.encode()
        if self.membership_tag is not None:
            write_opaque(out, self.membership_tag)

    @classmethod
    def read(cls, reader: Reader) -> Self:
        """Take one message."""
        content = FramedContent.read(reader)
        auth = FramedContentAuthData.read(reader, content.content_type)
        by_member = content.sender.sender_type is SenderType.MEMBER
        return cls(content, auth, reader.opaque() if by_member else None)


@dataclass(frozen=True, slots=True)
class PrivateMessage(Struct):
    """RFC 9420 §6.3, `struct PrivateMessage`."""

    group_id: Opaque
    epoch: U64
    content_type: Annotated[ContentType, _CONTENT_TYPE]
    authenticated_data: Opaque
    encrypted_sender_data: Opaque
    ciphertext: Opaque


@dataclass(frozen=True, slots=True)
class SenderData(Struct):
    """RFC 9420 §6.3.2, `struct SenderData`."""

    leaf_index: U32
    generation: U32
    reuse_guard: Annotated[bytes, Fixed(4)]


def to_be_signed(
    wire_format: WireFormat, content: FramedContent, context: bytes
) -> bytes:
    """Encode FramedContentTBS (§6.1); `context` is the encoded GroupContext."""
    head = pack(">HH", MLS_10, wire_format)
    if content.sender.sender_type in _WITH_CONTEXT:
        return head + content.encode() + context
    return head + content.encode()


def encode_content(content: bytes | Proposal | Commit) -> bytes:
    """Return the encoding of application data, a proposal or a commit by itself."""
    if isinstance(content, bytes):
        return as_opaque(content)
    if isinstance(content, Commit):
        return content.encode()
    out = bytearray()
    ProposalField.write(out, content)
    return bytes(out)


def read_content(reader: Reader, kind: ContentType) -> bytes | Proposal | Commit:
    """Take application data, a proposal or a commit."""
    if kind is ContentType.APPLICATION:
        return reader.opaque()
    if kind is ContentType.COMMIT:
        return Commit.read(reader)
    proposal: Proposal = ProposalField.read(reader)
    return proposal
