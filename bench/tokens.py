"""What a blind token costs: in microseconds a token, on either side."""

import os
import sqlite3
from collections.abc import Iterator

from bench.timing import timed
from privity.client.blinding import Blinding
from privity.relay.storage.log_tables import LOG_SCHEMA
from privity.relay.token_keys import keep_weeks, key_of
from privity.relay.tokens import spend
from privity.wire.tokens import (
    NONCE_SIZE,
    Scheme,
    Token,
    TokenKind,
    function_input,
)

__all__ = ["token_costs"]

BATCH = 20
KIND = TokenKind.LOG


def token_costs() -> Iterator[tuple[str, float]]:
    """Yield (row, microseconds a token) of one batch that is taken and spent."""
    logs = sqlite3.connect(":memory:", isolation_level=None)
    for statement in LOG_SCHEMA.statements:
        logs.execute(statement)
    keep_weeks(logs, 0, Scheme.BLIND, os.urandom)
    key = key_of(logs, KIND, 0)
    if key is None:
        raise LookupError("a week without its key")
    public = key.public
    nonces = [os.urandom(NONCE_SIZE) for _ in range(BATCH)]
    inputs = [function_input(KIND, 0, nonce) for nonce in nonces]
    seconds, blindings = timed(lambda: [Blinding(one) for one in inputs])
    yield "token: blind (client)", _each(seconds)
    asked = [one.element for one in blindings]
    seconds, made = timed(lambda: list(key.ready(asked)()))
    yield f"token: evaluate {BATCH} (relay)", _each(seconds)
    both = list(zip(blindings, made, strict=True))
    seconds, outputs = timed(lambda: [one.output(public, got) for one, got in both])
    yield "token: verify and unblind (client)", _each(seconds)
    pairs = zip(nonces, outputs, strict=True)
    tokens = [Token(0, nonce, output).encode() for nonce, output in pairs]
    seconds, _ = timed(lambda: _spend_all(logs, tokens))
    yield "token: spend, in memory (relay)", _each(seconds)


def _spend_all(logs: sqlite3.Connection, tokens: list[bytes]) -> None:
    for one in tokens:
        spend(logs, KIND, one)


def _each(seconds: float) -> float:
    return seconds * 1e6 / BATCH
