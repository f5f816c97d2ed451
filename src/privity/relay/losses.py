"""What a relay forgets when it goes on from an old copy of itself.

Whatever may have been used since the copy was made is not handed out a second time, and
nobody else is blamed for what this disk forgot. What can't be made good, docs/adr/0024
names.
"""

from privity.relay.logins import ANY_VALUE
from privity.relay.storage.store import Connection

__all__ = ["forget_used"]

_MAILBOX_JUMP = 1 << 32
"""More messages than came to a mailbox since the copy."""


def forget_used(accounts: Connection) -> None:
    """Make the account side of an old copy safe to go on from; a step.

    Again and again it changes nothing for the worse.
    """
    # Devices show login values that the copy does not know: they did not go back.
    accounts.execute("UPDATE devices SET login_value = ?", (ANY_VALUE,))
    # Their private keys are gone where they were claimed; devices bring new ones.
    accounts.execute("DELETE FROM key_packages WHERE last_resort = 0")
    accounts.execute("DELETE FROM codes")
    # A device acknowledges by number: mail under a number that it had would be
    # deleted unread.
    accounts.execute("UPDATE mailbox_heads SET seq = seq + ?", (_MAILBOX_JUMP,))
