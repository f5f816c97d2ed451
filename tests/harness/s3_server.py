"""An S3 server of one's own on loopback: moto, over HTTP, in a process of its own."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Self

import pytest
from relay_process import free_port

from privity.relay.config import BlobSettings

__all__ = ["S3Server", "needs_s3"]

_PLACE = Path(__file__).parents[2] / "build" / "s3" / "python"
_READY_SECONDS = 60

needs_s3 = pytest.mark.skipif(
    not (_PLACE / "moto").exists() and os.environ.get("CI") != "true",
    reason="moto is not in build/s3; tools/services.sh s3 installs it there",
)


class S3Server:
    """A server with one empty bucket; what it holds is gone when it ends."""

    def __init__(self) -> None:
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def settings(self, prefix: str = "blobs") -> BlobSettings:
        """Return what a relay needs to know of it."""
        return BlobSettings(
            reserve_bytes=0,
            url=f"s3://bucket/{prefix}",
            endpoint=self.endpoint,
            access_key_id="key",
            secret_access_key="secret",
        )

    def __enter__(self) -> Self:
        command = "from moto.server import main; main()"
        self._process = subprocess.Popen(
            [sys.executable, "-c", command, "-H", "127.0.0.1", "-p", str(self.port)],
            env={**os.environ, "PYTHONPATH": str(_PLACE)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        ends = time.monotonic() + _READY_SECONDS
        while time.monotonic() < ends:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.05)
            else:
                asked = urllib.request.Request(f"{self.endpoint}/bucket", method="PUT")
                direct = urllib.request.ProxyHandler({})
                urllib.request.build_opener(direct).open(asked, timeout=30).close()
                return self
        self.__exit__()
        raise AssertionError("moto does not listen")

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    kill = __exit__
