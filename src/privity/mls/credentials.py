"""Credentials (RFC 9420 §5.3).

A credential says whose signature key a leaf holds. Whether it says the truth is
for the application to decide, which sees every new leaf before it takes effect
(`authentication`). Of X.509 only what needs no trust is looked at: a chain is there,
and the key of its first certificate. Not here: validation of X.509 chains.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Self

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.x509 import InvalidVersion, load_der_x509_certificate

from privity.codec import U16, Opaque, Reader, Struct, write_opaque
from privity.errors import UsageError

__all__ = ["Credential", "CredentialType"]


class CredentialType(IntEnum):
    """RFC 9420 §17.5; values that are not listed here are legal and opaque."""

    BASIC = 1
    X509 = 2


@dataclass(frozen=True, slots=True)
class Credential(Struct):
    """RFC 9420 §5.3, `struct Credential`.

    `content` is what the type's one vector holds: the identity of a basic
    credential, the encoded certificates of an X.509 one. Types that we do not know
    are taken to hold one vector too, and are carried unread.
    """

    credential_type: U16
    content: Opaque

    @classmethod
    def basic(cls, identity: bytes) -> Self:
        """Return a basic credential; its identity is of any length (§5.3)."""
        return cls(CredentialType.BASIC, identity)

    @classmethod
    def x509(cls, certificates: tuple[bytes, ...]) -> Self:
        """Return an X.509 credential of DER certificates, the leaf's first (§5.3)."""
        content = bytearray()
        for certificate in certificates:
            write_opaque(content, certificate)
        return cls(CredentialType.X509, bytes(content))

    @classmethod
    def read(cls, reader: Reader) -> Self:
        """Take one credential (§5.3); raises DecodeError.

        The vector of X.509 certificates must be well formed, its content need not be.
        """
        kind = reader.uint(2)
        content = reader.opaque()
        if kind == CredentialType.X509:
            _split(content)
        return cls(kind, content)

    @property
    def identity(self) -> bytes:
        """The identity that a basic credential states (§5.3).

        Raises UsageError for other types, so look at `credential_type` first.
        """
        if self.credential_type != CredentialType.BASIC:
            raise UsageError("only a basic credential states an identity")
        return self.content

    @property
    def certificates(self) -> tuple[bytes, ...]:
        """The DER certificates of an X.509 credential, the leaf's own first (§5.3).

        Raises UsageError for other types, so look at `credential_type` first.
        """
        if self.credential_type != CredentialType.X509:
            raise UsageError("only an X.509 credential holds certificates")
        return _split(self.content)

    def certified_key(self) -> PublicKeyTypes | None:
        """Return the key of an X.509 credential's first certificate (§5.3).

        `None` if there is no certificate, or none that can be read.
        """
        try:
            return load_der_x509_certificate(self.certificates[0]).public_key()
        except (IndexError, ValueError, UnsupportedAlgorithm, InvalidVersion):
            return None


def _split(content: bytes) -> tuple[bytes, ...]:
    reader = Reader(content)
    found: list[bytes] = []
    while reader.remaining:
        found.append(reader.opaque())
    return tuple(found)
