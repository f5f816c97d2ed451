"""GroupContext: what all members of an epoch agree on (RFC 9420 §8.1)."""

from dataclasses import dataclass

from privity.codec import U16, U64, Opaque, Reader, Struct
from privity.errors import DecodeError
from privity.mls.extensions import Extensions
from privity.mls.nodes import MLS_10

__all__ = ["GroupContext", "check_version"]


@dataclass(frozen=True, slots=True)
class GroupContext(Struct):
    """RFC 9420 §8.1, `struct GroupContext`."""

    version: U16
    cipher_suite: U16
    group_id: Opaque
    epoch: U64
    tree_hash: Opaque
    confirmed_transcript_hash: Opaque
    extensions: Extensions


def check_version(reader: Reader) -> None:
    """Take a ProtocolVersion, which can only be mls10."""
    if reader.uint(2) != MLS_10:
        raise DecodeError("not a message of MLS 1.0")
