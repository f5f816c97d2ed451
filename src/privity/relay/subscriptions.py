"""Subscriptions: what is stored goes to those who follow, within their windows.

A reader that is up to date gets an entry straight from the append that stored it.
One that is behind, or whose window is closed, gets it from the database when its
turn comes; so nothing waits in memory for a slow reader. The relay keeps no read
position: a window lives as long as its connection.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import Protocol

from privity.relay.outbox import Outbox
from privity.relay.reading import Batch, Placed, Room
from privity.wire import limits
from privity.wire.frames import Cursor, PleaWaits, Signal

__all__ = ["BATCH", "Bus", "Feed", "Subscription"]

BATCH = Room(entries=limits.WINDOW_ENTRIES, bytes=512 * 1024)
"""The most that is read from the database at once."""

Read = Callable[[Cursor, Room], Awaitable[Batch]]
"""Reads behind a cursor, as much as there is room for."""


class Listener(Protocol):
    """Who is told of entries of one generation of one log."""

    @property
    def generation(self) -> int:
        """Return the generation that is listened to."""
        ...

    def offer(self, placed: Placed) -> None:
        """Take an entry that was just stored, or remember that there is more."""

    def ring(self) -> None:
        """Tell that a plea waits in the log's lobby."""

    def stands_at(self, end: int) -> None:
        """Note how far the log has come."""

    def hear(self, signal: Signal, sender: object) -> None:
        """Take a signal, or let it be."""


class Bus:
    """Who listens to which log, in this process."""

    def __init__(self) -> None:
        self._listeners: dict[bytes, set[Listener]] = {}

    def __len__(self) -> int:
        return len(self._listeners)

    def listen(self, log_id: bytes, listener: Listener) -> None:
        """Offer the log's entries to `listener` from now on."""
        self._listeners.setdefault(log_id, set()).add(listener)

    def leave(self, log_id: bytes, listener: Listener) -> None:
        """Offer nothing any more."""
        listeners = self._listeners.get(log_id, set())
        listeners.discard(listener)
        if not listeners:
            self._listeners.pop(log_id, None)

    def has_listeners(self, log_id: bytes) -> bool:
        """Whether anybody follows the log."""
        return log_id in self._listeners

    def publish(self, log_id: bytes, generation: int, placed: Placed) -> None:
        """Offer an entry to all who may read its generation."""
        for listener in self._listeners.get(log_id, ()):
            if listener.generation == generation:
                listener.offer(placed)

    def reached(self, place: tuple[bytes, int], end: int) -> None:
        """Tell who follows a generation how far it may read; `end` was just read."""
        log_id, generation = place
        for listener in self._listeners.get(log_id, ()):
            if listener.generation == generation:
                listener.stands_at(end)

    def ring(self, log_id: bytes, generations: Collection[int]) -> None:
        """Tell who follows one of these generations that a plea waits beside it."""
        for listener in self._listeners.get(log_id, ()):
            if listener.generation in generations:
                listener.ring()

    def signal(self, signal: Signal, sender: object) -> None:
        """Let all who follow the generation hear it; `sender` is a `Feed`, or None."""
        for listener in self._listeners.get(signal.log_id, ()):
            if listener.generation == signal.generation:
                listener.hear(signal, sender)


class Subscription:
    """One log on one connection: what was sent, what is known to stand there."""

    __slots__ = (
        "_feed",
        "_unacknowledged",
        "_weight",
        "generation",
        "is_reading",
        "log_id",
        "sent",
        "target",
    )

    def __init__(self, feed: "Feed", cursor: Cursor) -> None:
        self._feed = feed
        self.log_id = cursor.log_id
        self.generation = cursor.generation
        self.sent = cursor.after
        self.target = cursor.after
        self.is_reading = False
        # A list: an empty deque takes 0.6 kB in each of thousands of idle connections.
        self._unacknowledged: list[tuple[int, int]] = []
        self._weight = 0

    @property
    def room(self) -> Room:
        """Return how much of the window is open."""
        return Room(
            min(BATCH.entries, limits.WINDOW_ENTRIES - len(self._unacknowledged)),
            min(BATCH.bytes, limits.WINDOW_BYTES - self._weight),
        )

    @property
    def has_room(self) -> bool:
        """Whether one more entry may be sent."""
        return (
            len(self._unacknowledged) < limits.WINDOW_ENTRIES
            and self._weight < limits.WINDOW_BYTES
        )

    def offer(self, placed: Placed) -> None:
        """Send an entry at once if it is the next one and may go, else later."""
        if placed.seq <= self.sent:
            return
        self.target = max(self.target, placed.seq)
        is_next = self.sent + 1 == placed.seq and not self.is_reading
        if is_next and self.has_room and not self._feed.is_full:
            self.deliver(placed, placed.seq)
        else:
            self._feed.catch_up(self)

    def stands_at(self, end: int) -> None:
        """Send what is missing up to here."""
        if self.sent < end:
            self.target = max(self.target, end)
            self._feed.catch_up(self)

    def ring(self) -> None:
        """Say that a plea waits; who misses it hears of it when it next subscribes."""
        self._feed.ring(self.log_id)

    def hear(self, signal: Signal, sender: object) -> None:
        """Pass the signal of another connection on; nobody keeps it."""
        if self._feed is not sender:
            self._feed.signal(signal)

    def deliver(self, placed: Placed, end: int) -> None:
        """Send an entry and count it against the window."""
        self.sent = placed.seq
        self._unacknowledged.append((placed.seq, placed.size))
        self._weight += placed.size
        self._feed.send((self.log_id, self.generation), placed, end)

    def received(self, upto: int) -> None:
        """Open the window: the reader has everything up to here."""
        count = 0
        for seq, size in self._unacknowledged:
            if seq > upto:
                break
            self._weight -= size
            count += 1
        del self._unacknowledged[:count]
        if self.sent < self.target:
            self._feed.catch_up(self)


class Feed:
    """The subscriptions of one connection; `failed` is called if `read` fails."""

    __slots__ = (
        "_behind",
        "_bus",
        "_failed",
        "_outbox",
        "_read",
        "_subscriptions",
        "_task",
    )

    def __init__(
        self,
        bus: Bus,
        read: Read,
        outbox: Outbox,
        failed: Callable[[BaseException], None],
    ) -> None:
        self._bus = bus
        self._read = read
        self._outbox = outbox
        self._failed = failed
        self._subscriptions: dict[bytes, Subscription] = {}
        self._behind: dict[Subscription, None] = {}
        self._task: asyncio.Task[None] | None = None

    @property
    def is_full(self) -> bool:
        """Whether the connection sends more slowly than it is given."""
        return self._outbox.is_full

    def follow(self, cursor: Cursor) -> None:
        """Follow a log from a cursor, in place of what was followed of it."""
        self.unfollow(cursor.log_id)
        subscription = Subscription(self, cursor)
        self._subscriptions[cursor.log_id] = subscription
        self._bus.listen(cursor.log_id, subscription)

    def stands_at(self, log_id: bytes, end: int) -> None:
        """Note how far a log has come, and send what is missing."""
        subscription = self._subscriptions.get(log_id)
        if subscription is not None:
            subscription.stands_at(end)

    def unfollow(self, log_id: bytes) -> None:
        """Follow a log no more."""
        subscription = self._subscriptions.pop(log_id, None)
        if subscription is not None:
            self._bus.leave(log_id, subscription)
            self._behind.pop(subscription, None)

    def received(self, log_id: bytes, upto: int) -> None:
        """Note what the reader has; nothing happens for a log it doesn't follow."""
        subscription = self._subscriptions.get(log_id)
        if subscription is not None:
            subscription.received(upto)

    def send(self, place: tuple[bytes, int], placed: Placed, end: int) -> None:
        """Put an entry into the outbox; `place` is log id and generation."""
        self._outbox.put_entry(place, placed, end)

    def ring(self, log_id: bytes) -> None:
        """Put the notice of a plea into the outbox, unless that is full."""
        if not self.is_full:
            self._outbox.put(PleaWaits(log_id))

    def signal(self, signal: Signal) -> None:
        """Put a signal into the outbox, unless anything of weight waits there."""
        if not self._outbox.is_busy:
            self._outbox.put(signal, len(signal.body))

    def catch_up(self, subscription: Subscription) -> None:
        """Read for a subscription when its turn comes."""
        if subscription.is_reading or not subscription.has_room:
            return
        self._behind[subscription] = None
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._read_all())

    def close(self) -> None:
        """Follow nothing any more."""
        for log_id in list(self._subscriptions):
            self.unfollow(log_id)
        if self._task is not None:
            self._task.cancel()
        # Methods of who holds this: both would stay until cycles are looked for.
        del self._read, self._failed

    async def _read_all(self) -> None:
        try:
            while self._behind:
                subscription = next(iter(self._behind))
                del self._behind[subscription]
                await self._outbox.room()
                await self._read_one(subscription)
        except Exception as error:  # noqa: BLE001  the connection ends with it
            self._failed(error)
        finally:
            self._task = None

    async def _read_one(self, subscription: Subscription) -> None:
        log_id = subscription.log_id
        cursor = Cursor(log_id, subscription.generation, subscription.sent)
        room = subscription.room
        subscription.is_reading = True
        try:
            batch = await self._read(cursor, room)
        finally:
            subscription.is_reading = False
        if self._subscriptions.get(log_id) is not subscription:
            return
        for placed in batch.entries:
            subscription.deliver(placed, batch.end)
        subscription.target = max(subscription.target, batch.end)
        if subscription.sent < subscription.target:
            self.catch_up(subscription)
