"""What a member said, shown to somebody who was not there (RFC 9420 §6.1).

A signature under an AuthenticatedContent covers the GroupContext, so it also proves in
which epoch of which group its words were said. Whose key it is, the caller knows. Not
here: handshakes, and what was said in the open.
"""

from dataclasses import dataclass, field

from privity.errors import DecodeError
from privity.mls.framing import AuthenticatedContent, SenderType, WireFormat
from privity.mls.group_context import GroupContext
from privity.mls.protection import verify_signature
from privity.mls.suites import suite

__all__ = ["Said", "epoch_of_frame", "open_frame"]


@dataclass(frozen=True, slots=True)
class Said:
    """Application data, as `Application` has it, of a group and an epoch (§6.1)."""

    group_id: bytes
    epoch: int
    sender: int
    data: bytes = field(repr=False)
    authenticated_data: bytes


def open_frame(frame: bytes, context: bytes, signature_key: bytes) -> Said:
    """Return what the holder of `signature_key` said in an epoch (§6.1).

    `frame` is an encoded AuthenticatedContent (`Application.frame`), `context` the
    encoded GroupContext of its epoch; a wrong one makes the signature wrong. Raises
    DecodeError, NotAuthentic, Unsupported. Costs one signature check.
    """
    signed = AuthenticatedContent.decode(frame)
    content, known = signed.content, GroupContext.decode(context)
    private = signed.wire_format is WireFormat.PRIVATE_MESSAGE
    by_member = content.sender.sender_type is SenderType.MEMBER
    if not (private and by_member and isinstance(content.content, bytes)):
        raise DecodeError("not the application data of a member")
    if (content.group_id, content.epoch) != (known.group_id, known.epoch):
        raise DecodeError("a frame of another epoch than its GroupContext")
    verify_signature(suite(known.cipher_suite), signature_key, signed, known.encode())
    return Said(
        group_id=content.group_id,
        epoch=content.epoch,
        sender=content.sender.index,
        data=content.content,
        authenticated_data=content.authenticated_data,
    )


def epoch_of_frame(frame: bytes) -> int:
    """Return the epoch that an AuthenticatedContent names (§6); raises DecodeError."""
    return AuthenticatedContent.decode(frame).content.epoch
