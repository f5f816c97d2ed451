"""How much of an operation of MLS is primitives, and how much is Python.

`python -m bench.shares`. Counts the calls into the libraries that one operation makes,
times each of them alone, and compares the sum with what the operation takes. What is
left is Python: parsing, hashing inputs put together, values, calls.
"""

import cProfile
import hashlib
import hmac
import os
import pstats
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.x25519 import (
    X25519PrivateKey,
    X25519PublicKey,
)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from nacl import bindings

from bench import crowds
from bench.crowds_ours import OurCrowd
from bench.timing import per_call, timed
from privity.mls import CommitOptions, Group, KeyPackage

CLASSIC = 0x0001
SIZES = (2, 16, 128, 1000)
REPEATS = 7
MESSAGE = os.urandom(300)
DIGEST = SHA256()
HEAD = ("operation", "N", "asymmetric", "symmetric", "primitives", "measured", "Python")
ASYMMETRIC = ("crypto_", "hpke.", "x25519.")

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Share:
    """What one operation takes, in microseconds."""

    asymmetric: float
    symmetric: float
    measured: float

    def cells(self, name: str, size: int) -> tuple[str, ...]:
        """Return a line of the table."""
        floor = self.asymmetric + self.symmetric
        figures = (self.asymmetric, self.symmetric, floor, self.measured)
        python = f"{1 - floor / self.measured:.0%}"
        return (name, f"{size:,}", *(f"{figure:,.0f}" for figure in figures), python)


def main() -> None:
    """Print the table."""
    costs = {name: _cost(work) for name, work in _primitives().items()}
    lines: list[tuple[str, ...]] = [HEAD]
    for size in SIZES:
        for name, work in _operations(size).items():
            lines.append(_share(work, costs).cells(name, size))
    for line in lines:
        sys.stdout.write("| " + " | ".join(line) + " |\n")


def _cost(work: Work) -> float:
    return min(per_call(work, 200) for _ in range(REPEATS)) * 1e6


def _share(work: Work, costs: dict[str, float]) -> Share:
    measured = statistics.median(timed(work)[0] for _ in range(REPEATS)) * 1e6
    profile = cProfile.Profile()
    profile.runcall(work)
    sums = [0.0, 0.0]
    for (file, _, called), row in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        for name, cost in costs.items():
            if file == "~" and name in called:
                sums[not name.startswith(ASYMMETRIC)] += row[1] * cost
    return Share(sums[0], sums[1], measured)


def _operations(size: int) -> dict[str, Work]:
    crowd = OurCrowd(CLASSIC, size)
    ours, other = crowd.groups[0], crowd.groups[1]
    # One message before: the first of an epoch opens the sender's ratchets.
    first, ours = ours.protect(crowds.SMALL, random=os.urandom)
    other = other.process(first).next or other
    message, _ = ours.protect(crowds.SMALL, random=os.urandom)
    commit = ours.commit(CommitOptions(), os.urandom).message
    packages = tuple(map(KeyPackage.decode, crowd.packages[1:]))
    new = Group.create(crowd.suite, b"new", crowd.people[0], random=os.urandom)
    everybody = CommitOptions(add=packages, path=False, tree_in_welcome=True)
    welcome = new.commit(everybody, os.urandom).welcome or b""
    last = size - 1
    return {
        crowds.PROTECT: lambda: ours.protect(crowds.SMALL, random=os.urandom),
        crowds.UNPROTECT: lambda: other.process(message),
        crowds.CREATE: lambda: ours.commit(CommitOptions(), os.urandom),
        crowds.PROCESS: lambda: other.process(commit),
        crowds.ADD: lambda: new.commit(everybody, os.urandom),
        crowds.JOIN: lambda: Group.join(
            welcome, crowd.bundles[last], crowd.people[last]
        ),
    }


def _primitives() -> dict[str, Work]:
    """Return each function of the libraries by a part of its name in a profile."""
    public, private = bindings.crypto_sign_keypair()
    signed = bindings.crypto_sign(MESSAGE, private)
    seed, nonce = os.urandom(32), os.urandom(12)
    opener = X25519PrivateKey.from_private_bytes(seed)
    sealer = opener.public_key()
    point = sealer.public_bytes_raw()
    hpke = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM)
    enclosed = hpke.encrypt(seed, sealer, MESSAGE)
    cipher = AESGCM(seed[:16])
    sealed = cipher.encrypt(nonce, MESSAGE, b"")
    return {
        "crypto_sign>": lambda: bindings.crypto_sign(MESSAGE, private),
        "crypto_sign_open": lambda: bindings.crypto_sign_open(signed, public),
        "crypto_sign_seed": lambda: bindings.crypto_sign_seed_keypair(seed),
        "crypto_scalarmult_base": lambda: bindings.crypto_scalarmult_base(seed),
        "hpke._encrypt": lambda: hpke.encrypt(seed, sealer, MESSAGE),
        "hpke._decrypt": lambda: hpke.decrypt(enclosed, opener, MESSAGE),
        "x25519.from_private": lambda: X25519PrivateKey.from_private_bytes(seed),
        "x25519.from_public": lambda: X25519PublicKey.from_public_bytes(point),
        "hmac_digest": lambda: hmac.digest(seed, MESSAGE[:60], "sha256"),
        "HKDFExpand": lambda: HKDFExpand(DIGEST, 32, MESSAGE[:60]).derive(seed),
        "_hashlib.new": lambda: hashlib.new("sha256", MESSAGE).digest(),
        "'encrypt' of": lambda: AESGCM(seed[:16]).encrypt(nonce, MESSAGE, b""),
        "'decrypt' of": lambda: AESGCM(seed[:16]).decrypt(nonce, sealed, b""),
    }


if __name__ == "__main__":
    main()
