"""A long history in a client's store, for `bench_client`."""

import os

from bench.client_pair import Client
from privity.content import build
from privity.core.effects import MessageRow, MessageState, PutMessage

__all__ = ["fill"]

BATCH = 1_000


def fill(client: Client, chat_id: bytes, count: int) -> None:
    """Put so many messages of somebody else into a client's store."""
    store = client.store()
    sender = os.urandom(16)
    try:
        for first in range(1, count + 1, BATCH):
            seqs = range(first, min(first + BATCH, count + 1))
            store.apply([PutMessage(_row(chat_id, sender, seq)) for seq in seqs])
    finally:
        store.close()


def _row(chat_id: bytes, sender: bytes, seq: int) -> MessageRow:
    origin = build.origin(sender, chat_id, os.urandom)
    content = build.text_message(origin, f"message {seq} of a long history")
    return MessageRow(
        chat_id=chat_id,
        idem=os.urandom(16),
        sender=sender,
        message_id=os.urandom(32),
        seq=seq,
        minute=29_000_000 + seq,
        state=MessageState.RECEIVED,
        content=content.encode(),
    )
