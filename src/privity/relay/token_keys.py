"""The keys of tokens: one for each kind and week, all derived from one seed.

The seed is in the log side's database, so that a relay that was restored has the keys
that its clients know. A week that has no row has no key any more: what was spent in it
may be forgotten with its row, and not before. docs/spec/token.md.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha512

from privity.relay.oprf import Function, blinded
from privity.relay.storage.store import Connection
from privity.wire.codes import Code, Refusal
from privity.wire.tokens import (
    NONCE_SIZE,
    WEEKS_STATED,
    Scheme,
    TokenKind,
    TokenWeek,
    function_input,
    key_info,
)

__all__ = ["TokenKey", "drop_before", "keep_weeks", "key_of", "stated_weeks"]

_MAC_LABEL = b"Privity 1.0 token-mac"


@dataclass(frozen=True, slots=True)
class TokenKey:
    """What makes and verifies the tokens of one kind and week."""

    kind: TokenKind
    week: int
    scheme: Scheme
    seed: bytes = field(repr=False)

    @property
    def public(self) -> bytes:
        """Return the public key, which proofs are verified with."""
        return self._function().public

    def output(self, nonce: bytes) -> bytes:
        """Return the 64 bytes that make a nonce a token."""
        data = function_input(self.kind, self.week, nonce)
        if self.scheme is Scheme.BLIND:
            return self._function().output(data)
        key = hmac.digest(self.seed, _MAC_LABEL, sha512)
        return hmac.digest(key, data, sha512)

    def ready(self, asked: list[bytes]) -> Callable[[], list[bytes]]:
        """Check all that is asked; what is returned answers it, 0.2 ms each.

        Raises Refusal (MALFORMED) for what is no blinded element, or no nonce.
        """
        if self.scheme is Scheme.BLIND:
            elements = [blinded(one) for one in asked]
            function = self._function()
            return lambda: [function.evaluate(one) for one in elements]
        if any(len(one) != NONCE_SIZE for one in asked):
            raise Refusal(Code.MALFORMED, f"a nonce has {NONCE_SIZE} bytes")
        return lambda: [self.output(one) for one in asked]

    def _function(self) -> Function:
        return Function(self.seed, key_info(self.kind, self.week))


def keep_weeks(
    logs: Connection,
    week: int,
    scheme: Scheme,
    random: Callable[[int], bytes],
) -> None:
    """Have keys for a week and the next; those that there are stay as they are."""
    logs.execute(
        "INSERT INTO token_seed (one, seed) VALUES (1, ?) ON CONFLICT DO NOTHING",
        (random(32),),
    )
    logs.executemany(
        "INSERT INTO token_weeks (week, scheme) VALUES (?, ?) ON CONFLICT DO NOTHING",
        [(one, int(scheme)) for one in range(week, week + WEEKS_STATED)],
    )


def key_of(logs: Connection, kind: TokenKind, week: int) -> TokenKey | None:
    """Return a key, or None for a week that has none (any more)."""
    row = logs.execute(
        "SELECT scheme, seed FROM token_weeks, token_seed WHERE week = ? AND one = 1",
        (week,),
    ).fetchone()
    return TokenKey(kind, week, Scheme(row[0]), bytes(row[1])) if row else None


def stated_weeks(logs: Connection, week: int) -> tuple[TokenWeek, ...]:
    """Return what is stated of a week and the next, as far as they have keys."""
    stated: list[TokenWeek] = []
    for one in range(week, week + WEEKS_STATED):
        keys = [key for kind in TokenKind if (key := key_of(logs, kind, one))]
        if keys:
            scheme = keys[0].scheme
            public = [key.public for key in keys if scheme is Scheme.BLIND]
            stated.append(TokenWeek(one, scheme, tuple(public)))
    return tuple(stated)


def drop_before(logs: Connection, week: int) -> None:
    """Forget the keys of all weeks before one, and what was spent under them."""
    logs.execute("DELETE FROM token_weeks WHERE week < ?", (week,))
    logs.execute("DELETE FROM spent_tokens WHERE week < ?", (week,))
