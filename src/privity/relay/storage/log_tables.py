"""The tables of the log side; no row of them names an account or a device.

A log is found by its random id and its entries by their place in it; `WITHOUT
ROWID`, so that nothing on disk tells the order of entries of different logs beyond
the minute that each entry carries anyway.
"""

from privity.relay.storage.blob_tables import BLOB_TABLES
from privity.relay.storage.database import Schema
from privity.relay.storage.log_steps import LOG_STEPS
from privity.relay.storage.mark_table import MARK_TABLE
from privity.relay.storage.weeks import HANDSHAKES, entry_table, view_of

__all__ = ["LOG_SCHEMA"]

LOG_SCHEMA = Schema(
    version=10,
    statements=(
        # `creation` is the digest of the request that made the log and answers its
        # repeats. How far the log has come, its newest entry tells.
        """
        CREATE TABLE logs (
            log_id BLOB PRIMARY KEY,
            creation BLOB NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        # A generation is named by the seq of the commit that opened it; `closed_by`
        # is the seq of the first one under it that opened another, or 0. `last` is its
        # newest entry, as far as entries of another came behind it (`reading`). In
        # front of `toll_until` (Unix time / 60) every commit under it costs a token.
        """
        CREATE TABLE generations (
            log_id BLOB NOT NULL,
            generation INTEGER NOT NULL,
            access_pk BLOB NOT NULL,
            lobby_pk BLOB NOT NULL,
            closed_by INTEGER NOT NULL,
            last INTEGER NOT NULL,
            toll_until INTEGER NOT NULL,
            PRIMARY KEY (log_id, generation)
        ) STRICT, WITHOUT ROWID
        """,
        # The creation is the commit 0, a child of none (-1). `stated` is the generation
        # that the commit states, its parent's; `generation` that of the epoch which it
        # begins. `branch` and `further` are what `relay.branches` makes of the tree.
        """
        CREATE TABLE commits (
            log_id BLOB NOT NULL,
            seq INTEGER NOT NULL,
            parent INTEGER NOT NULL,
            stated INTEGER NOT NULL,
            generation INTEGER NOT NULL,
            branch INTEGER NOT NULL DEFAULT 0,
            further INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (log_id, seq)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX children ON commits (log_id, parent, seq)",
        "CREATE INDEX stating ON commits (log_id, stated, seq, parent)",
        # Commits and proposals; messages stand in the tables of their weeks.
        entry_table(HANDSHAKES),
        "CREATE TABLE weeks (week INTEGER PRIMARY KEY) STRICT",
        # What is left of a message: `links` are SHA-256 of header and of envelope,
        # `generation` the one that it stated. When it came only the week tells.
        """
        CREATE TABLE expired (
            log_id BLOB NOT NULL,
            seq INTEGER NOT NULL,
            generation INTEGER NOT NULL,
            week INTEGER NOT NULL,
            chain BLOB NOT NULL,
            links BLOB NOT NULL,
            PRIMARY KEY (log_id, seq)
        ) STRICT, WITHOUT ROWID
        """,
        view_of([]),
        """
        CREATE TABLE idems (
            log_id BLOB NOT NULL,
            idem BLOB NOT NULL,
            seq INTEGER NOT NULL,
            PRIMARY KEY (log_id, idem)
        ) STRICT, WITHOUT ROWID
        """,
        # The sealed Welcome and checkpoint that came with a commit.
        """
        CREATE TABLE parts (
            log_id BLOB NOT NULL,
            seq INTEGER NOT NULL,
            part TEXT NOT NULL,
            body BLOB NOT NULL,
            PRIMARY KEY (log_id, seq, part)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE stamp_keys (
            id INTEGER PRIMARY KEY,
            key BLOB NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        # The seed of the key that signs heads; clients pin its public half.
        """
        CREATE TABLE head_key (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            seed BLOB NOT NULL
        ) STRICT
        """,
        # All keys of tokens are derived from this; `scheme` is one of `Scheme`.
        """
        CREATE TABLE token_seed (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            seed BLOB NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE token_weeks (
            week INTEGER PRIMARY KEY,
            scheme INTEGER NOT NULL
        ) STRICT
        """,
        # Nobody but its owner knew a nonce before, and the kind is not kept.
        """
        CREATE TABLE spent_tokens (
            week INTEGER NOT NULL,
            nonce BLOB NOT NULL,
            PRIMARY KEY (week, nonce)
        ) STRICT, WITHOUT ROWID
        """,
        # Sealed; of who pleads or answers a row tells no more than a generation.
        # `number` counts the pleas of one lobby, the answers of one plea.
        """
        CREATE TABLE pleas (
            log_id BLOB NOT NULL,
            plea_id BLOB NOT NULL,
            number INTEGER NOT NULL,
            generation INTEGER NOT NULL,
            day INTEGER NOT NULL,
            body BLOB NOT NULL,
            PRIMARY KEY (log_id, plea_id)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX pleas_by_day ON pleas (day)",
        """
        CREATE TABLE dropped_pleas (
            log_id BLOB NOT NULL,
            generation INTEGER NOT NULL,
            plea_id BLOB NOT NULL,
            PRIMARY KEY (log_id, generation, plea_id)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX droppers ON dropped_pleas (log_id, plea_id)",
        """
        CREATE TABLE answers (
            log_id BLOB NOT NULL,
            plea_id BLOB NOT NULL,
            number INTEGER NOT NULL,
            generation INTEGER NOT NULL,
            body BLOB NOT NULL,
            PRIMARY KEY (log_id, plea_id, number)
        ) STRICT, WITHOUT ROWID
        """,
        *BLOB_TABLES,
        MARK_TABLE,
    ),
    steps=LOG_STEPS,
    first_on_server=10,
)
