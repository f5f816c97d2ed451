"""How far the two databases had come, told by a file beside them.

Each database has one row: a random id, the same on both sides, and a count that only
grows. The file `watermark` has the id, and how far both counts had come at least. It is
written behind the databases, and no backup has it, so an old copy of either is noticed
before the relay signs or takes anything (docs/adr/0024).
"""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec

from privity.errors import PrivityError, UsageError
from privity.relay.paths import ACCOUNTS_NAME, LOGS_NAME, MARK_NAME
from privity.relay.storage.account_tables import ACCOUNT_SCHEMA
from privity.relay.storage.database import Schema
from privity.relay.storage.durable import replace_file
from privity.relay.storage.log_tables import LOG_SCHEMA
from privity.relay.storage.mark_table import Mark, advance, read_mark
from privity.relay.storage.store import Connection, Store

__all__ = [
    "Marks",
    "OldCopy",
    "Watermark",
    "begin_marks",
    "check_marks",
    "check_shared",
    "read_marks",
    "read_watermark",
    "write_watermark",
]

Counter = Annotated[int, msgspec.Meta(ge=0, le=(1 << 53) - 1)]
_MOST_BYTES = 1_024


_OF_FILES = (
    "`privity-relay restore --accept-loss` goes on with what is here and says what is"
    " lost; `restore --nothing-lost` if nothing was stored since"
)
_ON_A_SERVER = (
    "If it is, and what came later is lost: stop all processes, remove `watermark` in"
    " the data directory of each, and serve again (docs/operator/running.md says what"
    " clients then meet)"
)


class OldCopy(PrivityError):
    """What lies here is not what the relay stored last, or can't be shown to be."""

    def __init__(self, what: str, advice: str = "") -> None:
        self.what = what
        super().__init__(
            f"{what}; so this may be an old copy, and nothing was signed or accepted."
            f" {advice or _OF_FILES}"
        )


class Watermark(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file: whose databases these are, and how far each had come at least."""

    v: Annotated[int, msgspec.Meta(ge=1, le=1)]
    run: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{32}$")]
    accounts: Counter
    logs: Counter


class Marks:
    """Counts on while the relay serves, and writes the file behind the databases."""

    def __init__(self, data: Path, newest: Watermark) -> None:
        self._data = data
        self._newest = newest
        self._writing = asyncio.Lock()

    async def count_accounts(self, accounts: Store) -> None:
        """Count the account side on; raises what a store or the disk raises."""
        count = await accounts.write(self._step)
        await self._note(accounts=count)

    async def count_logs(self, logs: Store) -> None:
        """Count the log side on; raises what a store or the disk raises."""
        count = await logs.write(self._step)
        await self._note(logs=count)

    @property
    def _step(self) -> "partial[int]":
        return partial(advance, run=bytes.fromhex(self._newest.run))

    async def _note(self, **counts: int) -> None:
        async with self._writing:
            newest = msgspec.structs.replace(self._newest, **counts)
            await asyncio.to_thread(write_watermark, self._data, newest)
            self._newest = newest


def read_watermark(data: Path) -> Watermark | None:
    """Return what the file says, None without one; raises UsageError."""
    path = data / MARK_NAME
    try:
        with path.open("rb") as file:
            return msgspec.json.decode(file.read(_MOST_BYTES), type=Watermark)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        raise UsageError(f"{path}: {error}") from None


def write_watermark(data: Path, mark: Watermark) -> None:
    """Replace the file as a whole; it is on the disk when this returns."""
    replace_file(data / MARK_NAME, msgspec.json.encode(mark) + b"\n")


def read_marks(data: Path) -> tuple[Mark | None, Mark | None]:
    """Return how far account side and log side have come; reads only.

    Raises UsageError where a database is missing or was made by another version.
    """
    return (
        _mark_of(data / ACCOUNTS_NAME, ACCOUNT_SCHEMA),
        _mark_of(data / LOGS_NAME, LOG_SCHEMA),
    )


def check_marks(
    water: Watermark | None, accounts: Mark | None, logs: Mark | None
) -> None:
    """Refuse (OldCopy) databases that are not those which the file was written for.

    Without a file and without a row nothing was ever served.
    """
    for name, mark in ((ACCOUNTS_NAME, accounts), (LOGS_NAME, logs)):
        if mark is not None and mark.is_copy:
            raise OldCopy(f"{name} is a backup")
        if mark is not None and water is None:
            raise OldCopy(f"{MARK_NAME} is missing beside {name}")
    if water is None:
        return
    for name, mark, least in (
        (ACCOUNTS_NAME, accounts, water.accounts),
        (LOGS_NAME, logs, water.logs),
    ):
        if mark is not None and mark.run.hex() != water.run:
            raise OldCopy(f"{name} and {MARK_NAME} do not belong together")
        count = mark.count if mark is not None else 0
        if count < least:
            raise OldCopy(f"{name} has come to {count}, {MARK_NAME} to {least}")


def check_shared(
    data: Path, accounts: Store, logs: Store, random: Callable[[int], bytes]
) -> None:
    """Refuse (OldCopy) databases that have not come as far as this process saw them.

    They are on a server, and other processes count them on as well. One that comes to
    them anew has no file, and takes their word.
    """
    if read_watermark(data) is None:
        run = logs.begin(lambda db: _run_of(db, random))
        advancing = partial(advance, run=run)
        counts = accounts.begin(advancing), logs.begin(advancing)
        write_watermark(data, Watermark(1, run.hex(), *counts))
    marks = accounts.begin(read_mark), logs.begin(read_mark)
    try:
        check_marks(read_watermark(data), *marks)
    except OldCopy as error:
        raise OldCopy(error.what, _ON_A_SERVER) from None


def _run_of(logs: Connection, random: Callable[[int], bytes]) -> bytes:
    """Return whose databases these are; the first process says it."""
    mark = read_mark(logs)
    if mark is not None:
        return mark.run
    run = random(16)
    advance(logs, run)
    return run


def begin_marks(
    data: Path, accounts: Store, logs: Store, random: Callable[[int], bytes]
) -> Marks:
    """Count both databases on, which were checked, and return who goes on counting."""
    water = read_watermark(data)
    if water is None:
        # Rows without a file would look like a copy, wherever this is killed.
        water = Watermark(1, random(16).hex(), 0, 0)
        write_watermark(data, water)
    step = partial(advance, run=bytes.fromhex(water.run))
    newest = msgspec.structs.replace(
        water, accounts=accounts.begin(step), logs=logs.begin(step)
    )
    write_watermark(data, newest)
    return Marks(data, newest)


def _mark_of(path: Path, schema: Schema) -> Mark | None:
    """Return how far a database has come; none is made in the place of a lost one."""
    try:
        with closing(
            sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
        ) as database:
            version = database.execute("PRAGMA user_version").fetchone()[0]
            if version == 0:
                raise UsageError(
                    f"{path} is empty: `privity-relay restore` takes a backup back"
                )
            schema.check(path, database)
            return read_mark(database)
    except sqlite3.Error as error:
        raise UsageError(
            f"{path}: {error}; nothing was made in its place:"
            " `privity-relay restore` takes a backup back"
        ) from None
