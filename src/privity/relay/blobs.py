"""Blobs: encrypted attachments, uploaded in parts, downloaded in ranges.

The row of a blob (log side) says how many bytes of its file are durable. A part is
written and fsynced first and counted second, so that a crash in between costs a
repeat of the part. A blob is readable once its hash was checked; then its file is
renamed in place. Whoever knows the random id may read; the upload key, of which the
row holds SHA-256, is needed to write and to delete. It may state how many days it is
wanted; the relay's own limit holds beside that. A blob that is the envelope of a
commit stays as long as its entry, whoever wants it gone.
"""

import hmac
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256

from privity.relay.storage.store import Connection
from privity.relay.tokens import TokenKind, spend
from privity.wire.codes import Code, Refusal
from privity.wire.entry import BlobRef
from privity.wire.http import OpenBlob

__all__ = [
    "Blob",
    "advance",
    "check_commit",
    "drop_lost",
    "drop_old",
    "find",
    "finish",
    "for_writing",
    "hold",
    "ids_with_bytes",
    "known_ids",
    "open_blob",
    "readable",
    "remove",
]


@dataclass(frozen=True, slots=True)
class Blob:
    """The row of a blob; `sha256` is None until it is finished."""

    blob_id: bytes
    key_hash: bytes
    size: int
    offset: int
    sha256: bytes | None


def open_blob(logs: Connection, request: OpenBlob, day: int) -> Blob:
    """Begin an upload for a token, or return where the same upload stands.

    Raises Refusal: TOKEN_NEEDED, TOKEN_SPENT; NOT_AUTHENTIC when the id is that of
    another upload.
    """
    blob = find(logs, request.id)
    if blob is not None:
        is_same = hmac.compare_digest(blob.key_hash, request.key_hash)
        if not is_same or blob.size != request.size:
            raise Refusal(Code.NOT_AUTHENTIC, "this id is another upload's")
        return blob
    spend(logs, TokenKind.BLOB, request.token)
    logs.execute(
        'INSERT INTO blobs (blob_id, key_hash, size, "offset", sha256, day, days)'
        " VALUES (?, ?, ?, 0, NULL, ?, ?)",
        (request.id, request.key_hash, request.size, day, request.days),
    )
    return Blob(request.id, request.key_hash, request.size, 0, None)


def for_writing(logs: Connection, blob_id: bytes, key: bytes) -> Blob:
    """Return a blob to one who shows its upload key.

    Raises Refusal: NO_SUCH_BLOB, NOT_AUTHENTIC.
    """
    blob = find(logs, blob_id)
    if blob is None:
        raise Refusal(Code.NO_SUCH_BLOB, "no upload has this id")
    if not hmac.compare_digest(blob.key_hash, sha256(key).digest()):
        raise Refusal(Code.NOT_AUTHENTIC, "this is not the upload's key")
    return blob


def readable(logs: Connection, blob_id: bytes) -> Blob:
    """Return a finished blob; raises Refusal (NO_SUCH_BLOB)."""
    blob = find(logs, blob_id)
    if blob is None or blob.sha256 is None:
        raise Refusal(Code.NO_SUCH_BLOB, "no finished blob has this id")
    return blob


def advance(logs: Connection, blob_id: bytes, before: int, after: int) -> None:
    """Count the bytes from `before` to `after` as durable.

    Raises Refusal (WRONG_OFFSET) when the upload went on meanwhile.
    """
    moved = logs.execute(
        'UPDATE blobs SET "offset" = ? WHERE blob_id = ? AND "offset" = ?'
        " AND sha256 IS NULL",
        (after, blob_id, before),
    )
    if moved.rowcount != 1:
        raise Refusal(Code.WRONG_OFFSET, "this upload went on meanwhile")


def finish(logs: Connection, blob_id: bytes, digest: bytes) -> None:
    """Make a blob readable; `digest` is SHA-256 of its file, checked before."""
    logs.execute("UPDATE blobs SET sha256 = ? WHERE blob_id = ?", (digest, blob_id))


def check_commit(logs: Connection, ref: BlobRef) -> None:
    """Check that a finished blob is what the entry of a big commit says.

    Raises Refusal: NO_SUCH_BLOB, WRONG_HASH.
    """
    blob = readable(logs, ref.blob_id)
    if (blob.size, blob.sha256) != (ref.size, ref.sha256):
        raise Refusal(Code.WRONG_HASH, "this blob is another one")


def hold(logs: Connection, log_id: bytes, seq: int, ref: BlobRef) -> None:
    """Keep a blob as long as the entry whose envelope it is, from its step on.

    One blob may be that of several entries: nothing forbids it, and it costs nothing.
    """
    logs.execute(
        "INSERT INTO held_blobs (log_id, seq, blob_id) VALUES (?, ?, ?)",
        (log_id, seq, ref.blob_id),
    )


def remove(logs: Connection, blob_id: bytes) -> None:
    """Forget a blob; its file goes after the transaction.

    Raises Refusal (BLOB_IN_USE) for one that is the envelope of a commit.
    """
    held = logs.execute("SELECT 1 FROM held_blobs WHERE blob_id = ?", (blob_id,))
    if held.fetchone() is not None:
        raise Refusal(Code.BLOB_IN_USE, "an entry of a log needs it")
    logs.execute("DELETE FROM blobs WHERE blob_id = ?", (blob_id,))


def drop_old(
    logs: Connection, today: int, finished_days: int, unfinished_days: int
) -> None:
    """Forget blobs whose time is over, unless an entry needs them.

    A blob is there for its days and the rest of one. Files go after the transaction.
    """
    logs.execute(
        "DELETE FROM blobs WHERE ((sha256 IS NOT NULL AND day < ?)"
        " OR (sha256 IS NOT NULL AND days > 0 AND day + days < ?)"
        " OR (sha256 IS NULL AND day < ?))"
        " AND NOT EXISTS (SELECT 1 FROM held_blobs AS h"
        "  WHERE h.blob_id = blobs.blob_id)",
        (today - finished_days, today, today - unfinished_days),
    )


def ids_with_bytes(logs: Connection) -> frozenset[bytes]:
    """Return the ids of the blobs that have a file: some of their bytes are durable."""
    rows = logs.execute('SELECT blob_id FROM blobs WHERE "offset" > 0')
    return frozenset(bytes(row[0]) for row in rows)


def drop_lost(logs: Connection, lost: Iterable[bytes]) -> None:
    """Forget blobs whose files are gone, but not the envelopes of commits.

    Those stay known: their uploader is not to put another file in their place.
    """
    for blob_id in lost:
        with suppress(Refusal):
            remove(logs, blob_id)


def known_ids(logs: Connection) -> frozenset[bytes]:
    """Return the ids of all blobs; the sweep removes files without one."""
    rows = logs.execute("SELECT blob_id FROM blobs")
    return frozenset(bytes(row[0]) for row in rows)


def find(logs: Connection, blob_id: bytes) -> Blob | None:
    """Return the row of a blob, or None."""
    row = logs.execute(
        'SELECT blob_id, key_hash, size, "offset", sha256 FROM blobs WHERE blob_id = ?',
        (blob_id,),
    ).fetchone()
    return None if row is None else Blob(*row)
