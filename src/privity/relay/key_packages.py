"""Key packages: published by devices, claimed by whoever wants to invite them.

A device keeps ≤ 20 one-time packages and one of last resort for each suite. Of the
one-time ones 12 are for holders of the account's mailbox access key, so that
strangers can't use them up; a stranger pays a token and then gets the last resort.
The relay hands packages out unread: clients verify them.
"""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from privity.relay.accounts import directory
from privity.relay.lanes import check_door
from privity.relay.storage.store import Connection
from privity.wire import limits
from privity.wire.codes import Code, Refusal
from privity.wire.http import Claim, Claimed, ClaimedPackage, PublishKeyPackages

__all__ = [
    "check_claim",
    "check_mailbox_key",
    "claim",
    "count_one_time",
    "drop_expired",
    "publish",
]

_ONE_TIME = 0
_LAST_RESORT = 1


@dataclass(frozen=True, slots=True)
class _Shelf:
    """Where one device's packages of one suite stand."""

    account_id: bytes
    device_id: bytes
    suite: int


def publish(
    accounts: Connection,
    device: tuple[bytes, bytes],
    request: PublishKeyPackages,
    now: int,
) -> None:
    """Add one-time packages of a device and replace its last resort.

    Packages that are there already are not added twice. Raises Refusal: MALFORMED,
    TOO_LARGE (more than 20 would stand on the shelf).
    """
    if not now < request.not_after <= now + limits.KEY_PACKAGE_LIFETIME + 86_400:
        raise Refusal(Code.MALFORMED, "key packages live at most 30 days")
    if not 0 < request.suite <= 0xFFFF or not all(request.packages):
        raise Refusal(Code.MALFORMED, "a suite has 16 bits, a package its bytes")
    shelf = _Shelf(*device, request.suite)
    _drop_stale(accounts, shelf, now)
    for package in request.packages:
        _put(accounts, shelf, _ONE_TIME, package, request.not_after)
    if count_one_time(accounts, device, now).get(request.suite, 0) > (
        limits.KEY_PACKAGES_ONE_TIME
    ):
        raise Refusal(Code.TOO_LARGE, "20 one-time packages a device and suite")
    if request.last_resort:
        _clear_last_resort(accounts, shelf)
        _put(accounts, shelf, _LAST_RESORT, request.last_resort, request.not_after)


def count_one_time(
    accounts: Connection, device: tuple[bytes, bytes], now: int
) -> dict[int, int]:
    """Return how many one-time packages of a device can be claimed, by suite."""
    rows = accounts.execute(
        "SELECT suite, count(*) FROM key_packages WHERE account_id = ?"
        " AND device_id = ? AND last_resort = 0 AND not_after > ? GROUP BY suite",
        (*device, now),
    )
    return {suite: count for suite, count in rows}  # noqa: C416  rows are untyped


def claim(
    accounts: Connection, request: Claim, now: int, *, is_stranger: bool
) -> Claimed:
    """Take one package of each device; a one-time package is gone from then on.

    `is_stranger` says that a token was paid instead of the mailbox access key
    shown. A device without any package is left out. Raises Refusal:
    NO_SUCH_ACCOUNT, ACCESS_KEY_NEEDED, REQUESTS_CLOSED, NO_KEY_PACKAGE.
    """
    if is_stranger:
        check_door(accounts, request.account_id, b"")
    else:
        check_mailbox_key(accounts, request.account_id, request.mailbox_key)
    entry = directory(accounts, request.account_id)
    taken = [
        package
        for device_id in _device_ids(accounts, request.account_id)
        for package in _take(
            accounts,
            _Shelf(request.account_id, device_id, request.suite),
            now,
            limits.KEY_PACKAGES_RESERVED if is_stranger else 0,
        )
    ]
    if not taken:
        raise Refusal(Code.NO_KEY_PACKAGE, "no device has a package of this suite")
    return Claimed(device_list=entry.device_list, packages=taken)


def check_claim(accounts: Connection, request: Claim, now: int) -> None:
    """Judge a stranger's claim before its token is taken.

    Raises Refusal: NO_SUCH_ACCOUNT, REQUESTS_CLOSED, NO_KEY_PACKAGE.
    """
    directory(accounts, request.account_id)
    check_door(accounts, request.account_id, b"")
    row = accounts.execute(
        "SELECT 1 FROM key_packages WHERE account_id = ? AND suite = ?"
        " AND not_after > ? LIMIT 1",
        (request.account_id, request.suite, now),
    ).fetchone()
    if row is None:
        raise Refusal(Code.NO_KEY_PACKAGE, "no device has a package of this suite")


def check_mailbox_key(accounts: Connection, account_id: bytes, key: bytes) -> None:
    """Refuse (ACCESS_KEY_NEEDED, NO_SUCH_ACCOUNT) a key that is not the account's."""
    row = accounts.execute(
        "SELECT mailbox_key_hash FROM accounts WHERE account_id = ?", (account_id,)
    ).fetchone()
    if row is None:
        raise Refusal(Code.NO_SUCH_ACCOUNT, "no account has this id here")
    if not hmac.compare_digest(row[0], sha256(key).digest()):
        raise Refusal(Code.ACCESS_KEY_NEEDED, "the mailbox access key was replaced")


def drop_expired(accounts: Connection, now: int) -> None:
    """Forget packages that nobody may use any more."""
    accounts.execute("DELETE FROM key_packages WHERE not_after <= ?", (now,))


def _device_ids(accounts: Connection, account_id: bytes) -> Iterable[bytes]:
    rows = accounts.execute(
        "SELECT device_id FROM devices WHERE account_id = ?", (account_id,)
    )
    return [bytes(row[0]) for row in rows.fetchall()]


def _take(
    accounts: Connection, shelf: _Shelf, now: int, reserved: int
) -> list[ClaimedPackage]:
    found = _one_time(accounts, shelf, now, reserved)
    is_last_resort = found is None
    if found is None:
        found = _last_resort(accounts, shelf, now)
    if found is None:
        return []
    return [ClaimedPackage(shelf.device_id, found, is_last_resort)]


def _one_time(
    accounts: Connection, shelf: _Shelf, now: int, reserved: int
) -> bytes | None:
    """Take the package that expires first, unless only reserved ones are left."""
    rows = accounts.execute(
        "SELECT digest, package FROM key_packages WHERE account_id = ?"
        " AND device_id = ? AND suite = ? AND last_resort = 0 AND not_after > ?"
        " ORDER BY not_after, digest",
        (shelf.account_id, shelf.device_id, shelf.suite, now),
    ).fetchall()
    if len(rows) <= reserved:
        return None
    digest, package = rows[0]
    accounts.execute(
        "DELETE FROM key_packages WHERE account_id = ? AND device_id = ?"
        " AND suite = ? AND last_resort = 0 AND digest = ?",
        (shelf.account_id, shelf.device_id, shelf.suite, digest),
    )
    return bytes(package)


def _last_resort(accounts: Connection, shelf: _Shelf, now: int) -> bytes | None:
    row = accounts.execute(
        "SELECT package FROM key_packages WHERE account_id = ? AND device_id = ?"
        " AND suite = ? AND last_resort = 1 AND not_after > ?",
        (shelf.account_id, shelf.device_id, shelf.suite, now),
    ).fetchone()
    return None if row is None else bytes(row[0])


def _put(
    accounts: Connection,
    shelf: _Shelf,
    last_resort: int,
    package: bytes,
    not_after: int,
) -> None:
    accounts.execute(
        "INSERT INTO key_packages (account_id, device_id, suite, last_resort, digest,"
        " package, not_after) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (
            shelf.account_id,
            shelf.device_id,
            shelf.suite,
            last_resort,
            sha256(package).digest(),
            package,
            not_after,
        ),
    )


def _clear_last_resort(accounts: Connection, shelf: _Shelf) -> None:
    accounts.execute(
        "DELETE FROM key_packages WHERE account_id = ? AND device_id = ?"
        " AND suite = ? AND last_resort = 1",
        (shelf.account_id, shelf.device_id, shelf.suite),
    )


def _drop_stale(accounts: Connection, shelf: _Shelf, now: int) -> None:
    accounts.execute(
        "DELETE FROM key_packages WHERE account_id = ? AND device_id = ?"
        " AND suite = ? AND not_after <= ?",
        (shelf.account_id, shelf.device_id, shelf.suite, now),
    )
