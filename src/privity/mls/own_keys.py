"""What a client holds of its own: its identity in groups, and its key packages.

The public halves are in `nodes` and `key_packages`. Whoever stores a bundle
deletes it when a Welcome that names it has been used, unless it is of last
resort (RFC 9420 §16.8).
"""

from dataclasses import dataclass, field

from privity.codec import Opaque, Struct
from privity.errors import UsageError
from privity.mls.credentials import Credential
from privity.mls.extensions import Extension
from privity.mls.key_packages import KeyPackage
from privity.mls.nodes import MLS_10, Capabilities, FromKeyPackage, LeafNode, LeafSource
from privity.mls.suites import CipherSuite, Random

__all__ = [
    "LAST_RESORT",
    "KeyPackageBundle",
    "LeafIdentity",
    "make_key_package",
]

LAST_RESORT = 0x000A
"""The extension type `last_resort` (draft-ietf-mls-extensions); it has no content."""


@dataclass(frozen=True, slots=True)
class LeafIdentity:
    """What all leaves of one client share (RFC 9420 §7.2).

    `signature_private` is what `CipherSuite.generate_signature_pair` gives: a seed of
    32 (Ed25519) or 57 bytes (Ed448), or a big-endian scalar of 32, 48 or 66 bytes
    (ECDSA on P-256, P-384, P-521). It fits suites of one signature scheme.
    """

    credential: Credential
    signature_private: bytes = field(repr=False)
    capabilities: Capabilities
    extensions: tuple[Extension, ...] = ()
    _prepared: tuple[CipherSuite, bytes] = field(init=False, repr=False, compare=False)

    def signing_key(self, suite: CipherSuite) -> bytes:
        """Return what the suite signs with (§5.1.1), worked out when first needed."""
        known: tuple[CipherSuite, bytes] | None = getattr(self, "_prepared", None)
        if known is None or known[0] is not suite:
            known = suite, suite.signature.prepared(self.signature_private)
            object.__setattr__(self, "_prepared", known)
        return known[1]

    def signature_public(self, suite: CipherSuite) -> bytes:
        """Return the key that verifies this client's signatures (§5.1.1).

        Raises UsageError if `signature_private` is none of the suite's scheme.
        """
        try:
            return suite.signature.public_of(self.signing_key(suite))
        except ValueError:
            raise UsageError("not a private signature key of this suite") from None

    def leaf(
        self, suite: CipherSuite, encryption_key: bytes, source: LeafSource
    ) -> LeafNode:
        """Return a leaf of this client, not yet signed (§7.2).

        Raises UsageError as `signature_public` does.
        """
        return LeafNode(
            encryption_key=encryption_key,
            signature_key=self.signature_public(suite),
            credential=self.credential,
            capabilities=self.capabilities,
            source=source,
            extensions=self.extensions,
            signature=b"",
        )


@dataclass(frozen=True, slots=True)
class KeyPackageBundle(Struct):
    """A key package and its two private HPKE keys (RFC 9420 §10), to be stored.

    They have the lengths of the suite's KEM. `encode` holds them in the clear.
    """

    key_package: KeyPackage
    init_private: Opaque = field(repr=False)
    encryption_private: Opaque = field(repr=False)

    def reference(self, suite: CipherSuite) -> bytes:
        """Return the KeyPackageRef by which a Welcome names it (§5.2, §12.4.3.1)."""
        return self.key_package.reference(suite)


def make_key_package(  # noqa: PLR0913  two of these are one lifetime
    suite: CipherSuite,
    me: LeafIdentity,
    *,
    random: Random,
    not_before: int,
    not_after: int,
    last_resort: bool = False,
    extensions: tuple[Extension, ...] = (),
) -> KeyPackageBundle:
    """Make a key package with fresh keys, usable between two Unix times (§10).

    `extensions` are the key package's own, which are gone once it was used.

    Raises:
        UsageError: the capabilities of `me` do not list an extension or that of
            `last_resort`, the lifetime ends before it begins, or the private key is
            of another scheme.
    """
    if not_before > not_after:
        raise UsageError("a lifetime that ends before it begins")
    if last_resort:
        extensions = (*extensions, Extension(LAST_RESORT, b""))
    if not {e.extension_type for e in extensions} <= {*me.capabilities.extensions}:
        raise UsageError("the capabilities do not list an extension, or last_resort")
    init_private, init_public = suite.derive_key_pair(random(suite.hash_length))
    private, public = suite.derive_key_pair(random(suite.hash_length))
    leaf = me.leaf(suite, public, FromKeyPackage(not_before, not_after))
    key_package = KeyPackage(
        version=MLS_10,
        cipher_suite=suite.code,
        init_key=init_public,
        leaf_node=leaf.signed(suite, me.signing_key(suite)),
        extensions=extensions,
        signature=b"",
    ).signed(suite, me.signing_key(suite))
    return KeyPackageBundle(key_package, init_private, private)
