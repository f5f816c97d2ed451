"""Vectors of repair: pleas, answers, and what is none.

A plea is sealed with a salt, so it is made again to the bit. An answer is sealed with
HPKE, which draws its own randomness: the stored one stays as long as it opens, with the
key of its case, to exactly what its case says.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from privity import mls
from privity.core.generations import Generation
from privity.core.pleas import (
    Answer,
    Plea,
    PleaCause,
    PleaPlace,
    RoadKey,
    log_hash,
    open_answer,
    open_plea,
    plea_hash,
    seal_answer,
    seal_plea,
)
from privity.core.sealed import Locator
from privity.errors import ProtocolError
from privity.identity.certificates import DeviceCertificate, DeviceClaim, certify
from privity.identity.signing import public_of
from tools.spec_vectors import Case, Maker, refusal

Random = Callable[[int], bytes]

STORED = Path(__file__).resolve().parents[2] / "docs/spec/vectors/plea.json"
SUITE = 0xF5A1
HOST = "chat.example"


def make_pleas(random: Random) -> list[Case]:
    """Return a plea, its answer, and what opens to neither."""
    generation, log_id, seed = Generation(random(32)), random(16), random(32)
    suite = mls.suite(SUITE)
    private = suite.derive_key_pair(random(32))[0]
    plea = Plea(
        version=1,
        plea_id=random(16),
        log_hash=log_hash(log_id, HOST),
        certificate=_certificate(random, seed),
        cause=PleaCause.PATH,
        seq=41,
        parent=40,
        chain=random(32),
        key=suite.kem.public_of(private),
    )
    place = PleaPlace(log_id, 33, plea.plea_id)
    sealed = seal_plea(generation.lobby_seal, place, plea, seed, random(32))
    pled = {
        "name": "a plea",
        "secret": generation.secret.hex(),
        "lobby_seal": generation.lobby_seal.hex(),
        "place": place.encode().hex(),
        "seed": seed.hex(),
        "plea": plea.encode().hex(),
        "sealed": sealed.hex(),
        "hash": plea_hash(sealed).hex(),
    }
    answered = _answered(random, (log_id, plea, sealed), private)
    return [pled, answered, *_refused(generation, place, sealed, (private, answered))]


def _certificate(random: Random, seed: bytes) -> DeviceCertificate:
    identity = random(32)
    claim = DeviceClaim(
        version=1,
        account_id=random(16),
        identity_key=public_of(identity),
        signature_key=public_of(seed),
        device_id=random(16),
        list_version=1,
        replaces=None,
    )
    return certify(identity, claim)


def _answered(random: Random, asked: tuple[bytes, Plea, bytes], private: bytes) -> Case:
    log_id, plea, sealed = asked
    seed = random(32)
    answer = Answer(
        version=1,
        plea=plea_hash(sealed),
        log_hash=log_hash(log_id, HOST),
        certificate=_certificate(random, seed),
        leaf=2,
        via=41,
        seq=44,
        head=52,
        chain=random(32),
        generation=44,
        secret=random(32),
        group_info=random(64),
        checkpoint=Locator(44, 41, random(32)),
        road=(RoadKey(41, random(32)), RoadKey(44, random(32))),
    )
    return {
        "name": "an answer",
        "private": private.hex(),
        "plea_id": plea.plea_id.hex(),
        "seed": seed.hex(),
        "answer": answer.encode().hex(),
        "sealed": _kept(plea, answer, private, seed).hex(),
    }


def _kept(plea: Plea, answer: Answer, private: bytes, seed: bytes) -> bytes:
    """Return the stored answer if it still opens to this one, else a new one."""
    suite = mls.suite(SUITE)
    if STORED.exists():
        cases = json.loads(STORED.read_text(encoding="utf-8"))["vectors"]
        stored = next(c["sealed"] for c in cases if c["name"] == "an answer")
        try:
            body = bytes.fromhex(stored)
            if open_answer(suite, private, plea.plea_id, body) == answer:
                return body
        except ProtocolError:
            pass
    return seal_answer(suite, plea, answer, seed)


def _refused(
    generation: Generation,
    place: PleaPlace,
    sealed: bytes,
    answered: tuple[bytes, Case],
) -> list[Case]:
    open_it = partial(open_plea, generation.lobby_seal)
    other = replace(place, generation=34)
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    cases: list[Case] = [
        {
            "name": name,
            "lobby_seal": generation.lobby_seal.hex(),
            "place": where.encode().hex(),
            "sealed": body.hex(),
            "refused": refusal(partial(open_it, where, body)),
        }
        for name, where, body in (
            ("a plea in another generation's lobby", other, sealed),
            ("a plea with a changed byte", place, changed),
            ("a plea cut short", place, sealed[:-1]),
        )
    ]
    private, answer = answered
    body = bytes.fromhex(answer["sealed"])
    attempt = partial(open_answer, mls.suite(SUITE), private, bytes(16), body)
    return [
        *cases,
        {
            "name": "an answer to another plea",
            "private": private.hex(),
            "plea_id": bytes(16).hex(),
            "sealed": body.hex(),
            "refused": refusal(attempt),
        },
    ]


MAKERS: dict[str, Maker] = {"plea": make_pleas}
