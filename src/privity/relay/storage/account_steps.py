"""The account side's way from old tables to those of today; a step never changes.

A step says its statements itself: what `account_tables` says is of today. From the
first tables that a server had, a step is one for SQLite and for PostgreSQL.
"""

import secrets
from hashlib import sha256

from privity.relay.storage.database import TableStep
from privity.relay.storage.store import Connection

__all__ = ["ACCOUNT_STEPS"]


def _keep_out(accounts: Connection) -> None:
    """1 → 2: accounts that the operator keeps out."""
    accounts.execute(
        """
        CREATE TABLE disabled_accounts (
            account_id BLOB PRIMARY KEY
        ) STRICT, WITHOUT ROWID
        """
    )


def _count_from_anywhere(accounts: Connection) -> None:
    """2 → 3: no row says how much mail a mailbox ever got."""
    accounts.execute("ALTER TABLE mailbox_idems RENAME TO old_idems")
    accounts.execute(
        """
        CREATE TABLE mailbox_idems (
            name BLOB PRIMARY KEY,
            digest BLOB NOT NULL,
            day INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """
    )
    old = accounts.execute("SELECT mailbox_id, idem, digest, day FROM old_idems")
    for mailbox_id, idem, digest, day in old:
        name = sha256(b"idem" + mailbox_id + idem).digest()
        accounts.execute(
            "INSERT INTO mailbox_idems VALUES (?, ?, ?)",
            (name, sha256(name + digest).digest(), day),
        )
    accounts.execute("DROP TABLE old_idems")
    # A device asks for what is behind its own number: a jump ahead hides nothing.
    heads = accounts.execute("SELECT mailbox_id FROM mailbox_heads").fetchall()
    accounts.executemany(
        "UPDATE mailbox_heads SET seq = seq + ? WHERE mailbox_id = ?",
        [(secrets.randbelow(1 << 40), mailbox_id) for (mailbox_id,) in heads],
    )


def _count_on(accounts: Connection) -> None:
    """3 → 4: how far the database has come."""
    accounts.execute(
        """
        CREATE TABLE mark (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            run BLOB NOT NULL,
            count INTEGER NOT NULL,
            is_copy INTEGER NOT NULL
        ) STRICT
        """
    )


def _close_lanes(accounts: Connection) -> None:
    """4 → 5: accounts that take strangers through doors only, and lanes counted."""
    accounts.execute(
        "CREATE INDEX entries_of_lane ON mailbox_entries (mailbox_id, lane)"
    )
    accounts.execute(
        """
        CREATE TABLE closed_lanes (
            account_id BLOB PRIMARY KEY,
            doors BLOB NOT NULL
        ) STRICT, WITHOUT ROWID
        """
    )


ACCOUNT_STEPS: tuple[TableStep, ...] = (
    _keep_out,
    _count_from_anywhere,
    _count_on,
    _close_lanes,
)
