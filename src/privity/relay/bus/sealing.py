"""Messages of the bus, sealed: whoever carries them sees when, and how many blocks.

    process id[16] ‖ number[8] ‖ AES-256-GCM(hints ‖ 0x80 ‖ zeros)

Each process seals under a key of its own, derived from the relay's bus key and a
random id that it draws when it starts; the number counts its messages and is the nonce,
so none comes twice. The time of sealing stands in front of the hints. Refused are what
another key sealed, what doesn't count on, and what is older than a minute.
"""

import hmac
from collections import OrderedDict
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from privity.errors import NotAuthentic

__all__ = ["BLOCK", "FRESH_SECONDS", "Opener", "Sealer", "subject_of"]

BLOCK = 512
"""What is sealed is filled up to a multiple of this."""
FRESH_SECONDS = 60
_ID = 16
_NUMBER = 8
_TIME = 8
_FRONT = _ID + _NUMBER
_PROCESSES = 1_024
_END = b"\x80"


class Sealer:
    """Seals for one process; `process_id` are 16 bytes drawn at its start."""

    def __init__(
        self, key: bytes, process_id: bytes, clock: Callable[[], float]
    ) -> None:
        self._aead = _aead_of(key, process_id)
        self._process_id = process_id
        self._clock = clock
        self._number = 0

    def seal(self, body: bytes) -> bytes:
        """Return a message."""
        self._number += 1
        front = self._process_id + self._number.to_bytes(_NUMBER, "big")
        plain = int(self._clock()).to_bytes(_TIME, "big") + body + _END
        plain += bytes(-len(plain) % BLOCK)
        return front + self._aead.encrypt(_nonce(self._number), plain, front)


class Opener:
    """Opens what other processes sealed, each message once; `own` is who opens.

    The bus may hand a process back what it sealed itself, which is nothing to hear.
    """

    def __init__(
        self, key: bytes, clock: Callable[[], float], own: bytes = b""
    ) -> None:
        self._key = key
        self._clock = clock
        self._own = own
        self._known: OrderedDict[bytes, tuple[AESGCM, int]] = OrderedDict()

    def open(self, message: bytes) -> bytes:
        """Return the body; raises NotAuthentic, and forgets nothing for it."""
        front, sealed = message[:_FRONT], message[_FRONT:]
        process_id, number = front[:_ID], int.from_bytes(front[_ID:], "big")
        if process_id == self._own:
            raise NotAuthentic("a message of the bus came back")
        aead, last = self._known.get(process_id, (None, 0))
        if number <= last:
            raise NotAuthentic("a message of the bus came twice")
        aead = aead or _aead_of(self._key, process_id)
        try:
            plain = aead.decrypt(_nonce(number), sealed, front)
        except (InvalidTag, ValueError):
            raise NotAuthentic("a message of the bus was made up") from None
        sent = int.from_bytes(plain[:_TIME], "big")
        if abs(self._clock() - sent) > FRESH_SECONDS:
            raise NotAuthentic("a message of the bus is of another time")
        self._remember(process_id, aead, number)
        return plain[_TIME : plain.rindex(_END)]

    def _remember(self, process_id: bytes, aead: AESGCM, number: int) -> None:
        self._known[process_id] = (aead, number)
        self._known.move_to_end(process_id)
        if len(self._known) > _PROCESSES:
            self._known.popitem(last=False)


def subject_of(key: bytes) -> str:
    """Return the one subject of a relay: two relays on one bus don't meet."""
    return "privity." + hmac.digest(key, b"privity/subject/v1", "sha256")[:8].hex()


def _aead_of(key: bytes, process_id: bytes) -> AESGCM:
    return AESGCM(hmac.digest(key, b"privity/bus/v1" + process_id, "sha256"))


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")
