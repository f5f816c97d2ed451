"""What was typed in a chat and not sent: kept until it is sent, or emptied."""

from dataclasses import dataclass, field

from privity.client.database import Connection, Database

__all__ = ["Draft", "draft_of", "forget", "keep", "sent", "texts_by_chat"]


@dataclass(frozen=True, slots=True)
class Draft:
    """A text, the idem of the message that it answers, and when it was kept."""

    text: str = field(default="", repr=False)
    reply_to: bytes = b""
    changed: int = 0


def draft_of(database: Database, chat_id: bytes) -> Draft:
    """Return what was typed in a chat, or an empty draft."""
    row = database.read(
        lambda db: db.execute(
            "SELECT text, reply_to, changed FROM drafts WHERE chat_id = ?", (chat_id,)
        ).fetchone()
    )
    return Draft(*row) if row else Draft()


def texts_by_chat(database: Database) -> dict[bytes, str]:
    """Return what was typed in each chat that has a draft."""
    rows = database.read(
        lambda db: db.execute("SELECT chat_id, text FROM drafts").fetchall()
    )
    return {bytes(chat_id): text for chat_id, text in rows}


def keep(database: Database, chat_id: bytes, draft: Draft) -> None:
    """Keep what was typed in place of what was there; an empty one is forgotten."""

    def work(db: Connection) -> None:
        if not draft.text.strip() and not draft.reply_to:
            forget(db, chat_id)
            return
        db.execute(
            "INSERT OR REPLACE INTO drafts VALUES (?, ?, ?, ?)",
            (chat_id, draft.text, draft.reply_to, draft.changed),
        )

    database.transact(work)


def sent(db: Connection, chat_id: bytes, text: str) -> None:
    """Forget a draft that has become a message: it is how that begins or ends.

    What was typed last may not have been kept; a file's words follow its name. A
    command that sends something else leaves the draft of a window alone.
    """
    row = db.execute("SELECT text FROM drafts WHERE chat_id = ?", (chat_id,)).fetchone()
    if row is None:
        return
    draft = row[0].strip()
    if text.strip().startswith(draft) or text.endswith(draft):
        forget(db, chat_id)


def forget(db: Connection, chat_id: bytes) -> None:
    """Forget the draft of a chat."""
    db.execute("DELETE FROM drafts WHERE chat_id = ?", (chat_id,))
