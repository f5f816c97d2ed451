#!/usr/bin/env python3
"""Write samples of a relay's two databases, with the tables of today.

    python tests/vectors/make_relay_tables.py

tests/vectors/relay_tables/logs-N.sql and accounts-N.sql are a dump each of what a relay
stored under version N of its tables: statements that make the file again, behind a line
that says which chat is in it and how to read it. A file that is there is never written
again: what a released version stored must be taken over for ever. Whoever adds a step
to the ladder (src/privity/relay/storage) runs this once and adds the new files.

postgres-logs-N.sql and postgres-accounts-N.sql are the same of a server, by `pg_dump`.
"""

import asyncio
import json
import secrets
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests" / "harness")]

from log_plane import Chat  # noqa: E402
from minted import minted  # noqa: E402
from postgres_cluster import asyncio_run, cluster, need_bin_folder, statement  # noqa: E402
from relay_clients import TestAccount  # noqa: E402

from privity.relay import accounts, blobs, codes, lanes, logs, tokens  # noqa: E402
from privity.relay.config import Config, LogSettings  # noqa: E402
from privity.relay.log_side import LogSide, open_log_side  # noqa: E402
from privity.relay.storage.account_tables import ACCOUNT_SCHEMA  # noqa: E402
from privity.relay.storage.database import Database  # noqa: E402
from privity.relay.storage.log_tables import LOG_SCHEMA  # noqa: E402
from privity.relay.storage.postgres.place import Place  # noqa: E402
from privity.relay.storage.postgres.shared import PostgresStore  # noqa: E402
from privity.relay.storage.store import Store  # noqa: E402
from privity.wire.entry import Kind  # noqa: E402
from privity.wire.http import OpenBlob, SetRequestsLane  # noqa: E402

__all__ = ["SAMPLES", "dump_server", "main"]

SAMPLES = ROOT / "tests" / "vectors" / "relay_tables"
_NOON = 1_790_000_000
_WEEK = 7 * 86_400


def main() -> None:
    """Write the samples of today's versions where there are none."""
    with tempfile.TemporaryDirectory() as folder:
        for side, schema, fill in (
            ("accounts", ACCOUNT_SCHEMA, _fill_accounts),
            ("logs", LOG_SCHEMA, _fill_logs),
        ):
            target = SAMPLES / f"{side}-{schema.version}.sql"
            if not target.exists():
                path = Path(folder) / side
                known = asyncio.run(fill(Database(path, schema)))
                target.write_text(f"-- {json.dumps(known)}\n{_dump(path)}")
            target = SAMPLES / f"postgres-{side}-{schema.version}.sql"
            if not target.exists():
                asyncio_run(statement(cluster().url, f"CREATE DATABASE made_{side}"))
                url = cluster().url.replace("/postgres", "/made")
                store = PostgresStore(Place.of(url, side), schema)
                known = asyncio.run(fill(store))
                dump = dump_server(url.replace("/made", f"/made_{side}"))
                target.write_text(f"-- {json.dumps(known)}\n{dump}")


async def _fill_accounts(database: Store) -> dict[str, Any]:
    people = {"ana": TestAccount.new(), "ben": TestAccount.new()}
    for handle, account in people.items():
        request = account.registration(bytes(32), handle=handle)
        verified = accounts.verify_registration("localhost", request)
        await database.write(
            lambda db, verified=verified: accounts.register(
                db, verified, _NOON, is_open=True
            )
        )
    await database.write(lambda db: codes.add_code(db, "a code", 3, 0))
    closed = SetRequestsLane(closed=True, doors=[bytes(32)])
    ben = people["ben"].account_id
    await database.write(lambda db: lanes.set_lane(db, ben, closed))
    await database.close()
    return {handle: one.account_id.hex() for handle, one in people.items()}


async def _fill_logs(database: Store) -> dict[str, Any]:
    """Two logs, one of them with all kinds of entries and messages of three weeks."""
    now = [float(_NOON)]
    settings = LogSettings(commit_spacing_ms=0)

    def clock() -> float:
        return now[0]

    side = open_log_side(
        Config(log=settings), database, clock, secrets.token_bytes, clock
    )
    chat, other = Chat(), Chat()
    for one in (chat, other):
        asked = one.creation(minted_in(database, tokens.TokenKind.LOG))
        await database.write(lambda db, asked=asked: logs.create(db, asked))
    for week in range(3):
        now[0] = _NOON + week * _WEEK
        for number in range(3):
            await _append(side, chat.app(envelope=b"message %d" % (week * 3 + number)))
            await _append(side, other.app())
    await _append(side, _proposal(chat))
    await _append(side, chat.commit())
    opening, seed = chat.opening(parent=11, welcome=b"a sealed welcome")
    await _append(side, opening)
    chat.seeds[12] = seed
    await _append(side, chat.app(parent=12, generation=12, envelope=b"message 9"))
    token = minted_in(database, tokens.TokenKind.BLOB)
    blob = OpenBlob(id=b"b" * 16, key_hash=bytes(32), size=5, token=token)
    await database.write(lambda db: blobs.open_blob(db, blob, _NOON // 86_400))
    await database.close()
    seeds = {str(number): seed.hex() for number, seed in chat.seeds.items()}
    return {"log_id": chat.log_id.hex(), "seeds": seeds, "now": now[0]}


def minted_in(database: Store, kind: tokens.TokenKind) -> bytes:
    """Return a token that is good in this database."""
    return database.begin(lambda db: minted(db, kind))


def _proposal(chat: Chat) -> Any:
    return chat.commit(kind=Kind.PROPOSAL, envelope=b"sealed proposal")


async def _append(side: LogSide, frame: Any) -> None:
    attempt = logs.check_attempt(logs.parse_header(frame.header), frame)
    await side.database.write(lambda db: side.judge(db, attempt))


def _dump(path: Path) -> str:
    """Return the statements of a file, those that hold keys of a running relay too."""
    database = sqlite3.connect(path)
    version = database.execute("PRAGMA user_version").fetchone()[0]
    text = "\n".join(database.iterdump())
    database.close()
    return f"{text}\nPRAGMA user_version={version};\n"


def dump_server(url: str) -> str:
    """Return the statements of a server's database."""
    asked = [need_bin_folder() / "pg_dump", "--inserts", "--no-owner", url]
    done = subprocess.run(asked, check=True, capture_output=True, text=True)
    kept = (
        line
        for line in done.stdout.splitlines()
        if line.strip() and not line.startswith(("--", "\\", "SET "))
    )
    return "\n".join(kept) + "\n"


if __name__ == "__main__":
    main()
