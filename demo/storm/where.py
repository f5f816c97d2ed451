"""Where a process of a storm runs: on loopback, unless it has a network of its own."""

from dataclasses import dataclass

__all__ = ["LOOPBACK", "Where"]


@dataclass(frozen=True, slots=True)
class Where:
    """An address that others reach, and the command that takes a program there."""

    address: str
    enter: tuple[str, ...] = ()

    @property
    def is_loopback(self) -> bool:
        """Whether all of it is on one machine."""
        return self.address == "127.0.0.1"


LOOPBACK = Where("127.0.0.1")
