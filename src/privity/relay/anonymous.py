"""The WebSocket of the anonymous plane: attach to logs, append, read, follow.

Frames are judged in the order in which they come. Appends are pipelined: they are
queued for the database's next transaction and answered when it is on disk; after
one refusal in a log's pipeline the rest of that log is refused until the client
resumes. What is not well formed ends the connection, with `Refused` before it.
"""

import asyncio
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send

from privity.errors import DecodeError
from privity.relay import logs, reading, signals, tree
from privity.relay.attach import Grant, verify_attach
from privity.relay.faults import fault
from privity.relay.http import names_somebody
from privity.relay.limits import Bucket, Rate
from privity.relay.log_side import LogSide
from privity.relay.outbox import Outbox
from privity.relay.sequencer import ParentTaken, Stored
from privity.relay.storage.store import FAILURES, Connection
from privity.relay.subscriptions import BATCH, Feed
from privity.wire import limits
from privity.wire.codes import Code, Refusal
from privity.wire.entry import Header, Rights
from privity.wire.frames import (
    Append,
    Appended,
    Attach,
    Attached,
    ClientFrame,
    Cursor,
    Detach,
    Fetch,
    Greeting,
    Lease,
    Leased,
    Part,
    Received,
    Refused,
    Signal,
    Subscribe,
    Subscribed,
    Sync,
    Synced,
    decode_client,
)

__all__ = ["PROTOCOL", "Anonymous"]

PROTOCOL = 1
CLOSE_REFUSED = 1008
CLOSE_BROKEN = 1011
REQUESTS = Rate(per_second=200, burst=2 * limits.FOLLOWED_LOGS)
"""Attaches, fetches and cursors of one connection; appends have their own."""
IN_FLIGHT = 2 * limits.WINDOW_ENTRIES
IN_FLIGHT_BYTES = 4 * 1024 * 1024
"""How many appends of one connection wait for the disk before it is read on."""
_CHILD = 40
"""About what a number that a refusal names weighs while it waits to be sent."""

Asking = Attach | Sync | Subscribe | Fetch | Lease
Report = Callable[[BaseException], None]


class Anonymous:
    """The ASGI endpoint; `report` is told of what should not happen."""

    def __init__(self, side: LogSide, report: Report) -> None:
        self._side = side
        self._report = report

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection until either side ends it."""
        await receive()
        if names_somebody(Headers(scope=scope)):
            await send({"type": "websocket.close", "code": CLOSE_REFUSED})
            return
        # Else each connection would keep its handshake, 2 kB, as long as it is open.
        del scope
        await send({"type": "websocket.accept"})
        connection = _Connection(self._side, send, self._report)
        try:
            await connection.run(receive)
        except Exception as error:  # noqa: BLE001  the top of one connection
            self._report(error)
            await send({"type": "websocket.close", "code": CLOSE_BROKEN})
        finally:
            connection.forget()


class _Connection:
    """One WebSocket: its grants, its pipelines, what it follows, what it is sent."""

    __slots__ = (
        "_append_room",
        "_ending",
        "_feed",
        "_grants",
        "_in_flight",
        "_in_flight_bytes",
        "_nonce",
        "_outbox",
        "_refused",
        "_report",
        "_requests",
        "_send",
        "_side",
        "_signals",
    )

    def __init__(self, side: LogSide, send: Send, report: Report) -> None:
        self._side = side
        self._send = send
        self._report = report
        self._nonce = side.random(limits.NONCE)
        self._grants: dict[tuple[bytes, int], Grant] = {}
        self._refused: set[bytes] = set()
        self._requests = Bucket(REQUESTS, side.ticks())
        self._signals = Bucket(signals.OF_A_CONNECTION, side.ticks())
        self._in_flight = 0
        self._in_flight_bytes = 0
        self._append_room: asyncio.Future[None] | None = None
        self._ending: asyncio.Task[None] | None = None
        self._outbox = Outbox(self._send_bytes, side.heads)
        self._feed = Feed(side.bus, self._read, self._outbox, self._reading_failed)

    async def run(self, receive: Receive) -> None:
        """Greet, then judge frame after frame."""
        side = self._side
        greeting = Greeting(
            PROTOCOL, side.host, self._nonce, side.minute(), side.heads.public
        )
        self._outbox.put(greeting)
        try:
            # No name here for what came: it would be kept until more comes.
            while await self._take(await receive()):
                pass
        except DecodeError as error:
            await self._end(Refusal(Code.MALFORMED, str(error)), CLOSE_REFUSED)

    async def _take(self, message: Message) -> bool:
        """Judge the frames of a message; whether it was one."""
        if message["type"] != "websocket.receive":
            return False
        for frame in _frames_of(message):
            await self._judge(frame)
        return True

    def forget(self) -> None:
        """Leave nothing behind; what was queued for the disk is stored all the same."""
        self._outbox.abandon()
        self._feed.close()
        self._side.leases.drop(self._nonce)
        for grant in self._grants.values():
            self._side.grants.drop(grant)

    async def _judge(self, frame: ClientFrame) -> None:
        if isinstance(frame, Append):
            await self._append(frame)
        elif isinstance(frame, Received):
            self._feed.received(frame.log_id, frame.upto)
        elif isinstance(frame, Detach):
            self._detach(frame.log_id)
        elif isinstance(frame, Signal):
            self._signal(frame)
        elif isinstance(frame, Asking):
            await self._outbox.room()
            try:
                await self._answer(frame)
            except Refusal as refusal:
                self._refuse(frame.id, refusal)
            except FAILURES as error:
                self._report(error)
                self._refuse(frame.id, fault(error, 10_000))
        else:
            name = type(frame).__name__
            raise DecodeError(f"{name} does not belong here")

    async def _answer(self, frame: Asking) -> None:
        self._count_request(_weight(frame))
        if isinstance(frame, Attach):
            await self._attach(frame)
        elif isinstance(frame, Sync):
            await self._sync(frame)
        elif isinstance(frame, Subscribe):
            await self._subscribe(frame)
        elif isinstance(frame, Lease):
            await self._lease(frame)
        else:
            await self._fetch(frame)

    async def _attach(self, asked: Attach) -> None:
        place = (asked.log_id, asked.generation)
        if place not in self._grants and len(self._grants) >= limits.FOLLOWED_LOGS:
            raise Refusal(Code.TOO_LARGE, "too many logs for one connection")
        old = self._grants.get(place)
        bucket = old.bucket if old else self._side.append_pace.own_bucket()
        grant = Grant(place, Rights(asked.rights), bucket, is_closed=False)
        # Listed before it is proven, to be told of an opening that lands meanwhile;
        # nothing is granted by it until this connection has it.
        self._side.grants.add(grant)
        try:
            found = await self._side.database.read(
                lambda db: reading.find_generation(db, *place)
            )
            verify_attach(found.access_pk, self._side.host, self._nonce, asked)
        except BaseException:
            self._side.grants.drop(grant)
            raise
        grant.is_closed = grant.is_closed or found.is_closed
        if old is not None:
            self._side.grants.drop(old)
        self._grants[place] = grant
        head = self._side.heads.sign(asked.log_id, found.end, found.chain)
        self._outbox.put(Attached(asked.id, found.end, found.is_closed, head))

    def _detach(self, log_id: bytes) -> None:
        self._feed.unfollow(log_id)
        self._refused.discard(log_id)
        self._side.leases.drop(self._nonce, log_id)
        for place in [place for place in self._grants if place[0] == log_id]:
            self._side.grants.drop(self._grants.pop(place))

    def _signal(self, signal: Signal) -> None:
        """Pass a signal on, or drop it without a word; nothing of it is kept."""
        grant = self._grants.get((signal.log_id, signal.generation))
        side = self._side
        if signals.may_pass(grant, self._signals, side.signal_pace, side.ticks()):
            side.bus.signal(signal, self._feed)
            side.others.tell(signal)

    def _grant(self, log_id: bytes, generation: int, right: Rights) -> Grant:
        grant = self._grants.get((log_id, generation))
        if grant is None or not grant.allows(right):
            raise Refusal(Code.NOT_ATTACHED, f"attach with the right to {right.name}")
        return grant

    async def _append(self, frame: Append) -> None:
        if self._outbox.is_full:
            await self._outbox.room()
        try:
            header = logs.parse_header(frame.header)
            if (header.log_id, header.generation) not in self._grants:
                self._bound_strangers(header.log_id)
        except Refusal as refusal:
            self._refuse(frame.id, refusal)
            return
        while self._in_flight >= IN_FLIGHT or self._in_flight_bytes >= IN_FLIGHT_BYTES:
            self._append_room = asyncio.get_running_loop().create_future()
            await self._append_room
        self._in_flight += 1
        self._in_flight_bytes += _size_of(frame)
        appending = _Appending(self, header, frame)
        self._side.database.queue(
            appending.judge, appending.done, keys=_keys(header, frame), about=header
        )

    def _bound_strangers(self, log_id: bytes) -> None:
        """Bound what appends cost that no grant's pace bounds.

        Raises Refusal (RATE_LIMITED); DecodeError where more pipelines would have to
        be remembered as refused than a connection may follow logs.
        """
        is_new = log_id not in self._refused
        if is_new and len(self._refused) >= limits.FOLLOWED_LOGS:
            raise DecodeError("appends to too many logs that are not attached")
        try:
            self._count_request()
        except Refusal:
            self._refused.add(log_id)
            raise

    def _count_request(self, weight: int = 1) -> None:
        if wait_ms := self._requests.wait_ms(self._side.ticks()):
            raise Refusal(Code.RATE_LIMITED, "too many requests", wait_ms)
        self._requests.take(weight)

    def judge_append(
        self, db: Connection, header: Header, frame: Append
    ) -> tuple[logs.Attempt, Stored]:
        """Append in the database's step, in the order of the pipeline."""
        if frame.resume:
            self._refused.discard(header.log_id)
        elif header.log_id in self._refused:
            raise Refusal(Code.AFTER_REFUSED, "resume after the refusal before")
        try:
            grant = self._grant(header.log_id, header.generation, Rights.APPEND)
            self._take_pace(grant, frame)
            attempt = logs.check_attempt(header, frame, self._nonce)
            return attempt, self._side.judge(db, attempt)
        except Refusal:
            self._refused.add(header.log_id)
            raise

    def _take_pace(self, grant: Grant, frame: Append) -> None:
        """Count an append; one that brings a token is bounded by what it pays.

        Who was removed must not use up the trickle of a closed generation in front of
        those who pay to bring the chat back on its road.
        """
        if frame.token:
            self._count_request()
        else:
            pace = self._side.append_pace
            pace.take(grant.place, grant.bucket, is_closed=grant.is_closed)

    def appended(self, frame: Append, attempt: logs.Attempt, stored: Stored) -> None:
        """Answer an append that is durable, and tell those who follow."""
        self._landed(frame)
        self._outbox.put_answer(
            attempt.header.log_id,
            Appended(
                frame.id,
                stored.seq,
                stored.minute,
                stored.stamp_key,
                stored.stamp,
                stored.digest,
                stored.chain,
            ),
        )
        self._side.stored(attempt, stored)

    def not_appended(self, frame: Append, log_id: bytes, error: BaseException) -> None:
        """Answer an append that was refused, or whose transaction failed."""
        self._landed(frame)
        if isinstance(error, Refusal):
            self._refuse(frame.id, error)
            return
        self._refused.add(log_id)
        self._report(error)
        self._refuse(frame.id, fault(error, 10_000))

    def _landed(self, frame: Append) -> None:
        self._in_flight -= 1
        self._in_flight_bytes -= _size_of(frame)
        if self._append_room is not None and not self._append_room.done():
            self._append_room.set_result(None)

    async def _sync(self, asked: Sync) -> None:
        for cursor in asked.cursors:
            self._grant(cursor.log_id, cursor.generation, Rights.READ)
        for cursor in asked.cursors:
            await self._outbox.room()
            batch = await self._read(cursor, BATCH)
            place = (cursor.log_id, cursor.generation)
            for placed in batch.entries:
                self._outbox.put_entry(place, placed, batch.end)
        self._outbox.put(Synced(asked.id))

    async def _subscribe(self, asked: Subscribe) -> None:
        for cursor in asked.cursors:
            self._grant(cursor.log_id, cursor.generation, Rights.READ)
        await self._ends(asked.cursors)
        for cursor in asked.cursors:
            self._feed.follow(cursor)
        self._outbox.put(Subscribed(asked.id))
        # Read again: what was stored before the bus was listened to.
        ends = await self._ends(asked.cursors)
        for cursor, end in zip(asked.cursors, ends, strict=True):
            self._feed.stands_at(cursor.log_id, end)
        for log_id in await self._with_pleas(asked.cursors):
            self._feed.ring(log_id)

    async def _with_pleas(self, cursors: list[Cursor]) -> list[bytes]:
        return await self._side.database.read(
            lambda db: [
                cursor.log_id
                for cursor in cursors
                if reading.has_pleas(db, cursor.log_id, cursor.generation)
            ]
        )

    async def _fetch(self, asked: Fetch) -> None:
        self._grant(asked.log_id, asked.generation, Rights.READ)
        data = await self._side.database.read(lambda db: reading.part(db, asked))
        self._outbox.put(Part(asked.id, data), len(data))

    async def _lease(self, asked: Lease) -> None:
        self._grant(asked.log_id, asked.generation, Rights.APPEND)
        children = await self._side.database.read(
            lambda db: tree.children_of(db, asked)
        )
        if children:
            raise ParentTaken(children)
        place = (asked.log_id, asked.generation)
        lasts_ms = self._side.leases.take(place, asked.parent, self._nonce)
        self._outbox.put(Leased(asked.id, lasts_ms))

    async def _ends(self, cursors: list[Cursor]) -> list[int]:
        return await self._side.database.read(
            lambda db: [reading.end_behind(db, cursor) for cursor in cursors]
        )

    async def _read(self, cursor: Cursor, room: reading.Room) -> reading.Batch:
        side = self._side
        return await side.database.read(
            lambda db: reading.read(db, cursor, room, side.known_links)
        )

    def _refuse(self, request: int, refusal: Refusal) -> None:
        children = refusal.children if isinstance(refusal, ParentTaken) else ()
        frame = Refused(
            request, refusal.code, refusal.detail, refusal.wait_ms, children
        )
        self._outbox.put(frame, _CHILD * len(children))

    def _reading_failed(self, error: BaseException) -> None:
        self._report(error)
        end = self._end(fault(error, 10_000), CLOSE_BROKEN)
        self._ending = asyncio.get_running_loop().create_task(end)

    async def _end(self, refusal: Refusal, code: int) -> None:
        self._refuse(0, refusal)
        await self._outbox.flush()
        await self._send({"type": "websocket.close", "code": code})

    async def _send_bytes(self, data: bytes) -> None:
        await self._send({"type": "websocket.send", "bytes": data})


class _Appending:
    """One append between its frame and its answer."""

    __slots__ = ("_connection", "_frame", "_header")

    def __init__(self, connection: _Connection, header: Header, frame: Append) -> None:
        self._connection = connection
        self._header = header
        self._frame = frame

    def judge(self, db: Connection) -> tuple[logs.Attempt, Stored]:
        return self._connection.judge_append(db, self._header, self._frame)

    def done(
        self, found: tuple[logs.Attempt, Stored], error: BaseException | None
    ) -> None:
        if error is None:
            self._connection.appended(self._frame, *found)
        else:
            log_id = self._header.log_id
            self._connection.not_appended(self._frame, log_id, error)


def _frames_of(message: Message) -> list[ClientFrame]:
    data = message.get("bytes")
    if data is None:
        raise DecodeError("frames travel in binary messages")
    return decode_client(data)


def _keys(header: Header, frame: Append) -> tuple[bytes, ...]:
    """Return what an append touches: its log, and the token that it may spend."""
    return (header.log_id, frame.token) if frame.token else (header.log_id,)


def _weight(frame: Asking) -> int:
    """Return how many reads a request costs, about."""
    return max(1, len(frame.cursors)) if isinstance(frame, Sync | Subscribe) else 1


def _size_of(frame: Append) -> int:
    return len(frame.envelope) + len(frame.welcome) + len(frame.checkpoint)
