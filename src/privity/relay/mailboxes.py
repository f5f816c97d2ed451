"""Mailboxes: one inbox for each device, in two lanes, emptied by acknowledgement.

`contacts` takes up to 1,000 waiting messages from holders of the account's mailbox
access key, `requests` up to 20 from strangers, who pay a token and work (`lanes`). Who
posted is not known and not kept. A repeated `idem` is recognized for 30 days at least,
by the digest of its message, also when that was acknowledged and deleted long ago.

Days are rounded up: to `IDEM_PERIOD` for what outlives a message, to a week for the
message. The day of an invitation, beside the days of the log side's Welcomes, would
tell who was invited where, and how much mail each device ever got tells who is in many
chats (docs/security/seizure.md). So a mailbox counts from a number drawn at random, and
what recognizes a repeat doesn't say of which mailbox.
"""

import hmac
from collections.abc import Sequence
from enum import StrEnum
from hashlib import sha256

from privity.relay.key_packages import check_mailbox_key
from privity.relay.lanes import check_door
from privity.relay.storage.store import Connection, find_each
from privity.wire import limits
from privity.wire.codes import Code, Refusal
from privity.wire.frames import MailboxEntry
from privity.wire.http import PostMessage

__all__ = [
    "IDEM_PERIOD",
    "Lane",
    "acknowledge",
    "check_post",
    "drop_old",
    "newest",
    "post",
    "read",
    "with_mail",
]


IDEM_PERIOD = 90
"""To how many days the day of an idem is rounded up."""
_WEEK = 7
_FULL_WAIT_MS = 60_000


class Lane(StrEnum):
    """By what right a message came."""

    CONTACTS = "contacts"
    REQUESTS = "requests"

    @classmethod
    def parse(cls, name: str) -> "Lane":
        """Return the lane of this name; raises Refusal (MALFORMED)."""
        try:
            return cls(name)
        except ValueError:
            raise Refusal(Code.MALFORMED, "no such lane") from None

    @property
    def capacity(self) -> int:
        """How many messages may wait in this lane of one mailbox."""
        if self is Lane.CONTACTS:
            return limits.MAILBOX_CONTACTS
        return limits.MAILBOX_REQUESTS


def check_post(accounts: Connection, mailbox_id: bytes, message: PostMessage) -> bool:
    """Judge a message before it costs anything; returns whether it is a repeat.

    Raises Refusal: MALFORMED (unknown lane; an idem that named other bytes),
    NO_SUCH_MAILBOX, ACCESS_KEY_NEEDED, REQUESTS_CLOSED, MAILBOX_FULL.
    """
    lane = Lane.parse(message.lane)
    account_id = _owner(accounts, mailbox_id)
    if lane is Lane.CONTACTS:
        check_mailbox_key(accounts, account_id, message.mailbox_key)
    if _is_repeat(accounts, mailbox_id, message):
        return True
    if lane is Lane.REQUESTS:
        check_door(accounts, account_id, message.door)
    waiting = accounts.execute(
        "SELECT count(*) FROM mailbox_entries WHERE mailbox_id = ? AND lane = ?",
        (mailbox_id, lane.value),
    ).fetchone()[0]
    if waiting >= lane.capacity:
        detail = f"{waiting} messages wait there already"
        raise Refusal(Code.MAILBOX_FULL, detail, _FULL_WAIT_MS)
    return False


def post(
    accounts: Connection, mailbox_id: bytes, message: PostMessage, day: int
) -> None:
    """Store a message behind the others; a repeat changes nothing.

    Raises Refusal as `check_post` does, which has to be asked before a token is
    taken; here it is asked again, since another post may have come in between.
    """
    if check_post(accounts, mailbox_id, message):
        return
    accounts.execute(
        "UPDATE mailbox_heads SET seq = seq + 1 WHERE mailbox_id = ?", (mailbox_id,)
    )
    accounts.execute(
        "INSERT INTO mailbox_entries (mailbox_id, seq, lane, body, day)"
        " VALUES (?, ?, ?, ?, ?)",
        (
            mailbox_id,
            newest(accounts, mailbox_id),
            message.lane,
            message.body,
            _rounded_up(day, _WEEK),
        ),
    )
    accounts.execute(
        "INSERT INTO mailbox_idems (name, digest, day) VALUES (?, ?, ?)",
        (
            _name(mailbox_id, message),
            _digest(mailbox_id, message),
            _rounded_up(day, IDEM_PERIOD),
        ),
    )


def newest(accounts: Connection, mailbox_id: bytes) -> int:
    """Return the seq of the newest message that ever came, or what came before any.

    0 where there is no such mailbox.
    """
    row = accounts.execute(
        "SELECT seq FROM mailbox_heads WHERE mailbox_id = ?", (mailbox_id,)
    ).fetchone()
    return int(row[0]) if row else 0


def read(
    accounts: Connection, mailbox_id: bytes, after: int, limit: int
) -> list[MailboxEntry]:
    """Return at most `limit` waiting messages with a seq above `after`, in order."""
    rows = accounts.execute(
        "SELECT seq, lane, body FROM mailbox_entries"
        " WHERE mailbox_id = ? AND seq > ? ORDER BY seq LIMIT ?",
        (mailbox_id, after, limit),
    )
    return [MailboxEntry(seq, lane, body) for seq, lane, body in rows]


def with_mail(accounts: Connection, mailbox_ids: Sequence[bytes]) -> list[bytes]:
    """Return those in which anything waits that was not acknowledged, asked at once."""
    waiting = "SELECT seq FROM mailbox_entries WHERE mailbox_id = ? LIMIT 1"
    (rows,) = find_each(accounts, (waiting, [(one,) for one in mailbox_ids]))
    found = zip(mailbox_ids, rows, strict=True)
    return [mailbox_id for mailbox_id, row in found if row is not None]


def acknowledge(accounts: Connection, mailbox_id: bytes, upto: int) -> None:
    """Delete everything up to `upto`: the device has it on its own disk."""
    accounts.execute(
        "DELETE FROM mailbox_entries WHERE mailbox_id = ? AND seq <= ?",
        (mailbox_id, upto),
    )


def drop_old(
    accounts: Connection, today: int, idem_days: int, retention_days: int
) -> None:
    """Forget old idems, and messages that no device came for."""
    accounts.execute("DELETE FROM mailbox_idems WHERE day < ?", (today - idem_days,))
    accounts.execute(
        "DELETE FROM mailbox_entries WHERE day < ?", (today - retention_days,)
    )


def _owner(accounts: Connection, mailbox_id: bytes) -> bytes:
    row = accounts.execute(
        "SELECT account_id FROM devices WHERE mailbox_id = ?", (mailbox_id,)
    ).fetchone()
    if row is None:
        raise Refusal(Code.NO_SUCH_MAILBOX, "no device has this mailbox")
    return bytes(row[0])


def _is_repeat(accounts: Connection, mailbox_id: bytes, message: PostMessage) -> bool:
    row = accounts.execute(
        "SELECT digest FROM mailbox_idems WHERE name = ?", (_name(mailbox_id, message),)
    ).fetchone()
    if row is None:
        return False
    if not hmac.compare_digest(row[0], _digest(mailbox_id, message)):
        raise Refusal(Code.MALFORMED, "this idem named another message")
    return True


def _rounded_up(day: int, period: int) -> int:
    return -(-day // period) * period


def _name(mailbox_id: bytes, message: PostMessage) -> bytes:
    """Return what an idem is kept under: nobody tells the mailbox without the idem."""
    return sha256(b"idem" + mailbox_id + message.idem).digest()


def _digest(mailbox_id: bytes, message: PostMessage) -> bytes:
    """Return what tells messages apart; with the idem, lest who has a body find it."""
    body = sha256(message.lane.encode() + b"\0" + message.body).digest()
    return sha256(_name(mailbox_id, message) + body).digest()
