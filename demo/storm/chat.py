"""A chat as the storm needs it: a log, the seed of its access key, sealed bytes."""

import secrets
from dataclasses import dataclass, field

from privity.identity import labels
from privity.identity.signing import public_of, sign_with_label
from privity.relay import logs
from privity.relay.storage.store import Connection
from privity.relay.token_keys import keep_weeks, key_of
from privity.wire import frames, http
from privity.wire.entry import AttachClaim, Header, Kind, Rights
from privity.wire.tokens import NONCE_SIZE, Scheme, Token, TokenKind

__all__ = ["StormChat", "store_chats"]


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
