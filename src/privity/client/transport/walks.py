"""The walk of a joiner: checkpoint, entries, Welcome, over a connection of its own.

A connection of its own keeps what a walk reads apart from what a subscription to the
same log brings, and tells the relay nothing that the reading itself does not tell.
"""

import asyncio
from contextlib import suppress

from privity.client.errors import ClientError, Misbehaved
from privity.client.transport.attached import Access, AttachedSocket, expect
from privity.core.effects import Cause
from privity.core.rejoining import MAX_WALK
from privity.core.requests import (
    JoinWalk,
    RejoinWalk,
    Walked,
    WalkedEntry,
    WalkedHidden,
)
from privity.wire.frames import (
    Cursor,
    Entries,
    Entry,
    Fetch,
    Hidden,
    Part,
    RelayFrame,
    Sync,
    Synced,
)

__all__ = ["Collector", "walk"]


Asked = JoinWalk | RejoinWalk


class Collector:
    """Gathers the entries that the relay sends on a walk's connection."""

    def __init__(self) -> None:
        self.batches: list[Entries] = []

    def __call__(self, frame: RelayFrame) -> None:
        """Take a frame that answers no request."""
        if not isinstance(frame, Entries):
            raise Misbehaved(f"{type(frame).__name__} on a walk")
        self.batches.append(frame)


async def walk(
    plane: AttachedSocket, collector: Collector, asked: Asked, cause: Cause
) -> Walked:
    """Read what `asked` names and close the connection.

    Raises Refusal, Unreachable, Misbehaved.
    """
    running = asyncio.create_task(plane.socket.run())
    try:
        return await _Walk(plane, collector, asked, cause).all()
    finally:
        running.cancel()
        with suppress(ClientError, asyncio.CancelledError):
            await running


def _walked(one: Entry | Hidden) -> WalkedEntry | WalkedHidden:
    if isinstance(one, Hidden):
        return WalkedHidden(one.seq, one.links)
    return WalkedEntry(one.seq, one.header, one.envelope)


class _Walk:
    def __init__(
        self,
        plane: AttachedSocket,
        collector: Collector,
        asked: Asked,
        cause: Cause,
    ) -> None:
        self._plane = plane
        self._collector = collector
        self._asked = asked
        self._cause = cause

    async def all(self) -> Walked:
        asked = self._asked
        access = Access(asked.log_id, asked.generation, asked.access_seed)
        await self._plane.attach(access, self._cause)
        checkpoint = await self._part(asked.checkpoint_seq, "checkpoint")
        welcome = b""
        if isinstance(asked, JoinWalk):
            entries = await self._entries(asked.commit_seq)
            welcome = await self._part(asked.commit_seq, "welcome")
        else:
            entries = await self._everything()
        batches = self._collector.batches
        return Walked(
            checkpoint=checkpoint,
            entries=entries,
            before=batches[0].before if batches else b"",
            welcome=welcome,
        )

    async def _part(self, seq: int, part: str) -> bytes:
        socket = self._plane.socket
        asked = self._asked
        frame = Fetch(socket.number(), asked.log_id, asked.generation, seq, part)
        return expect(Part, await socket.request(frame, self._cause)).data

    async def _everything(self) -> tuple[WalkedEntry | WalkedHidden, ...]:
        """Return all entries behind the checkpoint, as far as an engine takes them."""
        after = self._asked.checkpoint_seq
        entries: list[WalkedEntry | WalkedHidden] = []
        while (batch := await self._batch(after)) and len(entries) <= 2 * MAX_WALK:
            entries += batch
            after = batch[-1].seq
        return tuple(entries)

    async def _entries(self, last: int) -> tuple[WalkedEntry | WalkedHidden, ...]:
        """Return all entries behind the checkpoint, up to the commit."""
        after = self._asked.checkpoint_seq
        entries: list[WalkedEntry | WalkedHidden] = []
        while after < last:
            batch = await self._batch(after)
            if not batch:
                raise Misbehaved("the commit of an admission is not in its log")
            entries += batch
            after = batch[-1].seq
        return tuple(one for one in entries if one.seq <= last)

    async def _batch(self, after: int) -> list[WalkedEntry | WalkedHidden]:
        socket, asked = self._plane.socket, self._asked
        done = len(self._collector.batches)
        cursor = Cursor(asked.log_id, asked.generation, after)
        frame = Sync(socket.number(), [cursor])
        expect(Synced, await socket.request(frame, self._cause))
        got: list[WalkedEntry | WalkedHidden] = []
        for batch in self._collector.batches[done:]:
            for one in batch.entries:
                if batch.log_id != asked.log_id or one.seq != after + 1:
                    raise Misbehaved("a walk with a gap")
                got.append(_walked(one))
                after = one.seq
        return got
