"""The verb that deletes this account: from its groups, its relay and this disk."""

from privity.client.errors import ClientError
from privity.client.farewells import NoIdentityKey, delete_at_relay, wipe
from privity.client.session import Session
from privity.client.verbs import local_params, local_results
from privity.core import inputs
from privity.core.errors import CommandRefused
from privity.core.state import Account, ChatKind, State, Status
from privity.identity.ids import id_to_text

__all__ = ["delete"]


class NotConfirmed(ClientError):
    """The name that was typed is not this account's."""

    code = "not_confirmed"


async def delete(
    session: Session, asked: local_params.AccountDelete
) -> local_results.AccountDeleted:
    """Leave all groups, delete the account at the relay, wipe this profile.

    The relay comes before the disk: if it refuses or can't be reached, the account
    still is here and can be deleted again.
    """
    account = session.state.account
    if asked.confirm.strip().casefold() not in _names(account):
        raise NotConfirmed
    if not account.identity_seed and not asked.only_here:
        raise NoIdentityKey
    left = waiting = 0
    if not asked.only_here:
        left, waiting = await _leave_all(session, asked.wait)
        await delete_at_relay(session.store, account)
    await session.driver.close()
    wipe(session.profile)
    session.stopping.set()
    return local_results.AccountDeleted(
        account=id_to_text(account.account_id),
        host=account.host,
        at_relay=not asked.only_here,
        left=left,
        waiting=waiting,
    )


def _names(account: Account) -> set[str]:
    short = account.handle.partition("@")[0]
    whole = f"{short}@{account.host}" if short else ""
    names = (account.name, short, whole, id_to_text(account.account_id))
    return {name.strip().casefold() for name in names if name}


async def _leave_all(session: Session, wait: float) -> tuple[int, int]:
    """Leave the groups; return how many are left, and how many nobody confirmed yet."""
    groups = [
        chat.chat_id
        for chat in session.state.chats.values()
        if chat.kind is ChatKind.GROUP and chat.status is Status.ACTIVE
    ]
    for chat_id in groups:
        try:
            await session.do(inputs.Leave(chat_id))
        except CommandRefused:
            # It was left before; its members' devices have yet to confirm it.
            continue

    def open_ones(state: State) -> list[bytes]:
        return [one for one in groups if state.chats[one].status is Status.ACTIVE]

    await session.until(lambda state: not open_ones(state), wait if groups else 0)
    still = len(open_ones(session.state))
    return len(groups) - still, still
