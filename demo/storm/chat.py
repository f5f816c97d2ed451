"""A chat and a file as the storm needs them: ids, keys, and sealed bytes."""

import secrets
import time
from dataclasses import dataclass, field
from hashlib import sha256

from privity.identity import labels
from privity.identity.signing import public_of, sign_with_label
from privity.relay import blobs, logs
from privity.relay.storage.store import Connection
from privity.relay.token_keys import keep_weeks, key_of
from privity.wire import frames, http
from privity.wire.entry import AttachClaim, Header, Kind, Rights
from privity.wire.tokens import NONCE_SIZE, OUTPUT_SIZE, Scheme, Token, TokenKind

__all__ = ["StormChat", "StormFile", "store_chats", "store_files"]

_NO_TOKEN = Token(0, bytes(NONCE_SIZE), bytes(OUTPUT_SIZE)).encode()


@dataclass(frozen=True, slots=True)
class StormChat:
    """A log of one generation."""

    log_id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    seed: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    def append(self, number: int, idem: bytes, envelope: bytes) -> frames.Append:
        """Return a message under the creation."""
        header = Header(
            version=1,
            log_id=self.log_id,
            kind=Kind.APP,
            parent=0,
            generation=0,
            idem=idem,
            tag=bytes(32),
            opens=False,
            next_access_pk=None,
            next_lobby_pk=None,
            welcome_hash=None,
            checkpoint_hash=None,
        )
        return frames.Append(number, header.encode(), envelope)

    def attach(self, number: int, greeting: frames.Greeting) -> frames.Attach:
        """Return the proof of the access key on one connection."""
        nonce = secrets.token_bytes(32)
        claim = AttachClaim(
            version=1,
            host=greeting.host.encode(),
            relay_nonce=greeting.nonce,
            client_nonce=nonce,
            log_id=self.log_id,
            generation=0,
            rights=Rights.BOTH,
        )
        signature = sign_with_label(self.seed, labels.ATTACH, claim.encode())
        return frames.Attach(number, self.log_id, 0, 3, nonce, signature)

    def cursor(self, after: int) -> frames.Cursor:
        """Return the place behind a seq."""
        return frames.Cursor(self.log_id, 0, after)


@dataclass(frozen=True, slots=True)
class StormFile:
    """A blob to be, and the key that writes it."""

    blob_id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    size: int = 6 * 64 * 1024

    @property
    def name(self) -> str:
        """Return what to call it where people read."""
        return f"file {self.blob_id.hex()[:8]}"

    def opening(self, token: bytes = _NO_TOKEN) -> http.OpenBlob:
        """Return what begins it, or asks where it stands: that takes no good token."""
        key_hash = sha256(self.key).digest()
        return http.OpenBlob(self.blob_id, key_hash, self.size, token)


def store_files(database: Connection, files: list[StormFile]) -> None:
    """Begin the uploads in the same store, since who opens one pays with a token."""
    key = key_of(database, TokenKind.BLOB, 0)
    assert key is not None  # noqa: S101  `store_chats` was there before
    today = int(time.time()) // 86_400
    for file in files:
        nonce = secrets.token_bytes(NONCE_SIZE)
        token = Token(0, nonce, key.output(nonce)).encode()
        blobs.open_blob(database, file.opening(token), today)


def store_chats(database: Connection, chats: list[StormChat]) -> None:
    """Create the logs in a store that nobody serves yet; part of a step."""
    keep_weeks(database, 0, Scheme.BLIND, secrets.token_bytes)
    key = key_of(database, TokenKind.LOG, 0)
    assert key is not None  # noqa: S101  it was just made
    for chat in chats:
        nonce = secrets.token_bytes(NONCE_SIZE)
        token = Token(0, nonce, key.output(nonce)).encode()
        access_pk = public_of(chat.seed)
        asked = http.CreateLog(chat.log_id, access_pk, bytes(32), b"sealed", token)
        logs.create(database, asked)
