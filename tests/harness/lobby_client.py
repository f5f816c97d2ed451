"""Calls to a lobby, signed by hand; nothing here belongs to the product."""

import secrets
from hashlib import sha256

from minted import minted
from msgspec import structs

from privity.identity import labels
from privity.identity.signing import public_of, sign_with_label
from privity.relay import logs, tree
from privity.relay.tokens import TokenKind
from privity.wire import lobby as wire
from privity.wire.http import CreateLog

ACTS = {
    wire.PostPlea: wire.Act.PLEAD,
    wire.ReadAnswers: wire.Act.READ,
    wire.ListPleas: wire.Act.LIST,
    wire.PostAnswer: wire.Act.ANSWER,
    wire.DropPlea: wire.Act.DROP,
    wire.ReadCommits: wire.Act.COMMITS,
}
DAY = 20_000


def pay(db, kind=TokenKind.PLEA):
    """Return a token that pays for one call."""
    return minted(db, kind)


def open_lobby(db):
    """Create a log; returns its keys."""
    keys = Keys()
    logs.create(db, keys.creation(pay(db, TokenKind.LOG)))
    return keys


def open_generation(db, keys, seq, parent=0):
    """Let the commit at `seq` open a generation, which has the keys of the first."""
    (stated,) = db.execute(
        "SELECT generation FROM commits WHERE log_id = ? AND seq = ?",
        (keys.log_id, parent),
    ).fetchone()
    tree.add_commit(db, keys.log_id, (seq, parent), (stated, seq))
    tree.close_generation(db, keys.log_id, stated, seq)
    public = public_of(keys.access), public_of(keys.lobby)
    tree.open_generation(db, keys.log_id, seq, public)
    tree.inherit_drops(db, keys.log_id, stated, seq)


def open_road(db, last):
    """Create a log on whose road each commit up to `last` opened a generation."""
    keys = open_lobby(db)
    for seq in range(1, last + 1):
        open_generation(db, keys, seq, seq - 1)
    return keys


class Keys:
    """A log's two keys of one generation, and calls that they sign."""

    def __init__(self, host="localhost"):
        self.host = host
        self.log_id = secrets.token_bytes(16)
        self.access, self.lobby = secrets.token_bytes(32), secrets.token_bytes(32)

    def creation(self, token):
        return CreateLog(
            self.log_id, public_of(self.access), public_of(self.lobby), b"cp", token
        )

    def sign(self, kind, seed, *, nonce=bytes(32), generation=0, act=None, **fields):
        call = kind(
            log_id=self.log_id,
            generation=generation,
            nonce=nonce,
            signature=bytes(64),
            **fields,
        )
        claim = wire.LobbyClaim(
            version=1,
            host=self.host.encode(),
            relay_nonce=nonce,
            log_id=self.log_id,
            generation=generation,
            act=act or ACTS[kind],
            plea_id=fields.get("plea_id", bytes(16)),
            body_hash=sha256(fields.get("body", b"")).digest(),
        )
        signature = sign_with_label(seed, labels.LOBBY, claim.encode())
        return structs.replace(call, signature=signature)

    def plea(self, token=b"", **changes):
        fields = {"plea_id": secrets.token_bytes(16), "body": secrets.token_bytes(64)}
        return self.sign(wire.PostPlea, self.lobby, token=token, **(fields | changes))

    def read(self, plea_id, **changes):
        return self.sign(wire.ReadAnswers, self.lobby, plea_id=plea_id, **changes)

    def commits(self, **changes):
        return self.sign(wire.ReadCommits, self.lobby, **changes)

    def listing(self, **changes):
        return self.sign(wire.ListPleas, self.access, **changes)

    def answer(self, plea_id, body=b"sealed answer", **changes):
        fields = {"plea_id": plea_id, "body": body}
        return self.sign(wire.PostAnswer, self.access, **(fields | changes))

    def drop(self, plea_id, **changes):
        return self.sign(wire.DropPlea, self.access, plea_id=plea_id, **changes)
