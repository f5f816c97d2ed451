"""What the calls of the account side share: stores, sessions, settings, the clock."""

from collections.abc import Callable
from dataclasses import dataclass, field

from privity.relay.bells import Bells
from privity.relay.bus.hints import Alone, Teller
from privity.relay.config import Config
from privity.relay.sessions import Sessions
from privity.relay.shared_keys import SharedKeys
from privity.relay.storage.blob_store import BlobStore
from privity.relay.storage.store import Store

__all__ = ["Services"]


@dataclass(frozen=True, slots=True)
class Services:
    """One running relay, as its calls see it.

    `clock` is Unix time in seconds; `random` draws n bytes; `others` are the other
    processes of the same relay.
    """

    config: Config
    accounts: Store
    logs: Store
    files: BlobStore
    clock: Callable[[], float]
    random: Callable[[int], bytes]
    keys: SharedKeys
    sessions: Sessions = field(default_factory=Sessions)
    bells: Bells = field(default_factory=Bells)
    others: Teller = field(default_factory=Alone)

    def now(self) -> int:
        """Return Unix time in whole seconds."""
        return int(self.clock())

    def today(self) -> int:
        """Return the day, Unix time / 86,400: what the account side keeps of time."""
        return self.now() // 86_400
