"""The relay's head key, and the heads that it signs.

One long-term Ed25519 key in the log side's database. A head is signed when it leaves,
so that what was stored and sent together costs one signature a log.
"""

from collections import OrderedDict
from collections.abc import Callable

from privity.identity.signing import Signer
from privity.relay.storage.store import Connection
from privity.wire.heads import Head, log_hash, sign_head
from privity.wire.tokens import TokenWeek, sign_token_keys

__all__ = ["Heads", "head_seed"]

REMEMBERED = 4_096
Said = tuple[int, bytes, int]
"""Seq, chain value and minute."""


def head_seed(logs: Connection, random: Callable[[int], bytes]) -> bytes:
    """Return the seed of this relay's head key; a step that makes it the first time."""
    logs.execute(
        "INSERT INTO head_key (one, seed) VALUES (1, ?) ON CONFLICT DO NOTHING",
        (random(32),),
    )
    return bytes(logs.execute("SELECT seed FROM head_key").fetchone()[0])


class Heads:
    """Signs heads of logs; the same one twice in a minute costs one signature."""

    __slots__ = ("_host", "_minute", "_newest", "_signer")

    def __init__(self, seed: bytes, host: str, minute: Callable[[], int]) -> None:
        self._signer = Signer(seed)
        self._host = host
        self._minute = minute
        self._newest: OrderedDict[bytes, tuple[Said, bytes]] = OrderedDict()

    @property
    def public(self) -> bytes:
        """Return the public half of the head key."""
        return self._signer.public

    def sign_token_keys(self, weeks: tuple[TokenWeek, ...]) -> bytes:
        """Return the signed statement of the keys of tokens."""
        return sign_token_keys(self._signer, self._host, weeks)

    def sign(self, log_id: bytes, seq: int, chain: bytes) -> bytes:
        """Return a signed head; what it says is durable, by its caller's word."""
        said = (seq, chain, self._minute())
        last = self._newest.get(log_id)
        if last is not None and last[0] == said:
            return last[1]
        signed = sign_head(self._signer, Head(1, log_hash(log_id, self._host), *said))
        self._newest[log_id] = (said, signed)
        self._newest.move_to_end(log_id)
        if len(self._newest) > REMEMBERED:
            self._newest.popitem(last=False)
        return signed
