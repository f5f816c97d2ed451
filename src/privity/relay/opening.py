"""What lies in a data directory, opened and closed as one."""

import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from privity.relay.bus.credentials import read_key
from privity.relay.bus.crossing import Crossing
from privity.relay.bus.hints import Alone
from privity.relay.config import Config
from privity.relay.heads import head_seed
from privity.relay.marks import (
    check_marks,
    check_shared,
    read_marks,
    read_watermark,
)
from privity.relay.paths import BLOBS_NAME
from privity.relay.services import Services
from privity.relay.shared_keys import derive_keys
from privity.relay.storage.blob_files import BlobFiles
from privity.relay.storage.blob_store import BlobStore
from privity.relay.storage.sides import open_accounts, open_logs
from privity.relay.storage.store import Store

__all__ = ["Opened", "open_relay"]


@dataclass(frozen=True, slots=True)
class Opened:
    """The two databases, and the services that stand on them.

    `crossing` leads to the relay's other processes, if the settings name a bus.
    """

    services: Services
    accounts: Store
    logs: Store
    crossing: Crossing | None

    async def close(self) -> None:
        """Finish what is queued and close both."""
        await self.accounts.close()
        await self.logs.close()


def open_relay(config: Config, data: Path) -> Opened:
    """Open what is stored in `data`.

    Raises as `read_marks` does, and OldCopy where it is not as this relay left it.
    """
    if not config.db.url:
        check_marks(read_watermark(data), *read_marks(data))
    accounts = open_accounts(config, data)
    logs = open_logs(config, data)
    if config.db.url:
        check_shared(data, accounts, logs, secrets.token_bytes)
    seed = logs.begin(lambda db: head_seed(db, secrets.token_bytes))
    keys = derive_keys(seed)
    crossing = None
    if config.bus.url:
        named = config.bus.credentials
        who = read_key(data / named) if named else None
        url, random = config.bus.url, secrets.token_bytes
        crossing = Crossing(url, keys.bus, random, time.time, who)
    services = Services(
        config=config,
        accounts=accounts,
        logs=logs,
        files=_open_blobs(config, data),
        clock=time.time,
        random=secrets.token_bytes,
        keys=keys,
        others=crossing or Alone(),
    )
    return Opened(services, accounts, logs, crossing)


def _open_blobs(config: Config, data: Path) -> BlobStore:
    if not config.blobs.url:
        return BlobFiles(data / BLOBS_NAME)
    # A default relay does not carry the library's 15 MB.
    from privity.relay.storage.blob_objects import open_s3  # noqa: PLC0415

    return open_s3(config.blobs)
