"""`privity init`: an account at a relay, its passphrase, its recovery key.

Everything is saved before it is sent, and the recovery key is shown only once it is
worth something. An `init` that stopped in between goes on when it is run again.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from privity.cli import recovering
from privity.cli.options import Options, ask, ask_new_passphrase, passphrase_of
from privity.cli.render import render
from privity.client import accounts, beginning, vault, views
from privity.client.beginning import Invited
from privity.client.farewells import sweep
from privity.client.profile import Profile, ProfileLock, find_profile
from privity.client.recovery import last
from privity.client.store import Store
from privity.client.verbs import results
from privity.core import engine

__all__ = ["Asked", "Wish", "init"]


@dataclass(frozen=True, slots=True)
class Asked:
    """How the command was called."""

    options: Options
    recovery_out: Path | None
    keyring: bool


@dataclass(frozen=True, slots=True)
class Wish:
    """What was said about the account; empty where it has to be asked."""

    link: str
    relay: str
    fingerprint: str
    name: str
    handle: str


async def init(asked: Asked, wish: Wish) -> None:
    """Make an account in the chosen profile, or finish what was begun there."""
    recovering.check_way(asked.options, asked.recovery_out)
    profile = find_profile(asked.options.profile)
    profile.create()
    lock = ProfileLock(profile)
    await lock.acquire()
    try:
        sweep(profile)
        if profile.exists:
            await _go_on(asked, profile)
        else:
            await _begin(asked, profile, wish)
    finally:
        lock.release()


async def _begin(asked: Asked, profile: Profile, wish: Wish) -> None:
    newcomer = await _newcomer(asked.options, wish)
    passphrase = ask_new_passphrase(asked.options)
    store = await beginning.begin(profile, newcomer, passphrase)
    try:
        if asked.keyring:
            await asyncio.to_thread(vault.add_keyring, profile.vault, passphrase)
        _show(asked, store)
    finally:
        store.close()


async def _go_on(asked: Asked, profile: Profile) -> None:
    """Do what an earlier init left to do; nothing left is an error."""
    passphrase = passphrase_of(asked.options)()
    key = await asyncio.to_thread(vault.open_vault, profile.vault, passphrase)
    store = await beginning.go_on(profile, key)
    try:
        _show(asked, store)
    finally:
        store.close()


def _show(asked: Asked, store: Store) -> None:
    """Hand the recovery key over, then say who was made."""
    options = asked.options
    key = accounts.unconfirmed_recovery_key(store)
    recovery = "confirmed"
    if key is not None:
        recovery = recovering.hand_over(options, key, asked.recovery_out)
        accounts.confirm_recovery(store)
    mine = views.account(engine.load(store.load()), last(store))
    made = results.Created(mine, recovery)
    if options.output.for_people:
        options.output.lines(render(made))
        options.output.lines("Next: privity invite, or privity join LINK")
    else:
        options.output.result(made)


async def _newcomer(options: Options, wish: Wish) -> accounts.Newcomer:
    invited = await _relay(options, wish)
    name, handle = wish.name, wish.handle
    if not name:
        name = ask("How do you want to be called? ").strip()
        handle = handle or ask("A handle (name), or nothing: ").strip()
    beginning.check_handle(handle, invited.address)
    return accounts.Newcomer(invited.address, name, handle, invited.code)


async def _relay(options: Options, wish: Wish) -> Invited:
    if wish.relay:
        return Invited(await beginning.open_relay(wish.relay, wish.fingerprint))
    text = wish.link or ask("The relay's invitation link: ")
    invited = beginning.invited_by(text)
    if options.output.for_people:
        host = invited.address.host.decode()
        options.output.note(f"Your account will be at {host}.")
    return invited
