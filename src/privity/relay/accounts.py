"""Accounts: registration, handles, device lists, and what hangs on them.

Every function is one step on the account side's database and is to run in one
transaction; a Refusal leaves nothing behind. Signatures are checked here too, by
`verify_registration` and `verified_list`, before a transaction is begun.
"""

import hmac
import secrets
from dataclasses import dataclass, replace
from hashlib import sha256

from privity.errors import DecodeError, NotAuthentic, ProtocolError, RuleViolation
from privity.identity import labels
from privity.identity.device_list import (
    Device,
    DeviceList,
    SignedDeviceList,
    check_successor,
    parse_device_list,
)
from privity.identity.handles import check_name
from privity.identity.signing import verify_with_label
from privity.relay.codes import use_code
from privity.relay.lanes import forget_lane
from privity.relay.logins import kept_value
from privity.relay.storage.store import Connection
from privity.wire.codes import Code, Refusal
from privity.wire.http import Directory, Register, RegisterClaim, SelfStorage

__all__ = [
    "Registration",
    "account_of_handle",
    "directory",
    "publish_list",
    "put_self_storage",
    "read_self_storage",
    "register",
    "remove_account",
    "set_mailbox_key",
    "verified_list",
    "verify_registration",
]

_FIRST_SEQ = 1 << 40
"""A mailbox counts from a random number below: what it holds is not how much came."""


@dataclass(frozen=True, slots=True)
class Registration:
    """A registration whose signatures hold; `digest` names its bytes but the nonce."""

    request: Register
    device_list: DeviceList
    digest: bytes


def verify_registration(host: str, request: Register) -> Registration:
    """Check what can be checked without the database; costs ≤ 18 signature checks.

    Raises Refusal: BAD_DEVICE_LIST, BAD_HANDLE, NOT_AUTHENTIC.
    """
    device_list = verified_list(request.device_list)
    if device_list.list_version != 1:
        raise Refusal(Code.BAD_DEVICE_LIST, "an account begins with list version 1")
    ids = (device_list.account_id, device_list.identity_key)
    if ids != (request.account_id, request.identity_key):
        raise Refusal(Code.BAD_DEVICE_LIST, "the list is another account's")
    if request.handle:
        _check_handle(request.handle)
    claim = _claim(host, request)
    try:
        verify_with_label(
            request.identity_key, labels.REGISTER, claim.encode(), request.signature
        )
    except NotAuthentic:
        raise Refusal(Code.NOT_AUTHENTIC, "the registration's signature") from None
    digest = sha256(replace(claim, relay_nonce=bytes(32)).encode()).digest()
    return Registration(request, device_list, digest)


def verified_list(data: bytes) -> DeviceList:
    """Return the device list in `data`; raises Refusal (BAD_DEVICE_LIST)."""
    try:
        return parse_device_list(data).device_list
    except NotAuthentic:
        raise Refusal(Code.BAD_DEVICE_LIST, "a signature in the list fails") from None
    except (ProtocolError, RuleViolation) as error:
        raise Refusal(Code.BAD_DEVICE_LIST, str(error)) from None


def register(
    accounts: Connection, registration: Registration, now: int, *, is_open: bool
) -> None:
    """Store a new account; the same registration again changes nothing.

    Raises Refusal: ACCOUNT_EXISTS, CODE_…, HANDLE_TAKEN, BAD_DEVICE_LIST.
    """
    request = registration.request
    if _is_repeat(accounts, registration):
        return
    if not is_open:
        use_code(accounts, request.code, now)
    accounts.execute(
        "INSERT INTO accounts (account_id, identity_key, registration, device_list,"
        " list_version, mailbox_key_hash, day) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            request.account_id,
            request.identity_key,
            registration.digest,
            request.device_list,
            registration.device_list.list_version,
            request.mailbox_key_hash,
            now // 86_400,
        ),
    )
    if request.handle:
        _take_handle(accounts, request.handle, request.account_id)
    for device in registration.device_list.devices:
        _add_device(
            accounts, request.account_id, device, kept_value(request.first_next)
        )


def publish_list(
    accounts: Connection, account_id: bytes, data: bytes
) -> tuple[bytes, ...]:
    """Store a successor of the account's list; returns ids whose sessions end.

    They are those of devices that left or log in by another key from now on.
    The same list again changes nothing. Raises Refusal (BAD_DEVICE_LIST).
    """
    stored = _stored_list(accounts, account_id)
    if hmac.compare_digest(stored, data):
        return ()
    new = verified_list(data)
    old = SignedDeviceList.decode(stored).device_list
    try:
        check_successor(old, new)
    except RuleViolation as error:
        raise Refusal(Code.BAD_DEVICE_LIST, str(error)) from None
    accounts.execute(
        "UPDATE accounts SET device_list = ?, list_version = ? WHERE account_id = ?",
        (data, new.list_version, account_id),
    )
    return _change_devices(accounts, old, new)


def directory(accounts: Connection, account_id: bytes) -> Directory:
    """Return what the directory says of an account; raises NO_SUCH_ACCOUNT."""
    return Directory(
        account_id=account_id, device_list=_stored_list(accounts, account_id)
    )


def account_of_handle(accounts: Connection, name: str) -> bytes:
    """Return the account id behind a handle's name; raises NO_SUCH_ACCOUNT.

    Also for what can't be a name: not every store takes every character.
    """
    try:
        check_name(name)
    except DecodeError:
        raise Refusal(Code.NO_SUCH_ACCOUNT, "nobody here has this handle") from None
    row = accounts.execute(
        "SELECT account_id FROM handles WHERE name = ?", (name,)
    ).fetchone()
    if row is None or row[0] is None:
        raise Refusal(Code.NO_SUCH_ACCOUNT, "nobody here has this handle")
    return bytes(row[0])


def set_mailbox_key(accounts: Connection, account_id: bytes, key_hash: bytes) -> None:
    """Replace the mailbox access key; the old one opens nothing from now on."""
    accounts.execute(
        "UPDATE accounts SET mailbox_key_hash = ? WHERE account_id = ?",
        (key_hash, account_id),
    )


def put_self_storage(
    accounts: Connection, account_id: bytes, stored: SelfStorage
) -> None:
    """Store the sealed object of an account; versions only grow.

    The same object again changes nothing. Raises Refusal (STALE).
    """
    row = accounts.execute(
        "SELECT version, object FROM self_storage WHERE account_id = ?", (account_id,)
    ).fetchone()
    if row is not None and row == (stored.version, stored.object):
        return
    if row is not None and row[0] >= stored.version:
        raise Refusal(Code.STALE, f"version {row[0]} is stored")
    accounts.execute(
        "INSERT INTO self_storage (account_id, version, object) VALUES (?, ?, ?)"
        " ON CONFLICT (account_id) DO UPDATE SET version = excluded.version,"
        " object = excluded.object",
        (account_id, stored.version, stored.object),
    )


def read_self_storage(accounts: Connection, account_id: bytes) -> SelfStorage:
    """Return the sealed object of an account; raises Refusal (NOT_FOUND)."""
    row = accounts.execute(
        "SELECT version, object FROM self_storage WHERE account_id = ?", (account_id,)
    ).fetchone()
    if row is None:
        raise Refusal(Code.NOT_FOUND, "nothing is stored")
    return SelfStorage(version=row[0], object=row[1])


def remove_account(accounts: Connection, account_id: bytes) -> None:
    """Forget an account with all that hangs on it; its handle is never given again.

    Raises Refusal (NO_SUCH_ACCOUNT).
    """
    devices = SignedDeviceList.decode(_stored_list(accounts, account_id)).device_list
    for device in devices.devices:
        _drop_device(accounts, account_id, device)
    accounts.execute(
        "UPDATE handles SET account_id = NULL WHERE account_id = ?", (account_id,)
    )
    accounts.execute("DELETE FROM self_storage WHERE account_id = ?", (account_id,))
    accounts.execute(
        "DELETE FROM disabled_accounts WHERE account_id = ?", (account_id,)
    )
    forget_lane(accounts, account_id)
    accounts.execute("DELETE FROM tokens_issued WHERE account_id = ?", (account_id,))
    accounts.execute("DELETE FROM accounts WHERE account_id = ?", (account_id,))


def _claim(host: str, request: Register) -> RegisterClaim:
    return RegisterClaim(
        version=1,
        host=host.encode(),
        relay_nonce=request.nonce,
        account_id=request.account_id,
        identity_key=request.identity_key,
        device_list_hash=sha256(request.device_list).digest(),
        handle=request.handle.encode(),
        code=request.code.encode(),
        first_next=request.first_next,
        mailbox_key_hash=request.mailbox_key_hash,
    )


def _check_handle(name: str) -> None:
    try:
        check_name(name)
    except DecodeError as error:
        raise Refusal(Code.BAD_HANDLE, str(error)) from None


def _is_repeat(accounts: Connection, registration: Registration) -> bool:
    row = accounts.execute(
        "SELECT registration FROM accounts WHERE account_id = ?",
        (registration.request.account_id,),
    ).fetchone()
    if row is None:
        return False
    if not hmac.compare_digest(row[0], registration.digest):
        raise Refusal(Code.ACCOUNT_EXISTS, "this account id is registered")
    return True


def _take_handle(accounts: Connection, name: str, account_id: bytes) -> None:
    taken = accounts.execute(
        "INSERT INTO handles (name, account_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
        (name, account_id),
    )
    if taken.rowcount != 1:
        raise Refusal(Code.HANDLE_TAKEN, "choose another handle")


def _stored_list(accounts: Connection, account_id: bytes) -> bytes:
    row = accounts.execute(
        "SELECT device_list FROM accounts WHERE account_id = ?", (account_id,)
    ).fetchone()
    if row is None:
        raise Refusal(Code.NO_SUCH_ACCOUNT, "no account has this id here")
    return bytes(row[0])


def _change_devices(
    accounts: Connection, old: DeviceList, new: DeviceList
) -> tuple[bytes, ...]:
    gone: list[bytes] = []
    for device in old.devices:
        after = new.device(device.device_id)
        if after is None or after.mailbox_id != device.mailbox_id:
            _drop_device(accounts, old.account_id, device)
            gone.append(device.device_id)
    kept = {d.device_id: d for d in old.devices if d.device_id not in gone}
    changed: list[bytes] = []
    for device in new.devices:
        before = kept.get(device.device_id)
        if before is None:
            _add_device(accounts, new.account_id, device, b"")
        elif before.login_key != device.login_key:
            _change_login_key(accounts, new.account_id, device)
            changed.append(device.device_id)
    return (*gone, *changed)


def _change_login_key(accounts: Connection, account_id: bytes, device: Device) -> None:
    accounts.execute(
        "UPDATE devices SET login_key = ? WHERE account_id = ? AND device_id = ?",
        (device.login_key, account_id, device.device_id),
    )


def _add_device(
    accounts: Connection, account_id: bytes, device: Device, login_value: bytes
) -> None:
    """A mailbox id that ever was is refused: old mail must not find a new reader."""
    fresh = accounts.execute(
        "INSERT INTO mailbox_heads (mailbox_id, seq) VALUES (?, ?)"
        " ON CONFLICT DO NOTHING",
        (device.mailbox_id, secrets.randbelow(_FIRST_SEQ)),
    )
    if fresh.rowcount != 1:
        raise Refusal(Code.BAD_DEVICE_LIST, "a mailbox id is in use")
    accounts.execute(
        "INSERT INTO devices (account_id, device_id, login_key, login_value,"
        " mailbox_id) VALUES (?, ?, ?, ?, ?)",
        (
            account_id,
            device.device_id,
            device.login_key,
            login_value,
            device.mailbox_id,
        ),
    )


def _drop_device(accounts: Connection, account_id: bytes, device: Device) -> None:
    own = (account_id, device.device_id)
    for statement in (
        "DELETE FROM devices WHERE account_id = ? AND device_id = ?",
        "DELETE FROM key_packages WHERE account_id = ? AND device_id = ?",
    ):
        accounts.execute(statement, own)
    accounts.execute(
        "DELETE FROM mailbox_entries WHERE mailbox_id = ?", (device.mailbox_id,)
    )
