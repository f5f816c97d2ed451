"""The TLS presentation language (RFC 9420 §2): structures, vectors, integers.

Everything that Privity signs, hashes, MACs or seals is encoded here. What was
decoded encodes to the same bytes again; anything else is a `DecodeError`.
"""

from privity.codec.fields import (
    U8,
    U16,
    U32,
    U53,
    U64,
    Bool,
    Bytes,
    Enumerated,
    FieldType,
    Fixed,
    Flag,
    Nested,
    Opaque,
    Optional,
    Safe,
    Select,
    Uint,
    Vector,
)
from privity.codec.reader import (
    MAX_VARINT,
    Reader,
    as_opaque,
    write_opaque,
    write_uint,
    write_varint,
)
from privity.codec.struct import Struct

__all__ = [
    "MAX_VARINT",
    "U8",
    "U16",
    "U32",
    "U53",
    "U64",
    "Bool",
    "Bytes",
    "Enumerated",
    "FieldType",
    "Fixed",
    "Flag",
    "Nested",
    "Opaque",
    "Optional",
    "Reader",
    "Safe",
    "Select",
    "Struct",
    "Uint",
    "Vector",
    "as_opaque",
    "write_opaque",
    "write_uint",
    "write_varint",
]
