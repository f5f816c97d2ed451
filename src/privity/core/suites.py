"""The MLS suites that chats can have: their names, their order, what this device takes.

docs/spec/refound.md. What is sealed to a device outside of chats always has the
account's own suite; a group keeps the one that it began with, until a refound.
"""

from collections.abc import Mapping
from types import MappingProxyType

from privity.identity.device_list import SignedDeviceList

__all__ = ["NAMES", "is_not_weaker", "is_taken", "stated", "strength"]

_STRONGEST_FIRST = (0xF5A1, 7, 5, 4, 3, 2, 1)
"""One that is not named here is weaker than all."""
NAMES: Mapping[str, int] = MappingProxyType(
    {"post-quantum": 0xF5A1, "x25519-chacha20": 3, "x25519-aes128": 1}
)
"""What people call the suites whose keys fit a device's (X25519 and Ed25519)."""


def strength(suite: int) -> int:
    """Return a number that is higher for a stronger suite; 0 for an unknown one."""
    if suite not in _STRONGEST_FIRST:
        return 0
    return len(_STRONGEST_FIRST) - _STRONGEST_FIRST.index(suite)


def is_not_weaker(suite: int, than: int) -> bool:
    """Tell whether a suite is at least as strong as another one."""
    return suite == than or strength(suite) > strength(than)


def stated(device_list: bytes) -> tuple[int, ...]:
    """Return the suites that an encoded signed list states, the best first."""
    return SignedDeviceList.decode(device_list).device_list.suites


def is_taken(device_list: bytes, suite: int) -> bool:
    """Tell whether an account's list accepts a suite for a chat that begins now."""
    own = SignedDeviceList.decode(device_list).device_list
    if suite not in own.suites:
        return False
    return own.suites.index(suite) <= own.suites.index(own.min_suite)
