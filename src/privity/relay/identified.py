"""The WebSocket of the identified plane: login, then the device's own mailbox.

The relay greets with a nonce; the first frame is a `Login`, which opens the session
that identified HTTPS calls show. Mail flows in batches, at most a window ahead of
the device's cumulative acknowledgement. A device has one connection: a newer login
closes the older one. Any refusal here ends the connection: `Refused` with the
request's number (0 where the frame has none), then a close.
"""

import asyncio
from contextlib import suppress

from starlette.websockets import WebSocket, WebSocketDisconnect

from privity.errors import DecodeError
from privity.relay import key_packages, logins, mailboxes
from privity.relay.bearers import make_bearer
from privity.relay.bus import hints
from privity.relay.limits import Bucket, Rate
from privity.relay.services import Services
from privity.relay.sessions import LIFETIME, SPARE, Device
from privity.wire import limits
from privity.wire.codes import Code, Refusal
from privity.wire.frames import (
    ClientFrame,
    Greeting,
    LoggedIn,
    Login,
    MailboxAck,
    MailboxEntries,
    MailboxOpen,
    Refused,
    RelayFrame,
    Renew,
    Renewed,
    decode_client,
    encode,
)

__all__ = ["CLOSE_ENDED", "CLOSE_REFUSED", "PROTOCOL", "serve_identified"]

PROTOCOL = 1
CLOSE_REFUSED = 1008
"""The client broke a rule; the frame before says which."""
CLOSE_ENDED = 4001
"""A newer login of this device, or its removal from the account, took its place."""

_LOGIN_SECONDS = 30
_BATCH = 32
_FRAMES = Rate(per_second=50, burst=200)
_WINDOW = limits.WINDOW_BYTES // limits.MAILBOX_MESSAGE


async def serve_identified(websocket: WebSocket, services: Services) -> None:
    """Serve one connection until either side ends it."""
    await websocket.accept()
    connection = _Connection(websocket, services)
    try:
        async with asyncio.TaskGroup() as tasks:
            await connection.run(tasks)
    except* (WebSocketDisconnect, _Done):
        pass
    except* (Refusal, DecodeError) as group:
        with suppress(WebSocketDisconnect, RuntimeError):
            await connection.refuse(group.exceptions[0])


class _Done(Exception):
    """The connection ends in order; cancels the tasks beside."""


class _Connection:
    """One WebSocket: its device once it logged in, and how far its mail went."""

    def __init__(self, websocket: WebSocket, services: Services) -> None:
        self._websocket = websocket
        self._services = services
        self._sending = asyncio.Lock()
        self._ended = asyncio.Event()
        self._acknowledged = asyncio.Event()
        self._device: Device = (b"", b"")
        self._login_key = b""
        self._held = b""
        self._mailbox_id = b""
        self._pace = Bucket(_FRAMES, services.clock())
        self._request = 0
        self._is_open = False
        self._sent = 0
        self._upto = 0

    async def run(self, tasks: asyncio.TaskGroup) -> None:
        """Greet, let the device log in, then judge its frames one by one."""
        nonce = self._services.random(32)
        minute = self._services.now() // 60
        host = self._services.config.host
        await self._send(Greeting(PROTOCOL, host, nonce, minute))
        frames = await self._first_frames()
        await self._login(frames.pop(0), nonce)
        tasks.create_task(self._watch_end())
        while True:
            for frame in frames:
                await self._slow_down()
                await self._judge(frame, tasks)
            frames = await self._receive()

    async def refuse(self, error: BaseException) -> None:
        """Say why and close."""
        refusal = error
        if not isinstance(refusal, Refusal):
            refusal = Refusal(Code.MALFORMED, str(error))
        await self._send(
            Refused(self._request, refusal.code, refusal.detail, refusal.wait_ms)
        )
        await self._websocket.close(CLOSE_REFUSED)

    async def _first_frames(self) -> list[ClientFrame]:
        try:
            async with asyncio.timeout(_LOGIN_SECONDS):
                frames = await self._receive()
        except TimeoutError:
            raise Refusal(Code.NOT_LOGGED_IN, "no login came") from None
        if not frames:
            raise Refusal(Code.NOT_LOGGED_IN, "the first frame is a login")
        return frames

    async def _login(self, frame: ClientFrame, nonce: bytes) -> None:
        if not isinstance(frame, Login):
            raise Refusal(Code.NOT_LOGGED_IN, "the first frame is a login")
        self._request = frame.id
        own = self._services
        device = (frame.account_id, frame.device_id)
        self._login_key = await own.accounts.write(
            lambda db: logins.login(db, own.config.host, nonce, frame)
        )
        self._device = device
        self._mailbox_id, packages = await own.accounts.read(
            lambda db: (
                logins.mailbox_of_device(db, device),
                key_packages.count_one_time(db, device, own.now()),
            )
        )
        self._held = self._standing(frame.proposed)
        own.sessions.begin(device, self._held, own.clock(), self._ended.set)
        own.others.tell(hints.LoggedIn(*device))
        await self._send(LoggedIn(frame.id, self._bearer(), packages))

    def _standing(self, value: bytes) -> bytes:
        return logins.standing_of(self._login_key, logins.kept_value(value))

    def _bearer(self) -> bytes:
        own = self._services
        ends = own.now() + LIFETIME + SPARE
        return make_bearer(own.keys.bearers, self._device, ends, self._held)

    async def _judge(self, frame: ClientFrame, tasks: asyncio.TaskGroup) -> None:
        self._request = getattr(frame, "id", 0)
        match frame:
            case Renew():
                await self._renew(frame)
            case MailboxOpen():
                await self._open(frame, tasks)
            case MailboxAck():
                await self._acknowledge(frame)
            case _:
                name = type(frame).__name__
                raise Refusal(Code.MALFORMED, f"{name} does not belong here")

    async def _slow_down(self) -> None:
        """Read no further while a device asks faster than it needs to."""
        if wait_ms := self._pace.wait_ms(self._services.clock()):
            await asyncio.sleep(wait_ms / 1_000)
        self._pace.take()

    async def _renew(self, frame: Renew) -> None:
        own = self._services
        standing = self._standing(frame.proposed)
        own.sessions.propose(self._device, standing)
        await own.accounts.write(
            lambda db: logins.renew(db, self._device, self._held, frame.proposed)
        )
        self._held = standing
        own.sessions.prolong(self._device, standing, own.clock())
        await self._send(Renewed(frame.id, self._bearer()))

    async def _open(self, frame: MailboxOpen, tasks: asyncio.TaskGroup) -> None:
        if self._is_open:
            raise Refusal(Code.MALFORMED, "the mailbox is open")
        newest = await self._services.accounts.read(
            lambda db: mailboxes.newest(db, self._mailbox_id)
        )
        if frame.after > newest:
            # This relay was restored, or another one counted for it before.
            raise Refusal(Code.GONE, f"the mailbox came to {newest} only")
        self._is_open = True
        self._sent = self._upto = frame.after
        tasks.create_task(self._deliver())

    async def _acknowledge(self, frame: MailboxAck) -> None:
        if frame.upto > self._sent:
            raise Refusal(Code.MALFORMED, "an acknowledgement of what was not sent")
        await self._services.accounts.write(
            lambda db: mailboxes.acknowledge(db, self._mailbox_id, frame.upto)
        )
        self._upto = max(self._upto, frame.upto)
        self._acknowledged.set()

    async def _deliver(self) -> None:
        """Send what waits, then what comes; the first batch may be empty."""
        is_first = True
        with self._services.bells.listen(self._mailbox_id) as bell:
            while True:
                bell.clear()
                entries = await self._services.accounts.read(
                    lambda db: mailboxes.read(db, self._mailbox_id, self._sent, _BATCH)
                )
                if entries or is_first:
                    if entries and self._upto == self._sent:
                        # Numbers begin anywhere: nothing waits in front of these.
                        self._upto = entries[0].seq - 1
                    self._sent = entries[-1].seq if entries else self._sent
                    await self._send(MailboxEntries(entries))
                is_first = False
                if not entries:
                    await bell.wait()
                await self._wait_for_room()

    async def _wait_for_room(self) -> None:
        while self._sent - self._upto >= _WINDOW:
            self._acknowledged.clear()
            await self._acknowledged.wait()

    async def _watch_end(self) -> None:
        await self._ended.wait()
        await self._websocket.close(CLOSE_ENDED)
        raise _Done

    async def _receive(self) -> list[ClientFrame]:
        self._request = 0
        message = await self._websocket.receive()
        if message["type"] != "websocket.receive":
            raise WebSocketDisconnect(message.get("code", 1005))
        data = message.get("bytes")
        if data is None:
            raise DecodeError("frames travel in binary messages")
        return decode_client(data)

    async def _send(self, frame: RelayFrame) -> None:
        async with self._sending:
            await self._websocket.send_bytes(encode([frame]))
