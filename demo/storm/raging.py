"""A storm from its first gust to the account of every message."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from demo.processes import Failed
from demo.storm.chat import StormChat
from demo.storm.fleet import Fleet, Killable
from demo.storm.journal import Account, Journal, Read, account
from demo.storm.link import BROKEN
from demo.storm.people import Reader, Sender, read_log
from demo.storm.uploads import Uploader, what_is_lost

__all__ = ["Plan", "Sight", "Storm", "percentile"]

_CALM_SECONDS = 60.0
_AGAIN_SECONDS = 0.3
_UPLOADERS = 3


@dataclass(frozen=True, slots=True)
class Plan:
    """How long, how hard; the same seed draws the same gusts."""

    seconds: float
    seed: int = 1
    pause: tuple[float, float] = (1.5, 3.0)
    """Seconds between two gusts."""
    away: tuple[float, float] = (0.0, 1.0)
    """Seconds until what was killed is started again."""
    per_second: float = 25.0
    """Messages of one sender."""
    services: bool = True
    """Whether what the relays stand on is killed too."""
    freezes: bool = True


@dataclass(frozen=True, slots=True)
class Sight:
    """What can be seen at a moment."""

    seconds: float
    acknowledged: int
    delivered: int
    up: tuple[bool, ...]
    gusts: dict[str, int]
    late_ms: list[float]
    """How late came what came since the last look."""


@dataclass
class Storm:
    """Two senders and two readers for each chat, who sends files, and the weather."""

    fleet: Fleet
    plan: Plan
    journal: Journal
    gusts: Counter[str] = field(default_factory=Counter)
    senders: list[Sender] = field(default_factory=list)
    readers: list[Reader] = field(default_factory=list)
    uploaders: list[Uploader] = field(default_factory=list)
    began: float = 0.0
    _seen: Counter[int] = field(default_factory=Counter)

    async def rage(self, show: Callable[[Sight], None], every: float = 1.0) -> Account:
        """Let people write while processes die, then account for every message."""
        self.began = time.monotonic()
        self._gather()
        busy: list[Sender | Uploader] = [*self.senders, *self.uploaders]
        writing = [asyncio.create_task(one.run()) for one in busy]
        reading = [asyncio.create_task(one.run()) for one in self.readers]
        showing = asyncio.create_task(self._show(show, every))
        try:
            await self._blow()
            for one in busy:
                one.is_stopping = True
            async with asyncio.timeout(_CALM_SECONDS):
                await asyncio.gather(*writing)
            return await self._account()
        except TimeoutError:
            raise Failed("some messages were not acknowledged in a minute") from None
        finally:
            tasks = [*writing, *reading, showing]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def sight(self) -> Sight:
        """Return what can be seen now, and how late came what came since the last."""
        late: list[float] = []
        for reader in self.readers:
            late += reader.late_ms[self._seen[id(reader)] :]
            self._seen[id(reader)] = len(reader.late_ms)
        return Sight(
            time.monotonic() - self.began,
            len(self.journal.acknowledged),
            sum(len(one.seqs) for one in self.readers),
            tuple(one.is_up for one in self.fleet.relays),
            dict(self.gusts),
            late,
        )

    def late_ms(self) -> list[float]:
        """Return how late every delivery was."""
        return [ms for one in self.readers for ms in one.late_ms]

    def _gather(self) -> None:
        pace = self.plan.per_second
        for number, chat in enumerate(self.fleet.chats):
            for who in range(2):
                where = self._where(number + who)
                self.senders.append(Sender(chat, where, self.journal, pace))
                self.readers.append(Reader(chat, self._where(number + who + 1)))

        for number in range(_UPLOADERS):
            files = self.fleet.files[number::_UPLOADERS]
            self.uploaders.append(Uploader(files, self._where(number)))

    @property
    def files(self) -> int:
        """Return how many files relays said to have whole."""
        return sum(len(one.finished) for one in self.uploaders)

    def _where(self, first: int) -> Callable[[int], str]:
        relays = self.fleet.relays

        def where(tries: int) -> str:
            # As a balancer does: the next one that is up.
            start = first + tries
            turn = [relays[(start + step) % len(relays)] for step in range(len(relays))]
            return next((one.url for one in turn if one.is_up), turn[0].url)

        return where

    async def _show(self, show: Callable[[Sight], None], every: float) -> None:
        while True:
            await asyncio.sleep(every)
            show(self.sight())

    async def _blow(self) -> None:
        dice = random.Random(self.plan.seed)  # noqa: S311  weather, no secret
        while time.monotonic() - self.began < self.plan.seconds:
            await asyncio.sleep(dice.uniform(*self.plan.pause))
            await self._gust(dice)

    async def _gust(self, dice: random.Random) -> None:
        victim: Killable = dice.choice(self.fleet.relays)
        away = dice.uniform(*self.plan.away)
        if self.plan.services and self.fleet.services and dice.random() < 0.4:
            victim = dice.choice(self.fleet.services)
        if self.plan.freezes and dice.random() < 0.25:
            await self._freeze(victim, 1 + 2 * away)
        else:
            await self._kill(victim, away)

    async def _kill(self, victim: Killable, away: float) -> None:
        self._note(f"kill -9 {victim.name}")
        await asyncio.to_thread(victim.kill)
        await asyncio.sleep(away)
        ends = time.monotonic() + _CALM_SECONDS
        while True:
            try:
                return await asyncio.to_thread(victim.start)
            except Failed:
                if time.monotonic() > ends:
                    raise
                await asyncio.sleep(_AGAIN_SECONDS)

    async def _freeze(self, victim: Killable, seconds: float) -> None:
        self._note(f"freeze {victim.name}")
        victim.freeze()
        try:
            await asyncio.sleep(seconds)
        finally:
            victim.thaw()

    def _note(self, what: str) -> None:
        self.gusts[what] += 1
        at = round(time.monotonic() - self.began, 3)
        self.journal.tell(at=at, gust=what)

    async def _account(self) -> Account:
        logs = {chat.log_id: await self._read(chat) for chat in self.fleet.chats}
        ends = time.monotonic() + _CALM_SECONDS
        while any(one.cursor < len(logs[one.chat.log_id]) for one in self.readers):
            if time.monotonic() > ends:
                break
            await asyncio.sleep(0.05)
        heard = [(one.chat.log_id, one.seqs) for one in self.readers]
        told = account(self.journal.acknowledged, logs, heard)
        told.wrong += [it for one in self.uploaders for it in one.wrong]
        told.wrong += await self._lost_files()
        told.wrong += self._idle_relays()
        return told

    def _idle_relays(self) -> list[str]:
        """Return which relays nobody wrote at: a storm around them shows nothing."""
        reached = {url for one in self.senders for url in one.reached}
        relays = self.fleet.relays
        return [f"nobody reached {it.name}" for it in relays if it.url not in reached]

    async def _lost_files(self) -> list[str]:
        """Return what the relays do not hand out of what they said to have whole."""
        finished = [file for one in self.uploaders for file in one.finished]
        many = [await what_is_lost(one.url, finished) for one in self.fleet.relays]
        return [lost for some in many for lost in some]

    async def _read(self, chat: StormChat) -> list[Read]:
        ends = time.monotonic() + _CALM_SECONDS
        while True:
            try:
                return await read_log(self.fleet.relays[0].url, chat)
            except BROKEN:
                if time.monotonic() > ends:
                    raise
                await asyncio.sleep(_AGAIN_SECONDS)


def percentile(values: list[float], share: float) -> float:
    """Return what this share of the values is not above; 0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0
