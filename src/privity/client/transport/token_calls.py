"""Taking tokens: keys from the anonymous plane, answers from the identified one.

Whoever hands out keys of their own to one device could tell its tokens from all
others. So the keys are asked for without saying who asks, are signed by the relay's
head key, and are kept: a week whose keys change is refused, and so is a week that is
not this one. docs/spec/token.md says what that leaves.
"""

import asyncio
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from privity.client.blinding import Blinding
from privity.client.errors import Misbehaved
from privity.client.transport.attached import AttachedSocket
from privity.client.transport.http import Call, HttpPlane, call
from privity.client.wallet import Wallet
from privity.core.effects import Cause
from privity.errors import DecodeError, NotAuthentic
from privity.wire import http
from privity.wire.tokens import (
    NONCE_SIZE,
    OUTPUT_SIZE,
    Scheme,
    Token,
    TokenKind,
    TokenWeek,
    function_input,
    open_token_keys,
    week_of,
)

__all__ = ["TokenDesk"]

_SKEW = 86_400
"""How wrong a clock may be about the week."""


class Planes(Protocol):
    """What it takes of a live connection to the relay."""

    session: bytes
    identified: HttpPlane
    anonymous: HttpPlane
    chats: AttachedSocket


@dataclass(frozen=True, slots=True)
class TokenDesk:
    """Takes tokens over one connection; `clock` is Unix time in seconds."""

    planes: Planes
    wallet: Wallet
    clock: Callable[[], float] = field(default=time.time)

    async def take(self, kind: str, count: int, cause: Cause) -> list[bytes]:
        """Return tokens that are not used yet.

        Raises Refusal (the day's number is used up), Unreachable, and Misbehaved where
        the relay's keys are not those that it stated, or do not fit its answer.
        """
        week = await self._running_week(cause)
        orders = [_Order(week, TokenKind(kind)) for _ in range(count)]
        body = http.TokenRequest(kind, week.week, [one.asked for one in orders])
        bearer = f"Bearer {self.planes.session.hex()}"
        asked = call("POST", "/v1/tokens", body, cause)
        asked = asked.with_header("authorization", bearer)
        made = (await self.planes.identified.ask(asked, http.TokenBatch)).made
        if len(made) != count:
            raise Misbehaved(f"{len(made)} tokens for {count}")
        try:
            return [one.token(got) for one, got in zip(orders, made, strict=True)]
        except NotAuthentic:
            raise Misbehaved("tokens under other keys than it stated") from None

    async def _running_week(self, cause: Cause) -> TokenWeek:
        greeting = self.planes.chats.socket.greeting
        asked = Call("GET", "/v1/token-keys", "/v1/token-keys", cause)
        got = await self.planes.anonymous.ask(asked, http.StatedTokenKeys)
        try:
            weeks = open_token_keys(greeting.head_key, greeting.host, got.statement)
        except (DecodeError, NotAuthentic) as error:
            raise Misbehaved(f"no token keys: {error}") from None
        now = int(self.clock())
        if weeks[0].week not in {week_of(now - _SKEW), week_of(now + _SKEW)}:
            raise Misbehaved("token keys of another week, or this clock is wrong")
        if not await asyncio.to_thread(self.wallet.pin, greeting.head_key, weeks):
            raise Misbehaved("other token keys than it stated for the same week")
        return weeks[0]


class _Order:
    """One token on its way; `asked` is what the identified plane sees of it."""

    __slots__ = ("_blinding", "_kind", "_nonce", "_week", "asked")

    def __init__(self, week: TokenWeek, kind: TokenKind) -> None:
        self._week, self._kind = week, kind
        self._nonce = os.urandom(NONCE_SIZE)
        self._blinding: Blinding | None = None
        self.asked = self._nonce
        if week.scheme is Scheme.BLIND:
            self._blinding = Blinding(function_input(kind, week.week, self._nonce))
            self.asked = self._blinding.element

    def token(self, made: bytes) -> bytes:
        """Return the token; raises NotAuthentic for what is no answer to this."""
        output = made
        if self._blinding is not None:
            output = self._blinding.output(self._week.key(self._kind), made)
        if len(output) != OUTPUT_SIZE:
            raise NotAuthentic
        return Token(self._week.week, self._nonce, output).encode()
