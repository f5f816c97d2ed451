"""Relays that leak on purpose, so that the attackers can be seen to find something."""

from privity.relay.storage.account_tables import ACCOUNT_SCHEMA
from privity.relay.storage.database import Schema
from tests.seizure.relay_on_disk import Plant

__all__ = ["PLANTS"]


def _with_notes() -> Schema:
    """Let the account side have a table of accounts and logs."""
    notes = (
        "CREATE TABLE notes (account_id BLOB, log_id BLOB,"
        " PRIMARY KEY (account_id, log_id)) STRICT, WITHOUT ROWID"
    )
    return Schema(ACCOUNT_SCHEMA.version, (*ACCOUNT_SCHEMA.statements, notes))


def _with_rowids() -> Schema:
    """Let mail keep a serial number, as a table does that is not WITHOUT ROWID."""
    statements = [
        statement.replace("STRICT, WITHOUT ROWID", "STRICT")
        if "CREATE TABLE mailbox_idems" in statement
        else statement
        for statement in ACCOUNT_SCHEMA.statements
    ]
    return Schema(ACCOUNT_SCHEMA.version, tuple(statements))


PLANTS: dict[str, Plant] = {
    "times of mail": Plant("mail is kept with its second", day=int),
    "order of mail": Plant("mail is kept with a serial number", schema=_with_rowids()),
    "ids of the other side": Plant(
        "mail is kept with its log id", schema=_with_notes(), notes_logs=True
    ),
}
"""By the attacker who has to find it."""
