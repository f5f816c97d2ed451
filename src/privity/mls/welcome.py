"""GroupInfo and Welcome (RFC 9420 §12.4.3): their structures, seals, signatures.

What a joiner makes of them is in `joining`.
"""

from dataclasses import dataclass, replace
from typing import Annotated, Self

from privity.codec import U16, U32, Nested, Opaque, Optional, Struct, Vector
from privity.errors import RuleViolation
from privity.mls.extensions import (
    Extensions,
    ExtensionType,
    ExternalPub,
    find_extension,
)
from privity.mls.group_context import GroupContext
from privity.mls.hpke import HPKECiphertext
from privity.mls.key_schedule import welcome_key_and_nonce
from privity.mls.proposals import PreSharedKeyID
from privity.mls.rules import Rule
from privity.mls.suites import CipherSuite

__all__ = [
    "EncryptedGroupSecrets",
    "GroupInfo",
    "GroupSecrets",
    "PathSecret",
    "Welcome",
    "open_group_info",
    "seal_group_info",
]


@dataclass(frozen=True, slots=True)
class GroupInfo(Struct):
    """RFC 9420 §12.4.3, `struct GroupInfo`."""

    group_context: GroupContext
    extensions: Extensions
    confirmation_tag: Opaque
    signer: U32
    signature: Opaque = b""

    def signed(self, suite: CipherSuite, private: bytes) -> Self:
        """Return this with the signature of the signer's leaf (§12.4.3)."""
        signature = suite.sign_with_label(private, "GroupInfoTBS", self._to_be_signed())
        return replace(self, signature=signature)

    def verify_signature(self, suite: CipherSuite, public: bytes) -> None:
        """Raise NotAuthentic unless the signer's key `public` signed this (§12.4.3)."""
        suite.verify_with_label(
            public, "GroupInfoTBS", self._to_be_signed(), self.signature
        )

    def check_external_pub(self, derived: bytes) -> None:
        """Check that this has no `external_pub` but the epoch's (§8).

        Whoever joined by another would have cut itself off. Raises RuleViolation, or
        DecodeError.
        """
        stated = find_extension(self.extensions, ExtensionType.EXTERNAL_PUB)
        if stated is not None and ExternalPub.decode(stated).external_pub != derived:
            raise RuleViolation(Rule.EXTERNAL_PUB_MISMATCH)

    def _to_be_signed(self) -> bytes:
        # An empty signature encodes as the one byte that is cut off here.
        return replace(self, signature=b"").encode()[:-1]


@dataclass(frozen=True, slots=True, repr=False)
class PathSecret(Struct):
    """RFC 9420 §12.4.3.1, `struct PathSecret`."""

    path_secret: Opaque


@dataclass(frozen=True, slots=True, repr=False)
class GroupSecrets(Struct):
    """RFC 9420 §12.4.3.1, `struct GroupSecrets`."""

    joiner_secret: Opaque
    path_secret: Annotated[PathSecret | None, Optional(Nested(PathSecret))]
    psks: Annotated[tuple[PreSharedKeyID, ...], Vector(Nested(PreSharedKeyID))] = ()


@dataclass(frozen=True, slots=True)
class EncryptedGroupSecrets(Struct):
    """RFC 9420 §12.4.3.1, `struct EncryptedGroupSecrets`."""

    new_member: Opaque
    encrypted_group_secrets: HPKECiphertext


@dataclass(frozen=True, slots=True)
class Welcome(Struct):
    """RFC 9420 §12.4.3.1, `struct Welcome`."""

    cipher_suite: U16
    secrets: Annotated[
        tuple[EncryptedGroupSecrets, ...], Vector(Nested(EncryptedGroupSecrets))
    ]
    encrypted_group_info: Opaque


def seal_group_info(
    suite: CipherSuite, welcome_secret: bytes, info: GroupInfo
) -> bytes:
    """Return the GroupInfo as a Welcome carries it."""
    key, nonce = welcome_key_and_nonce(suite, welcome_secret)
    return suite.seal(key, nonce, b"", info.encode())


def open_group_info(
    suite: CipherSuite, welcome_secret: bytes, sealed: bytes
) -> GroupInfo:
    """Return the GroupInfo of a Welcome; raises NotAuthentic or DecodeError."""
    key, nonce = welcome_key_and_nonce(suite, welcome_secret)
    return GroupInfo.decode(suite.open(key, nonce, b"", sealed))
