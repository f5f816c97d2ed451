"""An account on its way: made, its recovery key shown and asked back, then opened.

The profile's lock and its store are held until the owner has shown to have the key.
Whoever closes the window before that goes on by unlocking it later.
"""

import asyncio
import os
from dataclasses import dataclass, field

from privity.client import accounts, beginning, vault, views
from privity.client.beginning import CannotBegin, Invited
from privity.client.errors import ClientError
from privity.client.profile import Profile, ProfileLock
from privity.client.recovery import last
from privity.client.store import Store
from privity.core import engine
from privity.identity.recovery import (
    RecoveryKeyError,
    ask_back,
    check_answer,
    render_recovery_key,
)
from privity.identity.secret import Secret
from privity.web.results import Begun, Init

__all__ = ["Newcomer", "NotWritten", "go_on", "start"]


class NotWritten(ClientError):
    """What was typed back is not what the recovery key says there."""

    code = "recovery_unchecked"


@dataclass(slots=True)
class Newcomer:
    """An account whose recovery key is not confirmed yet."""

    store: Store
    lock: ProfileLock
    asked: tuple[int, ...] = field(default_factory=lambda: ask_back(os.urandom))

    def begun(self) -> Begun:
        """Return the account and its recovery key."""
        mine = views.account(engine.load(self.store.load()), last(self.store))
        return Begun(mine, render_recovery_key(self._key()), self.asked)

    def confirm(self, groups: dict[int, str]) -> None:
        """Forget the key, now that its owner has it; NotWritten."""
        if set(groups) != set(self.asked):
            raise NotWritten("exactly the groups that were asked for")
        try:
            check_answer(self._key(), groups)
        except RecoveryKeyError as error:
            raise NotWritten(f"group {error.group}") from None
        accounts.confirm_recovery(self.store)

    def close(self) -> None:
        """Let the profile go."""
        self.store.close()
        self.lock.release()

    def _key(self) -> Secret:
        key = accounts.unconfirmed_recovery_key(self.store)
        if key is None:
            raise CannotBegin("profile_exists")
        return key


async def start(profile: Profile, asked: Init) -> Newcomer:
    """Make an account; one that an earlier attempt left is finished instead."""
    lock = ProfileLock(profile)
    await lock.acquire()
    try:
        if profile.exists:
            key = await asyncio.to_thread(
                vault.open_vault, profile.vault, asked.passphrase
            )
            store = await beginning.go_on(profile, key)
        else:
            store = await beginning.begin(
                profile, await _newcomer(asked), asked.passphrase
            )
    except BaseException:
        lock.release()
        raise
    newcomer = Newcomer(store, lock)
    try:
        if asked.keyring:
            await asyncio.to_thread(vault.add_keyring, profile.vault, asked.passphrase)
    except BaseException:
        newcomer.close()
        raise
    return newcomer


async def go_on(profile: Profile, key: Secret) -> Newcomer:
    """Finish what an earlier window or `privity init` began."""
    lock = ProfileLock(profile)
    await lock.acquire()
    try:
        return Newcomer(await beginning.go_on(profile, key), lock)
    except BaseException:
        lock.release()
        raise


async def _newcomer(asked: Init) -> accounts.Newcomer:
    if asked.relay:
        address = await beginning.open_relay(asked.relay, asked.fingerprint)
        invited = Invited(address, asked.code)
    else:
        invited = beginning.invited_by(asked.link)
    beginning.check_handle(asked.handle, invited.address)
    code = asked.code or invited.code
    return accounts.Newcomer(invited.address, asked.name, asked.handle, code)
