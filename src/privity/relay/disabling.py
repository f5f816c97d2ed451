"""Accounts that the operator keeps out, for a while or for good.

A disabled account's devices can't log in, renew a session or make an identified call.
Nothing is deleted, others find it and write to it as before, and its chats go on: the
relay does not know which they are, so it can't keep anybody out of them.
"""

from privity.relay.services import Services
from privity.relay.sessions import Device
from privity.relay.storage.store import Connection
from privity.wire.codes import Code, Refusal

__all__ = ["check_enabled", "disable", "enable", "end_sessions", "is_disabled"]


def disable(accounts: Connection, account_id: bytes) -> None:
    """Keep an account out; a second time changes nothing."""
    accounts.execute(
        "INSERT INTO disabled_accounts (account_id) VALUES (?) ON CONFLICT DO NOTHING",
        (account_id,),
    )


def enable(accounts: Connection, account_id: bytes) -> None:
    """Let an account in again; one that never was disabled stays as it is."""
    accounts.execute(
        "DELETE FROM disabled_accounts WHERE account_id = ?", (account_id,)
    )


def is_disabled(accounts: Connection, account_id: bytes) -> bool:
    """Tell whether an account is kept out."""
    found = accounts.execute(
        "SELECT 1 FROM disabled_accounts WHERE account_id = ?", (account_id,)
    )
    return found.fetchone() is not None


def check_enabled(accounts: Connection, account_id: bytes) -> None:
    """Raise Refusal (ACCOUNT_DISABLED) for an account that is kept out."""
    if is_disabled(accounts, account_id):
        raise Refusal(Code.ACCOUNT_DISABLED, "the operator has disabled this account")


async def end_sessions(services: Services) -> None:
    """End the sessions that disabled accounts still have.

    The operator's command is another process, which can't reach them.
    """
    for device in await services.accounts.read(_disabled_devices):
        services.sessions.end(device)


def _disabled_devices(accounts: Connection) -> list[Device]:
    return accounts.execute(
        "SELECT account_id, device_id FROM disabled_accounts JOIN devices"
        " USING (account_id)"
    ).fetchall()
