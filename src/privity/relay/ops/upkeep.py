"""What a relay does beside its calls: forgetting what it need not hold any more."""

import asyncio
import sqlite3

from privity.relay import blobs, codes, key_packages, lobby, mailboxes, tokens
from privity.relay.ops.events import Event, Log
from privity.relay.services import Services

__all__ = ["keep_sweeping", "sweep"]

_EVERY_SECONDS = 3_600


async def keep_sweeping(services: Services, log: Log) -> None:
    """Sweep now and every hour; a sweep that fails is tried again at the next."""
    while True:
        try:
            log(Event.SWEPT, blobs=await sweep(services))
        except (sqlite3.Error, OSError) as error:
            log(Event.SWEEP_FAILED, error=type(error))
        await asyncio.sleep(_EVERY_SECONDS)


async def sweep(services: Services) -> int:
    """Forget what has expired on both sides; returns how many blobs went.

    What was deleted since the last time leaves the write-ahead logs too.
    Each database has its own step. A blob's file goes after its row, so that a
    crash in between leaves a file without a row, which the next sweep removes.
    """
    own, today, now = services, services.today(), services.now()
    settings = own.config
    await own.accounts.write(lambda db: tokens.drop_counts(db, today))
    await own.accounts.write(
        lambda db: mailboxes.drop_old(
            db, today, settings.mailbox.idem_days, settings.mailbox.retention_days
        )
    )
    await own.accounts.write(lambda db: key_packages.drop_expired(db, now))
    await own.accounts.write(lambda db: codes.drop_expired_codes(db, now))
    await own.logs.write(
        lambda db: tokens.drop_expired(db, today, settings.tokens.lifetime_days)
    )
    await own.logs.write(lambda db: lobby.drop_old(db, today))
    await own.logs.write(
        lambda db: blobs.drop_old(
            db, today, settings.blobs.retention_days, settings.blobs.unfinished_days
        )
    )
    await _drop_lost(own)
    for store in (own.accounts, own.logs):
        await store.compact()
    own.sessions.drop_ended(own.clock())
    return await _drop_orphans(own)


async def _drop_lost(services: Services) -> None:
    """Forget rows whose files are gone; rows are read before files are listed.

    Bytes are in a file before its row counts them. A listing may overlook a file that
    is renamed meanwhile, so what it lacks is looked for by name.
    """
    files = services.files
    counted = await services.logs.read(blobs.ids_with_bytes)

    def find_lost() -> list[bytes]:
        there = set(files.ids())
        return [one for one in counted - there if not files.has(one)]

    lost = await asyncio.to_thread(find_lost)
    if lost:
        await services.logs.write(lambda db: blobs.drop_lost(db, lost))


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
