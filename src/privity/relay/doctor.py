"""`privity-relay doctor`: is this relay in order, and what to do where it is not.

Reads only, beside a running relay or without one.
"""

import datetime as dt
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509

from privity.errors import UsageError
from privity.relay.config import CONFIG_NAME, Config
from privity.relay.marks import OldCopy, check_marks, read_marks, read_watermark
from privity.relay.paths import ACCOUNTS_NAME, BLOBS_NAME, LOGS_NAME
from privity.relay.storage.account_tables import ACCOUNT_SCHEMA
from privity.relay.storage.database import Schema
from privity.relay.storage.log_tables import LOG_SCHEMA
from privity.relay.storage.sides import SIDES, reading
from privity.relay.tls import Certificate

__all__ = ["Finding", "examine"]

_SOON_DAYS = 14


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `next` is empty, or says what to do."""

    name: str
    detail: str
    next: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing is to be done."""
        return not self.next


def examine(data: Path, config: Config, now: float) -> list[Finding]:
    """Look at everything and return what was found, in a fixed order."""
    return [
        *_permissions(data, config),
        *_databases(data, config),
        _certificate(data, config, now),
        _disk(data, config),
        _clock(data, now),
    ]


def _permissions(data: Path, config: Config) -> Iterator[Finding]:
    private = [data, data / CONFIG_NAME]
    if not config.db.url:
        private += [data / ACCOUNTS_NAME, data / LOGS_NAME]
    if config.tls.mode != "none":
        private.append(data / config.tls.key)
    for path in private:
        name = f"permissions of {path.name}"
        if not path.exists():
            yield Finding(name, f"{path} is missing", "restore it, or init anew")
            continue
        mode = path.stat().st_mode & 0o777
        advice = "" if not mode & 0o077 else f"chmod go= {path}"
        yield Finding(name, f"{mode:04o}", advice)


def _databases(data: Path, config: Config) -> Iterator[Finding]:
    if config.db.url:
        yield from (_server(config, side) for side in SIDES)
        return
    yield _database(data / ACCOUNTS_NAME, ACCOUNT_SCHEMA)
    yield _database(data / LOGS_NAME, LOG_SCHEMA)
    yield _watermark(data)


def _server(config: Config, side: str) -> Finding:
    """What a server is told about the disk holds for what it acknowledges."""
    name = f"database {side}"
    try:
        with reading(config, side) as database:
            settings = {
                setting: database.execute(f"SHOW {setting}").fetchone()[0]
                for setting in ("server_version", "fsync", "full_page_writes")
            }
    except UsageError as error:
        return Finding(name, str(error), "see that the server runs and lets us in")
    off = [setting for setting, value in settings.items() if value == "off"]
    detail = f"PostgreSQL {settings['server_version']}, schema {SIDES[side].version}"
    advice = f"switch {off[0]} on: a power cut may lose messages" if off else ""
    return Finding(name, detail, advice)


def _database(path: Path, schema: Schema) -> Finding:
    name = f"database {path.name}"
    try:
        database = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
        try:
            version = database.execute("PRAGMA user_version").fetchone()[0]
            state = database.execute("PRAGMA quick_check").fetchone()[0]
        finally:
            database.close()
    except sqlite3.Error as error:
        return Finding(name, str(error), "restore the newest backup")
    if version != schema.version:
        stated = f"schema {version}, not {schema.version}"
        return Finding(name, stated, schema.remedy(version))
    advice = "" if state == "ok" else "restore the newest backup"
    return Finding(name, f"schema {version}, {state}", advice)


def _watermark(data: Path) -> Finding:
    name = "watermark"
    try:
        water = read_watermark(data)
    except UsageError as error:
        return Finding(name, str(error), "privity-relay restore --help")
    try:
        check_marks(water, *read_marks(data))
    except OldCopy as error:
        return Finding(name, str(error), "privity-relay restore --help")
    except UsageError:
        return Finding(name, "not compared: see the databases")
    if water is None:
        return Finding(name, "none: nothing was served yet")
    return Finding(name, f"accounts {water.accounts}, logs {water.logs}")


def _certificate(data: Path, config: Config, now: float) -> Finding:
    name = "certificate"
    if config.tls.mode == "none":
        return Finding(name, "none: TLS ends before this relay")
    path = data / config.tls.cert
    try:
        Certificate(path, data / config.tls.key)
    except UsageError as error:
        return Finding(name, str(error), "check [tls] in the settings")
    shown = x509.load_pem_x509_certificate(path.read_bytes())
    left = shown.not_valid_after_utc - dt.datetime.fromtimestamp(now, dt.UTC)
    advice = "" if left.days >= _SOON_DAYS else "renew the certificate"
    return Finding(name, f"good for {left.days} days", advice)


def _disk(data: Path, config: Config) -> Finding:
    folder = data / BLOBS_NAME if (data / BLOBS_NAME).exists() else data
    free = shutil.disk_usage(folder).free
    enough = free > 2 * config.blobs.reserve_bytes
    advice = "" if enough else "make room: uploads are refused, messages will be next"
    return Finding("disk", f"{free // 1_000_000} MB free", advice)


def _clock(data: Path, now: float) -> Finding:
    """A clock that went back would refuse logins' sessions and confuse stamps."""
    newest = max(
        (path.stat().st_mtime for path in data.glob("*") if path.is_file()),
        default=0.0,
    )
    ahead = newest - now
    advice = "" if ahead < 60 else "set the clock: files here are newer than now"
    shown = dt.datetime.fromtimestamp(now, dt.UTC).isoformat(timespec="seconds")
    return Finding("clock", shown, advice)
