"""The walk of a joiner: checkpoint, entries, Welcome, over a connection of its own.

A connection of its own keeps what a walk reads apart from what a subscription to the
same log brings, and tells the relay nothing that the reading itself does not tell.
"""

import asyncio
from contextlib import suppress

from msgspec import structs

from privity.client.errors import ClientError, Misbehaved
from privity.client.transport.attached import Access, AttachedSocket, expect
from privity.core.effects import Cause
from privity.core.requests import (
    JoinWalk,
    RejoinWalk,
    Walked,
    WalkedEntry,
    WalkedHidden,
)
from privity.core.roads import MAX_ROAD
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
_NEAR = 64
"""How far in front of a commit its parent is looked for by the same read."""
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

    def begin(self) -> None:
        """Take the chain value in front of what comes next."""
        self.before = b""

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
    plane: AttachedSocket,
    collector: Collector,
    asked: Asked,
    cause: Cause,
    child: int = 0,
) -> Walked:
    """Read what `asked` names, and the commit `child`, and close the connection.

    Raises Refusal, Unreachable, Misbehaved.
    """
    running = asyncio.create_task(plane.socket.run())
    try:
        return await _Walk(plane, collector, asked, cause, child).all()
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
        child: int,
    ) -> None:
        self._plane = plane
        self._collector = collector
        self._asked = asked
        self._cause = cause
        self._child = child

    async def all(self) -> Walked:
        asked = self._asked
        access = Access(asked.log_id, asked.generation, asked.access_seed)
        await self._plane.attach(access, self._cause)
        checkpoint = await self._part(asked.checkpoint_seq, "checkpoint")
        if isinstance(asked, RejoinWalk):
            return await self._back(asked, checkpoint)
        entries = await self._entries(asked)
        welcome = await self._part(asked.commit_seq, "welcome")
        return Walked(
            checkpoint=checkpoint,
            entries=entries,
            before=self._collector.before,
            welcome=welcome,
        )

    async def _back(self, asked: RejoinWalk, checkpoint: bytes) -> Walked:
        """Return the road, the entry at `head`, and the child that is named."""
        walked = Walked(checkpoint, (), b"", b"", road=await self._road(asked))
        if asked.head:
            head, before = await self._one(asked.head)
            walked = structs.replace(walked, entries=(head,), before=before)
        if self._child:
            child, in_front = await self._one(self._child)
            if isinstance(child, WalkedEntry):
                walked = structs.replace(walked, child=child, in_front=in_front)
        return walked

    async def _part(self, seq: int, part: str) -> bytes:
        socket = self._plane.socket
        asked = self._asked
        frame = Fetch(socket.number(), asked.log_id, asked.generation, seq, part)
        return expect(Part, await socket.request(frame, self._cause)).data

    async def _road(self, asked: RejoinWalk) -> tuple[WalkedEntry, ...]:
        """Return the commits from the named one back to the checkpoint, by `parent`.

        What lies between them is not read, but where they are close together. A road
        that ends, or leads forward, is the engine's to refuse.
        """
        seen: dict[int, WalkedEntry] = {}
        found: list[WalkedEntry] = []
        at = asked.commit_seq
        while at > asked.checkpoint_seq and len(found) <= MAX_ROAD:
            for after in (max(asked.checkpoint_seq, at - _NEAR), at - 1):
                if at not in seen:
                    batch = await self._batch(after)
                    seen |= {e.seq: e for e in batch if isinstance(e, WalkedEntry)}
            entry = seen.get(at)
            if entry is None:
                break
            found.append(entry)
            at = min(Header.parse(entry.header).parent, at - 1)
        return tuple(found)

    async def _one(self, seq: int) -> tuple[OneWalked, bytes]:
        """Return an entry, and the chain value in front of it."""
        self._collector.begin()
        batch = await self._batch(seq - 1)
        if not batch:
            raise Misbehaved("an entry that was told of is not in its log")
        return batch[0], self._collector.before

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
