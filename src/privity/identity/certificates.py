"""Device certificates: the identity key says which MLS key is a device's.

Format: docs/spec/device-certificate.md. A certificate rides in the leaf extension
0xF5A2, so it holds nothing that would link a member to its relay login. Which
certificates of one account may follow another in a tree is a rule of the chat
(`docs/spec/` has it with the chat's rules), not of this file.
"""

from dataclasses import dataclass
from typing import Annotated

from privity.codec import U8, U64, Fixed, Optional, Struct
from privity.errors import DecodeError, RuleViolation, UsageError
from privity.identity import labels
from privity.identity.ids import ID_SIZE
from privity.identity.rules import Rule
from privity.identity.signing import public_of, sign_with_label, verify_with_label

__all__ = [
    "CREDENTIAL_SIZE",
    "VERSION",
    "DeviceCertificate",
    "DeviceClaim",
    "certify",
    "credential_identity",
    "parse_certificate",
    "split_credential",
    "verify_certificate",
    "verify_leaf",
]

VERSION = 1
CREDENTIAL_SIZE = 2 * ID_SIZE


@dataclass(frozen=True, slots=True)
class DeviceClaim(Struct):
    """What a certificate claims; the bytes that the identity key signs.

    `list_version` is that of the device list which brings the device in;
    `replaces` the device id of a lost device whose place it takes.
    """

    version: U8
    account_id: Annotated[bytes, Fixed(16)]
    identity_key: Annotated[bytes, Fixed(32)]
    signature_key: Annotated[bytes, Fixed(32)]
    device_id: Annotated[bytes, Fixed(16)]
    list_version: U64
    replaces: Annotated[bytes | None, Optional(Fixed(16))]


@dataclass(frozen=True, slots=True)
class DeviceCertificate(Struct):
    """A claim and the identity key's signature ("Privity 1.0 device-certificate")."""

    claim: DeviceClaim
    signature: Annotated[bytes, Fixed(64)]


def certify(identity_seed: bytes, claim: DeviceClaim) -> DeviceCertificate:
    """Return the certificate of `claim`; the seed must be of its identity key."""
    if claim.version != VERSION or public_of(identity_seed) != claim.identity_key:
        raise UsageError("a claim of version 1 under the seed's own identity key")
    signature = sign_with_label(
        identity_seed, labels.DEVICE_CERTIFICATE, claim.encode()
    )
    return DeviceCertificate(claim=claim, signature=signature)


def parse_certificate(data: bytes) -> DeviceCertificate:
    """Decode a certificate and verify its signature by the identity key in it.

    Raises DecodeError, NotAuthentic. Whose identity key that is, is for the caller.
    """
    certificate = DeviceCertificate.decode(data)
    verify_certificate(certificate)
    return certificate


def verify_certificate(certificate: DeviceCertificate) -> None:
    """Refuse an unknown version (DecodeError) or a false signature (NotAuthentic)."""
    claim = certificate.claim
    if claim.version != VERSION:
        raise DecodeError("a device certificate of an unknown version")
    verify_with_label(
        claim.identity_key,
        labels.DEVICE_CERTIFICATE,
        claim.encode(),
        certificate.signature,
    )


def verify_leaf(
    certificate_data: bytes, credential: bytes, signature_key: bytes
) -> DeviceCertificate:
    """Return the certificate of an MLS leaf after checking that it speaks of it.

    `credential` is the identity of the leaf's basic credential, `signature_key` the
    leaf's. Raises DecodeError, NotAuthentic, RuleViolation (LEAF_…).
    """
    certificate = parse_certificate(certificate_data)
    account_id, device_id = split_credential(credential)
    claim = certificate.claim
    if claim.account_id != account_id:
        raise RuleViolation(Rule.LEAF_ACCOUNT)
    if claim.device_id != device_id:
        raise RuleViolation(Rule.LEAF_DEVICE)
    if claim.signature_key != signature_key:
        raise RuleViolation(Rule.LEAF_KEY)
    return certificate


def credential_identity(account_id: bytes, device_id: bytes) -> bytes:
    """Return the identity of a basic credential: account id ‖ device id."""
    if len(account_id) != ID_SIZE or len(device_id) != ID_SIZE:
        raise UsageError("two ids of 16 bytes")
    return account_id + device_id


def split_credential(identity: bytes) -> tuple[bytes, bytes]:
    """Return account id and device id of a credential, or raise DecodeError."""
    if len(identity) != CREDENTIAL_SIZE:
        raise DecodeError("a credential that is not account id and device id")
    return identity[:ID_SIZE], identity[ID_SIZE:]
