"""Nonces for registrations and calls to lobbies, which the relay need not remember.

A nonce is its own proof: time ‖ random ‖ MAC under a key that all processes of the
relay share. Nobody can fill a table by asking for many. It need not be single-use:
what is signed over one changes nothing when it comes again, so a replay repeats an
answer and nothing else.
"""

import hmac

from privity.wire.codes import Code, Refusal

__all__ = ["LIFETIME", "check_nonce", "make_nonce"]

LIFETIME = 300
_TIME = 8
_MAC = 16


def make_nonce(key: bytes, now: int, random: bytes) -> bytes:
    """Return a nonce of 32 bytes from 8 random ones, good for `LIFETIME` seconds."""
    claim = now.to_bytes(_TIME, "big") + random
    return claim + _mac(key, claim)


def check_nonce(key: bytes, nonce: bytes, now: int) -> None:
    """Refuse (NOT_AUTHENTIC) a nonce that this relay did not make lately."""
    claim, mac = nonce[:-_MAC], nonce[-_MAC:]
    made = int.from_bytes(claim[:_TIME], "big")
    is_ours = hmac.compare_digest(mac, _mac(key, claim))
    if not is_ours or not 0 <= now - made <= LIFETIME:
        raise Refusal(Code.NOT_AUTHENTIC, "the nonce is too old: ask for a new one")


def _mac(key: bytes, claim: bytes) -> bytes:
    return hmac.digest(key, b"privity/registration-nonce/v1" + claim, "sha256")[:_MAC]
