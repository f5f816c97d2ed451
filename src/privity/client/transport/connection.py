"""A live connection to the relay: both planes open, logged in, with its calls.

It lives as long as both of its sockets do. Opening it is one attempt; when and how
often to try is the driver's business.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from privity.client import logins
from privity.client.errors import (
    ClientError,
    Misbehaved,
    RolledBack,
    Unreachable,
    WrongHost,
)
from privity.client.ledger import Line
from privity.client.store import Store
from privity.client.transport.address import Address
from privity.client.transport.attached import AttachedSocket, expect
from privity.client.transport.calls import Calls
from privity.client.transport.http import HttpPlane
from privity.client.transport.outbound import Outbound
from privity.client.transport.sockets import ANONYMOUS, IDENTIFIED, FrameSocket
from privity.client.transport.walks import Collector
from privity.client.wallet import Wallet
from privity.client.working import Worker
from privity.core.accounts import login_frame
from privity.core.effects import Cause
from privity.core.state import Account
from privity.wire.codes import Code, Refusal
from privity.wire.frames import (
    LoggedIn,
    MailboxAck,
    MailboxOpen,
    RelayFrame,
    Renew,
    Renewed,
)

__all__ = ["Connection", "Identity"]

Random = Callable[[int], bytes]
OnFrame = Callable[[RelayFrame], None]
_LOGIN = Cause("login")
_RENEW_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Identity:
    """Who connects, from which profile, and who is told what was sent."""

    account: Account
    store: Store
    wallet: Wallet
    random: Random
    note: Callable[[Line], None]
    returns: bool = False
    """The disk went back, and the keys of all chats were dropped for that."""
    worker: Worker = field(default_factory=Worker)

    @property
    def address(self) -> Address:
        """Where the account's relay is; raises Insecure, UsageError."""
        return Address(self.account.url, self.account.fingerprint)


class Connection:
    """Both planes of one relay; made by `open`, kept alive by `run`."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._address = identity.address
        self._identified_out = Outbound(identity.note, "identified")
        self._anonymous_out = Outbound(identity.note, "anonymous")
        self.identified = HttpPlane(self._address, self._identified_out)
        self.anonymous = HttpPlane(self._address, self._anonymous_out)
        self.calls = Calls(self, identity.wallet, identity.worker)
        self.session = b""
        self._mailbox_is_open = False
        self.key_packages: dict[int, int] = {}
        self.chats: AttachedSocket
        self._own: FrameSocket
        self._running: list[asyncio.Task[None]] = []
        loop = asyncio.get_running_loop()
        self._failed: asyncio.Future[None] = loop.create_future()

    async def open(self, on_frame: OnFrame) -> None:
        """Connect both planes and log in; `on_frame` gets what the relay pushes.

        Raises Unreachable, WrongCertificate, WrongHost, RolledBack, Misbehaved,
        StorageFull, and Refusal for what else the relay has against the login.
        """
        try:
            self._own = await self._socket(IDENTIFIED, on_frame)
            self._running.append(asyncio.create_task(self._own.run()))
            self.chats = self._plane(await self._socket(ANONYMOUS, on_frame))
            self._running.append(asyncio.create_task(self.chats.socket.run()))
            await self._login()
        except BaseException:
            await self.close()
            raise

    async def run(self) -> None:
        """Stay until a plane is lost; always raises ClientError. Closes both."""
        renewing = asyncio.create_task(self._renew())
        try:
            done, _ = await asyncio.wait(
                [*self._running, renewing, self._failed],
                return_when=asyncio.FIRST_COMPLETED,
            )
            for task in done:
                task.result()
            raise Unreachable("the connection ended")
        finally:
            renewing.cancel()
            with suppress(ClientError, Refusal, asyncio.CancelledError):
                await renewing
            await self.close()

    def fail(self, error: ClientError) -> None:
        """End the connection for a reason that only its user could see."""
        if not self._failed.done():
            self._failed.set_exception(error)

    async def close(self) -> None:
        """Close every connection."""
        self._failed.cancel()
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await self.identified.close()
        await self.anonymous.close()

    def open_mailbox(self, after: int, on_lost: Callable[[], None]) -> None:
        """Ask for the own mailbox behind a seq, once for each connection.

        `on_lost` is called where the relay knows of no such seq; the connection ends
        with that.

        What is durable up to there is acknowledged at once: a crash may have come
        between the two before.
        """
        if not self._mailbox_is_open:
            self._mailbox_is_open = True
            number = self._own.number()
            frame = MailboxOpen(number, after)
            opened = self._own.request(frame, Cause("mailbox"))
            opened.add_done_callback(lambda done: _call_if_gone(done, on_lost))
            if after:
                self._own.put(MailboxAck(after), Cause("mailbox"))

    def acknowledge_mailbox(self, upto: int, cause: Cause) -> None:
        """Tell that everything up to `upto` is durable here.

        What came over an earlier connection is acknowledged with what comes next:
        on this one the relay has not sent it.
        """
        if self._mailbox_is_open:
            self._own.put(MailboxAck(upto), cause)

    async def open_walk(self, collector: Collector) -> AttachedSocket:
        """Open another socket of the anonymous plane, which nobody runs yet."""
        return self._plane(await self._socket(ANONYMOUS, collector))

    async def _socket(self, path: str, on_frame: OnFrame) -> FrameSocket:
        identified = path == IDENTIFIED
        outbound = self._identified_out if identified else self._anonymous_out
        socket = await FrameSocket.open(self._address, path, outbound, on_frame)
        if socket.greeting.host != self._identity.account.host:
            await socket.close()
            raise WrongHost(f"the relay there is {socket.greeting.host!r}")
        return socket

    def _plane(self, socket: FrameSocket) -> AttachedSocket:
        return AttachedSocket(socket, self._identity.random)

    async def _login(self) -> None:
        own = self._identity
        database = own.store.database
        values = await asyncio.to_thread(
            logins.propose, database, own.random, returns=own.returns
        )
        frame = login_frame(
            own.account, self._own.greeting, self._own.number(), own.random(32), values
        )
        try:
            answer = await self._own.request(frame, _LOGIN)
        except Refusal as refusal:
            if refusal.code is Code.ROLLED_BACK:
                raise RolledBack("the relay has seen a later state") from None
            raise
        logged_in = expect(LoggedIn, answer)
        await asyncio.to_thread(logins.confirm, database, values.proposed)
        self.session = logged_in.session
        self.key_packages = logged_in.key_packages

    async def _renew(self) -> None:
        """Replace the login value each hour, so that an old copy is noticed."""
        own = self._identity
        database = own.store.database
        while True:
            await asyncio.sleep(_RENEW_SECONDS)
            values = await asyncio.to_thread(logins.propose, database, own.random)
            frame = Renew(self._own.number(), values.proposed)
            answer = await self._own.request(frame, Cause("renew"))
            if not isinstance(answer, Renewed):
                raise Misbehaved("a renewal without its answer")
            self.session = answer.session
            await asyncio.to_thread(logins.confirm, database, values.proposed)


def _call_if_gone(
    opened: "asyncio.Future[RelayFrame]", on_lost: Callable[[], None]
) -> None:
    failure = None if opened.cancelled() else opened.exception()
    if isinstance(failure, Refusal) and failure.code is Code.GONE:
        on_lost()
