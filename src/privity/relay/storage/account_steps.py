"""The account side's way from old tables to those of today; a step never changes.

A step says its statements itself: what `account_tables` says is of today.
"""

import sqlite3

from privity.relay.storage.database import TableStep

__all__ = ["ACCOUNT_STEPS"]


def _keep_out(accounts: sqlite3.Connection) -> None:
    """1 → 2: accounts that the operator keeps out."""
    accounts.execute(
        """
        CREATE TABLE disabled_accounts (
            account_id BLOB PRIMARY KEY
        ) STRICT, WITHOUT ROWID
        """
    )


ACCOUNT_STEPS: tuple[TableStep, ...] = (_keep_out,)
