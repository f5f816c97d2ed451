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
from privity.errors import DecodeError
from privity.wire import limits
from privity.wire.codes import Code, Refusal
from privity.wire.entry import Header
from privity.wire.frames import (
    AnyEntry,
    Cursor,
    Entries,
    Entry,
    Fetch,
    Part,
    RelayFrame,
    Sync,
    Synced,
)

__all__ = ["Collector", "walk"]

Asked = JoinWalk | RejoinWalk
OneWalked = WalkedEntry | WalkedHidden
MAX_COMMITS = 64 * 1024 * 1024
"""Bytes of the commits of one walk; their blobs have a limit of their own (`roads`)."""


class Collector:
    """Gathers what the relay sends of one log on a walk's connection.

    Of what is no commit only the links stay, which the chain needs. Raises Misbehaved
    for more than was asked for, and Refusal (TOO_LARGE) where the commits alone are
    more than a walk may hold.
    """

    def __init__(self, log_id: bytes) -> None:
        self.before = b""
        self._log_id = log_id
        self._batch: list[OneWalked] = []
        self._held = 0

    def __call__(self, frame: RelayFrame) -> None:
        """Take a frame that answers no request."""
        if not isinstance(frame, Entries) or frame.log_id != self._log_id:
            raise Misbehaved(f"{type(frame).__name__} on a walk")
        if len(self._batch) + len(frame.entries) > limits.WINDOW_ENTRIES:
            raise Misbehaved("more entries than one batch has")
        self.before = self.before or frame.before
        self._batch += [self._taken(one) for one in frame.entries]

    def take(self) -> list[OneWalked]:
        """Return what came since the last time."""
        taken, self._batch = self._batch, []
        if self._held > MAX_COMMITS:
            raise Refusal(Code.TOO_LARGE, "more commits than a walk may hold")
        return taken

    def _taken(self, one: AnyEntry) -> OneWalked:
        if not isinstance(one, Entry):
            return WalkedHidden(one.seq, one.links)
        if self._held > MAX_COMMITS or not _header(one).is_commit:
            return WalkedHidden(one.seq, one.links)
        self._held += len(one.header) + len(one.envelope)
        return WalkedEntry(one.seq, one.header, one.envelope)


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


def _header(entry: Entry) -> Header:
    try:
        return Header.parse(entry.header)
    except DecodeError:
        raise Misbehaved("an entry whose header is none") from None


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
            entries = await self._entries(asked)
            welcome = await self._part(asked.commit_seq, "welcome")
        else:
            entries = await self._everything()
        return Walked(
            checkpoint=checkpoint,
            entries=entries,
            before=self._collector.before,
            welcome=welcome,
        )

    async def _part(self, seq: int, part: str) -> bytes:
        socket = self._plane.socket
        asked = self._asked
        frame = Fetch(socket.number(), asked.log_id, asked.generation, seq, part)
        return expect(Part, await socket.request(frame, self._cause)).data

    async def _everything(self) -> tuple[OneWalked, ...]:
        """Return all entries behind the checkpoint, as far as an engine takes them."""
        after = self._asked.checkpoint_seq
        entries: list[OneWalked] = []
        while (batch := await self._batch(after)) and len(entries) <= 2 * MAX_WALK:
            entries += batch
            after = batch[-1].seq
        return tuple(entries)

    async def _entries(self, asked: JoinWalk) -> tuple[OneWalked, ...]:
        """Return the commit's entry, and all in front of it to the checkpoint's."""
        after, last = asked.after, asked.commit_seq
        entries: list[OneWalked] = []
        while after < last:
            batch = await self._batch(after)
            if not batch:
                raise Misbehaved("the commit of an admission is not in its log")
            entries += batch
            after = batch[-1].seq
        return tuple(one for one in entries if one.seq <= last)

    async def _batch(self, after: int) -> list[OneWalked]:
        socket, asked = self._plane.socket, self._asked
        cursor = Cursor(asked.log_id, asked.generation, after)
        frame = Sync(socket.number(), [cursor])
        expect(Synced, await socket.request(frame, self._cause))
        got = self._collector.take()
        if [one.seq for one in got] != list(range(after + 1, after + 1 + len(got))):
            raise Misbehaved("a walk with a gap")
        return got
