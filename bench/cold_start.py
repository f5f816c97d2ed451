"""How long a client with a history takes from its start to its last messages.

`python -m bench.cold_start DATABASE KEY CHAT` is the start that is measured: all
imports, the database, the engine's state, one page of messages. Its vault is open
already, whose passphrase is meant to take its time.
"""

import os
import resource
import subprocess
import sys
import time
from pathlib import Path

from privity.client.driver import Driver
from privity.client.store import Store
from privity.client.words import said_of
from privity.identity.secret import Secret

__all__ = ["start"]

PAGE = 50


def start(database: Path, key: bytes, chat_id: bytes) -> tuple[float, float]:
    """Start a process that shows the last page; return its seconds and CPU-seconds.

    Compiled modules lie beside the database, as they lie beside installed ones: the
    first start makes them.
    """
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(database.parent / "pyc")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    names = [str(database), key.hex(), chat_id.hex()]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    command = [sys.executable, "-m", "bench.cold_start", *names]
    subprocess.run(command, check=True, env=environment)
    took = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return took, cpu


def main() -> None:
    """Open, load, read one page."""
    database, key, chat = sys.argv[1:]
    store = Store(Path(database), Secret(bytes.fromhex(key)), said_of)
    try:
        Driver(store)
        if len(store.history(bytes.fromhex(chat), limit=PAGE)) != PAGE:
            raise RuntimeError("the history is not there")
    finally:
        store.close()


if __name__ == "__main__":
    main()
