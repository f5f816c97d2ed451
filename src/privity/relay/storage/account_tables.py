"""The tables of the account side; no row of them names a chat, a log or a blob.

Keys are random ids in `WITHOUT ROWID` tables, so that no serial number and no
order of insertion survives on disk, once the day's first sweep has written the file
anew. Times are days (Unix time / 86,400), those of mail rounded up (`mailboxes`), but
for `expires` and `not_after`, which somebody chose: clients choose whole weeks. The log
side is another file; nothing refers from one to the other.
"""

from privity.relay.storage.account_steps import ACCOUNT_STEPS
from privity.relay.storage.database import Schema
from privity.relay.storage.mark_table import MARK_TABLE

__all__ = ["ACCOUNT_SCHEMA"]

_STATEMENTS = (
    """
    CREATE TABLE accounts (
        account_id BLOB PRIMARY KEY,
        identity_key BLOB NOT NULL,
        registration BLOB NOT NULL,
        device_list BLOB NOT NULL,
        list_version INTEGER NOT NULL,
        mailbox_key_hash BLOB NOT NULL,
        day INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    # A handle outlives its account with an empty account_id: it is never given again.
    """
    CREATE TABLE handles (
        name TEXT PRIMARY KEY,
        account_id BLOB
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX handles_of_account ON handles (account_id)",
    """
    CREATE TABLE devices (
        account_id BLOB NOT NULL,
        device_id BLOB NOT NULL,
        login_key BLOB NOT NULL,
        login_value BLOB NOT NULL,
        mailbox_id BLOB NOT NULL UNIQUE,
        PRIMARY KEY (account_id, device_id)
    ) STRICT, WITHOUT ROWID
    """,
    # Who the operator keeps out; nothing of theirs is deleted.
    """
    CREATE TABLE disabled_accounts (
        account_id BLOB PRIMARY KEY
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE mailbox_heads (
        mailbox_id BLOB PRIMARY KEY,
        seq INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE mailbox_entries (
        mailbox_id BLOB NOT NULL,
        seq INTEGER NOT NULL,
        lane TEXT NOT NULL,
        body BLOB NOT NULL,
        day INTEGER NOT NULL,
        PRIMARY KEY (mailbox_id, seq)
    ) STRICT, WITHOUT ROWID
    """,
    # What waits in a lane is counted without reading it.
    "CREATE INDEX entries_of_lane ON mailbox_entries (mailbox_id, lane)",
    # The name is a hash of mailbox and idem: no row says which mailbox got something.
    """
    CREATE TABLE mailbox_idems (
        name BLOB PRIMARY KEY,
        digest BLOB NOT NULL,
        day INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE key_packages (
        account_id BLOB NOT NULL,
        device_id BLOB NOT NULL,
        suite INTEGER NOT NULL,
        last_resort INTEGER NOT NULL,
        digest BLOB NOT NULL,
        package BLOB NOT NULL,
        not_after INTEGER NOT NULL,
        PRIMARY KEY (account_id, device_id, suite, last_resort, digest)
    ) STRICT, WITHOUT ROWID
    """,
    # Who takes strangers through doors only: their SHA-256, one behind the other.
    """
    CREATE TABLE closed_lanes (
        account_id BLOB PRIMARY KEY,
        doors BLOB NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    # A `uses_left` of NULL is unlimited; `expires` 0 is never.
    """
    CREATE TABLE codes (
        hash BLOB PRIMARY KEY,
        uses_left INTEGER,
        expires INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE tokens_issued (
        account_id BLOB NOT NULL,
        device_id BLOB NOT NULL,
        kind TEXT NOT NULL,
        day INTEGER NOT NULL,
        count INTEGER NOT NULL,
        PRIMARY KEY (account_id, device_id, kind, day)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE self_storage (
        account_id BLOB PRIMARY KEY,
        version INTEGER NOT NULL,
        object BLOB NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    MARK_TABLE,
)

ACCOUNT_SCHEMA = Schema(
    version=5, statements=_STATEMENTS, steps=ACCOUNT_STEPS, first_on_server=4
)
