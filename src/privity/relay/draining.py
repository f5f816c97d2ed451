"""WebSockets that are told, when the relay stops, how soon to come back.

All of them would log in at once: each is told a time in which all of them can, and
draws its own within it. docs/spec/frames.md says how that is written.
"""

from privity.relay.websocket import LeanProtocol
from privity.wire import limits

__all__ = ["DrainingProtocol", "reason_of"]

LOGINS_PER_SECOND = 100
"""Far below what a process takes; the rest is for those who are at work again."""


class DrainingProtocol(LeanProtocol):
    """The server's WebSockets; closed with 1012 and a reason."""

    def shutdown(self) -> None:
        """Say when to come back, and close."""
        if self.handshake_complete and not self.close_sent:
            self.queue.put_nowait({"type": "websocket.disconnect", "code": 1012})
            self.conn.send_close(1012, reason_of(len(self.connections)))
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.close_sent = True
        super().shutdown()


def reason_of(connections: int) -> str:
    """Return what that many connections are told."""
    seconds = -(-connections // LOGINS_PER_SECOND)
    return f"{limits.COME_BACK}{min(max(seconds, 1), limits.COME_BACK_SECONDS)}"
