"""A stranger's message with the work that a relay for tests asks for."""

import time

from msgspec import structs

from privity.client.working import search
from privity.wire.http import PostMessage
from privity.wire.work import Work, challenge

__all__ = ["BITS", "today", "worked"]

BITS = 4
"""As `quick_config` and `RelayProcess` ask for."""


def today() -> int:
    """Return the day of this machine's clock."""
    return int(time.time()) // 86_400


def worked(
    message: PostMessage,
    mailbox_id: bytes,
    *,
    host: str = "localhost",
    day: int | None = None,
    bits: int = BITS,
) -> PostMessage:
    """Return a message with enough work for a mailbox."""
    day = today() if day is None else day
    target = challenge(host, mailbox_id, day, (message.idem, message.body))
    nonce = search(target, bits, range(1 << 32))
    assert nonce is not None
    return structs.replace(message, work=Work(day, nonce).encode())
