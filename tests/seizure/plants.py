"""Relays that leak on purpose, so that the attackers can be seen to find something."""

from privity.relay.storage.account_tables import ACCOUNT_SCHEMA
from privity.relay.storage.database import Schema
from tests.seizure.relay_on_disk import Noted, Plant

__all__ = ["COUNTING", "PLANTS", "UNTURNED"]


def _with(table: str) -> Schema:
    """Give the account side one table more."""
    return Schema(ACCOUNT_SCHEMA.version, (*ACCOUNT_SCHEMA.statements, table))


_LOGS_OF_MAIL = (
    "CREATE TABLE notes (account_id BLOB, log_id BLOB,"
    " PRIMARY KEY (account_id, log_id)) STRICT, WITHOUT ROWID"
)
_TIMES_OF_MAIL = (
    "CREATE TABLE notes (mailbox_id BLOB, day INTEGER,"
    " PRIMARY KEY (mailbox_id, day)) STRICT, WITHOUT ROWID"
)
_ORDER_OF_MAIL = "CREATE TABLE notes (mailbox_id BLOB) STRICT"


PLANTS: dict[str, Plant] = {
    "times of mail": Plant(
        "mail is kept with its second", _with(_TIMES_OF_MAIL), Noted.SECOND
    ),
    "order of mail": Plant(
        "mail is kept with a serial number", _with(_ORDER_OF_MAIL), Noted.ORDER
    ),
    "ids of the other side": Plant(
        "mail is kept with its log id", _with(_LOGS_OF_MAIL), Noted.LOG
    ),
}
"""By the attacker who has to find it."""

COUNTING = Plant("mailboxes count from nought", counts_from_nought=True)
"""What *how busy* finds; of pairings it tells nothing."""

UNTURNED = Plant("the account side is never written anew", rewrites=False)
"""What *transactions* finds on a server."""
