"""Reports of what became of messages: delivered, read (draft-mahy-mimi-message-status).

    report = [[message id, status], …]

One report names many messages of one chat. It is a claim of its sender about itself.
"""

from dataclasses import dataclass
from enum import IntEnum

from privity.content import cbor, limits
from privity.content.cbor import Value
from privity.content.parts import Disposition, SinglePart
from privity.content.shapes import array, sized, uint
from privity.errors import DecodeError, UsageError

__all__ = ["CONTENT_TYPE", "Reported", "Status", "status_from_part", "status_to_part"]

CONTENT_TYPE = "application/mimi-message-status"
_ID_SIZE = 32
_SHA256 = 1


class Status(IntEnum):
    """What a reader reports of a message."""

    UNREAD = 0
    DELIVERED = 1
    READ = 2
    EXPIRED = 3
    DELETED = 4
    HIDDEN = 5
    ERROR = 6


@dataclass(frozen=True, slots=True)
class Reported:
    """What the sender of a report says of one message."""

    message_id: bytes
    status: Status


def status_to_part(reported: tuple[Reported, ...]) -> SinglePart:
    """Return the part that carries a report; raises UsageError beyond a limit."""
    value: list[Value] = [[one.message_id, int(one.status)] for one in reported]
    part = SinglePart(Disposition.UNSPECIFIED, "", CONTENT_TYPE, cbor.encode(value))
    try:
        status_from_part(part)
    except DecodeError as error:
        raise UsageError(f"a report that a reader refuses: {error}") from None
    return part


def status_from_part(part: SinglePart) -> tuple[Reported, ...]:
    """Return what a report says, or raise DecodeError."""
    items = array(cbor.decode(part.content))
    if not 0 < len(items) <= limits.REPORTED:
        raise DecodeError("a report of no message, or of too many")
    return tuple(_reported(*array(item, 2)) for item in items)


def _reported(message_id: Value, status: Value) -> Reported:
    name = sized(message_id, _ID_SIZE)
    if name[0] != _SHA256:
        raise DecodeError("a message id of an unknown hash")
    return Reported(name, Status(uint(status, Status.ERROR)))
