"""GREASE: values that mean nothing, so that nobody forgets to ignore them (§13.5).

RFC 9420 lets a client sprinkle them over what it claims and carries. Receivers here
know nothing of them: they are unknown values like others. It is off unless asked for,
because a client that does it looks different from one that does not.
"""

from dataclasses import replace

from privity.mls.extensions import Extension
from privity.mls.nodes import Capabilities
from privity.mls.own_keys import LeafIdentity
from privity.mls.suites import Random

__all__ = ["GREASE", "grease_extension", "greased", "without_grease"]

GREASE = tuple(range(0x0A0A, 0xEAEB, 0x1010))
"""The 15 values that are reserved in every registry."""


def greased(me: LeafIdentity, random: Random) -> LeafIdentity:
    """Return this client with GREASE in capabilities and leaf extensions (§13.5).

    Each call draws others: leaves with the same ones in several groups would be
    linked by them. `random` gives unpredictable bytes.
    """
    able = me.capabilities
    extension = grease_extension(random)
    capabilities = replace(
        able,
        cipher_suites=_with(able.cipher_suites, _value(random), random),
        extensions=_with(able.extensions, extension.extension_type, random),
        proposals=_with(able.proposals, _value(random), random),
        credentials=_with(able.credentials, _value(random), random),
    )
    extensions = (*me.extensions, extension)
    return replace(me, capabilities=capabilities, extensions=extensions)


def grease_extension(random: Random) -> Extension:
    """Return an extension for a GroupInfo: up to 31 bytes of no meaning.

    In a GroupContext it must not stand (§13.5).
    """
    return Extension(_value(random), random(random(1)[0] % 32))


def without_grease(able: Capabilities) -> Capabilities:
    """Return what a client can really do, for comparing it with what a group needs."""
    return Capabilities(
        able.versions,
        _real(able.cipher_suites),
        _real(able.extensions),
        _real(able.proposals),
        _real(able.credentials),
    )


def _real(codes: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(code for code in codes if code not in GREASE)


def _value(random: Random) -> int:
    # Which one it is needs no fairness, only variety.
    return GREASE[random(1)[0] % len(GREASE)]


def _with(codes: tuple[int, ...], code: int, random: Random) -> tuple[int, ...]:
    if code in codes:
        return codes
    at = random(1)[0] % (len(codes) + 1)
    return (*codes[:at], code, *codes[at:])
