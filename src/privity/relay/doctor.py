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
from privity.relay.storage.sides import ALLOWED_TO_TURN, SIDES, reading
from privity.relay.tls import Certificate

__all__ = ["Finding", "examine"]

_SOON_DAYS = 14
_DURABLE = ("fsync", "full_page_writes")
_FORGETFUL = {
    "wal_recycle": "off",
    "archive_mode": "off",
    "track_commit_timestamp": "off",
    "wal_keep_size": "0",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
}
"""What each is where a server keeps nothing of what a sweep has dropped."""
_SLOTS = "SELECT count(*) FROM pg_replication_slots"
_TURNING = (
    "who seizes this server learns who is in which chat, as far as its own log goes"
    " back: docs/operator/running.md, With PostgreSQL"
)


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
        for side in SIDES:
            yield from _server(config, side)
        return
    yield _database(data / ACCOUNTS_NAME, ACCOUNT_SCHEMA)
    yield _database(data / LOGS_NAME, LOG_SCHEMA)
    yield _watermark(data)


def _server(config: Config, side: str) -> Iterator[Finding]:
    """What a server's disk holds of what it acknowledges, and of what is past."""
    name = f"database {side}"
    try:
        with reading(config, side) as database:
            version, *values = (
                database.execute(f"SHOW {setting}").fetchone()[0]
                for setting in ("server_version", *_DURABLE, *_FORGETFUL)
            )
            may_turn = database.execute(ALLOWED_TO_TURN).fetchone()[0]
            slots = database.execute(_SLOTS).fetchone()[0]
    except UsageError as error:
        yield Finding(name, str(error), "see that the server runs and lets us in")
        return
    told = dict(zip((*_DURABLE, *_FORGETFUL), values, strict=True))
    off = [setting for setting in _DURABLE if told[setting] == "off"]
    detail = f"PostgreSQL {version}, schema {SIDES[side].version}"
    advice = f"switch {off[0]} on: a power cut may lose messages" if off else ""
    yield Finding(name, detail, advice)
    kept = [] if may_turn else ["no right to end pg_wal"]
    kept += [one for one, wanted in _FORGETFUL.items() if told[one] != wanted]
    kept += [f"replication slots: {slots}"] if slots else []
    yield _past(name, kept)


def _past(name: str, kept: list[str]) -> Finding:
    return Finding(
        f"past of {name}",
        ", ".join(kept) or "what the server noted is dropped at each sweep",
        _TURNING if kept else "",
    )


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
