"""Vectors of signals: the key of a leaf, what it seals, and what is ignored."""

from collections.abc import Callable

from privity import mls
from privity.core.signals import (
    SignalBody,
    SignalIgnored,
    SignalKind,
    SignalPlace,
    open_one,
    seal_signal,
)
from privity.mls.key_schedule import export_secret
from tools.spec_vectors import Case, Maker

Random = Callable[[int], bytes]

SUITE = 0xF5A1
SENT = 1_790_000_000_000


def make_signals(random: Random) -> list[Case]:
    """Return a signal with its key, and others that change nothing."""
    exporter_secret, leaf = random(48), 2
    context = leaf.to_bytes(4, "big")
    suite = mls.suite(SUITE)
    key = export_secret(suite, exporter_secret, "privity signal v1", context, 32)
    place, nonce = SignalPlace(random(16), 33), random(24)
    body = SignalBody(1, SignalKind.TYPING, SENT)
    sealed = seal_signal(key, place, body, nonce)
    first: Case = {"name": "somebody types", "suite": SUITE}
    first |= {"exporter_secret": exporter_secret.hex(), "leaf": leaf, "key": key.hex()}
    first |= {
        "log_id": place.log_id.hex(),
        "generation": 33,
        "body": body.encode().hex(),
    }
    first |= {"nonce": nonce.hex(), "signal": sealed.hex()}
    later = seal_signal(key, place, SignalBody(2, 1, SENT), nonce)
    unknown = seal_signal(key, place, SignalBody(1, 2, SENT), nonce)
    others = {
        "a byte too few": (key, place, sealed[:-1]),
        "the key of another leaf or epoch": (random(32), place, sealed),
        "another log": (key, SignalPlace(random(16), 33), sealed),
        "another generation": (key, SignalPlace(place.log_id, 34), sealed),
        "a touched byte": (key, place, sealed[:-1] + bytes([sealed[-1] ^ 1])),
        "a later version": (key, place, later),
        "an unknown kind": (key, place, unknown),
    }
    return [first, *(_ignored(name, *other) for name, other in others.items())]


def _ignored(name: str, key: bytes, place: SignalPlace, sealed: bytes) -> Case:
    try:
        open_one(key, place, sealed)
    except SignalIgnored as ignored:
        why = ignored.why.value
    else:
        raise AssertionError("a case that should be ignored was opened")
    return {
        "name": name,
        "key": key.hex(),
        "log_id": place.log_id.hex(),
        "generation": place.generation,
        "signal": sealed.hex(),
        "ignored": why,
    }


MAKERS: dict[str, Maker] = {"signal": make_signals}
