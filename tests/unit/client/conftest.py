"""Real profiles and real stores for the tests of the client."""

import os
from pathlib import Path

import pytest

from privity.client.profile import Profile
from privity.client.store import Store
from privity.core.effects import MessageRow, MessageState
from privity.identity.secret import Secret

CHAT = b"c" * 16
ANA = b"a" * 16


@pytest.fixture
def profile(tmp_path) -> Profile:
    made = Profile(tmp_path / "profile")
    made.create()
    return made


@pytest.fixture
def key() -> Secret:
    return Secret(os.urandom(32))


@pytest.fixture
def text_of():
    return lambda row: row.content.decode("utf-8", "replace")


@pytest.fixture
def open_store(profile, key, text_of):
    """Open the profile's store; whatever was opened is closed at the end."""
    opened = []

    def open_it(path: Path | None = None, *, create: bool = False) -> Store:
        store = Store(path or profile.database, key, text_of, create=create)
        opened.append(store)
        return store

    yield open_it
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store) -> Store:
    return open_store(create=True)


@pytest.fixture
def message():
    """Make a row: `message(3, text="…")` is the received one with seq 3."""

    def make(seq: int, text: str = "hello", **fields) -> MessageRow:
        values = {
            "chat_id": CHAT,
            "idem": (seq or 1000 + fields.get("order", 0)).to_bytes(16, "big"),
            "sender": ANA,
            "message_id": b"m" * 28 + seq.to_bytes(4, "big"),
            "seq": seq,
            "minute": 29_000_000,
            "state": MessageState.RECEIVED if seq else MessageState.QUEUED,
            "content": text.encode(),
        }
        return MessageRow(**(values | fields))

    return make
