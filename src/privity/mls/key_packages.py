"""Key packages (RFC 9420 §10): how a client is added while it is not there.

The public structure only. Whoever made it keeps the two private keys beside it.
"""

from dataclasses import dataclass, replace
from typing import Self

from privity.codec import U16, Opaque, Struct
from privity.mls.extensions import Extensions
from privity.mls.nodes import LeafNode
from privity.mls.suites import CipherSuite

__all__ = ["KeyPackage"]


@dataclass(frozen=True, slots=True)
class KeyPackage(Struct):
    """RFC 9420 §10, `struct KeyPackage`."""

    version: U16
    cipher_suite: U16
    init_key: Opaque
    leaf_node: LeafNode
    extensions: Extensions
    signature: Opaque

    def signed(self, suite: CipherSuite, private: bytes) -> Self:
        """Return this key package with a fresh signature of its leaf's key (§10)."""
        signature = suite.sign_with_label(private, "KeyPackageTBS", self.to_be_signed())
        return replace(self, signature=signature)

    def verify_signature(self, suite: CipherSuite) -> None:
        """Raise NotAuthentic unless the leaf's key signed the package (§10.1)."""
        suite.verify_with_label(
            self.leaf_node.signature_key,
            "KeyPackageTBS",
            self.to_be_signed(),
            self.signature,
        )

    def to_be_signed(self) -> bytes:
        """Return the encoded `KeyPackageTBS` (§10)."""
        # An empty signature encodes as the one byte that is cut off here.
        return replace(self, signature=b"").encode()[:-1]

    def reference(self, suite: CipherSuite) -> bytes:
        """Return the `KeyPackageRef`, as long as the suite's hash (§5.2)."""
        return suite.ref_hash("MLS 1.0 KeyPackage Reference", self.encode())
