"""The blobs of a town: the relay's own steps, and bytes in a dictionary."""

import sqlite3
from hashlib import sha256

from minted import minted

from privity.core import requests as r
from privity.core.roads import blobs_on, with_blobs
from privity.relay import blobs
from privity.relay.tokens import TokenKind
from privity.wire import http
from privity.wire.entry import BlobRef

__all__ = ["Shelf"]


class Shelf:
    """What was uploaded, and how often it was read; tests spoil `files`."""

    def __init__(self, logs: sqlite3.Connection) -> None:
        self._logs = logs
        self.files: dict[bytes, bytes] = {}
        self.reads = 0

    def take(self, request: r.AppendEntry, day: int) -> None:
        """Upload the envelope of a big commit, if the append is one."""
        if not request.blob:
            return
        ref, size = BlobRef.parse(request.envelope), len(request.blob)
        seed = sha256(b"token" + ref.blob_id).digest()
        token = minted(self._logs, TokenKind.BLOB, random=lambda size: seed[:size])
        key_hash = sha256(request.blob_key).digest()
        body = http.OpenBlob(ref.blob_id, key_hash, size, token)
        if blobs.open_blob(self._logs, body, day).sha256 is None:
            blobs.advance(self._logs, ref.blob_id, 0, size)
            blobs.finish(self._logs, ref.blob_id, sha256(request.blob).digest())
        self.files[ref.blob_id] = request.blob

    def read(self, blob_id: bytes) -> bytes:
        """Return a blob; raises Refusal as the relay does."""
        blobs.readable(self._logs, blob_id)
        self.reads += 1
        return self.files[blob_id]

    def walked(self, asked: r.JoinWalk | r.RejoinWalk, found: r.Walked) -> r.Walked:
        """Return a walk with the blobs that its road needs."""
        first, last = asked.checkpoint_seq, asked.commit_seq
        refs = blobs_on((*found.road, *found.entries), asked.log_id, first, last)
        return with_blobs(found, {s: self.read(v.blob_id) for s, v in refs.items()})
