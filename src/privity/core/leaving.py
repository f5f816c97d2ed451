"""Leaving a group: the signed statement that goes with a self-Remove.

docs/spec/validity.md. The signature stands alone, so that a member who missed the
proposal can still act on it later.
"""

from dataclasses import dataclass
from typing import Annotated

from privity import mls
from privity.codec import U8, U32, Fixed, Opaque, Struct
from privity.core.reading import leaf_of
from privity.errors import DecodeError
from privity.identity import labels
from privity.identity.signing import sign_with_label, verify_with_label

__all__ = ["LeaveStatement", "make_leave", "verify_leave"]

VERSION = 1


@dataclass(frozen=True, slots=True)
class LeaveClaim(Struct):
    """What a leaving leaf signs ("Privity 1.0 leave")."""

    group_id: Opaque
    leaf_index: U32
    leaf_key: Annotated[bytes, Fixed(32)]


@dataclass(frozen=True, slots=True)
class LeaveStatement(Struct):
    """The authenticated data of a self-Remove: the leave signature."""

    version: U8
    signature: Annotated[bytes, Fixed(64)]


def make_leave(group: mls.Group, signature_seed: bytes) -> bytes:
    """Return the encoded statement of my own leaf."""
    content = _claim(group, group.own_leaf)
    signature = sign_with_label(signature_seed, labels.LEAVE, content)
    return LeaveStatement(VERSION, signature).encode()


def verify_leave(group: mls.Group, index: int, statement: bytes) -> None:
    """Accept the statement of leaf `index`; raises DecodeError, NotAuthentic."""
    parsed = LeaveStatement.decode(statement)
    if parsed.version != VERSION:
        raise DecodeError("a leave statement of an unknown version")
    key = leaf_of(group, index).signature_key
    verify_with_label(key, labels.LEAVE, _claim(group, index), parsed.signature)


def _claim(group: mls.Group, index: int) -> bytes:
    leaf = leaf_of(group, index)
    return LeaveClaim(group.group_id, index, leaf.signature_key).encode()
