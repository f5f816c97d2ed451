"""Vectors of transcripts: their value, a request for missing messages, an answer.

What is handed on is sealed with HPKE, which draws its own randomness, so the vector has
the plaintext.
"""

from collections.abc import Callable
from functools import partial
from hashlib import sha256

from privity import mls
from privity.core.handed import Ask, Frame, Given, OwnWords, Span, decode_ask
from privity.core.transcripts import NOT_SHOWN, Said, beginning, behind
from tools.spec_vectors import Case, Maker, refusal

Random = Callable[[int], bytes]


def make_transcripts(random: Random) -> list[Case]:
    """Return a transcript of three messages, and the talk about missing ones."""
    return [*_values(random), *_talk(random)]


def _values(random: Random) -> list[Case]:
    log_id, value = random(16), b""
    cases: list[Case] = []
    value = beginning(log_id, 3)
    start = {"log_id": log_id.hex(), "first": 3, "value": value.hex()}
    cases.append({"name": "a beginning", **start})
    for seq, shown in ((4, True), (5, False), (9, True)):
        message_id = b"\x01" + random(31) if shown else NOT_SHOWN
        header = random(40)
        said = Said(value, seq, sha256(header).digest(), message_id)
        after = behind(said)
        cases.append(
            {
                "name": "a message" if shown else "a message that all dropped",
                "before": value.hex(),
                "seq": seq,
                "header": header.hex(),
                "message_id": message_id.hex(),
                "value": after.hex(),
            }
        )
        value = after
    return cases


def _talk(random: Random) -> list[Case]:
    suite = mls.suite(0xF5A1)
    public = suite.kem.public_of(suite.derive_key_pair(random(32))[0])
    span = Span(random(32), 4, 6, 10, 15)
    ask = Ask(1, random(16), public, (span,))
    frame = Frame(span.credential, 11, 29_833_333, b"header", b"context", b"frame")
    given = Given(1, (frame,), (OwnWords(7, 12, 29_833_334, b"content"),))
    later = Ask(2, ask.ask_id, public, (span,)).encode()
    turned = Ask(1, ask.ask_id, public, (Span(span.credential, 6, 4, 10, 15),)).encode()
    return [
        {"name": "a request", "ask": ask.encode().hex()},
        {"name": "what is handed on, not sealed", "given": given.encode().hex()},
        {
            "name": "a request of a later version",
            "ask": later.hex(),
            "refused": refusal(partial(decode_ask, later)),
        },
        {
            "name": "a span that ends before it begins",
            "ask": turned.hex(),
            "refused": refusal(partial(decode_ask, turned)),
        },
    ]


MAKERS: dict[str, Maker] = {"transcript": make_transcripts}
