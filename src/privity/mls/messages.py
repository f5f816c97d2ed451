"""MLSMessage: whatever travels between clients of MLS (RFC 9420 §6)."""

from dataclasses import dataclass
from typing import Annotated, Self

from privity.codec import Reader, Select, Struct, write_uint
from privity.errors import RuleViolation, UsageError
from privity.mls.framing import PrivateMessage, PublicMessage, WireFormat
from privity.mls.group_context import check_version
from privity.mls.key_packages import KeyPackage
from privity.mls.nodes import MLS_10
from privity.mls.rules import Rule
from privity.mls.welcome import GroupInfo, Welcome

__all__ = ["MAX_MESSAGE", "MLSMessage", "open_mls_message", "wrap"]

MAX_MESSAGE = 1 << 23
"""How many bytes a message may have (RFC 9420 §16 leaves limits to us)."""

_Body = PublicMessage | PrivateMessage | Welcome | GroupInfo | KeyPackage

_BODY = Select(
    2,
    {
        WireFormat.PUBLIC_MESSAGE: PublicMessage,
        WireFormat.PRIVATE_MESSAGE: PrivateMessage,
        WireFormat.WELCOME: Welcome,
        WireFormat.GROUP_INFO: GroupInfo,
        WireFormat.KEY_PACKAGE: KeyPackage,
    },
)


@dataclass(frozen=True, slots=True)
class MLSMessage(Struct):
    """RFC 9420 §6, `struct MLSMessage`; the version is always mls10."""

    body: Annotated[_Body, _BODY]

    def write(self, out: bytearray) -> None:
        """Append the encoding (§6)."""
        write_uint(out, MLS_10, 2)
        _BODY.write(out, self.body)

    @classmethod
    def read(cls, reader: Reader) -> Self:
        """Take one message (§6); raises DecodeError."""
        return cls(_read_body(reader))


def _read_body(reader: Reader) -> _Body:
    check_version(reader)
    body: _Body = _BODY.read(reader)
    return body


def wrap(body: _Body) -> bytes:
    """Return an MLSMessage; raises UsageError for one that nobody would open."""
    message = MLSMessage(body).encode()
    if len(message) > MAX_MESSAGE:
        raise UsageError(f"a message of more than {MAX_MESSAGE} bytes")
    return message


def open_mls_message(message: bytes) -> _Body:
    """Return what an MLSMessage of a bounded size holds.

    Raises RuleViolation for one that is too long, DecodeError.
    """
    if len(message) > MAX_MESSAGE:
        raise RuleViolation(Rule.MESSAGE_TOO_LONG)
    reader = Reader(message)
    body = _read_body(reader)
    reader.finish()
    return body
