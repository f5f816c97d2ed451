"""Who is out in the storm: senders that repeat what got no answer, and readers.

Each goes to another relay when its own is gone, as a client behind a balancer does.
"""

import asyncio
import secrets
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from demo.storm.chat import StormChat
from demo.storm.journal import Acknowledged, Journal, Read
from demo.storm.link import BROKEN, Link, Refusal, attached
from privity.wire import frames
from privity.wire.entry import NO_CHAIN, Header, chain, digest

__all__ = ["Reader", "Sender", "read_log"]

_IN_FLIGHT = 8
_PAUSE = 0.05
_BODY = bytes(240)
_TIME = struct.Struct(">d")

Where = Callable[[int], str]
"""The URL of the relay for somebody's try number so much."""


@dataclass
class Sender:
    """Writes numbered messages to one chat at a pace, a few in flight."""

    chat: StormChat
    where: Where
    journal: Journal
    per_second: float
    is_stopping: bool = False
    tries: int = 0
    reached: set[str] = field(default_factory=set[str])
    """The relays that it was attached at."""
    _made: int = 0
    _waiting: dict[int, frames.Append] = field(default_factory=dict)

    async def run(self) -> None:
        """Send until told to stop, and then until all is acknowledged."""
        while not self.is_stopping or self._waiting:
            self.tries += 1
            url = self.where(self.tries)
            try:
                async with attached(url, self.chat) as link:
                    self.reached.add(url)
                    await self._talk(link)
            except BROKEN:
                await asyncio.sleep(_PAUSE)

    async def _talk(self, link: Link) -> None:
        if self._waiting:
            await link.send(*self._waiting.values())
        due = time.monotonic()
        while not self.is_stopping or self._waiting:
            is_due = time.monotonic() >= due and len(self._waiting) < _IN_FLIGHT
            if is_due and not self.is_stopping:
                due = max(due + 1 / self.per_second, time.monotonic() - 1)
                await link.send(self._another())
            elif self._waiting:
                self._take(await link.frame())
            else:
                await asyncio.sleep(max(0.0, due - time.monotonic()))

    def _another(self) -> frames.Append:
        self._made += 1
        envelope = _TIME.pack(time.time()) + _BODY
        idem = secrets.token_bytes(16)
        append = self.chat.append(self._made, idem, envelope)
        self._waiting[self._made] = append
        return append

    def _take(self, answer: frames.RelayFrame) -> None:
        if not isinstance(answer, frames.Appended):
            raise Refusal("no answer to an append")
        append = self._waiting.pop(answer.id)
        idem = Header.parse(append.header).idem
        said = digest(append.header, append.envelope)
        if said != answer.digest:
            raise AssertionError("an acknowledgement of other bytes")
        self.journal.note(Acknowledged(self.chat.log_id, answer.seq, idem, said))


@dataclass
class Reader:
    """Follows one chat from its own cursor; notes what comes, and how late."""

    chat: StormChat
    where: Where
    seqs: list[int] = field(default_factory=list)
    late_ms: list[float] = field(default_factory=list)
    tries: int = 0

    @property
    def cursor(self) -> int:
        """Return the newest seq that came."""
        return self.seqs[-1] if self.seqs else 0

    async def run(self) -> None:
        """Read until cancelled."""
        while True:
            self.tries += 1
            try:
                async with attached(self.where(self.tries), self.chat) as link:
                    await link.send(
                        frames.Subscribe(2, [self.chat.cursor(self.cursor)])
                    )
                    while True:
                        await self._take(link, await link.frame(wait=60))
            except BROKEN:
                await asyncio.sleep(_PAUSE)

    async def _take(self, link: Link, frame: frames.RelayFrame) -> None:
        if not isinstance(frame, frames.Entries):
            return
        now = time.time()
        for entry in frame.entries:
            self.seqs.append(entry.seq)
            if isinstance(entry, frames.Entry):
                sent = _TIME.unpack_from(entry.envelope)[0]
                self.late_ms.append((now - sent) * 1_000)
        await link.send(frames.Received(self.chat.log_id, self.cursor))


async def read_log(url: str, chat: StormChat) -> list[Read]:
    """Return all of a log, whose chain is without a gap; raises AssertionError."""
    found: list[Read] = []
    links = NO_CHAIN
    async with attached(url, chat) as link:
        while True:
            await link.send(frames.Sync(3, [chat.cursor(len(found))]))
            batch = await link.frame()
            if isinstance(batch, frames.Synced):
                return found
            if not isinstance(batch, frames.Entries) or batch.before != links:
                raise AssertionError("the chain of a log is broken")
            for entry in batch.entries:
                if not isinstance(entry, frames.Entry):
                    raise AssertionError("an entry is not shown")  # noqa: TRY004
                links = chain(links, entry.header, entry.envelope)
                idem = Header.parse(entry.header).idem
                found.append(
                    Read(entry.seq, idem, digest(entry.header, entry.envelope))
                )
            await link.frame()
