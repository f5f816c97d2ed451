"""Single-use tokens: the right to do something costly without saying who.

The account side counts what a device took on a day; the log side keeps SHA-256
and day of each token, and forgets it when it is spent. Issuing is therefore two
steps on two databases, never one: count first, so that a crash in between costs
tokens and never grants them. A live operator could link the two; a blind
signature (RFC 9497) will take this module's place.
"""

import sqlite3
from enum import StrEnum
from hashlib import sha256

from privity.relay.config import TokenSettings
from privity.wire import limits
from privity.wire.codes import Code, Refusal

__all__ = [
    "TokenKind",
    "count_issued",
    "drop_counts",
    "drop_expired",
    "spend",
    "store",
]

_DAY = 86_400


class TokenKind(StrEnum):
    """What a token pays for."""

    LOG = "log"
    BLOB = "blob"
    REQUEST = "request"
    CLAIM = "claim"
    CHILD = "child"
    PLEA = "plea"

    @classmethod
    def parse(cls, name: str) -> "TokenKind":
        """Return the kind of this name; raises Refusal (MALFORMED)."""
        try:
            return cls(name)
        except ValueError:
            raise Refusal(Code.MALFORMED, "no such kind of token") from None

    def daily(self, settings: TokenSettings) -> int:
        """Return how many of this kind a device may take on one day."""
        numbers = {
            TokenKind.LOG: settings.log,
            TokenKind.BLOB: settings.blob,
            TokenKind.REQUEST: settings.request,
            TokenKind.CLAIM: settings.claim,
            TokenKind.CHILD: settings.child,
            TokenKind.PLEA: settings.plea,
        }
        return numbers[self]


def count_issued(
    accounts: sqlite3.Connection,
    device: tuple[bytes, bytes],
    kind: TokenKind,
    now: int,
    numbers: tuple[int, int],
) -> None:
    """Count tokens for a device (account side); `numbers`: how many, and a day's most.

    An account takes no more than all the devices that it may have, whichever come
    and go. Raises Refusal: RATE_LIMITED when the day's number would be exceeded.
    """
    count, daily = numbers
    day = now // _DAY
    before, of_account = accounts.execute(
        "SELECT coalesce(sum(iif(device_id = ?, count, 0)), 0), coalesce(sum(count), 0)"
        " FROM tokens_issued WHERE account_id = ? AND kind = ? AND day = ?",
        (device[1], device[0], kind.value, day),
    ).fetchone()
    left = min(daily - before, daily * limits.DEVICES_PER_ACCOUNT - of_account)
    if count > left:
        detail = f"{max(0, left)} {kind.value} tokens are left today"
        raise Refusal(Code.RATE_LIMITED, detail, ((day + 1) * _DAY - now) * 1_000)
    accounts.execute(
        "INSERT OR REPLACE INTO tokens_issued"
        " (account_id, device_id, kind, day, count) VALUES (?, ?, ?, ?, ?)",
        (*device, kind.value, day, before + count),
    )


def store(
    logs: sqlite3.Connection, kind: TokenKind, tokens: list[bytes], day: int
) -> None:
    """Make tokens good for spending (log side)."""
    logs.executemany(
        "INSERT INTO tokens (hash, kind, day) VALUES (?, ?, ?)",
        [(sha256(token).digest(), kind.value, day) for token in tokens],
    )


def spend(logs: sqlite3.Connection, kind: TokenKind, token: bytes) -> None:
    """Take a token out of use (log side).

    Raises Refusal: TOKEN_NEEDED for none, TOKEN_SPENT for one that is unknown,
    of another kind, expired or spent; which of these it was is not told.
    """
    if not token:
        raise Refusal(Code.TOKEN_NEEDED, f"a {kind.value} token is needed")
    taken = logs.execute(
        "DELETE FROM tokens WHERE hash = ? AND kind = ?",
        (sha256(token).digest(), kind.value),
    )
    if taken.rowcount != 1:
        raise Refusal(Code.TOKEN_SPENT, f"this is no unspent {kind.value} token")


def drop_counts(accounts: sqlite3.Connection, today: int) -> None:
    """Forget what was taken on earlier days (account side)."""
    accounts.execute("DELETE FROM tokens_issued WHERE day < ?", (today,))


def drop_expired(logs: sqlite3.Connection, today: int, days: int) -> None:
    """Forget the tokens that lived `days` days (log side)."""
    logs.execute("DELETE FROM tokens WHERE day <= ?", (today - days,))
