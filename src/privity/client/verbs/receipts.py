"""The verb about receipts: turn them on or off, or say which it is."""

from privity.client.session import Session
from privity.client.verbs.receipt_results import Receipts, ReceiptSwitch

__all__ = ["switch"]


async def switch(session: Session, asked: Receipts) -> ReceiptSwitch:
    """Turn receipts on or off for this profile; what came before is never told."""
    if asked.on is not None:
        await session.receipts.turn(on=asked.on)
    return ReceiptSwitch(session.receipts.on)
