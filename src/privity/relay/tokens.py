"""Single-use tokens: the right to do something costly without saying who.

The account side counts what a device took on a day, and keeps nothing of what it
asked. The log side has the keys, and the nonces that were spent. Issuing counts
first, so that a crash in between costs tokens and never grants them; what is issued
leaves no trace. How blindness holds: docs/spec/token.md.
"""

import hmac

from msgspec import to_builtins

from privity.errors import DecodeError
from privity.relay.config import TokenSettings
from privity.relay.storage.store import Connection
from privity.relay.token_keys import TokenKey, key_of
from privity.wire import limits
from privity.wire.codes import Code, Refusal
from privity.wire.tokens import Token, TokenKind, week_of

__all__ = [
    "TokenKind",
    "count_issued",
    "daily_number",
    "drop_counts",
    "issuing_key",
    "parse_kind",
    "spend",
]

_DAY = 86_400


def daily_number(kind: TokenKind, settings: TokenSettings) -> int:
    """Return how many of a kind a device may take on one day."""
    numbers: dict[str, int] = to_builtins(settings)
    return numbers[kind.value]


def parse_kind(name: str) -> TokenKind:
    """Return the kind of this name; raises Refusal (MALFORMED)."""
    try:
        return TokenKind(name)
    except ValueError:
        raise Refusal(Code.MALFORMED, "no such kind of token") from None


def issuing_key(logs: Connection, kind: TokenKind, week: int, now: int) -> TokenKey:
    """Return what makes tokens of a week that runs, or ended a week ago at most.

    Raises Refusal (MALFORMED) for other weeks: theirs would be good for nothing, or
    for longer than those of others.
    """
    running = week_of(now)
    key = key_of(logs, kind, week) if week in {running, running - 1} else None
    if key is None:
        raise Refusal(Code.MALFORMED, "no tokens are made for this week")
    return key


def count_issued(
    accounts: Connection,
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
        "SELECT CAST(coalesce(sum(count) FILTER (WHERE device_id = ?), 0) AS BIGINT),"
        " CAST(coalesce(sum(count), 0) AS BIGINT)"
        " FROM tokens_issued WHERE account_id = ? AND kind = ? AND day = ?",
        (device[1], device[0], kind.value, day),
    ).fetchone()
    left = min(daily - before, daily * limits.DEVICES_PER_ACCOUNT - of_account)
    if count > left:
        detail = f"{max(0, left)} {kind.value} tokens are left today"
        raise Refusal(Code.RATE_LIMITED, detail, ((day + 1) * _DAY - now) * 1_000)
    accounts.execute(
        "INSERT INTO tokens_issued (account_id, device_id, kind, day, count)"
        " VALUES (?, ?, ?, ?, ?) ON CONFLICT (account_id, device_id, kind, day)"
        " DO UPDATE SET count = excluded.count",
        (*device, kind.value, day, before + count),
    )


def spend(logs: Connection, kind: TokenKind, token: bytes) -> None:
    """Take a token out of use (log side); changes nothing where it raises.

    Raises Refusal: TOKEN_NEEDED for none, TOKEN_SPENT for one that is made up, of
    another kind, expired or spent; which of these it was is not told.
    """
    if not token:
        raise Refusal(Code.TOKEN_NEEDED, f"a {kind.value} token is needed")
    if not _is_genuine(logs, kind, token) or not _is_first(logs, token):
        raise Refusal(Code.TOKEN_SPENT, f"this is no unspent {kind.value} token")


def drop_counts(accounts: Connection, today: int) -> None:
    """Forget what was taken on earlier days (account side)."""
    accounts.execute("DELETE FROM tokens_issued WHERE day < ?", (today,))


def _is_genuine(logs: Connection, kind: TokenKind, token: bytes) -> bool:
    try:
        shown = Token.decode(token)
    except DecodeError:
        return False
    key = key_of(logs, kind, shown.week)
    if key is None:
        return False
    return hmac.compare_digest(key.output(shown.nonce), shown.output)


def _is_first(logs: Connection, token: bytes) -> bool:
    shown = Token.decode(token)
    spent = logs.execute(
        "INSERT INTO spent_tokens (week, nonce) VALUES (?, ?) ON CONFLICT DO NOTHING",
        (shown.week, shown.nonce),
    )
    return spent.rowcount == 1
