"""The keys that all processes of one relay share.

They are derived from the seed of the head key, which stands in the log side's
database: whoever runs a process on that database has them, and nobody sends them.
Whoever reads them from a stolen disk reads the head key there too. docs/adr/0030.
"""

import hmac
from dataclasses import dataclass, field

__all__ = ["SharedKeys", "derive_keys"]

_LABEL = b"Privity 1.0 shared "


@dataclass(frozen=True, slots=True)
class SharedKeys:
    """What nonces and bearers are made with, and what the bus is sealed with."""

    nonces: bytes = field(repr=False)
    bearers: bytes = field(repr=False)
    bus: bytes = field(repr=False)


def derive_keys(seed: bytes) -> SharedKeys:
    """Return the keys of a relay whose head key has this seed of 32 bytes."""
    return SharedKeys(
        *(hmac.digest(seed, _LABEL + name, "sha256") for name in (b"n", b"b", b"bus"))
    )
