"""Vectors of signatures: the shape of what is signed, and Ed25519's edge cases.

The edge cases are the points at which verifiers differ: each says what libsodium's
predicate, which is ours, does with it.
"""

from collections.abc import Callable
from hashlib import sha512

from nacl import bindings

from privity.errors import NotAuthentic
from privity.identity import labels
from privity.identity.signing import (
    SignContent,
    public_of,
    sign_with_label,
    verify_with_label,
)
from tools.spec_vectors import Case, Maker

ORDER = 2**252 + 27742317777372353535851937790883648493
PRIME = 2**255 - 19
IDENTITY = (1).to_bytes(32, "little")
ORDER_8 = bytes.fromhex(
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"
)
"""A generator of the eight points of small order."""

Random = Callable[[int], bytes]


def make_signatures(random: Random) -> list[Case]:
    """Return signatures under every label."""
    cases = []
    for label in sorted(labels.ALL):
        seed, content = random(32), random(20)
        signed = SignContent(label=label.encode(), content=content).encode()
        cases.append(
            {
                "name": label,
                "seed": seed.hex(),
                "public_key": public_of(seed).hex(),
                "label": label,
                "content": content.hex(),
                "signed_bytes": signed.hex(),
                "signature": sign_with_label(seed, label, content).hex(),
            }
        )
    return cases


def make_edge_cases(random: Random) -> list[Case]:
    """Return signatures on which verifiers of Ed25519 disagree."""
    key = _Key(random(32))
    plain = key.sign(b"plain", nonce=7)
    s = int.from_bytes(plain[32:], "little")
    cases = [
        _case("an ordinary signature", key.public, b"plain", plain),
        _case("S plus the order", key.public, b"plain", _with_s(plain, s + ORDER)),
        _case("R is the identity", key.public, b"r=0", key.sign(b"r=0", nonce=0)),
    ]
    cases += _mixed_order(key)
    cases += _small_order_keys(random)
    return cases


class _Key:
    """A key whose signer can be told to do what no honest one does."""

    def __init__(self, seed: bytes) -> None:
        scalar = bytearray(sha512(seed).digest()[:32])
        scalar[0] &= 248
        scalar[31] = scalar[31] & 63 | 64
        self.scalar = int.from_bytes(scalar, "little")
        self.public = public_of(seed)

    def sign(
        self,
        content: bytes,
        nonce: int,
        *,
        add_to_r: bytes = IDENTITY,
        public: bytes = b"",
    ) -> bytes:
        base = _times_base(nonce)
        r = bindings.crypto_core_ed25519_add(base, add_to_r)
        h = _challenge(r, public or self.public, content)
        return _with_s(r, (nonce + h * self.scalar) % ORDER)


def _mixed_order(key: _Key) -> list[Case]:
    """Return cases that hold with the cofactor cleared, and one that holds without."""
    mixed = bindings.crypto_core_ed25519_add(key.public, ORDER_8)
    cases = [
        _case(
            "R has a part of small order",
            key.public,
            b"mixed R",
            key.sign(b"mixed R", nonce=9, add_to_r=ORDER_8),
        )
    ]
    wanted = {False: "refused", True: "accepted"}
    for number in range(1000):
        content = f"mixed key {number}".encode()
        signature = key.sign(content, nonce=11, public=mixed)
        vanishes = _challenge(signature[:32], mixed, content) % 8 == 0
        if vanishes in wanted:
            name = "the challenge clears it" if vanishes else "it stays"
            title = f"the key has a part of small order, and {name}"
            cases.append(_case(title, mixed, content, signature))
            del wanted[vanishes]
    return cases


def _small_order_keys(random: Random) -> list[Case]:
    """Return keys of small order, canonical and not, under a signature of zeros."""
    points, point = [], IDENTITY
    for _ in range(8):
        points.append(point)
        point = bindings.crypto_core_ed25519_add(point, ORDER_8)
    beyond = [(PRIME + y).to_bytes(32, "little") for y in (0, 1)]
    signature = IDENTITY + bytes(32)
    cases = [
        _case(f"a key of small order: {n} · T", public, random(8), signature)
        for n, public in enumerate(points)
    ]
    cases += [
        _case(f"a key that is not canonical: p + {y}", public, random(8), signature)
        for y, public in enumerate(beyond)
    ]
    return cases


def _case(name: str, public: bytes, content: bytes, signature: bytes) -> Case:
    try:
        verify_with_label(public, labels.PLEA, content, signature)
    except NotAuthentic:
        verdict = "refused"
    else:
        verdict = "accepted"
    return {
        "name": name,
        "public_key": public.hex(),
        "label": labels.PLEA,
        "content": content.hex(),
        "signature": signature.hex(),
        "verdict": verdict,
    }


def _challenge(r: bytes, public: bytes, content: bytes) -> int:
    message = SignContent(label=labels.PLEA.encode(), content=content).encode()
    return int.from_bytes(sha512(r + public + message).digest(), "little") % ORDER


def _with_s(signature: bytes, s: int) -> bytes:
    return signature[:32] + s.to_bytes(32, "little")


def _times_base(scalar: int) -> bytes:
    if scalar == 0:
        return IDENTITY
    data = scalar.to_bytes(32, "little")
    return bindings.crypto_scalarmult_ed25519_base_noclamp(data)


MAKERS: dict[str, Maker] = {
    "signatures": make_signatures,
    "signature-edge-cases": make_edge_cases,
}
