"""HTTP connections that must say what they want within a time, or are closed.

The server itself waits without end for the first request and for the rest of a
request's head, so a few thousand silent connections would keep everybody else out.
Bodies have their own limit (`http.raw_body`), and what comes of one after the answer
has this one, whether it drips or not; a WebSocket may be quiet for as long
as it answers the server's pings.
"""

import asyncio
from typing import cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["ImpatientProtocol"]

HEAD_SECONDS = 30.0
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
        self._expect_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take data, and wait on where a head is not whole yet."""
        super().data_received(data)
        if not self._is_unclear:
            self._expect_no_more()
        elif self._deadline is None:
            self._expect()

    def on_response_complete(self) -> None:
        """Wait no longer than for a head for a body that nobody reads any more."""
        super().on_response_complete()
        if self._is_idle_talk and self._deadline is None:
            self._expect()

    @property
    def _is_unclear(self) -> bool:
        """Whether nobody knows yet what is asked on this connection."""
        is_http = self.transport.get_protocol() is self
        is_idle = self.conn.their_state is h11.IDLE
        return is_http and (is_idle or self._is_idle_talk)

    @property
    def _is_idle_talk(self) -> bool:
        """Whether the body of a request still comes that is answered already."""
        is_coming = self.conn.their_state is h11.SEND_BODY
        return is_coming and self.conn.our_state in {h11.DONE, h11.MUST_CLOSE}

    def _expect(self) -> None:
        self._deadline = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _expect_no_more(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        if self._is_unclear and not self.transport.is_closing():
            self.transport.close()
