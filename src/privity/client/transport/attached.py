"""The anonymous plane: one connection, attached to the logs of many chats.

A generation's access key is proven once per connection. Appends of one log leave in
the order in which they were asked for, whatever has to be attached first.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

from privity.client.errors import Misbehaved
from privity.client.transport.sockets import FrameSocket
from privity.core.accounts import attach_frame
from privity.core.effects import Cause, Follow
from privity.core.requests import AppendEntry
from privity.wire.codes import Code, Refusal
from privity.wire.entry import Header
from privity.wire.frames import (
    Append,
    Appended,
    Attached,
    Cursor,
    Detach,
    Lease,
    Leased,
    Received,
    RelayFrame,
    Signal,
    Subscribe,
    Subscribed,
)

__all__ = ["Access", "AttachedSocket", "expect"]

Random = Callable[[int], bytes]
_T = TypeVar("_T", bound=RelayFrame)


@dataclass(frozen=True, slots=True)
class Access:
    """What opens one generation of one log."""

    log_id: bytes
    generation: int
    seed: bytes = field(repr=False)


@dataclass(slots=True)
class AttachedSocket:
    """A connection of the anonymous plane and what it has attached."""

    socket: FrameSocket
    random: Random
    _attached: dict[tuple[bytes, int], Attached] = field(default_factory=dict)
    _turns: dict[bytes, asyncio.Lock] = field(default_factory=dict)

    async def attach(self, access: Access, cause: Cause) -> Attached:
        """Prove the access key anew; raises Refusal, Unreachable."""
        frame = attach_frame(
            self.socket.greeting,
            self.socket.number(),
            self.random(32),
            (access.log_id, access.generation),
            access.seed,
        )
        attached = expect(Attached, await self.socket.request(frame, cause))
        self._attached[access.log_id, access.generation] = attached
        return attached

    async def append(self, asked: AppendEntry, token: bytes, cause: Cause) -> Appended:
        """Append an entry behind all that were asked for before; raises Refusal."""
        access = Access(asked.log_id, asked.generation, asked.access_seed)
        async with self._turn(asked.log_id):
            await self._ensure(access, cause)
            answer = self.socket.request(self._append_frame(asked, token), cause)
        try:
            return expect(Appended, await answer)
        except Refusal as refusal:
            if refusal.code is Code.NOT_ATTACHED:
                self._attached.pop((asked.log_id, asked.generation), None)
            raise

    async def lease(self, asked: AppendEntry, cause: Cause) -> None:
        """Keep the place of a commit while its blob is uploaded, if the relay does.

        What it refuses is no reason not to try: the append tells what is the matter.
        Raises Unreachable, Misbehaved.
        """
        header = Header.parse(asked.header)
        access = Access(asked.log_id, asked.generation, asked.access_seed)
        with suppress(Refusal):
            async with self._turn(asked.log_id):
                await self._ensure(access, cause)
                place = (asked.log_id, asked.generation, header.parent)
                frame = Lease(self.socket.number(), *place)
                answer = self.socket.request(frame, cause)
            expect(Leased, await answer)

    async def follow(
        self, asked: Follow, on_attached: Callable[[Attached], None]
    ) -> None:
        """Subscribe to a log; `on_attached` is called before any entry comes.

        Raises Refusal, Unreachable.
        """
        access = Access(asked.log_id, asked.generation, asked.access_seed)
        async with self._turn(asked.log_id):
            # Always anew: the answer names the head of this moment.
            on_attached(await self.attach(access, asked.cause))
            cursor = Cursor(asked.log_id, asked.generation, asked.after)
            frame = Subscribe(self.socket.number(), [cursor])
            answer = self.socket.request(frame, asked.cause)
        expect(Subscribed, await answer)

    def unfollow(self, log_id: bytes) -> None:
        """Forget a log on this connection."""
        for place in [place for place in self._attached if place[0] == log_id]:
            del self._attached[place]
        self.socket.put(Detach(log_id), Cause("unfollow", log_id))

    def received(self, log_id: bytes, upto: int) -> None:
        """Open the relay's sending window: all up to `upto` is durable here."""
        self.socket.put(Received(log_id, upto), Cause("received", log_id))

    def signal(self, signal: Signal, cause: Cause) -> None:
        """Send a signal of a generation that is attached; else it is let go."""
        if (signal.log_id, signal.generation) in self._attached:
            self.socket.put(signal, cause)

    async def _ensure(self, access: Access, cause: Cause) -> None:
        if (access.log_id, access.generation) not in self._attached:
            await self.attach(access, cause)

    def _append_frame(self, asked: AppendEntry, token: bytes) -> Append:
        return Append(
            id=self.socket.number(),
            header=asked.header,
            envelope=asked.envelope,
            welcome=asked.welcome,
            checkpoint=asked.checkpoint,
            signature=asked.signature,
            resume=asked.resume,
            token=token,
            after=asked.after,
        )

    def _turn(self, log_id: bytes) -> asyncio.Lock:
        return self._turns.setdefault(log_id, asyncio.Lock())


def expect(kind: type[_T], frame: RelayFrame) -> _T:
    """Return an answer that has the right type, or raise Misbehaved."""
    if not isinstance(frame, kind):
        raise Misbehaved(f"{type(frame).__name__} where {kind.__name__} belongs")
    return frame
