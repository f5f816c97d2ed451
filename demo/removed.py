"""What a removed member can open of the log that went on without it: nothing.

It has its whole profile as it was before the removal, with every key of that time,
and it is given the complete later log out of the operator's database. Every entry
is tried with every key that it has.
"""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from privity.client.store import Store
from privity.client.vault import open_vault
from privity.core import engine
from privity.core.envelopes import open_envelope
from privity.core.generations import Generation
from privity.core.state import Chat, State
from privity.errors import PrivityError
from privity.wire.entry import Header

__all__ = ["Attempt", "try_to_open"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """How many later entries there were, and how many the old keys opened."""

    later: int
    opened: int
    earlier: int
    """Entries of its own time that the same keys did open: the test can fail."""


def try_to_open(profile: Path, passphrase: str, database: Path, title: str) -> Attempt:
    """Try the kept profile's keys on the log of the group with that title."""
    state = _state(profile, passphrase)
    chat = next(c for c in state.chats.values() if c.title == title)
    entries = _entries(database, chat.log_id)
    removal = next(seq for seq, header, _ in entries if _opens(header, chat, seq))
    later = [e for e in entries if e[0] > removal]
    earlier = [e for e in entries if chat.generation < e[0] <= removal]
    return Attempt(
        later=len(later),
        opened=sum(_open(state, chat, e[1], e[2]) for e in later),
        earlier=sum(_open_envelope(chat, e[1], e[2]) for e in earlier),
    )


def _state(profile: Path, passphrase: str) -> State:
    key = open_vault(profile / "vault", passphrase)
    store = Store(profile / "store.db", key, lambda _: "")
    try:
        return engine.load(store.load())
    finally:
        store.close()


def _entries(database: Path, log_id: bytes) -> list[tuple[int, bytes, bytes]]:
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        rows = connection.execute(
            "SELECT seq, header, envelope FROM entries WHERE log_id = ? ORDER BY seq",
            (log_id,),
        ).fetchall()
    finally:
        connection.close()
    return [(int(seq), bytes(header), bytes(body)) for seq, header, body in rows]


def _opens(header: bytes, chat: Chat, seq: int) -> bool:
    return Header.parse(header).opens and seq > chat.cursor


def _open_envelope(chat: Chat, header: bytes, envelope: bytes) -> bool:
    try:
        open_envelope(Generation(chat.secret), header, envelope)
    except PrivityError:
        return False
    return True


def _open(state: State, chat: Chat, header: bytes, envelope: bytes) -> bool:
    """Try the envelope key, and the MLS state on the bytes as they are."""
    if _open_envelope(chat, header, envelope):
        return True
    try:
        state.groups[chat.chat_id].process(envelope)
    except PrivityError:
        return False
    return True
