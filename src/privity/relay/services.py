"""What the calls of the account side share: stores, sessions, settings, the clock."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from privity.relay.bells import Bells
from privity.relay.config import Config
from privity.relay.sessions import Sessions
from privity.relay.storage.blob_files import BlobFiles

__all__ = ["Services", "Store"]

T = TypeVar("T")


class Store(Protocol):
    """One of the two databases; a step that raises leaves nothing behind."""

    async def write(self, step: Callable[[sqlite3.Connection], T], /) -> T:
        """Run a step in a transaction; its result comes after the commit."""
        ...

    async def read(self, step: Callable[[sqlite3.Connection], T], /) -> T:
        """Run a step that only reads."""
        ...

    def forget(self) -> None:
        """Let nobody trust what was remembered of earlier steps; part of a step."""
        ...

    async def compact(self, *, anew: bool = False) -> None:
        """Leave nothing on the disk of what was deleted, nor, `anew`, of what order."""
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """One running relay, as its calls see it.

    `clock` is Unix time in seconds; `random` draws n bytes; `nonce_key` are 32
    random bytes that live as long as the process.
    """

    config: Config
    accounts: Store
    logs: Store
    files: BlobFiles
    clock: Callable[[], float]
    random: Callable[[int], bytes]
    nonce_key: bytes = field(repr=False)
    sessions: Sessions = field(default_factory=Sessions)
    bells: Bells = field(default_factory=Bells)

    def now(self) -> int:
        """Return Unix time in whole seconds."""
        return int(self.clock())

    def today(self) -> int:
        """Return the day, Unix time / 86,400: what the account side keeps of time."""
        return self.now() // 86_400
