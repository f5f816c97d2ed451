"""What a caller may know of a fault of this relay or of what it stores to."""

from privity.relay.storage.store import StoreBusy, is_full
from privity.wire.codes import Code, Refusal

__all__ = ["fault"]


def fault(error: BaseException, wait_ms_when_full: int) -> Refusal:
    """Return the refusal that stands for a fault; the request may come again."""
    if is_full(error):
        return Refusal(Code.STORAGE_FULL, "the relay's disk is full", wait_ms_when_full)
    if isinstance(error, StoreBusy):
        return Refusal(Code.SHUTTING_DOWN, "the relay's database is away", 1_000)
    return Refusal(Code.INTERNAL, "a fault of this relay", 1_000)
