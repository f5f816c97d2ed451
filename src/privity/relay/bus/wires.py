"""Core NATS as the wire between the processes of a relay.

What is sent while the server is away is dropped, not kept: it would only tell of what
the look around has found by then. The connection comes back by itself, for ever.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg

from privity.relay.bus.credentials import BusKey, KnownClient

__all__ = ["NatsWire"]

_AGAIN_SECONDS = 1
_WAIT_SECONDS = 5
_PENDING = 4 * 1024 * 1024


class NatsWire:
    """One connection; `came` gets what others send, `back` is called at each start."""

    def __init__(
        self,
        url: str,
        subject: str,
        came: Callable[[bytes], None],
        back: Callable[[], None],
        key: BusKey | None = None,
    ) -> None:
        self._url = url
        self._key = key
        self._subject = subject
        self._came = came
        self._back = back
        self._client: Client | None = None
        self._sending: set[asyncio.Task[None]] = set()

    @property
    def is_up(self) -> bool:
        """Whether what is sent now reaches the server, as far as is known."""
        return self._client is not None and self._client.is_connected

    def send(self, data: bytes) -> None:
        """Send to all others; what can't go now never goes."""
        client = self._client
        if client is None or not client.is_connected:
            return
        task = asyncio.get_running_loop().create_task(self._publish(client, data))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def run(self) -> None:
        """Connect, and stay connected until cancelled."""
        while True:
            ended = asyncio.Event()
            with suppress(OSError, TimeoutError, nats.errors.Error):
                await self._connect(ended)
                await ended.wait()
            await asyncio.sleep(_AGAIN_SECONDS)

    async def close(self) -> None:
        """End the connection; what was sent before is not waited for."""
        for task in self._sending:
            task.cancel()
        client, self._client = self._client, None
        if client is not None:
            with suppress(OSError, TimeoutError, nats.errors.Error):
                await client.close()

    async def _connect(self, ended: asyncio.Event) -> None:
        async def end() -> None:
            ended.set()

        key = self._key
        client = KnownClient(key)
        await client.connect(  # pyright: ignore[reportUnknownMemberType]
            self._url,
            signature_cb=key.sign if key else None,
            user_jwt_cb=(lambda: bytearray(key.jwt)) if key and key.jwt else None,
            no_echo=True,
            max_reconnect_attempts=-1,
            reconnect_time_wait=_AGAIN_SECONDS,
            connect_timeout=_WAIT_SECONDS,
            ping_interval=10,
            max_outstanding_pings=2,
            pending_size=_PENDING,
            error_cb=_ignore,
            reconnected_cb=self._is_back,
            closed_cb=end,
        )
        await client.subscribe(  # pyright: ignore[reportUnknownMemberType]
            self._subject, cb=self._heard
        )
        self._client = client
        self._back()

    async def _publish(self, client: Client, data: bytes) -> None:
        with suppress(OSError, nats.errors.Error):
            await client.publish(self._subject, data)

    async def _heard(self, message: Msg) -> None:
        self._came(message.data)

    async def _is_back(self) -> None:
        self._back()


async def _ignore(error: Exception) -> None:
    """Let the library try again; whether it succeeds `is_up` tells."""
