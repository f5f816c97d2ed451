"""The lane of strangers: what it costs, and whether it is open.

A lane that is closed takes what shows one of its *doors*: keys of 32 bytes that
somebody has by a link, or by an invitation that the account sent. Of an account whose
lane is open no row is kept.
"""

import hmac
from hashlib import sha256

from privity.errors import DecodeError, NotAuthentic
from privity.relay.storage.store import Connection
from privity.wire import work
from privity.wire.codes import Code, Refusal
from privity.wire.http import PostMessage, SetRequestsLane

__all__ = ["check_door", "check_work", "forget_lane", "set_lane"]

_HASH = 32
_DAYS_OFF = 1
"""How far a day may lie from today: clocks differ, and work takes its time."""


def check_work(
    place: tuple[str, bytes], message: PostMessage, bits: int, today: int
) -> None:
    """Judge a stranger's work by its bytes alone; `place` is (host, mailbox id).

    Asked before anything of a database is. Raises Refusal (WORK_NEEDED).
    """
    host, mailbox_id = place
    refusal = Refusal(Code.WORK_NEEDED, f"{bits} bits of work are needed")
    try:
        shown = work.Work.decode(message.work)
        about = (message.idem, message.body)
        work.check(work.challenge(host, mailbox_id, shown.day, about), shown, bits)
    except (DecodeError, NotAuthentic):
        raise refusal from None
    if abs(shown.day - today) > _DAYS_OFF:
        raise refusal


def set_lane(accounts: Connection, account_id: bytes, asked: SetRequestsLane) -> None:
    """Close the lane of an account but for some doors, or open it."""
    forget_lane(accounts, account_id)
    if asked.closed:
        accounts.execute(
            "INSERT INTO closed_lanes (account_id, doors) VALUES (?, ?)",
            (account_id, b"".join(sorted(asked.doors))),
        )
    elif asked.doors:
        raise Refusal(Code.MALFORMED, "an open lane has no doors")


def check_door(accounts: Connection, account_id: bytes, door: bytes) -> None:
    """Refuse (REQUESTS_CLOSED) a stranger without a door to a closed lane."""
    row = accounts.execute(
        "SELECT doors FROM closed_lanes WHERE account_id = ?", (account_id,)
    ).fetchone()
    if row is None:
        return
    doors, shown = bytes(row[0]), sha256(door).digest()
    found = [
        hmac.compare_digest(doors[at : at + _HASH], shown)
        for at in range(0, len(doors), _HASH)
    ]
    if not any(found):
        raise Refusal(Code.REQUESTS_CLOSED, "by a link of theirs only")


def forget_lane(accounts: Connection, account_id: bytes) -> None:
    """Keep nothing of an account's lane: it is open."""
    accounts.execute("DELETE FROM closed_lanes WHERE account_id = ?", (account_id,))
