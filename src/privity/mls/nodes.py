"""The nodes of a ratchet tree (RFC 9420 §7.1, §7.2) and the update path (§7.6).

Structures only: what makes a node valid is in `leaf_validation` and
`tree_validation`.
"""

from dataclasses import dataclass, replace
from typing import Annotated, Self

from privity.codec import (
    U64,
    Bytes,
    Nested,
    Opaque,
    Optional,
    Reader,
    Select,
    Struct,
    Uint,
    Vector,
    write_uint,
)
from privity.mls.credentials import Credential
from privity.mls.extensions import Extensions
from privity.mls.hpke import HPKECiphertext
from privity.mls.suites import CipherSuite

__all__ = [
    "MLS_10",
    "Capabilities",
    "FromCommit",
    "FromKeyPackage",
    "FromUpdate",
    "LeafNode",
    "LeafSource",
    "Node",
    "OptionalNode",
    "ParentNode",
    "Remembered",
    "UpdatePath",
    "UpdatePathNode",
]

MLS_10 = 1
"""The one protocol version that exists (RFC 9420 §6, `ProtocolVersion`)."""
_OPAQUE = Bytes()


class Remembered(Struct):
    """A structure that keeps its encoding: it is hashed and signed repeatedly."""

    __slots__ = ("_encoding",)

    def write(self, out: bytearray) -> None:
        """Append the encoding of this structure."""
        out += self.encode()

    def encode(self) -> bytes:
        """Return the encoding of this structure."""
        known: bytes | None = getattr(self, "_encoding", None)
        if known is None:
            fresh = bytearray()
            self.write_fields(fresh)
            known = bytes(fresh)
            object.__setattr__(self, "_encoding", known)
        return known

    @classmethod
    def read(cls, reader: Reader) -> Self:
        """Take one structure; the bytes it came in are its encoding."""
        start = reader.position
        value = cls.read_fields(reader)
        object.__setattr__(value, "_encoding", reader.since(start))
        return value

    def write_fields(self, out: bytearray) -> None:
        """Append the encoding, worked out anew."""
        super().write(out)

    @classmethod
    def read_fields(cls, reader: Reader) -> Self:
        """Take one structure, whose encoding nobody has noted yet."""
        return super().read(reader)


_Codes = Annotated[tuple[int, ...], Vector(Uint(2))]


@dataclass(frozen=True, slots=True)
class Capabilities(Struct):
    """RFC 9420 §7.2, `struct Capabilities`: what a client can do beyond the RFC."""

    versions: _Codes = (MLS_10,)
    cipher_suites: _Codes = ()
    extensions: _Codes = ()
    proposals: _Codes = ()
    credentials: _Codes = ()


@dataclass(frozen=True, slots=True)
class FromKeyPackage(Struct):
    """The leaf came in a key package, usable between two Unix times (`Lifetime`)."""

    not_before: U64
    not_after: U64


@dataclass(frozen=True, slots=True)
class FromUpdate(Struct):
    """The leaf came in an Update proposal."""


@dataclass(frozen=True, slots=True)
class FromCommit(Struct):
    """The leaf came in a commit's update path."""

    parent_hash: Opaque


LeafSource = FromKeyPackage | FromUpdate | FromCommit


@dataclass(frozen=True, slots=True)
class LeafNode(Remembered):
    """RFC 9420 §7.2, `struct LeafNode`; `source` holds `leaf_node_source` as well."""

    encryption_key: Opaque
    signature_key: Opaque
    credential: Credential
    capabilities: Capabilities
    source: Annotated[
        LeafSource, Select(1, {1: FromKeyPackage, 2: FromUpdate, 3: FromCommit})
    ]
    extensions: Extensions
    signature: Opaque

    @property
    def parent_hash(self) -> bytes:
        """The parent hash of a leaf from a commit (§7.9); empty for the others."""
        return self.source.parent_hash if isinstance(self.source, FromCommit) else b""

    def signed(
        self,
        suite: CipherSuite,
        private: bytes,
        group_id: bytes = b"",
        leaf_index: int = 0,
    ) -> Self:
        """Return this leaf with a fresh signature, for its place in a group (§7.2)."""
        content = self.to_be_signed(group_id, leaf_index)
        signature = suite.sign_with_label(private, "LeafNodeTBS", content)
        return replace(self, signature=signature)

    def verify_signature(
        self, suite: CipherSuite, group_id: bytes = b"", leaf_index: int = 0
    ) -> None:
        """Raise NotAuthentic unless its own key signed it for this place (§7.3)."""
        content = self.to_be_signed(group_id, leaf_index)
        suite.verify_with_label(
            self.signature_key, "LeafNodeTBS", content, self.signature
        )

    def to_be_signed(self, group_id: bytes, leaf_index: int) -> bytes:
        """Return `LeafNodeTBS` (§7.2); a leaf of a key package is bound to no place."""
        signature = bytearray()
        _OPAQUE.write(signature, self.signature)
        out = bytearray(self.encode()[: -len(signature)])
        if not isinstance(self.source, FromKeyPackage):
            _OPAQUE.write(out, group_id)
            write_uint(out, leaf_index, 4)
        return bytes(out)


@dataclass(frozen=True, slots=True)
class ParentNode(Remembered):
    """RFC 9420 §7.1, `struct ParentNode`."""

    encryption_key: Opaque
    parent_hash: Opaque
    unmerged_leaves: Annotated[tuple[int, ...], Vector(Uint(4))] = ()


Node = LeafNode | ParentNode

OptionalNode = Optional(Select(1, {1: LeafNode, 2: ParentNode}))
"""RFC 9420 §12.4.3.3, `optional<Node>`: how one place of a tree is encoded."""


@dataclass(frozen=True, slots=True)
class UpdatePathNode(Struct):
    """RFC 9420 §7.6, `struct UpdatePathNode`."""

    encryption_key: Opaque
    encrypted_path_secret: Annotated[
        tuple[HPKECiphertext, ...], Vector(Nested(HPKECiphertext))
    ]


@dataclass(frozen=True, slots=True)
class UpdatePath(Struct):
    """RFC 9420 §7.6, `struct UpdatePath`."""

    leaf_node: LeafNode
    nodes: Annotated[tuple[UpdatePathNode, ...], Vector(Nested(UpdatePathNode))]
