"""The crossing: what this process tells the others, and what it hears of them.

Hints of one turn of the event loop leave in one sealed message. Whatever can't be
opened is dropped without a word.
"""

import asyncio
from collections.abc import Callable

from privity.errors import DecodeError, NotAuthentic
from privity.relay.bus.credentials import BusKey
from privity.relay.bus.hints import Hint, decode_hints, encode_hints
from privity.relay.bus.sealing import Opener, Sealer, subject_of
from privity.relay.bus.wires import NatsWire

__all__ = ["Crossing"]

_PART = 256
"""Hints in one message; of signals, the largest, about 48 KiB."""
_MOST = 16_384
"""Hints that wait for one turn of the loop; the rest is found by looking around."""


class Crossing:
    """A `Teller` over NATS; `random` draws n bytes, `clock` is Unix time.

    `who` is this relay to a server that knows keys.
    """

    def __init__(
        self,
        url: str,
        key: bytes,
        random: Callable[[int], bytes],
        clock: Callable[[], float],
        who: BusKey | None = None,
    ) -> None:
        process_id = random(16)
        self._sealer = Sealer(key, process_id, clock)
        self._opener = Opener(key, clock, own=process_id)
        self._wire = NatsWire(url, subject_of(key), self._came, self._is_back, who)
        self._waiting: list[Hint] = []
        self._hear: Callable[[Hint], None] = _deaf
        self.back = asyncio.Event()
        """Set whenever the wire is up anew: something may have been missed."""

    @property
    def is_up(self) -> bool:
        """Whether the others hear at this moment."""
        return self._wire.is_up

    def tell(self, hint: Hint) -> None:
        """Tell all others at the end of this turn, or never."""
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._send)
        if len(self._waiting) < _MOST:
            self._waiting.append(hint)

    async def run(self, hear: Callable[[Hint], None]) -> None:
        """Carry hints both ways until cancelled."""
        self._hear = hear
        try:
            await self._wire.run()
        finally:
            self._hear = _deaf
            await self._wire.close()

    def _send(self) -> None:
        hints, self._waiting = self._waiting, []
        if not self._wire.is_up:
            return
        for start in range(0, len(hints), _PART):
            part = encode_hints(hints[start : start + _PART])
            self._wire.send(self._sealer.seal(part))

    def _came(self, message: bytes) -> None:
        try:
            hints = decode_hints(self._opener.open(message))
        except (NotAuthentic, DecodeError):
            return
        for hint in hints:
            self._hear(hint)

    def _is_back(self) -> None:
        self.back.set()


def _deaf(hint: Hint) -> None:
    """Hear nothing: this process does not listen yet, or not any more."""
