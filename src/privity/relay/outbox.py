"""What waits to be sent on one connection, packed into as few messages as possible.

Everything that is there when the connection can send goes into one container, and
entries of one log that follow each other into one frame. A reader that does not
read is not sent to: whoever has more to say asks `room` first.
"""

import asyncio
from collections.abc import Awaitable, Callable

from msgspec import Raw, structs

from privity.relay.heads import Heads
from privity.relay.reading import Placed
from privity.wire.frames import Appended, EncodedEntries, RelayFrame, encode

__all__ = ["Outbox"]

CONTAINER = 512 * 1024
"""Where a container ends; a frame of up to 1 MiB may still go over it."""
FULL = 4 * 1024 * 1024
"""How many bytes may wait before nobody adds any that can wait elsewhere."""
BUSY = 64 * 1024
"""How many bytes may wait before what is of use only now is dropped."""
_FRAME = 160
"""About what a frame without a body weighs."""

Send = Callable[[bytes], Awaitable[None]]
Place = tuple[bytes, int]
"""Log id and generation."""


class _Run:
    """Entries of one log in a row, read with one generation's key."""

    __slots__ = ("before", "chain", "end", "entries", "last", "place", "size")

    def __init__(self, place: Place, first: Placed) -> None:
        self.place = place
        self.entries: list[Raw] = []
        self.before = first.before
        self.chain = first.before
        self.end = 0
        self.last = 0
        self.size = _FRAME

    def add(self, placed: Placed, end: int) -> None:
        self.entries.append(placed.entry)
        self.chain = placed.chain
        self.last = placed.seq
        self.end = max(end, placed.seq)
        self.size += placed.size

    def frame(self, heads: Heads) -> EncodedEntries:
        head = heads.sign(self.place[0], self.last, self.chain)
        return EncodedEntries(
            *self.place, self.entries, self.before, self.chain, self.end, head
        )


class _Answer:
    """The answer to an append; the last one of its log in a container has a head."""

    __slots__ = ("frame", "log_id")

    def __init__(self, log_id: bytes, frame: Appended) -> None:
        self.log_id = log_id
        self.frame = frame

    def signed(self, heads: Heads) -> Appended:
        frame = self.frame
        head = heads.sign(self.log_id, frame.seq, frame.chain)
        return structs.replace(frame, head=head)


class Outbox:
    """Frames in the order in which they were put; sends as long as it can."""

    __slots__ = (
        "_heads",
        "_is_broken",
        "_runs",
        "_send",
        "_size",
        "_task",
        "_waiting",
        "_wake",
    )

    def __init__(self, send: Send, heads: Heads) -> None:
        self._send = send
        self._heads = heads
        self._waiting: list[tuple[RelayFrame | _Run | _Answer, int]] = []
        self._runs: dict[Place, _Run] = {}
        self._size = 0
        self._task: asyncio.Task[None] | None = None
        self._wake: asyncio.Future[None] | None = None
        self._is_broken = False

    @property
    def is_full(self) -> bool:
        """Whether the reader is so slow that entries should wait in the database."""
        return self._size >= FULL

    @property
    def is_busy(self) -> bool:
        """Whether what is put now would come late."""
        return self._size >= BUSY

    def put(self, frame: RelayFrame, size: int = 0) -> None:
        """Queue a frame whose body has `size` bytes."""
        self._put(frame, size)

    def put_answer(self, log_id: bytes, frame: Appended) -> None:
        """Queue the answer to an append that is durable."""
        self._put(_Answer(log_id, frame), 0)

    def _put(self, frame: RelayFrame | _Answer, size: int) -> None:
        if self._is_broken:
            return
        self._waiting.append((frame, size + _FRAME))
        self._size += size + _FRAME
        self._start()

    def put_entry(self, place: Place, placed: Placed, end: int) -> None:
        """Queue an entry; `end` is the newest seq of the reader's generation."""
        if self._is_broken:
            return
        run = self._runs.get(place)
        if run is None or run.chain != placed.before or run.size > CONTAINER:
            run = self._runs[place] = _Run(place, placed)
            self._waiting.append((run, 0))
        run.add(placed, end)
        self._size += placed.size
        self._start()

    async def room(self) -> None:
        """Wait until the outbox is not full, or the connection is gone."""
        while self.is_full and not self._is_broken:
            if self._wake is None:
                self._wake = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._wake)

    async def flush(self) -> None:
        """Wait until everything was sent."""
        while self._task is not None:
            await asyncio.shield(self._task)

    def abandon(self) -> None:
        """Send nothing any more; nobody waits for room."""
        if self._is_broken:
            return
        self._is_broken = True
        # It is a method of who holds this: both would stay until cycles are looked for.
        del self._send
        self._waiting.clear()
        self._runs.clear()
        self._size = 0
        self._wake_up()

    def _start(self) -> None:
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._drain())

    async def _drain(self) -> None:
        try:
            while self._waiting:
                frames, size = self._take()
                await self._send(encode(frames))
                self._size -= size
                if not self.is_full:
                    self._wake_up()
        except (OSError, RuntimeError):
            self.abandon()
        finally:
            self._task = None

    def _take(self) -> tuple[list[RelayFrame | EncodedEntries], int]:
        frames: list[RelayFrame | EncodedEntries] = []
        answers: dict[bytes, tuple[int, _Answer]] = {}
        total = count = 0
        for item, size in self._waiting:
            weight = item.size if isinstance(item, _Run) else size
            if frames and total + weight > CONTAINER:
                break
            if isinstance(item, _Run):
                if self._runs.get(item.place) is item:
                    del self._runs[item.place]
                frames.append(item.frame(self._heads))
                total += weight - _FRAME
            elif isinstance(item, _Answer):
                answers[item.log_id] = (len(frames), item)
                frames.append(item.frame)
                total += weight
            else:
                frames.append(item)
                total += weight
            count += 1
        del self._waiting[:count]
        for at, answer in answers.values():
            frames[at] = answer.signed(self._heads)
        return frames, total

    def _wake_up(self) -> None:
        if self._wake is not None:
            if not self._wake.done():
                self._wake.set_result(None)
            self._wake = None
