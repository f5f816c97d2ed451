"""The tables of a profile's database, and how an older one becomes this one.

`PRAGMA user_version` numbers the schema. Each migration runs in one transaction
after a copy of the (encrypted) file was put beside it. docs/spec/store.md lists the
tables with their meaning.
"""

from typing import Final

__all__ = ["APPLICATION_ID", "MIGRATIONS", "NEWEST"]

APPLICATION_ID: Final = 0x50525659
"""Marks the file for `file(1)` and for us; inside the encryption."""

_VERSION_1 = (
    """
    CREATE TABLE state (
        kind TEXT NOT NULL,
        id   BLOB NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (kind, id)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE messages (
        number     INTEGER PRIMARY KEY AUTOINCREMENT,
        chat_id    BLOB NOT NULL,
        idem       BLOB NOT NULL,
        sender     BLOB NOT NULL,
        message_id BLOB NOT NULL,
        seq        INTEGER NOT NULL,
        minute     INTEGER NOT NULL,
        state      TEXT NOT NULL,
        content    BLOB NOT NULL,
        rank       INTEGER NOT NULL,
        frame      BLOB NOT NULL,
        header     BLOB NOT NULL,
        stamp_key  INTEGER NOT NULL,
        stamp      BLOB NOT NULL,
        place      INTEGER NOT NULL AS (
            iif(seq = 0 AND state <> 'line', 9223372036854775807, seq)
        ),
        UNIQUE (chat_id, idem)
    ) STRICT
    """,
    "CREATE INDEX messages_in_order ON messages (chat_id, place, rank, number)",
    "CREATE INDEX messages_by_id ON messages (chat_id, message_id)",
    """
    CREATE VIRTUAL TABLE words
        USING fts5 (text, tokenize = 'unicode61 remove_diacritics 2')
    """,
    "INSERT INTO words (words, rank) VALUES ('secure-delete', 1)",
    """
    CREATE TABLE login (
        one      INTEGER PRIMARY KEY CHECK (one = 1),
        previous BLOB NOT NULL,
        next     BLOB NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE tokens (
        kind  TEXT NOT NULL,
        token BLOB NOT NULL,
        claim BLOB,
        PRIMARY KEY (kind, token)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE UNIQUE INDEX tokens_by_claim ON tokens (claim) WHERE claim IS NOT NULL",
    """
    CREATE TABLE transfers (
        id   BLOB NOT NULL PRIMARY KEY,
        body BLOB NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE ledger (
        number   INTEGER PRIMARY KEY,
        minute   INTEGER NOT NULL,
        endpoint TEXT NOT NULL,
        what     TEXT NOT NULL,
        size     INTEGER NOT NULL,
        reason   TEXT NOT NULL,
        cause    BLOB NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE settings (
        name TEXT NOT NULL PRIMARY KEY,
        body BLOB NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
)

_VERSION_2 = (
    # Tokens are blind now; those of before buy nothing any more.
    "DELETE FROM tokens",
    """
    CREATE TABLE token_weeks (
        head_key BLOB NOT NULL,
        week     INTEGER NOT NULL,
        stated   BLOB NOT NULL,
        PRIMARY KEY (head_key, week)
    ) STRICT, WITHOUT ROWID
    """,
)

_VERSION_3 = (
    # What is derived from a message: filled anew by `index` where it is empty.
    "ALTER TABLE messages ADD COLUMN target BLOB NOT NULL DEFAULT x''",
    "ALTER TABLE messages ADD COLUMN news INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE messages ADD COLUMN entry INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX changes ON messages (chat_id, target) WHERE target <> x''",
    "DROP TABLE words",
    """
    CREATE VIRTUAL TABLE words USING fts5 (
        chat, text, tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2'
    )
    """,
    "INSERT INTO words (words, rank) VALUES ('secure-delete', 1)",
    """
    CREATE TABLE mentions (
        number  INTEGER NOT NULL,
        account BLOB NOT NULL,
        PRIMARY KEY (number, account)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE marks (
        chat_id  BLOB NOT NULL PRIMARY KEY,
        pinned   INTEGER NOT NULL DEFAULT 0,
        muted    INTEGER NOT NULL DEFAULT 0,
        archived INTEGER NOT NULL DEFAULT 0,
        hidden   INTEGER NOT NULL DEFAULT 0,
        unread   INTEGER NOT NULL DEFAULT 0
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE drafts (
        chat_id  BLOB NOT NULL PRIMARY KEY,
        text     TEXT NOT NULL,
        reply_to BLOB NOT NULL,
        changed  INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
)

_VERSION_4 = (
    """
    CREATE TABLE timers (
        number INTEGER NOT NULL PRIMARY KEY,
        lasts  INTEGER NOT NULL,
        ends   INTEGER NOT NULL
    ) STRICT
    """,
    "CREATE INDEX timers_by_end ON timers (ends)",
)

_VERSION_5 = (
    # Filled by `index`, which knows what a message says.
    """
    CREATE TABLE changed_by (
        name   INTEGER NOT NULL,
        number INTEGER NOT NULL,
        PRIMARY KEY (name, number)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX changed_by_number ON changed_by (number)",
)

MIGRATIONS: Final[tuple[tuple[str, ...], ...]] = (
    _VERSION_1,
    _VERSION_2,
    _VERSION_3,
    _VERSION_4,
    _VERSION_5,
)
"""The statements that lead from schema n to n + 1, at index n."""

NEWEST: Final = len(MIGRATIONS)
