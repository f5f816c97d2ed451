"""Staying connected: one connection at a time, again and again, and its traffic.

What the engine wants done over the network is done here, and what comes from there
becomes the engine's inputs. A request whose answer was lost with the connection is
not answered: the engine sends it again when it is told `Connected`.
"""

import asyncio
import os
import time
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Protocol

from privity.client import recovery, transfers
from privity.client.disk import Disk
from privity.client.errors import (
    ClientError,
    Misbehaved,
    Restarting,
    RolledBack,
    StorageFull,
    Unreachable,
)
from privity.client.ledger import Ledger
from privity.client.reconnecting import FIRST_DELAY, LONGEST_DELAY, Reconnecting
from privity.client.store import Store
from privity.client.transport.connection import Connection, Identity
from privity.client.wallet import Wallet, blob_claim
from privity.client.working import Worker
from privity.core.big_commits import is_waiting
from privity.core.effects import Cause, Follow, Send, SendSignal
from privity.core.events import Notice
from privity.core.inputs import (
    Answered,
    Connected,
    Disconnected,
    DiskWentBack,
    EntriesArrived,
    Following,
    FollowRefused,
    Input,
    MailboxArrived,
    MailboxLost,
    PleaRings,
    SignalArrived,
)
from privity.core.requests import Answer
from privity.core.rollbacks import RollbackStage
from privity.core.state import State, Status
from privity.wire.codes import RETRYABLE, Code, Refusal
from privity.wire.frames import (
    Attached,
    Entries,
    MailboxEntries,
    PleaWaits,
    RelayFrame,
    Signal,
)

__all__ = ["Host", "Online"]


class Host(Protocol):
    """What the network side needs of the driver."""

    store: Store
    disk: Disk
    ledger: Ledger
    typing: bool
    """Whether signals are wanted."""

    @property
    def state(self) -> State:
        """The newest durable state."""
        ...

    def give(self, event: Input) -> None:
        """Queue an input."""

    def show(self, event: Notice) -> None:
        """Tell whoever looks."""


class Online:
    """The network side of a driver."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._connection: Connection | None = None
        self._connected = asyncio.Event()
        self._judged = asyncio.Event()
        self._logged_in = False
        self._work: set[asyncio.Task[None]] = set()
        self._wallet = Wallet(host.store.database)
        self.worker = Worker()
        self._reconnecting = Reconnecting()
        self.problem: ClientError | None = None

    @property
    def connected(self) -> bool:
        """Whether there is a logged-in connection."""
        return self._connection is not None

    @property
    def connection(self) -> Connection:
        """The connection; raises Unreachable where there is none."""
        if self._connection is None:
            raise self.problem or Unreachable("there is no connection yet")
        return self._connection

    async def wait_connected(self, seconds: float) -> bool:
        """Wait until there is a connection, or the time is over."""
        try:
            async with asyncio.timeout(seconds):
                await self._connected.wait()
        except TimeoutError:
            return False
        return True

    @property
    def next_try(self) -> float | None:
        """Seconds until the relay is tried again; None where that is not set."""
        return self._reconnecting.left

    def attend(self) -> None:
        """Note that somebody uses this client: the longest waits are shorter then."""
        self._reconnecting.attend()

    async def try_now(self, seconds: float) -> bool:
        """Try as soon as may be, and wait; return whether there is a connection."""
        if not self.connected:
            self._reconnecting.hurry()
        return await self.wait_connected(seconds)

    async def run(self) -> None:
        """Keep connected until cancelled."""
        await self._host.disk.write(self._forget_spent)
        reconnecting = self._reconnecting
        while True:
            reconnecting.begins()
            started, self._logged_in = time.monotonic(), False
            try:
                await self._live()
            except RolledBack as error:
                await self._come_back(error)
            except ClientError as error:
                if isinstance(error, Restarting):
                    reconnecting.asked(error.within)
                self._report(error)
            except Refusal as refusal:
                self._report(Unreachable(f"the relay refused the login: {refusal}"))
            lived = time.monotonic() - started
            wait = reconnecting.ended(lived, logged_in=self._logged_in)
            await reconnecting.rest(wait)

    async def _come_back(self, error: RolledBack) -> None:
        """Wait until every key is dropped that a copy of this disk may have used.

        Where that happened within a day already, a person has to say so first.
        """
        self._judged.clear()
        self._host.give(DiskWentBack())
        await self._judged.wait()
        while self._host.state.rollback.stage is not RollbackStage.RETURNING:
            self._report(error)
            self._judged.clear()
            await self._judged.wait()
        self.problem = None

    def judged(self) -> None:
        """Note that the engine has decided whether this device may come back."""
        self._judged.set()

    async def close(self) -> None:
        """End all work and the connection."""
        self._connection = None
        await self._end_work()

    def send(self, effect: Send) -> None:
        """Perform a request; its answer becomes an input."""
        if self._connection is not None:
            self._start(self._answer(self._connection, effect))

    def follow(self, effect: Follow) -> None:
        """Subscribe to a log; the outcome becomes an input."""
        if self._connection is not None:
            self._start(self._follow(self._connection, effect))

    def signal(self, effect: SendSignal) -> None:
        """Pass a signal on, if it can go at once."""
        if self._connection is not None:
            self._connection.chats.signal(effect.signal, effect.cause)

    def unfollow(self, log_id: bytes) -> None:
        """Detach from a log."""
        if self._connection is not None:
            self._connection.chats.unfollow(log_id)

    def acknowledge_mailbox(self, upto: int, cause: Cause) -> None:
        """Tell the relay what is durable of the mailbox."""
        if self._connection is not None:
            self._connection.acknowledge_mailbox(upto, cause)

    def received(self, entries: Entries) -> None:
        """Open the relay's window again: these entries are durable.

        Entries behind a gap were not taken: everything is read again from the
        cursors, over another connection. What came behind an opening was read with
        the old key and comes again with the new one.
        """
        if self._connection is None or not entries.entries:
            return
        upto = entries.entries[-1].seq
        chat = self._host.state.chat_of_log(entries.log_id)
        if (
            chat is not None
            and chat.status is Status.ACTIVE
            and chat.generation == entries.generation
            and chat.cursor < upto
        ):
            if is_waiting(self._host.state, chat.chat_id):
                # It reads them again when the blob of a big commit is here.
                return
            self._connection.fail(Misbehaved("the relay left out entries of a chat"))
            return
        self._connection.chats.received(entries.log_id, upto)

    def open_mailbox(self) -> None:
        """Ask for the mailbox behind what is durable, once `Connected` was taken."""
        if self._connection is not None:
            self._connection.open_mailbox(
                self._host.state.mailbox_cursor, lambda: self._host.give(MailboxLost())
            )

    def job_ended(self, job: int) -> None:
        """Forget the token of a job that is no more."""
        for claim in _claims_of(job):
            if self._wallet.has_claim(claim):
                self._start(self._release(claim))

    async def _live(self) -> None:
        """Live through one connection; always raises."""
        host = self._host
        identity = Identity(
            account=host.state.account,
            store=host.store,
            wallet=self._wallet,
            random=os.urandom,
            note=host.ledger.note,
            returns=host.state.rollback.stage is RollbackStage.RETURNING,
            worker=self.worker,
        )
        connection = Connection(identity)
        await connection.open(self._arrived)
        self.problem = None
        self._connection = connection
        self._connected.set()
        self._logged_in = True
        head_key = connection.chats.socket.greeting.head_key
        host.give(Connected(connection.key_packages, head_key))
        self._start(self._check_recovery(connection))
        try:
            await connection.run()
        finally:
            self._connection = None
            self._connected.clear()
            await self._end_work()
            host.give(Disconnected())

    async def _check_recovery(self, connection: Connection) -> None:
        """Look whether the recovery key still opens what the owner was promised."""
        host = self._host
        try:
            checked = await recovery.ask(connection, host.state.account)
            await host.disk.write(recovery.keep, host.store, checked)
        except (ClientError, Refusal):
            # The next login asks again; until then the last answer stands.
            return
        if checked.found in recovery.NOTICES:
            host.show(Notice(recovery.NOTICES[checked.found]))

    def _report(self, error: ClientError) -> None:
        """Say once what keeps us off; the same again is no news."""
        if self.problem is None or self.problem.code != error.code:
            self._host.show(Notice(error.code, error.detail))
        self.problem = error

    def _arrived(self, frame: RelayFrame) -> None:
        match frame:
            case Entries():
                self._host.give(EntriesArrived(frame))
            case MailboxEntries(entries):
                for entry in entries:
                    self._host.give(MailboxArrived(entry))
            case PleaWaits(log_id):
                self._host.give(PleaRings(log_id))
            case Signal():
                if self._host.typing:
                    self._host.give(SignalArrived(frame))
            case _:
                raise Misbehaved(f"{type(frame).__name__} unasked")

    async def _answer(self, connection: Connection, effect: Send) -> None:
        """Ask until there is an answer; the connection's end ends the asking."""
        delay = FIRST_DELAY
        while (answer := await self._ask(connection, effect)) is None:
            await asyncio.sleep(delay)
            delay = min(delay * 2, LONGEST_DELAY)
        self._host.give(Answered(effect.job, answer))

    async def _ask(self, connection: Connection, effect: Send) -> Answer | None:
        try:
            return await connection.calls.perform(
                effect.job, effect.request, effect.cause
            )
        except Unreachable:
            return None
        except ClientError as error:
            self._host.show(Notice(error.code, error.detail))
            return None

    async def _follow(self, connection: Connection, effect: Follow) -> None:
        def on_attached(attached: Attached) -> None:
            place = (effect.log_id, effect.generation, attached.head)
            self._host.give(Following(*place, attached.signed))

        while True:
            try:
                await connection.chats.follow(effect, on_attached)
                return
            except Refusal as refusal:
                if refusal.code not in RETRYABLE | {Code.NOT_ATTACHED}:
                    code = refusal.code.value
                    self._host.give(
                        FollowRefused(effect.log_id, effect.generation, code)
                    )
                    return
                await asyncio.sleep(max(FIRST_DELAY, refusal.wait_ms / 1000))
            except ClientError:
                # The connection is ending; the next one follows again.
                return

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)

    async def _end_work(self) -> None:
        work = tuple(self._work)
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)

    def _forget_spent(self) -> None:
        """Forget the tokens of what ended before its end could be noted."""
        jobs = {claim for job in self._host.state.jobs for claim in _claims_of(job)}
        self._wallet.keep_only(jobs | transfers.claims(self._host.store.database))

    async def _release(self, claim: bytes) -> None:
        with suppress(StorageFull):
            await self._host.disk.write(self._wallet.release, claim)


def _claims_of(job: int) -> tuple[bytes, bytes]:
    claim = job.to_bytes(8, "big")
    return claim, blob_claim(claim)
