"""Connections that must say what they want within a time, or are closed.

Anybody on this machine can connect to the window's port. The server itself waits
without end for the head of a request, so silent connections would keep its owner out.
"""

import asyncio
from typing import cast

from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["HEAD_SECONDS", "ImpatientProtocol"]

HEAD_SECONDS = 10.0
"""How long a connection may take for the head of a request."""


class ImpatientProtocol(H11Protocol):
    """The server's HTTP, closed where a head is not whole in time."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for the first request."""
        super().connection_made(cast("asyncio.Transport", transport))
        self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        if self._deadline is not None:
            self._deadline.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take data, and wait on where a head is not whole yet."""
        super().data_received(data)
        if self._is_unclear and self._deadline is None:
            self._expect()

    @property
    def _is_unclear(self) -> bool:
        """Whether nobody knows what is asked, or nothing is, on this connection."""
        is_http = self.transport.get_protocol() is self
        # The server sets it with the first request; its type leaves that out.
        cycle = cast("object | None", self.cycle)
        return is_http and (cycle is None or self.cycle.response_complete)

    def _expect(self) -> None:
        self._deadline = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _give_up(self) -> None:
        self._deadline = None
        if self._is_unclear and not self.transport.is_closing():
            self.transport.close()
