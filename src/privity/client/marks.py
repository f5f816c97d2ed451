"""What was chosen for a chat on this device, and what a new message does to it."""

from dataclasses import dataclass

from privity.client.database import Connection, Database

__all__ = [
    "FOREVER",
    "Marks",
    "change",
    "forget",
    "hide",
    "marks_by_chat",
    "marks_of",
    "woken",
]

FOREVER = 1 << 62
"""As the end of a mute: until it is undone."""
_NAMES = ("pinned", "muted", "archived", "hidden", "unread")


@dataclass(frozen=True, slots=True)
class Marks:
    """A chat's choices; `pinned` is since when, `muted` until when (Unix seconds).

    `hidden`: its history was deleted, and nobody has written since. `unread`: its owner
    marked it so.
    """

    pinned: int = 0
    muted: int = 0
    archived: int = 0
    hidden: int = 0
    unread: int = 0


def marks_of(database: Database, chat_id: bytes) -> Marks:
    """Return what was chosen for a chat."""
    row = database.read(
        lambda db: db.execute(
            "SELECT pinned, muted, archived, hidden, unread FROM marks"
            " WHERE chat_id = ?",
            (chat_id,),
        ).fetchone()
    )
    return Marks(*row) if row else Marks()


def marks_by_chat(database: Database) -> dict[bytes, Marks]:
    """Return what was chosen for each chat for which anything ever was."""
    rows = database.read(
        lambda db: db.execute(
            "SELECT chat_id, pinned, muted, archived, hidden, unread FROM marks"
        ).fetchall()
    )
    return {bytes(chat_id): Marks(*chosen) for chat_id, *chosen in rows}


def change(database: Database, chat_id: bytes, **changes: int) -> None:
    """Choose something for a chat, by the names of `Marks`."""
    if unknown := changes.keys() - set(_NAMES):
        raise KeyError(*unknown)

    def work(db: Connection) -> None:
        db.execute("INSERT OR IGNORE INTO marks (chat_id) VALUES (?)", (chat_id,))
        for name, value in changes.items():
            db.execute(
                f"UPDATE marks SET {name} = ? WHERE chat_id = ?",  # noqa: S608  known
                (value, chat_id),
            )

    database.transact(work)


def woken(db: Connection, chat_id: bytes, now: int) -> None:
    """Bring a chat back into sight: somebody wrote. A muted one stays archived."""
    db.execute(
        "UPDATE marks SET hidden = 0,"
        " archived = iif(muted > ?, archived, 0) WHERE chat_id = ?",
        (now, chat_id),
    )


def hide(db: Connection, chat_id: bytes) -> None:
    """Take a chat out of sight until somebody writes in it."""
    db.execute("INSERT INTO marks (chat_id, hidden) VALUES (?, 1)", (chat_id,))


def forget(db: Connection, chat_id: bytes) -> None:
    """Forget all choices for a chat."""
    db.execute("DELETE FROM marks WHERE chat_id = ?", (chat_id,))
