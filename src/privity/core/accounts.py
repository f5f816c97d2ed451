"""A new account, and the proofs that a device gives to its relay.

Everything that a registration sends is made here and saved before it is sent, so
that it can be repeated with the same bytes.
"""

from dataclasses import dataclass, field
from hashlib import sha256

from privity import mls
from privity.core.effects import Kind, Put, Write
from privity.core.state import Account
from privity.core.step import Context
from privity.core.values import encode
from privity.errors import UsageError
from privity.identity import labels, recovery
from privity.identity.certificates import DeviceClaim, certify
from privity.identity.device_list import Device, DeviceList, sign_device_list
from privity.identity.ids import Random
from privity.identity.links import RelayAddress
from privity.identity.secret import Secret
from privity.identity.self_storage import (
    SelfStorage,
    seal_self_storage,
    self_storage_hash,
)
from privity.identity.signing import public_of, sign_with_label
from privity.wire.entry import AttachClaim, Rights
from privity.wire.frames import Attach, Greeting, Login
from privity.wire.http import (
    DeleteAccount,
    DeleteClaim,
    LoginClaim,
    Register,
    RegisterClaim,
)

__all__ = [
    "DEFAULT_SUITE",
    "LoginValues",
    "NewAccount",
    "attach_frame",
    "delete_body",
    "login_frame",
    "new_account",
    "register_body",
]

DEFAULT_SUITE = 0xF5A1
MAX_NAME = 128
"""Bytes of a display name in UTF-8, as invitations carry it."""


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account that is not registered yet, and what its owner must keep.

    `self_storage` is the sealed object to upload before the key is shown.
    """

    account: Account
    recovery_key: Secret
    self_storage: bytes = field(repr=False)
    writes: tuple[Write, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class LoginValues:
    """The values that notice a rolled-back disk (32 bytes, or empty)."""

    prev: bytes = field(repr=False)
    next: bytes = field(repr=False)
    proposed: bytes = field(repr=False)
    returns: bool = False
    """The disk went back, and the keys of all chats were dropped for that."""


@dataclass(frozen=True, slots=True, repr=False)
class _Seeds:
    """The private halves (32 bytes each) of a device's and its account's keys."""

    identity: bytes
    signature: bytes
    login: bytes


def new_account(
    address: RelayAddress, handle: str, name: str, context: Context
) -> NewAccount:
    """Make the keys of a new account; `handle` may be empty. Raises UsageError."""
    random = context.random
    seeds = _Seeds(random(32), random(32), random(32))
    device = _first_device(seeds, random)
    claim = device.certificate.claim
    key = recovery.new_recovery_key(random)
    stored = _self_storage(seeds, claim, address, handle)
    sealed = seal_self_storage(key, stored, random)
    signed = sign_device_list(
        seeds.identity, _first_list(device, self_storage_hash(sealed))
    )
    account = Account(
        account_id=claim.account_id,
        device_id=claim.device_id,
        identity_seed=seeds.identity,
        identity_key=claim.identity_key,
        signature_seed=seeds.signature,
        login_seed=seeds.login,
        mailbox_id=device.mailbox_id,
        mailbox_key=random(32),
        host=address.host.decode(),
        url=address.url.decode(),
        fingerprint=address.fingerprint,
        handle=handle,
        name=_checked(name),
        certificate=device.certificate.encode(),
        device_list=signed.encode(),
        suite=DEFAULT_SUITE,
        created=context.now,
    )
    return NewAccount(account, key, sealed, (Put(Kind.ACCOUNT, b"", encode(account)),))


def _self_storage(
    seeds: _Seeds, claim: DeviceClaim, address: RelayAddress, handle: str
) -> SelfStorage:
    return SelfStorage(
        version=1,
        account_id=claim.account_id,
        identity_seed=seeds.identity,
        relay=address,
        name=handle.partition("@")[0].encode(),
        list_version=1,
    )


def _checked(name: str) -> str:
    if len(name.encode()) > MAX_NAME:
        raise UsageError("a name of more than 128 bytes")
    return name


def _first_device(seeds: _Seeds, random: Random) -> Device:
    claim = DeviceClaim(
        version=1,
        account_id=random(16),
        identity_key=public_of(seeds.identity),
        signature_key=public_of(seeds.signature),
        device_id=random(16),
        list_version=1,
        replaces=None,
    )
    return Device(
        device_id=claim.device_id,
        signature_key=claim.signature_key,
        login_key=public_of(seeds.login),
        mailbox_id=random(16),
        certificate=certify(seeds.identity, claim),
    )


def _first_list(device: Device, storage_hash: bytes) -> DeviceList:
    mls.suite(DEFAULT_SUITE)
    claim = device.certificate.claim
    return DeviceList(
        version=1,
        account_id=claim.account_id,
        identity_key=claim.identity_key,
        list_version=1,
        suites=(DEFAULT_SUITE,),
        min_suite=DEFAULT_SUITE,
        next_key_hash=b"",
        self_storage_hash=storage_hash,
        devices=(device,),
    )


def register_body(
    account: Account, nonce: bytes, code: str, first_next: bytes
) -> Register:
    """Return the signed registration for a server nonce of 32 bytes."""
    name = account.handle.partition("@")[0]
    key_hash = sha256(account.mailbox_key).digest()
    claim = RegisterClaim(
        version=1,
        host=account.host.encode(),
        relay_nonce=nonce,
        account_id=account.account_id,
        identity_key=account.identity_key,
        device_list_hash=sha256(account.device_list).digest(),
        handle=name.encode(),
        code=code.encode(),
        first_next=first_next,
        mailbox_key_hash=key_hash,
    )
    return Register(
        account_id=account.account_id,
        identity_key=account.identity_key,
        device_list=account.device_list,
        first_next=first_next,
        mailbox_key_hash=key_hash,
        nonce=nonce,
        signature=sign_with_label(
            account.identity_seed, labels.REGISTER, claim.encode()
        ),
        handle=name,
        code=code,
    )


def delete_body(account: Account, nonce: bytes) -> DeleteAccount:
    """Return the signed word that deletes an account, for a nonce of 32 bytes."""
    claim = DeleteClaim(1, account.host.encode(), nonce, account.account_id)
    signature = sign_with_label(
        account.identity_seed, labels.DELETE_ACCOUNT, claim.encode()
    )
    return DeleteAccount(account.account_id, nonce, signature)


def login_frame(
    account: Account,
    greeting: Greeting,
    request: int,
    client_nonce: bytes,
    values: LoginValues,
) -> Login:
    """Return the frame that proves this device's login key to the relay."""
    claim = LoginClaim(
        version=1,
        host=greeting.host.encode(),
        relay_nonce=greeting.nonce,
        client_nonce=client_nonce,
        account_id=account.account_id,
        device_id=account.device_id,
        prev=values.prev,
        next=values.next,
        proposed=values.proposed,
    )
    label = labels.RELAY_RETURN if values.returns else labels.RELAY_LOGIN
    return Login(
        id=request,
        account_id=account.account_id,
        device_id=account.device_id,
        nonce=client_nonce,
        prev=values.prev,
        next=values.next,
        proposed=values.proposed,
        signature=sign_with_label(account.login_seed, label, claim.encode()),
        returns=values.returns,
    )


def attach_frame(
    greeting: Greeting,
    request: int,
    client_nonce: bytes,
    place: tuple[bytes, int],
    access_seed: bytes,
) -> Attach:
    """Return the frame that attaches to (log id, generation) for both rights."""
    log_id, generation = place
    claim = AttachClaim(
        version=1,
        host=greeting.host.encode(),
        relay_nonce=greeting.nonce,
        client_nonce=client_nonce,
        log_id=log_id,
        generation=generation,
        rights=Rights.BOTH,
    )
    return Attach(
        id=request,
        log_id=log_id,
        generation=generation,
        rights=int(Rights.BOTH),
        nonce=client_nonce,
        signature=sign_with_label(access_seed, labels.ATTACH, claim.encode()),
    )
