"""The WebSocket of the identified plane: login, then the device's own mailbox.

The relay greets with a nonce; the first frame is a `Login`, which opens the session
that identified HTTPS calls show. Mail flows in batches, at most a window ahead of
the device's cumulative acknowledgement. A device has one connection: a newer login
closes the older one. Any refusal here ends the connection: `Refused` with the
request's number (0 where the frame has none), then a close.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from starlette.types import Receive, Scope, Send

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

__all__ = ["CLOSE_ENDED", "CLOSE_REFUSED", "PROTOCOL", "Identified"]

PROTOCOL = 1
CLOSE_REFUSED = 1008
"""The client broke a rule; the frame before says which."""
CLOSE_ENDED = 4001
"""A newer login of this device, or its removal from the account, took its place."""

CLOSE_BROKEN = 1011

_LOGIN_SECONDS = 30
_BATCH = 32
_FRAMES = Rate(per_second=50, burst=200)
_WINDOW = limits.WINDOW_BYTES // limits.MAILBOX_MESSAGE

Report = Callable[[BaseException], None]


class Identified:
    """The ASGI endpoint; `report` is told of what should not happen."""

    def __init__(self, services: Services, report: Report) -> None:
        self._services = services
        self._report = report

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection until either side ends it."""
        await receive()
        # Else each connection would keep its handshake, 2 kB, as long as it is open.
        del scope
        await send({"type": "websocket.accept"})
        connection = _Connection(self._services, receive, send)
        try:
            await connection.serve()
        except Exception as error:  # noqa: BLE001  the top of one connection
            self._report(error)
            await connection.close(CLOSE_BROKEN)
        finally:
            connection.forget()


class _Gone(Exception):
    """The device hung up."""


class _Line:
    """What cuts a connection from elsewhere; its session may outlive it by an hour."""

    __slots__ = ("_task", "failure", "is_cut")

    def __init__(self) -> None:
        self._task = asyncio.current_task()
        self.is_cut = False
        self.failure: Exception | None = None

    def cut(self) -> None:
        """End the connection, whatever it waits for."""
        if self._task is not None and not self.is_cut:
            self.is_cut = True
            self._task.cancel()

    def fail(self, error: Exception) -> None:
        """End it since something beside it went wrong."""
        self.failure = error
        self.cut()

    def release(self) -> None:
        """Forget the connection: it is over."""
        self._task = None


class _Connection:
    """One WebSocket: its device once it logged in, and how far its mail went."""

    __slots__ = (
        "_delivering",
        "_device",
        "_has_mail",
        "_held",
        "_is_open",
        "_line",
        "_login_key",
        "_mailbox_id",
        "_owes_first",
        "_pace",
        "_receive_message",
        "_request",
        "_send_message",
        "_sent",
        "_services",
        "_upto",
    )

    def __init__(self, services: Services, receive: Receive, send: Send) -> None:
        self._services = services
        self._receive_message = receive
        self._send_message = send
        self._line = _Line()
        self._delivering: asyncio.Task[None] | None = None
        self._device: Device = (b"", b"")
        self._login_key = b""
        self._held = b""
        self._mailbox_id = b""
        self._pace = Bucket(_FRAMES, services.clock())
        self._request = 0
        self._is_open = False
        self._owes_first = True
        self._has_mail = False
        self._sent = 0
        self._upto = 0

    async def serve(self) -> None:
        """Run until the device hangs up, breaks a rule, or is cut off."""
        try:
            await self._run_or_refuse()
        except _Gone:
            pass
        except asyncio.CancelledError:
            if not self._line.is_cut:
                raise
            if self._line.failure is not None:
                raise self._line.failure from None
            await self.close(CLOSE_ENDED)

    async def close(self, code: int) -> None:
        """Close, unless either side has."""
        with suppress(OSError, RuntimeError):
            await self._send_message({"type": "websocket.close", "code": code})

    def forget(self) -> None:
        """Leave nothing behind but the session."""
        self._line.release()
        if self._is_open:
            self._services.bells.leave(self._mailbox_id, self._ring)
        if self._delivering is not None:
            self._delivering.cancel()

    async def _run_or_refuse(self) -> None:
        try:
            await self._run()
        except (Refusal, DecodeError) as error:
            await self._refuse(error)

    async def _run(self) -> None:
        """Greet, let the device log in, then judge its frames one by one."""
        nonce = self._services.random(32)
        minute = self._services.now() // 60
        host = self._services.config.host
        await self._send(Greeting(PROTOCOL, host, nonce, minute))
        frames = await self._first_frames()
        await self._login(frames.pop(0), nonce)
        await self._judge_all(frames)
        del frames, nonce, host
        while True:
            # No name here for what came: it would be kept until more comes.
            await self._judge_all(await self._receive())

    async def _refuse(self, error: Refusal | DecodeError) -> None:
        """Say why and close."""
        refusal = error
        if not isinstance(refusal, Refusal):
            refusal = Refusal(Code.MALFORMED, str(error))
        await self._send(
            Refused(self._request, refusal.code, refusal.detail, refusal.wait_ms)
        )
        await self.close(CLOSE_REFUSED)

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
            lambda db: logins.login(db, own.config.host, nonce, frame),
            keys=(frame.account_id,),
        )
        self._device = device
        self._mailbox_id, packages = await own.accounts.read(
            lambda db: (
                logins.mailbox_of_device(db, device),
                key_packages.count_one_time(db, device, own.now()),
            )
        )
        self._held = self._standing(frame.proposed)
        own.sessions.begin(device, self._held, own.clock(), self._line.cut)
        own.others.tell(hints.LoggedIn(*device))
        await self._send(LoggedIn(frame.id, self._bearer(), packages))

    def _standing(self, value: bytes) -> bytes:
        return logins.standing_of(self._login_key, logins.kept_value(value))

    def _bearer(self) -> bytes:
        own = self._services
        ends = own.now() + LIFETIME + SPARE
        return make_bearer(own.keys.bearers, self._device, ends, self._held)

    async def _judge_all(self, frames: list[ClientFrame]) -> None:
        for frame in frames:
            await self._slow_down()
            await self._judge(frame)

    async def _judge(self, frame: ClientFrame) -> None:
        self._request = getattr(frame, "id", 0)
        match frame:
            case Renew():
                await self._renew(frame)
            case MailboxOpen():
                await self._open(frame)
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
            lambda db: logins.renew(db, self._device, self._held, frame.proposed),
            keys=(self._device[0],),
        )
        self._held = standing
        own.sessions.prolong(self._device, standing, own.clock())
        await self._send(Renewed(frame.id, self._bearer()))

    async def _open(self, frame: MailboxOpen) -> None:
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
        self._services.bells.listen(self._mailbox_id, self._ring)
        self._ring()

    async def _acknowledge(self, frame: MailboxAck) -> None:
        if frame.upto > self._sent:
            raise Refusal(Code.MALFORMED, "an acknowledgement of what was not sent")
        await self._services.accounts.write(
            lambda db: mailboxes.acknowledge(db, self._mailbox_id, frame.upto),
            keys=(self._mailbox_id,),
        )
        self._upto = max(self._upto, frame.upto)
        if self._has_mail:
            self._ring()

    @property
    def _has_room(self) -> bool:
        return self._sent - self._upto < _WINDOW

    def _ring(self) -> None:
        """Note that there may be mail, and send it as soon as there is room."""
        self._has_mail = True
        if self._delivering is None and self._has_room:
            deliver = self._deliver()
            self._delivering = asyncio.get_running_loop().create_task(deliver)

    async def _deliver(self) -> None:
        """Send what waits, as far as there is room; the first batch may be empty."""
        try:
            while self._has_mail and self._has_room:
                self._has_mail = False
                await self._deliver_some()
        except _Gone:
            # Whoever receives hears of it too.
            pass
        except Exception as error:  # noqa: BLE001  the connection ends with it
            self._line.fail(error)
        finally:
            self._delivering = None

    async def _deliver_some(self) -> None:
        entries = await self._services.accounts.read(
            lambda db: mailboxes.read(db, self._mailbox_id, self._sent, _BATCH)
        )
        if not entries and not self._owes_first:
            return
        self._owes_first = False
        if entries:
            self._has_mail = True
            if self._upto == self._sent:
                # Numbers begin anywhere: nothing waits in front of these.
                self._upto = entries[0].seq - 1
            self._sent = entries[-1].seq
        await self._send(MailboxEntries(entries))

    async def _receive(self) -> list[ClientFrame]:
        self._request = 0
        message = await self._receive_message()
        if message["type"] != "websocket.receive":
            raise _Gone
        data = message.get("bytes")
        if data is None:
            raise DecodeError("frames travel in binary messages")
        return decode_client(data)

    async def _send(self, frame: RelayFrame) -> None:
        data = encode([frame])
        try:
            await self._send_message({"type": "websocket.send", "bytes": data})
        except (OSError, RuntimeError):
            raise _Gone from None
