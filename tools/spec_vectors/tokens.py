"""Vectors of single-use tokens: keys, outputs, an answer, a statement."""

from collections.abc import Callable
from functools import partial

from privity.identity.signing import Signer
from privity.relay.oprf import Function, blinded
from privity.relay.token_keys import TokenKey
from privity.wire.tokens import (
    NONCE_SIZE,
    Scheme,
    Token,
    TokenKind,
    TokenWeek,
    function_input,
    key_info,
    open_token_keys,
    sign_token_keys,
)
from tools.spec_vectors import Case, Maker, refusal

Random = Callable[[int], bytes]

HOST = "chat.example"
WEEK = 2_970


def make_token(random: Random) -> list[Case]:
    """Return tokens of each scheme, one evaluation, and statements."""
    seed = random(32)
    cases = [_token(seed, scheme, random(NONCE_SIZE)) for scheme in Scheme]
    return [*cases, _evaluation(seed, random), *_statements(seed, random(32))]


def _token(seed: bytes, scheme: Scheme, nonce: bytes) -> Case:
    key = TokenKey(TokenKind.LOG, WEEK, scheme, seed)
    output = key.output(nonce)
    case: Case = {
        "name": f"a token of a week that is {scheme.name.lower()}",
        "seed": seed.hex(),
        "kind": key.kind.value,
        "week": WEEK,
        "nonce": nonce.hex(),
        "input": function_input(key.kind, WEEK, nonce).hex(),
        "output": output.hex(),
        "token": Token(WEEK, nonce, output).encode().hex(),
    }
    if scheme is Scheme.BLIND:
        case["key_info"] = key_info(key.kind, WEEK).hex()
        case["public_key"] = key.public.hex()
    return case


def _evaluation(seed: bytes, random: Random) -> Case:
    """Return what the relay makes of an element; the proof differs each time."""
    # A public key is an element like any other, and its making is deterministic.
    element = Function(random(32), b"").public
    key = Function(seed, key_info(TokenKind.LOG, WEEK))
    return {
        "name": "an element and what it is evaluated to",
        "seed": seed.hex(),
        "kind": TokenKind.LOG.value,
        "week": WEEK,
        "element": element.hex(),
        "evaluated": key.evaluate(blinded(element))[64:].hex(),
    }


def _statements(seed: bytes, head_seed: bytes) -> list[Case]:
    keys = [TokenKey(kind, WEEK, Scheme.BLIND, seed) for kind in TokenKind]
    blind = TokenWeek(WEEK, Scheme.BLIND, tuple(key.public for key in keys))
    after = TokenWeek(WEEK + 1, Scheme.IDENTIFIED, ())
    signer = Signer(head_seed)
    good = sign_token_keys(signer, HOST, (blind, after))
    gap = TokenWeek(WEEK + 2, Scheme.IDENTIFIED, ())
    bare = TokenWeek(WEEK, Scheme.BLIND, ())
    damaged = {
        "weeks that are not in a row": sign_token_keys(signer, HOST, (blind, gap)),
        "a blind week without keys": sign_token_keys(signer, HOST, (bare, after)),
        "of another host": sign_token_keys(signer, "other.example", (blind, after)),
        "by another key": sign_token_keys(Signer(seed), HOST, (blind, after)),
        "a byte too many": good + b"\0",
    }
    stated: list[Case] = [
        {
            "name": "a week that is blind, and one that is not",
            "head_key": signer.public.hex(),
            "host": HOST,
            "seed": seed.hex(),
            "statement": good.hex(),
        }
    ]
    for name, data in damaged.items():
        attempt = partial(open_token_keys, signer.public, HOST, data)
        refused = refusal(attempt)
        case: Case = {"name": name, "head_key": signer.public.hex(), "host": HOST}
        stated.append({**case, "statement": data.hex(), "refused": refused})
    return stated


MAKERS: dict[str, Maker] = {"token": make_token}
