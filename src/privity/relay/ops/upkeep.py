"""What a relay does beside its calls: forgetting what it need not hold any more."""

import asyncio
import time
from collections.abc import Awaitable
from contextlib import suppress
from functools import partial

from privity.relay import (
    blobs,
    codes,
    key_packages,
    lobby,
    mailboxes,
    token_keys,
    tokens,
)
from privity.relay.disabling import end_sessions
from privity.relay.marks import Marks
from privity.relay.ops.events import Event, Log
from privity.relay.retention import due_weeks, expire_some
from privity.relay.services import Services
from privity.relay.storage.blob_store import BlobsAway
from privity.relay.storage.store import FAILURES, Connection, Step
from privity.relay.storage.weeks import open_ahead
from privity.wire.tokens import week_of

__all__ = ["keep_counting", "keep_ending", "keep_sweeping", "sweep"]

_EVERY_SECONDS = 3_600
_ENDING_SECONDS = 2
_COUNTING_SECONDS = 60
_ACCOUNTS_MINUTES = 60


async def keep_sweeping(services: Services, log: Log) -> None:
    """Sweep now and every hour; a sweep that fails is tried again at the next.

    The first one of a day writes the account side anew.
    """
    rewritten = -1
    while True:
        today = services.today()
        try:
            swept = await sweep(services, anew=today != rewritten)
            log(Event.SWEPT, blobs=swept["blob_files"])
            rewritten = today
        except Exception as error:  # noqa: BLE001  without sweeps nothing would expire
            log(Event.SWEEP_FAILED, error=type(error))
        await asyncio.sleep(_EVERY_SECONDS)


async def keep_ending(services: Services) -> None:
    """End sessions of accounts that were disabled, within seconds."""
    while True:
        with suppress(*FAILURES):
            await end_sessions(services)
        await asyncio.sleep(_ENDING_SECONDS)


async def keep_counting(services: Services, marks: Marks, log: Log) -> None:
    """Count the log side on every minute, the account side every hour (`marks`).

    More often would write the minute of what comes into the account side's write-ahead
    log, and of nothing there is the minute kept.
    """
    minutes = 0
    while True:
        await asyncio.sleep(_COUNTING_SECONDS)
        minutes += 1
        try:
            await marks.count_logs(services.logs)
            if minutes % _ACCOUNTS_MINUTES == 0:
                await marks.count_accounts(services.accounts)
        except Exception as error:  # noqa: BLE001  nobody would count on
            log(Event.WATERMARK_FAILED, error=type(error))


async def sweep(services: Services, *, anew: bool = False) -> dict[str, int]:
    """Forget what has expired on both sides; returns how many rows and files went.

    What was deleted since the last time leaves the write-ahead logs too. `anew` leaves
    no trace of the order in which the rows of the account side came: beside the minutes
    of the log side it would tell who was invited where (docs/security/seizure.md).
    Each database has its own step. A blob's file goes after its row, so that a
    crash in between leaves a file without a row, which the next sweep removes.
    """
    own, today = services, services.today()
    swept = {
        name: await own.accounts.write(_counting(step))
        for name, step in _account_steps(own, today).items()
    }
    swept |= {
        name: await own.logs.write(_counting(step))
        for name, step in _log_steps(own, today).items()
    }
    await own.logs.write(lambda db: open_ahead(db, own.now() // 60))
    swept["messages"] = await _expire_messages(own)
    if not own.config.db.url:
        # Where several processes share the rows, each folder has files of its own.
        swept["blobs"] += await _unless_away(_drop_lost(own))
    own.sessions.drop_ended(own.clock())
    swept["blob_files"] = await _unless_away(_drop_orphans(own))
    # Last, since a server may refuse it, and each side whatever the other meets.
    try:
        await own.accounts.compact(anew=anew)
    finally:
        await own.logs.compact()
    return swept


async def _expire_messages(services: Services) -> int:
    """Forget the messages of old weeks; returns how many.

    Step by step, and half of the time is left to appends.
    """
    logs, days = services.logs, services.config.retention.entries_days
    weeks = await logs.read(lambda db: due_weeks(db, services.now() // 60, days))
    gone = 0
    for week in weeks:
        expire = partial(expire_some, week=week, when_dropped=logs.forget)
        is_dropped = False
        while not is_dropped:
            began = time.monotonic()
            count = await logs.write(expire)
            gone, is_dropped = gone + count, count == 0
            await asyncio.sleep(time.monotonic() - began)
    return gone


def _account_steps(services: Services, today: int) -> dict[str, Step[None]]:
    mailbox, now = services.config.mailbox, services.now()
    return {
        "token_counts": lambda db: tokens.drop_counts(db, today),
        "mail": lambda db: mailboxes.drop_old(
            db, today, mailbox.idem_days, mailbox.retention_days
        ),
        "key_packages": lambda db: key_packages.drop_expired(db, now),
        "invites": lambda db: codes.drop_expired_codes(db, now),
    }


def _log_steps(services: Services, today: int) -> dict[str, Step[None]]:
    kept, week = services.config.blobs, week_of(services.now())
    return {
        "tokens": lambda db: token_keys.drop_before(db, week - 1),
        "pleas": lambda db: lobby.drop_old(db, today),
        "blobs": lambda db: blobs.drop_old(
            db, today, kept.retention_days, kept.unfinished_days
        ),
    }


def _counting(step: Step[None]) -> Step[int]:
    def counting(database: Connection) -> int:
        before = database.total_changes
        step(database)
        return database.total_changes - before

    return counting


async def _unless_away(dropping: Awaitable[int]) -> int:
    """Leave blobs to the next sweep where their store is away; the rest is due now."""
    try:
        return await dropping
    except BlobsAway:
        return 0


async def _drop_lost(services: Services) -> int:
    """Forget rows whose files are gone; rows are read before files are listed.

    Bytes are in a file before its row counts them. A listing may overlook a file that
    is renamed meanwhile, so what it lacks is looked for by name.
    """
    files = services.files
    counted = await services.logs.read(blobs.ids_with_bytes)

    def find_lost() -> list[bytes]:
        there = set(files.ids())
        return [one for one in counted - there if files.has_lost(one)]

    lost = await asyncio.to_thread(find_lost)
    if not lost:
        return 0
    return await services.logs.write(_counting(lambda db: blobs.drop_lost(db, lost)))


async def _drop_orphans(services: Services) -> int:
    """Remove files without a row; files are listed before rows are read.

    A row is made before its file, so a file that is listed has a row by then
    unless its blob is gone.
    """
    files = await asyncio.to_thread(lambda: set(services.files.ids()))
    known = await services.logs.read(blobs.known_ids)
    orphans = files - known
    for blob_id in orphans:
        await asyncio.to_thread(services.files.remove, blob_id)
    return len(orphans)
