"""Logins: a device proves its login key, and the relay whether its disk went back.

At a login a device shows the login value that it holds as stored (`prev`) and the
one that it proposed and saw no answer to (`next`); the value that the relay has
must be one of them, else the device was restored from an old copy, or another copy
of it is logged in. The proposed value takes its place in the same transaction; the
relay keeps SHA-256 of it. A device that says so (`returns`) is let in with any value:
it has dropped its chats' keys, and its key packages here go with them. docs/adr/0014.
Where the relay itself went back, each device is let in once with any (`losses`).
"""

import hmac
from collections.abc import Sequence
from hashlib import sha256

from privity.errors import NotAuthentic
from privity.identity import labels
from privity.identity.signing import verify_with_label
from privity.relay.disabling import check_enabled
from privity.relay.storage.store import Connection, find_each
from privity.wire.codes import Code, Refusal
from privity.wire.frames import Login
from privity.wire.http import LoginClaim

__all__ = [
    "ANY_VALUE",
    "drop_packages",
    "kept_value",
    "login",
    "mailbox_of_device",
    "renew",
    "standing",
    "standing_of",
    "standings",
]

_STANDING = (
    "SELECT login_key, login_value FROM devices WHERE account_id = ? AND device_id = ?"
)
Device = tuple[bytes, bytes]
"""Account id and device id."""
ANY_VALUE = b"\0"
"""Stands in the place of a kept value, which has 32 bytes or none."""


def login(accounts: Connection, host: str, relay_nonce: bytes, request: Login) -> bytes:
    """Accept a login and store its proposed value; returns the device's login key.

    Raises Refusal: MALFORMED, NO_SUCH_ACCOUNT, NOT_AUTHENTIC, ACCOUNT_DISABLED,
    ROLLED_BACK; the stored value is unchanged then. Who can't log in anyway does not
    learn who is disabled.
    """
    if len(request.prev) not in (0, 32) or len(request.next) not in (0, 32):
        raise Refusal(Code.MALFORMED, "a login value has 32 bytes or none")
    asked = (request.account_id, request.device_id)
    row = accounts.execute(_STANDING, asked).fetchone()
    if row is None:
        raise Refusal(Code.NO_SUCH_ACCOUNT, "this relay knows no such device")
    login_key, stored = row
    _verify(login_key, _claim(host, relay_nonce, request), request)
    check_enabled(accounts, request.account_id)
    device = (request.account_id, request.device_id)
    if request.returns:
        drop_packages(accounts, device)
    else:
        _check_newest(stored, request)
    _store(accounts, device, request.proposed)
    return bytes(login_key)


def _check_newest(stored: bytes, request: Login) -> None:
    if stored == ANY_VALUE:
        return
    shown = [request.prev, request.next] if request.next else [request.prev]
    if not any(hmac.compare_digest(stored, kept_value(one)) for one in shown):
        raise Refusal(Code.ROLLED_BACK, "the relay holds a later login value")


def drop_packages(accounts: Connection, device: tuple[bytes, bytes]) -> None:
    """Forget every key package of a device that has dropped their private keys."""
    accounts.execute(
        "DELETE FROM key_packages WHERE account_id = ? AND device_id = ?", device
    )


def kept_value(value: bytes) -> bytes:
    """Return what the relay keeps of a login value: its SHA-256, or b"" of none."""
    return sha256(value).digest() if value else b""


def renew(
    accounts: Connection,
    device: tuple[bytes, bytes],
    held: bytes,
    proposed: bytes,
) -> None:
    """Replace the login value of a logged-in device whose session has `held`.

    Raises Refusal: ACCOUNT_DISABLED, NOT_LOGGED_IN (also when the device has logged in
    anew meanwhile, maybe at another process).
    """
    check_enabled(accounts, device[0])
    stands = standing(accounts, device)
    if stands is None or not hmac.compare_digest(stands, held):
        raise Refusal(Code.NOT_LOGGED_IN, "this session is over")
    _store(accounts, device, proposed)


def standing(accounts: Connection, device: Device) -> bytes | None:
    """Return what a session of the device must hold now; None of an unknown device."""
    return standings(accounts, [device])[0]


def standings(accounts: Connection, devices: Sequence[Device]) -> list[bytes | None]:
    """Return the same for each of many devices, asked at once."""
    (rows,) = find_each(accounts, (_STANDING, devices))
    return [None if row is None else standing_of(*row) for row in rows]


def standing_of(login_key: bytes, value: bytes) -> bytes:
    """Return what a login or a renewal that stored `value` gives its session."""
    return sha256(login_key + value).digest()


def mailbox_of_device(accounts: Connection, device: tuple[bytes, bytes]) -> bytes:
    """Return the mailbox id of a device; raises NOT_LOGGED_IN if it was removed."""
    row = accounts.execute(
        "SELECT mailbox_id FROM devices WHERE account_id = ? AND device_id = ?", device
    ).fetchone()
    if row is None:
        raise Refusal(Code.NOT_LOGGED_IN, "this device was removed from its account")
    return bytes(row[0])


def _claim(host: str, relay_nonce: bytes, request: Login) -> LoginClaim:
    return LoginClaim(
        version=1,
        host=host.encode(),
        relay_nonce=relay_nonce,
        client_nonce=request.nonce,
        account_id=request.account_id,
        device_id=request.device_id,
        prev=request.prev,
        next=request.next,
        proposed=request.proposed,
    )


def _verify(login_key: bytes, claim: LoginClaim, request: Login) -> None:
    label = labels.RELAY_RETURN if request.returns else labels.RELAY_LOGIN
    try:
        verify_with_label(login_key, label, claim.encode(), request.signature)
    except NotAuthentic:
        raise Refusal(Code.NOT_AUTHENTIC, "the login's signature fails") from None


def _store(accounts: Connection, device: tuple[bytes, bytes], value: bytes) -> None:
    stored = accounts.execute(
        "UPDATE devices SET login_value = ? WHERE account_id = ? AND device_id = ?",
        (kept_value(value), *device),
    )
    if stored.rowcount != 1:
        raise Refusal(Code.NOT_LOGGED_IN, "this device was removed from its account")
