"""The loop between the engine and the world: step, save, then act.

Inputs are queued and stepped in batches. All that a batch wants saved goes into one
durable transaction; only then is the new state adopted and everything else done, in
order. If the transaction fails, the state before the batch stands: commands fail
under the disk's name, what came from the network is tried again.

The driver decides nothing about messages; it owns the clock, the disk and, through
`online`, the network.
"""

import asyncio
import os
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, cast

from privity.client import typing_switch
from privity.client.alarm import Alarm
from privity.client.broadcast import Broadcast, Subscription
from privity.client.disk import Disk
from privity.client.errors import Busy, ClientError, Damaged, StorageFull
from privity.client.ledger import Ledger
from privity.client.online import Host, Online
from privity.client.store import Store
from privity.core import engine
from privity.core.effects import (
    AckMailbox,
    Effect,
    Follow,
    Recall,
    Save,
    Send,
    SendSignal,
    Show,
    Unfollow,
    Wake,
    Write,
)
from privity.core.events import Event, Notice
from privity.core.inputs import (
    Answered,
    ComeBack,
    Command,
    Connected,
    DiskWentBack,
    EntriesArrived,
    Input,
    Recalled,
    SignalArrived,
    Start,
    Tick,
)
from privity.core.state import Account, State
from privity.core.step import Context
from privity.errors import PrivityError

__all__ = ["BeforeEffect", "Driver"]

BeforeEffect = Callable[[int, Effect], None]
"""Called with the number of every effect since the start, before it happens."""

_BATCH = 64
_CROWD = 256
"""Behind so many inputs a signal would come too late to be of use."""
_LEDGER_SECONDS = 1.0
_DISK_SECONDS = 1.0


@dataclass(slots=True)
class _Item:
    """An input, and who waits for what it gives."""

    event: Input
    waiter: "asyncio.Future[object | None] | None" = None


@dataclass(slots=True)
class _Batch:
    """What stepping a batch gave, before any of it happened."""

    state: State
    writes: list[Write]
    effects: list[Effect]
    done: list[tuple[_Item, object | None]]


class Driver:
    """Runs one account: `start`, then `do` commands and `subscribe`, then `close`."""

    def __init__(
        self, store: Store, *, before_effect: BeforeEffect | None = None
    ) -> None:
        """Load the state; raises Damaged where it can't be read."""
        self.store = store
        self.disk = Disk()
        self.ledger = Ledger()
        self._broadcast = Broadcast()
        self._before_effect = before_effect
        self._effects = 0
        self._disk_failed = False
        self._closed = False
        self._waiting: deque[_Item] = deque()
        self._running: list[_Item] = []
        self._wake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._failure: BaseException | None = None
        self._alarm = Alarm(now_ms, self._ring)
        self.typing = typing_switch.is_on(store)
        self._state = _load(store)
        self._online = Online(cast("Host", self))

    @property
    def state(self) -> State:
        """The newest state that is durable; a value, safe to keep."""
        return self._state

    @property
    def account(self) -> Account:
        """The account that runs here."""
        return self._state.account

    @property
    def online(self) -> bool:
        """Whether there is a logged-in connection to the relay."""
        return self._online.connected

    @property
    def problem(self) -> ClientError | None:
        """Why there is no connection, if the last attempt failed."""
        return self._online.problem

    @property
    def network(self) -> Online:
        """The connection, for what is no engine's business (files, registration)."""
        return self._online

    def start(self, *, offline: bool = False) -> None:
        """Begin to run; `offline` keeps the network away."""
        self.give(Start())
        self._spawn(self._loop())
        self._spawn(self._alarm.run())
        self._spawn(self._write_ledger())
        if not offline:
            self._spawn(self._online.run())

    async def do(self, command: Command) -> object | None:
        """Do a command and return its result once it is durable.

        Raises CommandRefused (by the engine), StorageFull, Damaged, Busy; nothing
        has changed then.
        """
        self._check()
        waiter: asyncio.Future[object | None]
        waiter = asyncio.get_running_loop().create_future()
        self._put(_Item(command, waiter))
        return await waiter

    def give(self, event: Input) -> None:
        """Queue an input that nobody waits for; signals not behind a long queue."""
        if not isinstance(event, SignalArrived) or len(self._waiting) < _CROWD:
            self._put(_Item(event))

    async def turn_typing(self, *, on: bool) -> None:
        """Keep whether typing is told and shown here; raises StorageFull."""
        await self.disk.write(lambda: typing_switch.turn(self.store, on=on))
        self.typing = on

    def subscribe(self) -> Subscription:
        """Return all events from now on."""
        self._check()
        return self._broadcast.subscribe()

    def show(self, event: Event) -> None:
        """Tell whoever looks something that no step has told."""
        self._broadcast.show(event)

    async def wait_online(self, seconds: float) -> bool:
        """Wait for a logged-in connection; return whether there is one."""
        return await self._online.wait_connected(seconds)

    async def close(self) -> None:
        """Stop, write the rest of the ledger, close the connections and the store.

        Harmless when it was closed before.
        """
        if self._closed:
            return
        self._closed = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._online.close()
        self._stop(ClientError("the client was closed"))
        try:
            await self.flush_ledger()
        except ClientError:
            pass
        finally:
            self.disk.close()
            self.store.close()

    def _put(self, item: _Item) -> None:
        self._waiting.append(item)
        self._wake.set()

    def _ring(self) -> None:
        self.give(Tick())

    def _spawn(self, work: Any) -> None:  # noqa: ANN401  a coroutine
        task: asyncio.Task[None] = asyncio.create_task(work)
        task.add_done_callback(self._ended)
        self._tasks.add(task)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        """Forget a part; stop everything when it failed as nobody foresaw."""
        self._tasks.discard(task)
        if task.cancelled() or (failure := task.exception()) is None:
            return
        self._stop(failure)
        for other in self._tasks:
            other.cancel()

    def _stop(self, failure: BaseException) -> None:
        self._failure = self._failure or failure
        for item in (*self._running, *self._waiting):
            _fail(item, failure)
        self._running = []
        self._waiting.clear()
        self._broadcast.close()

    def _check(self) -> None:
        if self._failure is not None:
            raise ClientError("the client has stopped") from self._failure

    async def _loop(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                self._running = self._take()
                await self._run_batch(self._running)
                self._running = []
                await asyncio.sleep(0)

    def _take(self) -> list[_Item]:
        count = min(_BATCH, len(self._waiting))
        return [self._waiting.popleft() for _ in range(count)]

    async def _run_batch(self, items: list[_Item]) -> None:
        batch = self._step(items)
        if batch.writes:
            self._about_to(Save(tuple(batch.writes)))
            try:
                await self._save(batch.writes)
            except ClientError as error:
                await self._put_back(items, error)
                return
            self._disk_failed = False
        self._state = batch.state
        for effect in batch.effects:
            self._about_to(effect)
            self._perform(effect)
        for item, result in batch.done:
            self._finish(item, result)

    def _step(self, items: Iterable[_Item]) -> _Batch:
        batch = _Batch(self._state, [], [], [])
        for item in items:
            context = Context(now_ms=now_ms(), random=os.urandom)
            try:
                step = engine.step(batch.state, item.event, context)
            except PrivityError as error:
                self._refused(item, error)
                continue
            batch.state = step.state
            for effect in step.effects:
                if isinstance(effect, Save):
                    batch.writes += effect.writes
                else:
                    batch.effects.append(effect)
            batch.done.append((item, step.result))
        return batch

    def _refused(self, item: _Item, error: PrivityError) -> None:
        if item.waiter is None:
            self.show(Notice("input_refused", f"{type(item.event).__name__}: {error}"))
        _fail(item, error)

    async def _save(self, writes: list[Write]) -> None:
        lines = self.ledger.take()
        try:
            await self.disk.write(self.store.apply, writes, lines)
        except ClientError:
            self.ledger.give_back(lines)
            raise

    async def _put_back(self, items: list[_Item], error: ClientError) -> None:
        """Let commands fail; what nobody can repeat waits until the disk is back."""
        again: list[_Item] = []
        for item in items:
            if item.waiter is None:
                again += [] if isinstance(item.event, SignalArrived) else [item]
            else:
                _fail(item, error)
        if not isinstance(error, StorageFull | Busy):
            raise error
        if again:
            self._tell_of_disk(error)
            self._waiting.extendleft(reversed(again))
            await asyncio.sleep(_DISK_SECONDS)

    def _tell_of_disk(self, error: ClientError) -> None:
        """Say once that the disk takes nothing, until it does again."""
        if not self._disk_failed:
            self.show(Notice(error.code, error.detail))
        self._disk_failed = True

    def _about_to(self, effect: Effect) -> None:
        self._effects += 1
        if self._before_effect is not None:
            self._before_effect(self._effects, effect)

    def _perform(self, effect: Effect) -> None:
        match effect:
            case Send():
                self._online.send(effect)
            case SendSignal():
                self._online.signal(effect)
            case Follow():
                self._online.follow(effect)
            case Unfollow(log_id):
                self._online.unfollow(log_id)
            case AckMailbox(upto, cause):
                self._online.acknowledge_mailbox(upto, cause)
            case Recall():
                self._spawn(self._recall(effect))
            case Wake(at_ms):
                self._alarm.set(at_ms)
            case Show(event):
                self._broadcast.show(event)

    async def _recall(self, wanted: Recall) -> None:
        """Read stored messages for the engine, as soon as the disk gives them."""
        while True:
            try:
                rows = await self.disk.read(self.store.recall, wanted)
            except (StorageFull, Busy) as error:
                self._tell_of_disk(error)
                await asyncio.sleep(_DISK_SECONDS)
            else:
                self.give(Recalled(wanted.ask_id, rows))
                return

    def _finish(self, item: _Item, result: object | None) -> None:
        if item.waiter is not None and not item.waiter.done():
            item.waiter.set_result(result)
        match item.event:
            case EntriesArrived(entries):
                self._online.received(entries)
            case Connected():
                self._online.open_mailbox()
            case DiskWentBack() | ComeBack():
                self._online.judged()
            case Answered(job) if job not in self._state.jobs:
                self._online.job_ended(job)

    async def _write_ledger(self) -> None:
        while True:
            await asyncio.sleep(_LEDGER_SECONDS)
            try:
                await self.flush_ledger()
            except StorageFull:
                continue

    async def flush_ledger(self) -> None:
        """Write the lines that are not written yet."""
        if len(self.ledger):
            await self._save([])


def now_ms() -> int:
    """Return Unix time in milliseconds."""
    return time.time_ns() // 1_000_000


def _load(store: Store) -> State:
    try:
        return engine.load(store.load())
    except ClientError:
        raise
    except PrivityError as error:
        raise Damaged(f"the stored state can't be read: {error}") from error


def _fail(item: _Item, error: BaseException) -> None:
    if item.waiter is not None and not item.waiter.done():
        item.waiter.set_exception(error)
