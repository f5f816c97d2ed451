"""The log of a chat: how it is made, and what an append says about itself.

Steps on the database are to run in one transaction; a Refusal leaves nothing
behind. Whether an append may stand where it wants to stand is the `sequencer`'s.
"""

import hmac
from hashlib import sha256

import msgspec

from privity.errors import DecodeError, NotAuthentic
from privity.identity import labels
from privity.identity.signing import verify_with_label
from privity.relay.storage.store import Connection
from privity.relay.tokens import TokenKind, spend
from privity.relay.tree import ROOT, add_commit, open_generation
from privity.wire import limits
from privity.wire.codes import Code, Refusal
from privity.wire.entry import BlobRef, Header, Kind, links
from privity.wire.frames import Append
from privity.wire.http import CreateLog

__all__ = [
    "Attempt",
    "add_part",
    "check_attempt",
    "create",
    "parse_header",
]


class Attempt(msgspec.Struct, frozen=True, gc=False):
    """An append whose header is decoded and whose parts are those it names.

    `blob` is where the envelope of a big commit is; `by` is the nonce of a connection.
    """

    header: Header
    frame: Append
    links: bytes
    blob: BlobRef | None
    by: bytes


def create(logs: Connection, request: CreateLog) -> None:
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
        "INSERT INTO logs (log_id, creation) VALUES (?, ?)",
        (request.log_id, creation),
    )
    open_generation(logs, request.log_id, 0, (request.access_pk, request.lobby_pk))
    add_commit(logs, request.log_id, (0, ROOT), (ROOT, 0))
    add_part(logs, request.log_id, 0, "checkpoint", request.checkpoint)


def parse_header(data: bytes) -> Header:
    """Decode the header of an append; raises Refusal (MALFORMED)."""
    try:
        return Header.parse(data)
    except DecodeError as error:
        raise Refusal(Code.MALFORMED, str(error)) from None


def check_attempt(header: Header, frame: Append, by: bytes = b"") -> Attempt:
    """Check what an append says about itself; costs a pass over its bytes.

    Raises Refusal: MALFORMED, TOO_LARGE, WRONG_HASH, NOT_AUTHENTIC.
    """
    is_app = header.kind is Kind.APP
    limit = limits.APP_ENVELOPE if is_app else limits.COMMIT_ENVELOPE
    if len(frame.envelope) > limit:
        raise Refusal(Code.TOO_LARGE, f"more than {limit} bytes")
    if (frame.token or frame.after) and not header.is_commit:
        raise Refusal(Code.MALFORMED, "only a commit is a further child")
    _check_part("welcome", header.welcome_hash, frame.welcome)
    _check_part("checkpoint", header.checkpoint_hash, frame.checkpoint)
    _check_opening(header, frame)
    both = links(frame.header, frame.envelope)
    return Attempt(header, frame, both, _blob_of(header, frame), by)


def _blob_of(header: Header, frame: Append) -> BlobRef | None:
    if header.kind is not Kind.BIG_COMMIT:
        return None
    try:
        return BlobRef.parse(frame.envelope)
    except DecodeError as error:
        raise Refusal(Code.MALFORMED, str(error)) from None


def _check_part(name: str, stated: bytes | None, data: bytes) -> None:
    if not data and stated is None:
        return
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


def add_part(logs: Connection, log_id: bytes, seq: int, part: str, body: bytes) -> None:
    """Keep the sealed bytes that came with a commit."""
    logs.execute(
        "INSERT INTO parts (log_id, seq, part, body) VALUES (?, ?, ?, ?)",
        (log_id, seq, part, body),
    )


def _digest_of_creation(request: CreateLog) -> bytes:
    """Name the bytes of a creation but its token; all fields but one have one size."""
    keys = request.log_id + request.access_pk + request.lobby_pk
    return sha256(keys + sha256(request.checkpoint).digest()).digest()
