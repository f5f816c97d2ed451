"""Somebody who knows a log's keys and spoils it: junk wherever the relay takes it."""

from contextlib import suppress
from hashlib import sha256

from minted import minted

from privity.identity import labels
from privity.identity.signing import public_of, sign_with_label
from privity.relay import logs
from privity.relay.tokens import TokenKind
from privity.wire.codes import Refusal
from privity.wire.entry import NO_TAG, VERSION, Header, Kind
from privity.wire.frames import Append

__all__ = ["Vandal"]


class Vandal:
    """Appends junk to one log of a town, under any parent that ever was there.

    `places` are (parent, generation); those of its own commits are among them, so it
    builds branches that nobody follows.
    """

    def __init__(self, town, log_id):
        self.town, self.log_id = town, log_id
        self.places = [(0, 0)]

    def learn(self, chat):
        """Remember a place where members stand."""
        place = (chat.parent, chat.generation)
        if place not in self.places:
            self.places.append(place)

    def spoil(self, pick, kind, *, opens=False, pays=False):
        """Append one entry of junk; returns its seq, or None where it was refused."""
        parent, generation = self.places[-1 - pick % len(self.places)]
        frame = self._frame(parent, generation, kind, opens and kind is Kind.COMMIT)
        if pays and kind is Kind.COMMIT:
            frame = self._pay(frame, parent)
        with suppress(Refusal):
            attempt = logs.check_attempt(logs.parse_header(frame.header), frame)
            minute = self.town.now_ms // 60_000
            stored = self.town.sequencer.append(self.town.logs, attempt, minute)
            if kind is Kind.COMMIT:
                self.places.append((stored.seq, stored.seq if opens else generation))
            return stored.seq
        return None

    def _frame(self, parent, generation, kind, opens):
        random = self.town.random.randbytes
        seed, checkpoint = random(32), b"junk" if opens else b""
        header = Header(
            version=VERSION,
            log_id=self.log_id,
            kind=kind,
            parent=parent,
            generation=generation,
            idem=random(16),
            tag=random(32) if kind is Kind.APP else NO_TAG,
            opens=opens,
            next_access_pk=public_of(seed) if opens else None,
            next_lobby_pk=bytes(32) if opens else None,
            welcome_hash=None,
            checkpoint_hash=sha256(checkpoint).digest() if opens else None,
        ).encode()
        signature = sign_with_label(seed, labels.OPENING, header) if opens else b""
        return Append(
            0, header, random(200), checkpoint=checkpoint, signature=signature
        )

    def _pay(self, frame, parent):
        random = self.town.random.randbytes
        token = minted(self.town.logs, TokenKind.CHILD, random=random)
        (newest,) = self.town.logs.execute(
            "SELECT coalesce(max(seq), 0) FROM commits WHERE log_id = ? AND parent = ?",
            (self.log_id, parent),
        ).fetchone()
        return Append(
            0,
            frame.header,
            frame.envelope,
            checkpoint=frame.checkpoint,
            signature=frame.signature,
            token=token,
            after=newest,
        )
