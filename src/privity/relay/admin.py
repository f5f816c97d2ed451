"""What the operator's commands do: make a relay, invite, look after accounts.

Functions that take a data directory and return values; `cli` prints them. They work
beside a running relay: SQLite lets another process write between its commits.
"""

import asyncio
import fcntl
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from privity.errors import DecodeError, UsageError
from privity.identity.ids import id_from_text, id_to_text
from privity.identity.links import RegisterLink, RelayAddress, render_link
from privity.identity.text import to_base32
from privity.relay import accounts, codes, disabling
from privity.relay.config import CONFIG_NAME, Config, DBSettings, render_config
from privity.relay.paths import LOCK_NAME
from privity.relay.storage.sides import FILES, account_step, open_accounts, open_logs
from privity.relay.storage.store import Connection
from privity.relay.tls import fingerprint_of, host_of, make_certificate
from privity.wire.codes import Code, Refusal

__all__ = [
    "Invite",
    "User",
    "address_of",
    "create_invite",
    "disable_user",
    "enable_user",
    "find_user",
    "hold",
    "initialize",
    "list_users",
    "remove_user",
]


@dataclass(frozen=True, slots=True)
class Invite:
    """A register link and what it allows; `uses` 0 and `expires` 0 set no limit."""

    link: str
    uses: int
    expires: int


@dataclass(frozen=True, slots=True)
class User:
    """What the relay holds about an account, beside its sealed mail."""

    account_id: str
    handle: str
    devices: int
    list_version: int
    day: int
    waiting: int
    """Messages in the mailboxes of all its devices."""
    packages: int
    disabled: bool


def initialize(data: Path, config: Config, db: DBSettings | None = None) -> None:
    """Make a data directory; raises UsageError if a relay lives there already.

    `db` is where the databases are if the settings to be written do not say it.
    """
    if (data / CONFIG_NAME).exists():
        raise UsageError(f"{data / CONFIG_NAME} is there already; nothing was changed")
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    data.chmod(0o700)
    if config.tls.mode == "self":
        names = [config.host, host_of(config.url)]
        make_certificate(data / config.tls.cert, data / config.tls.key, names)
    there = msgspec.structs.replace(config, db=db or config.db)
    asyncio.run(_make_databases(data, there))
    descriptor = os.open(
        data / CONFIG_NAME, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600
    )
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(render_config(config))


def address_of(data: Path, config: Config) -> RelayAddress:
    """Return where clients find this relay, and the certificate they pin.

    Only a self-made certificate is pinned, whoever shows it; others are renewed, and
    authorities vouch for them.
    """
    fingerprint = b""
    if config.tls.mode == "self":
        fingerprint = fingerprint_of(data / config.tls.cert)
    return RelayAddress(config.host.encode(), config.url.encode(), fingerprint)


def create_invite(
    data: Path, config: Config, uses: int, expires: int, random: Callable[[int], bytes]
) -> Invite:
    """Store a new code and return the link that carries it."""
    secret = random(16)
    code = to_base32(secret)
    link = render_link(
        RegisterLink(
            relay=address_of(data, config),
            secret=secret,
            expiry=expires,
            uses=uses,
            code=code.encode(),
        )
    )
    with account_step(config, data) as database:
        codes.add_code(database, code, uses or None, expires)
    return Invite(link, uses, expires)


def list_users(data: Path, config: Config = FILES) -> list[User]:
    """Return every account of the relay, by handle."""
    with account_step(config, data, reads=True) as database:
        rows = database.execute("SELECT account_id FROM accounts").fetchall()
        found = [_user(database, bytes(row[0])) for row in rows]
    return sorted(found, key=lambda user: (not user.handle, user.handle))


def find_user(data: Path, name: str, config: Config = FILES) -> User:
    """Return one account by handle or id; raises Refusal (NO_SUCH_ACCOUNT)."""
    with account_step(config, data, reads=True) as database:
        return _user(database, _find(database, name))


def remove_user(data: Path, name: str, config: Config = FILES) -> User:
    """Remove one account by handle or id; raises Refusal (NO_SUCH_ACCOUNT)."""
    with account_step(config, data) as database:
        account_id = _find(database, name)
        removed = _user(database, account_id)
        accounts.remove_account(database, account_id)
    return removed


def disable_user(data: Path, name: str, config: Config = FILES) -> User:
    """Keep one account out by handle or id; raises Refusal (NO_SUCH_ACCOUNT)."""
    with account_step(config, data) as database:
        account_id = _find(database, name)
        disabling.disable(database, account_id)
        return _user(database, account_id)


def enable_user(data: Path, name: str, config: Config = FILES) -> User:
    """Let one account in again by handle or id; raises Refusal (NO_SUCH_ACCOUNT)."""
    with account_step(config, data) as database:
        account_id = _find(database, name)
        disabling.enable(database, account_id)
        return _user(database, account_id)


@contextmanager
def hold(data: Path) -> Generator[None, None, None]:
    """Keep a second relay away from this data directory; raises UsageError."""
    with (data / LOCK_NAME).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(f"another relay serves {data}") from None
        yield


async def _make_databases(data: Path, config: Config) -> None:
    await open_accounts(config, data).close()
    await open_logs(config, data).close()


def _find(database: Connection, name: str) -> bytes:
    with suppress(Refusal):
        return accounts.account_of_handle(database, name.partition("@")[0])
    with suppress(DecodeError):
        account_id = id_from_text(name)
        accounts.directory(database, account_id)
        return account_id
    raise Refusal(Code.NO_SUCH_ACCOUNT, f"nobody here is {name}")


def _user(database: Connection, account_id: bytes) -> User:
    devices, version, day, handle, waiting, packages, disabled = database.execute(
        """
        SELECT
            (SELECT count(*) FROM devices WHERE account_id = a.account_id),
            a.list_version, a.day,
            coalesce((SELECT name FROM handles WHERE account_id = a.account_id), ''),
            (SELECT count(*) FROM mailbox_entries JOIN devices USING (mailbox_id)
             WHERE account_id = a.account_id),
            (SELECT count(*) FROM key_packages WHERE account_id = a.account_id),
            (SELECT count(*) FROM disabled_accounts WHERE account_id = a.account_id)
        FROM accounts AS a WHERE a.account_id = ?
        """,
        (account_id,),
    ).fetchone()
    return User(
        account_id=id_to_text(account_id),
        handle=handle,
        devices=devices,
        list_version=version,
        day=day,
        waiting=waiting,
        packages=packages,
        disabled=bool(disabled),
    )
