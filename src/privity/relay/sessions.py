"""Sessions of the identified plane: which devices are connected here, in memory only.

A session begins with a login, is prolonged by each renewal of the login value, and
ends after an hour, with a newer login of the same device, or when the device leaves
its account. All of it may happen at another process of the relay: then what stands in
the database (`logins.standing`) is not what the session holds. docs/adr/0030.
"""

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["LIFETIME", "SPARE", "Device", "Sessions"]

LIFETIME = 3_600
"""Seconds; longer than the hour after which a device renews its login value."""
SPARE = 60
"""Seconds that a session outlives its hour, for a renewal that is on its way."""

Device = tuple[bytes, bytes]
"""Account id and device id."""


@dataclass(slots=True)
class _Session:
    held: tuple[bytes, ...]
    ends: float
    close: Callable[[], None]


class Sessions:
    """At most one session a device."""

    def __init__(self) -> None:
        self._of_device: dict[Device, _Session] = {}

    def begin(
        self, device: Device, held: bytes, now: float, close: Callable[[], None]
    ) -> None:
        """Open a session; an older one of the device is closed by its `close`."""
        self.end(device)
        self._of_device[device] = _Session((held,), now + LIFETIME + SPARE, close)

    def propose(self, device: Device, held: bytes) -> None:
        """Note what the session will hold once its renewal is stored."""
        if session := self._of_device.get(device):
            session.held = (*session.held[:1], held)

    def prolong(self, device: Device, held: bytes, now: float) -> None:
        """Let a session live on; nothing happens where there is none."""
        if session := self._of_device.get(device):
            session.held = (held,)
            session.ends = now + LIFETIME + SPARE

    def has(self, device: Device) -> bool:
        """Whether a device is connected here."""
        return device in self._of_device

    def devices(self) -> list[Device]:
        """Return who is connected here."""
        return list(self._of_device)

    def compare(self, device: Device, standing: bytes | None) -> None:
        """End a session unless it holds what stands in the database."""
        if not self.holds(device, standing):
            self.end(device)

    def holds(self, device: Device, standing: bytes | None) -> bool:
        """Whether a session holds what stands in the database, or there is none."""
        session = self._of_device.get(device)
        return session is None or standing in session.held

    def end(self, device: Device) -> None:
        """Close the session of a device, if there is one."""
        if session := self._of_device.pop(device, None):
            session.close()

    def drop_ended(self, now: float) -> None:
        """Forget sessions whose time is over."""
        ended = [d for d, session in self._of_device.items() if session.ends < now]
        for device in ended:
            self.end(device)
