"""Tokens that a relay's own key made, without anybody who took them."""

import secrets
import sqlite3
from collections.abc import Callable

from privity.relay.token_keys import keep_weeks, key_of
from privity.wire.tokens import NONCE_SIZE, Scheme, Token, TokenKind

__all__ = ["minted"]


def minted(
    logs: sqlite3.Connection,
    kind: TokenKind,
    week: int = 0,
    random: Callable[[int], bytes] = secrets.token_bytes,
    scheme: Scheme = Scheme.BLIND,
) -> bytes:
    """Return a token that is good on this log side, which gets keys for the week."""
    keep_weeks(logs, week, scheme, random)
    key, nonce = key_of(logs, kind, week), random(NONCE_SIZE)
    assert key is not None
    return Token(week, nonce, key.output(nonce)).encode()
