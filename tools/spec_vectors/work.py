"""Vectors of proof of work and of doors: messages, nonces, what is refused."""

from collections.abc import Callable
from hashlib import sha256

from privity.client.working import search
from privity.core.lanes import door_of
from privity.wire import http
from privity.wire.work import Work, challenge
from tools.spec_vectors import Case, Maker

Random = Callable[[int], bytes]

HOST = "chat.example"
DAY = 20_790
BITS = 12


def make_work(random: Random) -> list[Case]:
    """Return enough work, the call it goes in, work that is not enough, a door."""
    mailbox_id, idem, body = random(16), random(16), random(32) * 256
    target = challenge(HOST, mailbox_id, DAY, (idem, body))
    nonce = search(target, BITS, range(1 << 32)) or b""
    public, token = random(32), random(84)
    about: Case = {
        "host": HOST,
        "mailbox_id": mailbox_id.hex(),
        "idem": idem.hex(),
        "body_repeated_256_times": body[:32].hex(),
        "body_sha256": sha256(body).hexdigest(),
        "day": DAY,
        "challenge": target.hex(),
        "bits": BITS,
    }
    message = http.PostMessage(
        lane="requests",
        body=body,
        idem=idem,
        token=token,
        work=Work(DAY, nonce).encode(),
        door=door_of(public),
    )
    return [*_works(about, target, nonce), _call(message), _door(public)]


def _works(about: Case, target: bytes, nonce: bytes) -> list[Case]:
    before = (int.from_bytes(nonce, "big") - 1).to_bytes(8, "big")
    return [
        {
            "name": "enough work for a message",
            **about,
            "work": Work(DAY, nonce).encode().hex(),
            "digest": sha256(target + nonce).hexdigest(),
        },
        {
            "name": "the nonce before is not enough",
            **about,
            "refused": "work_needed",
            "work": Work(DAY, before).encode().hex(),
        },
    ]


def _call(message: http.PostMessage) -> Case:
    return {
        "name": "the body of its call: what is behind the sealed body",
        "token": message.token.hex(),
        "rest": http.encode(message).split(message.body)[1].hex(),
    }


def _door(public: bytes) -> Case:
    return {
        "name": "the door to what is sealed to a key",
        "public_key": public.hex(),
        "door": door_of(public).hex(),
        "told_to_the_relay": sha256(door_of(public)).hexdigest(),
    }


MAKERS: dict[str, Maker] = {"work": make_work}
