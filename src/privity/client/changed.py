"""Which messages change which: edits, deletions, reactions, reports, by what they name.

A message that changes others is found by those without reading what was said since. In
the transaction that stores it, as all that `index` derives. Eight bytes stand for an id
of 32: two that share them cost a look, since who asks reads what the message says.
docs/spec/store.md, ADR 52.
"""

import json
from collections.abc import Iterable

from privity.client.database import Connection

__all__ = ["BY", "enter", "leave", "named"]

BY = (
    "number IN (SELECT number FROM changed_by"
    " WHERE name IN (SELECT value FROM json_each(?)))"
)
"""The condition that a row may change one of the messages `named`."""
_HASH = 1
"""Bytes in front of an id that say by which hash it was made."""
_SHORT = 8


def enter(db: Connection, number: int, changes: frozenset[bytes]) -> None:
    """Note which messages a stored one changes, by their MIMI ids."""
    stood = db.execute("SELECT name FROM changed_by WHERE number = ?", (number,))
    before, now = {name for (name,) in stood.fetchall()}, set(map(_name, changes))
    for statement, names in (
        ("DELETE FROM changed_by WHERE number = ? AND name = ?", before - now),
        ("INSERT INTO changed_by (number, name) VALUES (?, ?)", now - before),
    ):
        db.executemany(statement, [(number, name) for name in names])


def leave(db: Connection, number: int) -> None:
    """Forget what a message changed that is gone."""
    db.execute("DELETE FROM changed_by WHERE number = ?", (number,))


def named(message_ids: Iterable[bytes]) -> str:
    """Return what stands in the hole of `BY`."""
    return json.dumps([_name(one) for one in message_ids])


def _name(message_id: bytes) -> int:
    return int.from_bytes(message_id[_HASH : _HASH + _SHORT], signed=True)
