"""Sessions of the identified plane: which bearer is which device, in memory only.

A session begins with a login, is prolonged by each renewal of the login value, and
ends after an hour, with a newer login of the same device, or when the device leaves
its account. A restart of the relay ends all: devices log in again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from privity.wire.codes import Code, Refusal

__all__ = ["LIFETIME", "Device", "Sessions"]

LIFETIME = 3_600
"""Seconds; longer than the hour after which a device renews its login value."""

Device = tuple[bytes, bytes]
"""Account id and device id."""


@dataclass(slots=True)
class _Session:
    key: bytes
    ends: float
    close: Callable[[], None]


class Sessions:
    """At most one session a device; bearers are looked up by their SHA-256."""

    def __init__(self) -> None:
        self._of_device: dict[Device, _Session] = {}
        self._device_of: dict[bytes, Device] = {}

    def begin(
        self, device: Device, bearer: bytes, now: float, close: Callable[[], None]
    ) -> None:
        """Open a session; an older one of the device is closed by its `close`."""
        self.end(device)
        key = sha256(bearer).digest()
        self._of_device[device] = _Session(key, now + LIFETIME + 60, close)
        self._device_of[key] = device

    def prolong(self, device: Device, now: float) -> None:
        """Let a session live on; nothing happens where there is none."""
        if session := self._of_device.get(device):
            session.ends = now + LIFETIME + 60

    def device(self, bearer: bytes, now: float) -> Device:
        """Return whose bearer this is; raises Refusal (NOT_LOGGED_IN)."""
        device = self._device_of.get(sha256(bearer).digest())
        if device is None or self._of_device[device].ends < now:
            raise Refusal(Code.NOT_LOGGED_IN, "log in again")
        return device

    def end(self, device: Device) -> None:
        """Close the session of a device, if there is one."""
        if session := self._of_device.pop(device, None):
            del self._device_of[session.key]
            session.close()

    def drop_ended(self, now: float) -> None:
        """Forget sessions whose time is over."""
        ended = [d for d, session in self._of_device.items() if session.ends < now]
        for device in ended:
            self.end(device)
