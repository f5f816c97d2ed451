"""The road through a walk: the commits from a checkpoint to the one that is named.

It is found from the end, by `parent`: commits that members skipped are not on it, as
no valid one names them. docs/spec/invitation.md.
"""

from collections.abc import Mapping
from hashlib import sha256

from msgspec import structs

from privity.core.requests import Walked, WalkedEntry, WalkedHidden
from privity.errors import DecodeError, ProtocolError
from privity.wire.entry import BlobRef, Header, Kind

__all__ = ["blobs_on", "envelope_on", "road", "with_blobs"]

MAX_ROAD = 128
"""Commits between a checkpoint and the named one."""
MAX_BYTES = 64 * 1024 * 1024
"""All their blobs together; 64 commits of a full hybrid group have a third of it."""

Walk = tuple[WalkedEntry | WalkedHidden, ...]


def road(entries: Walk, log_id: bytes, first: int, last: int) -> list[WalkedEntry]:
    """Return the commits behind `first` up to `last`, in order.

    Raises ProtocolError, DecodeError.
    """
    by_seq = {e.seq: e for e in entries if isinstance(e, WalkedEntry)}
    found: list[WalkedEntry] = []
    at = last
    while at != first:
        entry = by_seq.get(at)
        header = Header.parse(entry.header) if entry else None
        if entry is None or header is None or not header.is_commit:
            raise ProtocolError("no road from the checkpoint to the commit")
        if header.parent >= at or header.log_id != log_id:
            raise ProtocolError("a commit that is not behind its parent")
        found.append(entry)
        if len(found) > MAX_ROAD:
            raise ProtocolError("too many commits since the checkpoint")
        at = header.parent
    return found[::-1]


def blobs_on(entries: Walk, log_id: bytes, first: int, last: int) -> dict[int, BlobRef]:
    """Return the blobs that the road needs, by seq; none where there is no road.

    None either where they have more bytes than a walk may: its engine then refuses.
    """
    try:
        refs = {
            entry.seq: BlobRef.parse(entry.envelope)
            for entry in road(entries, log_id, first, last)
            if Header.parse(entry.header).kind is Kind.BIG_COMMIT
        }
    except (ProtocolError, DecodeError):
        return {}
    return refs if sum(ref.size for ref in refs.values()) <= MAX_BYTES else {}


def with_blobs(walked: Walked, blobs: Mapping[int, bytes]) -> Walked:
    """Return a walk with the blobs of its entries, by seq."""
    entries = tuple(
        _with_blob(one, blobs) if isinstance(one, WalkedEntry) else one
        for one in walked.entries
    )
    road = tuple(_with_blob(one, blobs) for one in walked.road)
    return structs.replace(walked, entries=entries, road=road)


def _with_blob(one: WalkedEntry, blobs: Mapping[int, bytes]) -> WalkedEntry:
    return structs.replace(one, blob=blobs.get(one.seq, one.blob))


def envelope_on(entry: WalkedEntry) -> bytes:
    """Return the envelope of a commit, wherever it is.

    Raises ProtocolError where its blob is not here, or another one.
    """
    if Header.parse(entry.header).kind is not Kind.BIG_COMMIT:
        return entry.envelope
    ref = BlobRef.parse(entry.envelope)
    if sha256(entry.blob).digest() != ref.sha256:
        raise ProtocolError("the blob of a big commit is missing or altered")
    return entry.blob
