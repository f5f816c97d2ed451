"""The device list: which devices are an account's, signed by its identity key.

Format: docs/spec/device-list.md. Here a list is judged by itself and beside the
one before it. What a transparency log says of it is judged elsewhere.
"""

from dataclasses import dataclass
from typing import Annotated

from privity.codec import U8, U16, U64, Bytes, Fixed, Struct, Uint, Vector
from privity.errors import DecodeError, RuleViolation, UsageError
from privity.identity import labels
from privity.identity.certificates import DeviceCertificate, verify_certificate
from privity.identity.rules import Rule
from privity.identity.signing import public_of, sign_with_label, verify_with_label

__all__ = [
    "MAX_DEVICES",
    "MAX_SUITES",
    "VERSION",
    "Device",
    "DeviceList",
    "SignedDeviceList",
    "best_common_suite",
    "check_successor",
    "parse_device_list",
    "sign_device_list",
    "verify_device_list",
]

VERSION = 1
MAX_DEVICES = 16
MAX_SUITES = 16


@dataclass(frozen=True, slots=True)
class Device(Struct):
    """One device: its MLS key and certificate, its login key, its mailbox."""

    device_id: Annotated[bytes, Fixed(16)]
    signature_key: Annotated[bytes, Fixed(32)]
    login_key: Annotated[bytes, Fixed(32)]
    mailbox_id: Annotated[bytes, Fixed(16)]
    certificate: DeviceCertificate


@dataclass(frozen=True, slots=True)
class DeviceList(Struct):
    """What the identity key signs of an account.

    `suites` are MLS cipher suite codes, the best first; `min_suite` the weakest that
    the account still accepts. `next_key_hash` commits to a later key (empty in
    version 1); `self_storage_hash` is SHA-256 of the object under the recovery key.
    """

    version: U8
    account_id: Annotated[bytes, Fixed(16)]
    identity_key: Annotated[bytes, Fixed(32)]
    list_version: U64
    suites: Annotated[tuple[int, ...], Vector(Uint(2), MAX_SUITES)]
    min_suite: U16
    next_key_hash: Annotated[bytes, Bytes(32)]
    self_storage_hash: Annotated[bytes, Bytes(32)]
    devices: Annotated[tuple[Device, ...], Vector(Device, MAX_DEVICES)]

    def device(self, device_id: bytes) -> Device | None:
        """Return the device with this id, or None."""
        return next((d for d in self.devices if d.device_id == device_id), None)


@dataclass(frozen=True, slots=True)
class SignedDeviceList(Struct):
    """A list and the identity key's signature ("Privity 1.0 device-list")."""

    device_list: DeviceList
    signature: Annotated[bytes, Fixed(64)]


def sign_device_list(identity_seed: bytes, device_list: DeviceList) -> SignedDeviceList:
    """Return the signed list, after judging it as any reader will.

    Raises UsageError where the seed is not of the list's identity key, and whatever
    `verify_device_list` raises.
    """
    if public_of(identity_seed) != device_list.identity_key:
        raise UsageError("the seed is not of the list's identity key")
    content = device_list.encode()
    signature = sign_with_label(identity_seed, labels.DEVICE_LIST, content)
    signed = SignedDeviceList(device_list=device_list, signature=signature)
    verify_device_list(signed)
    return signed


def parse_device_list(data: bytes) -> SignedDeviceList:
    """Decode a signed list and verify all of it that can be verified alone.

    Raises DecodeError, NotAuthentic, RuleViolation.
    """
    signed = SignedDeviceList.decode(data)
    verify_device_list(signed)
    return signed


def verify_device_list(signed: SignedDeviceList) -> None:
    """Check the signature, the rules of a list, and every certificate inside.

    Raises DecodeError (unknown version), NotAuthentic, RuleViolation. Costs at most
    17 signature checks.
    """
    own = signed.device_list
    if own.version != VERSION:
        raise DecodeError("a device list of an unknown version")
    verify_with_label(
        own.identity_key, labels.DEVICE_LIST, own.encode(), signed.signature
    )
    _check_fields(own)
    _check_unique(own)
    for device in own.devices:
        _check_certificate(own, device)


def check_successor(old: DeviceList, new: DeviceList) -> None:
    """Refuse a list that must not follow `old`; both are verified already.

    Raises RuleViolation (OTHER_ACCOUNT, OTHER_IDENTITY, NOT_NEWER). The same list
    again is NOT_NEWER: a caller that allows repeats compares bytes first.
    """
    if new.account_id != old.account_id:
        raise RuleViolation(Rule.OTHER_ACCOUNT)
    if new.identity_key != old.identity_key:
        raise RuleViolation(Rule.OTHER_IDENTITY)
    if new.list_version <= old.list_version:
        raise RuleViolation(Rule.NOT_NEWER)


def best_common_suite(one: DeviceList, other: DeviceList) -> int | None:
    """Return the best MLS suite of `other` that `one` has too, if both accept it.

    Nothing weaker may be used between them, whatever a relay hands out: None says that
    there is none at all.
    """
    common = next((code for code in other.suites if code in one.suites), None)
    if common is None:
        return None
    accepted = (
        own.suites.index(common) <= own.suites.index(own.min_suite)
        for own in (one, other)
    )
    return common if all(accepted) else None


def _check_fields(own: DeviceList) -> None:
    if own.list_version < 1:
        raise RuleViolation(Rule.LIST_VERSION)
    suites = own.suites
    if len(set(suites)) != len(suites) or own.min_suite not in suites:
        raise RuleViolation(Rule.SUITES)
    if own.next_key_hash:
        raise RuleViolation(Rule.NEXT_KEY)
    if len(own.self_storage_hash) not in (0, 32):
        raise RuleViolation(Rule.SELF_STORAGE_HASH)
    if not own.devices:
        raise RuleViolation(Rule.NO_DEVICE)


def _check_unique(own: DeviceList) -> None:
    ids = {d.device_id for d in own.devices}
    mailboxes = {d.mailbox_id for d in own.devices}
    if len(ids) != len(own.devices) or len(mailboxes) != len(own.devices):
        raise RuleViolation(Rule.DEVICE_TWICE)
    keys = [own.identity_key]
    for device in own.devices:
        keys += [device.signature_key, device.login_key]
    if len(set(keys)) != len(keys):
        raise RuleViolation(Rule.KEY_TWICE)


def _check_certificate(own: DeviceList, device: Device) -> None:
    claim = device.certificate.claim
    if (claim.account_id, claim.identity_key) != (own.account_id, own.identity_key):
        raise RuleViolation(Rule.CERTIFICATE_ACCOUNT)
    if (claim.device_id, claim.signature_key) != (
        device.device_id,
        device.signature_key,
    ):
        raise RuleViolation(Rule.CERTIFICATE_DEVICE)
    if claim.list_version > own.list_version:
        raise RuleViolation(Rule.CERTIFICATE_VERSION)
    verify_certificate(device.certificate)
