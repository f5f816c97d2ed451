"""The log of a chat: what may be created and appended, as steps on the database.

Each function is to run in one transaction; a Refusal leaves nothing behind. The
rules are those of docs/spec/entry.md. For now a commit has one child; a second is
STALE. Who may append is decided before (`attach`), how fast in `pace`.
"""

import hmac
import sqlite3
from dataclasses import dataclass
from hashlib import sha256

from privity.errors import DecodeError, NotAuthentic
from privity.identity import labels
from privity.identity.signing import verify_with_label
from privity.relay.pace import CommitPace
from privity.relay.stamps import StampKey
from privity.relay.tokens import TokenKind, spend
from privity.wire import limits
from privity.wire.codes import Code, Refusal
from privity.wire.entry import (
    NO_CHAIN,
    Header,
    Kind,
    chain_of_links,
    digest_of_links,
    links,
)
from privity.wire.frames import Append
from privity.wire.http import CreateLog
from privity.wire.stamp import stamp_of_links

__all__ = [
    "Attempt",
    "ParentTaken",
    "Stored",
    "append",
    "check_attempt",
    "create",
    "parse_header",
]


class ParentTaken(Refusal):
    """The parent's epoch is over; `children` are the commits that ended it."""

    def __init__(self, children: tuple[int, ...]) -> None:
        super().__init__(Code.STALE, "a commit ended this epoch")
        self.children = children


@dataclass(frozen=True, slots=True)
class Attempt:
    """An append whose header is decoded and whose parts are those it names."""

    header: Header
    frame: Append
    links: bytes


@dataclass(frozen=True, slots=True)
class Stored:
    """Where an entry stands, and the chain values in front of it and behind it.

    `is_repeat` when it stood there before; `before` is empty then.
    """

    seq: int
    minute: int
    stamp_key: int
    stamp: bytes
    digest: bytes
    before: bytes
    chain: bytes
    is_repeat: bool


def create(logs: sqlite3.Connection, request: CreateLog) -> None:
    """Make a log with generation 0 and commit 0; the same request changes nothing.

    Raises Refusal: LOG_EXISTS, TOKEN_NEEDED, TOKEN_SPENT.
    """
    creation = _digest_of_creation(request)
    row = logs.execute("SELECT creation FROM logs WHERE log_id = ?", (request.log_id,))
    found = row.fetchone()
    if found is not None:
        if hmac.compare_digest(found[0], creation):
            return
        raise Refusal(Code.LOG_EXISTS, "a log's id is used once")
    spend(logs, TokenKind.LOG, request.token)
    logs.execute(
        "INSERT INTO logs (log_id, head, chain, creation) VALUES (?, 0, ?, ?)",
        (request.log_id, NO_CHAIN, creation),
    )
    _open_generation(logs, request.log_id, 0, (request.access_pk, request.lobby_pk))
    _add_commit(logs, request.log_id, 0, 0)
    _add_part(logs, request.log_id, 0, "checkpoint", request.checkpoint)


def parse_header(data: bytes) -> Header:
    """Decode the header of an append; raises Refusal (MALFORMED)."""
    try:
        return Header.parse(data)
    except DecodeError as error:
        raise Refusal(Code.MALFORMED, str(error)) from None


def check_attempt(header: Header, frame: Append) -> Attempt:
    """Check what an append says about itself; costs a pass over its bytes.

    Raises Refusal: MALFORMED, TOO_LARGE, WRONG_HASH, NOT_AUTHENTIC.
    """
    is_app = header.kind is Kind.APP
    limit = limits.APP_ENVELOPE if is_app else limits.COMMIT_ENVELOPE
    if len(frame.envelope) > limit:
        raise Refusal(Code.TOO_LARGE, f"more than {limit} bytes")
    _check_part("welcome", header.welcome_hash, frame.welcome)
    _check_part("checkpoint", header.checkpoint_hash, frame.checkpoint)
    _check_opening(header, frame)
    return Attempt(header, frame, links(frame.header, frame.envelope))


def append(
    logs: sqlite3.Connection,
    attempt: Attempt,
    minute: int,
    key: StampKey,
    pace: CommitPace,
) -> Stored:
    """Give an entry the next seq, or return the place of its first time.

    The log exists: somebody attached to it. Raises Refusal: WRONG_GENERATION,
    TOO_SOON, RATE_LIMITED; and ParentTaken (STALE).
    """
    header = attempt.header
    row = logs.execute(
        "SELECT seq FROM idems WHERE log_id = ? AND idem = ?",
        (header.log_id, header.idem),
    ).fetchone()
    if row is not None:
        return _first_time(logs, header.log_id, row[0])
    _check_parent(logs, header)
    if header.kind is Kind.COMMIT:
        pace.take(header.log_id, header.parent, header.generation)
    stored = _store(logs, attempt, minute, key)
    if header.kind is Kind.COMMIT:
        _store_commit(logs, attempt, stored.seq)
        pace.note(header.log_id, stored.seq)
    return stored


def _check_part(name: str, stated: bytes | None, data: bytes) -> None:
    found = sha256(data).digest() if data else None
    if found != stated:
        raise Refusal(Code.WRONG_HASH, f"the {name} is not the one in the header")


def _check_opening(header: Header, frame: Append) -> None:
    if header.next_access_pk is None:
        if frame.signature:
            raise Refusal(Code.MALFORMED, "only an opening is signed")
        return
    try:
        verify_with_label(
            header.next_access_pk, labels.OPENING, frame.header, frame.signature
        )
    except NotAuthentic:
        detail = "the new access key did not sign this header"
        raise Refusal(Code.NOT_AUTHENTIC, detail) from None


def _first_time(logs: sqlite3.Connection, log_id: bytes, seq: int) -> Stored:
    row = logs.execute(
        "SELECT minute, stamp_key, stamp, chain, header, envelope FROM entries"
        " WHERE log_id = ? AND seq = ?",
        (log_id, seq),
    ).fetchone()
    minute, stamp_key, stamp, chain, header, envelope = row
    digest = digest_of_links(links(header, envelope))
    return Stored(seq, minute, stamp_key, stamp, digest, b"", chain, is_repeat=True)


def _check_parent(logs: sqlite3.Connection, header: Header) -> None:
    row = logs.execute(
        "SELECT generation, child FROM commits WHERE log_id = ? AND seq = ?",
        (header.log_id, header.parent),
    ).fetchone()
    if row is None or row[0] != header.generation:
        detail = "the parent is no commit of this generation"
        raise Refusal(Code.WRONG_GENERATION, detail)
    if row[1]:
        raise ParentTaken((row[1],))


def _store(
    logs: sqlite3.Connection, attempt: Attempt, minute: int, key: StampKey
) -> Stored:
    header, frame = attempt.header, attempt.frame
    head, previous = logs.execute(
        "SELECT head, chain FROM logs WHERE log_id = ?", (header.log_id,)
    ).fetchone()
    seq = head + 1
    chain = chain_of_links(previous, attempt.links)
    stamp = stamp_of_links(key.key, header, seq, minute, attempt.links)
    logs.execute(
        "INSERT INTO entries (log_id, seq, minute, stamp_key, stamp, chain, header,"
        " envelope) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            header.log_id,
            seq,
            minute,
            key.id,
            stamp,
            chain,
            frame.header,
            frame.envelope,
        ),
    )
    logs.execute(
        "INSERT INTO idems (log_id, idem, seq) VALUES (?, ?, ?)",
        (header.log_id, header.idem, seq),
    )
    logs.execute(
        "UPDATE logs SET head = ?, chain = ? WHERE log_id = ?",
        (seq, chain, header.log_id),
    )
    digest = digest_of_links(attempt.links)
    return Stored(seq, minute, key.id, stamp, digest, previous, chain, is_repeat=False)


def _store_commit(logs: sqlite3.Connection, attempt: Attempt, seq: int) -> None:
    header, frame = attempt.header, attempt.frame
    logs.execute(
        "UPDATE commits SET child = ? WHERE log_id = ? AND seq = ?",
        (seq, header.log_id, header.parent),
    )
    generation = header.generation
    if header.next_access_pk is not None and header.next_lobby_pk is not None:
        logs.execute(
            "UPDATE generations SET closed_by = ? WHERE log_id = ? AND generation = ?",
            (seq, header.log_id, header.generation),
        )
        keys = (header.next_access_pk, header.next_lobby_pk)
        _open_generation(logs, header.log_id, seq, keys)
        generation = seq
    _add_commit(logs, header.log_id, seq, generation)
    if frame.welcome:
        _add_part(logs, header.log_id, seq, "welcome", frame.welcome)
    if frame.checkpoint:
        _add_part(logs, header.log_id, seq, "checkpoint", frame.checkpoint)


def _open_generation(
    logs: sqlite3.Connection, log_id: bytes, generation: int, keys: tuple[bytes, bytes]
) -> None:
    logs.execute(
        "INSERT INTO generations (log_id, generation, access_pk, lobby_pk, closed_by)"
        " VALUES (?, ?, ?, ?, 0)",
        (log_id, generation, *keys),
    )


def _add_commit(
    logs: sqlite3.Connection, log_id: bytes, seq: int, generation: int
) -> None:
    logs.execute(
        "INSERT INTO commits (log_id, seq, generation, child) VALUES (?, ?, ?, 0)",
        (log_id, seq, generation),
    )


def _add_part(
    logs: sqlite3.Connection, log_id: bytes, seq: int, part: str, body: bytes
) -> None:
    logs.execute(
        "INSERT INTO parts (log_id, seq, part, body) VALUES (?, ?, ?, ?)",
        (log_id, seq, part, body),
    )


def _digest_of_creation(request: CreateLog) -> bytes:
    """Name the bytes of a creation but its token; all fields but one have one size."""
    keys = request.log_id + request.access_pk + request.lobby_pk
    return sha256(keys + sha256(request.checkpoint).digest()).digest()
