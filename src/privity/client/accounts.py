"""Getting an account: made and saved first, registered second, resumable throughout.

The steps are: everything that will be sent is saved; the relay registers it (the
same bytes again are the same registration); the sealed self-storage is uploaded.
Only then may the recovery key be shown, since only then is it worth anything. A
profile that stopped in between goes on where it stood.
"""

import os
from dataclasses import dataclass, field

import msgspec

from privity.client import logins
from privity.client.driver import now_ms
from privity.client.errors import NoProfile, WrongHost
from privity.client.ledger import Ledger
from privity.client.store import Store
from privity.client.transport.address import Address
from privity.client.transport.connection import Connection, Identity
from privity.client.transport.http import Call, HttpPlane, call
from privity.client.transport.outbound import Outbound
from privity.client.wallet import Wallet
from privity.core.accounts import new_account, register_body
from privity.core.effects import Cause, Delete, Kind
from privity.core.state import Account
from privity.core.step import Context
from privity.core.values import decode
from privity.identity.links import RelayAddress
from privity.identity.secret import Secret
from privity.wire import http

__all__ = [
    "Newcomer",
    "ask_relay",
    "confirm_recovery",
    "create_account",
    "discard_account",
    "is_begun",
    "is_registered",
    "register",
    "unconfirmed_recovery_key",
]

_CAUSE = Cause("register")
_PENDING = "registration"
_RECOVERY = "recovery-key"


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Who wants an account, and where; `code` is the invitation's, if any."""

    address: RelayAddress
    name: str
    handle: str = ""
    code: str = field(default="", repr=False)


class _Pending(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a registration still needs."""

    code: str
    first_next: bytes
    self_storage: bytes

    def __repr__(self) -> str:
        return "<registration>"


async def ask_relay(url: str, fingerprint: bytes = b"") -> RelayAddress:
    """Return the address of the relay at `url`, with the host that it names.

    Raises Insecure, WrongCertificate, Unreachable, Misbehaved.
    """
    ledger = Ledger()
    address = Address(url, fingerprint)
    plane = HttpPlane(address, Outbound(ledger.note, "anonymous"))
    try:
        asked = Call("GET", "/v1/info", "/v1/info", _CAUSE)
        info = await plane.ask(asked, http.Info)
    finally:
        await plane.close()
    return RelayAddress(info.host.encode(), url.encode(), fingerprint)


def create_account(store: Store, newcomer: Newcomer) -> Account:
    """Make an account and save all of it; nothing is sent yet.

    Raises NoProfile where there is an account already.
    """
    if any(kind is Kind.ACCOUNT for kind, _, _ in store.load()):
        raise NoProfile("there is an account in this profile already")
    handle = newcomer.handle
    if handle and "@" not in handle:
        handle = f"{handle}@{newcomer.address.host.decode()}"
    context = Context(now_ms=now_ms(), random=os.urandom)
    made = new_account(newcomer.address, handle, newcomer.name, context)
    pending = _Pending(newcomer.code, os.urandom(32), made.self_storage)
    # The account comes last: a profile that has one has all that it needs.
    logins.start(store.database, pending.first_next)
    store.set_setting(_PENDING, msgspec.msgpack.encode(pending))
    store.set_setting(_RECOVERY, made.recovery_key.reveal())
    store.apply(made.writes)
    return made.account


def is_registered(store: Store) -> bool:
    """Tell whether nothing of the registration is left to do."""
    return not store.setting(_PENDING)


def is_begun(store: Store) -> bool:
    """Tell whether something is left to do: of the registration, or with the key."""
    return not is_registered(store) or unconfirmed_recovery_key(store) is not None


async def register(store: Store) -> None:
    """Do what is left of the registration; harmless when nothing is.

    Raises NoProfile, Refusal (of the code, the handle, …), WrongHost,
    WrongCertificate, Unreachable; it can be called again after each.
    """
    body = store.setting(_PENDING)
    if not body:
        return
    pending = msgspec.msgpack.decode(body, type=_Pending)
    ledger = Ledger()
    identity = Identity(
        account=_account(store),
        store=store,
        wallet=Wallet(store.database),
        random=os.urandom,
        note=ledger.note,
    )
    connection = Connection(identity)
    try:
        await _post(connection, identity.account, pending)
        await connection.open(lambda _: None)
        await _put_self_storage(connection, pending)
    finally:
        await connection.close()
        store.apply([], ledger.take())
    store.set_setting(_PENDING, b"")


def discard_account(store: Store) -> None:
    """Forget an account that the relay refused (its handle, its code).

    Raises NoProfile once it is registered: then it is somebody's account.
    """
    if is_registered(store):
        raise NoProfile("this account is registered; it can't be discarded")
    store.apply([Delete(Kind.ACCOUNT, b"")])
    store.set_setting(_PENDING, b"")
    store.set_setting(_RECOVERY, b"")


def unconfirmed_recovery_key(store: Store) -> Secret | None:
    """Return the recovery key until its owner has shown to have it."""
    key = store.setting(_RECOVERY)
    return Secret(key) if key else None


def confirm_recovery(store: Store) -> None:
    """Forget the recovery key: its owner has it, and this device must not."""
    store.set_setting(_RECOVERY, b"")


async def _post(connection: Connection, account: Account, pending: _Pending) -> None:
    plane = connection.anonymous
    asked = Call("GET", "/v1/info", "/v1/info", _CAUSE)
    info = await plane.ask(asked, http.Info)
    if info.host != account.host:
        raise WrongHost(f"the relay there is {info.host!r}")
    asked = Call("POST", "/v1/nonce", "/v1/nonce", _CAUSE)
    nonce = (await plane.ask(asked, http.Nonce)).nonce
    body = register_body(account, nonce, pending.code, pending.first_next)
    await plane.tell(call("POST", "/v1/accounts", body, _CAUSE))


async def _put_self_storage(connection: Connection, pending: _Pending) -> None:
    body = http.SelfStorage(1, pending.self_storage)
    asked = call("PUT", "/v1/self-storage", body, _CAUSE)
    bearer = f"Bearer {connection.session.hex()}"
    await connection.identified.tell(asked.with_header("authorization", bearer))


def _account(store: Store) -> Account:
    for kind, _, body in store.load():
        if kind is Kind.ACCOUNT:
            return decode(Account, body)
    raise NoProfile("there is no account in this profile")
