"""`privity init`: an account at a relay, its passphrase, its recovery key.

Everything is saved before it is sent, and the recovery key is shown only once it is
worth something. An `init` that stopped in between goes on when it is run again.
"""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

from privity.cli import recovering
from privity.cli.options import (
    CommandFailed,
    Options,
    ask,
    ask_new_passphrase,
    passphrase_of,
)
from privity.cli.render import render
from privity.client import accounts, vault, views
from privity.client.errors import WrongCertificate, WrongHost
from privity.client.profile import Profile, ProfileLock, find_profile
from privity.client.recovery import last
from privity.client.store import Store
from privity.client.verbs import results
from privity.client.words import words_of
from privity.core import engine
from privity.identity.handles import check_name
from privity.identity.links import (
    ContactLink,
    LinkError,
    LinkExpired,
    RelayAddress,
    check_link_usable,
    parse_link,
)
from privity.wire.codes import Code, Refusal

__all__ = ["Asked", "Wish", "init"]

_BEGIN_ANEW = {
    Code.HANDLE_TAKEN,
    Code.BAD_HANDLE,
    Code.CODE_NEEDED,
    Code.CODE_INVALID,
    Code.CODE_USED,
    Code.CODE_EXPIRED,
}
"""The relay made nothing, and won't for these bytes: nothing here is worth keeping."""


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
        if profile.exists:
            await _go_on(asked, profile)
        else:
            await _begin(asked, profile, wish)
    finally:
        lock.release()


async def _begin(asked: Asked, profile: Profile, wish: Wish) -> None:
    newcomer = await _newcomer(asked.options, wish)
    passphrase = ask_new_passphrase(asked.options)
    key = await asyncio.to_thread(vault.create_vault, profile.vault, passphrase)
    store = Store(profile.database, key, words_of, create=True)
    try:
        accounts.create_account(store, newcomer)
        await accounts.register(store)
    except Refusal as refusal:
        store.close()
        if refusal.code in _BEGIN_ANEW:
            _forget(profile)
        raise
    except (WrongHost, WrongCertificate):
        # The link is wrong, and nothing was sent: the next one begins anew.
        store.close()
        _forget(profile)
        raise
    except BaseException:
        store.close()
        raise
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
    store = Store(profile.database, key, words_of)
    try:
        unfinished = not accounts.is_registered(store)
        await accounts.register(store)
        if not unfinished and accounts.unconfirmed_recovery_key(store) is None:
            raise CommandFailed("profile_exists", str(profile.root))
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


def _forget(profile: Profile) -> None:
    """Remove a profile that the relay refused: it never was an account."""
    for path in (profile.vault, *profile.root.glob(profile.database.name + "*")):
        path.unlink(missing_ok=True)


async def _newcomer(options: Options, wish: Wish) -> accounts.Newcomer:
    address, code = await _relay(options, wish)
    name, handle = wish.name, wish.handle
    if not name:
        name = ask("How do you want to be called? ").strip()
        handle = handle or ask("A handle (name), or nothing: ").strip()
    if handle:
        local, _, host = handle.partition("@")
        if host and host != address.host.decode():
            raise CommandFailed("bad_handle", f"this relay is {address.host.decode()}")
        check_name(local)
    return accounts.Newcomer(address, name, handle, code)


async def _relay(options: Options, wish: Wish) -> tuple[RelayAddress, str]:
    if wish.relay:
        return await _open_relay(wish), ""
    text = wish.link or ask("The relay's invitation link: ")
    try:
        link = parse_link(text)
    except LinkError as error:
        raise CommandFailed("bad_link", str(error)) from None
    try:
        check_link_usable(link, int(time.time()))
    except LinkExpired:
        raise CommandFailed("link_expired") from None
    if isinstance(link, ContactLink) and not link.code:
        raise CommandFailed("contact_link")
    if options.output.for_people:
        host = link.relay.host.decode()
        options.output.note(f"Your account will be at {host}.")
    return link.relay, link.code.decode()


async def _open_relay(wish: Wish) -> RelayAddress:
    try:
        fingerprint = bytes.fromhex(wish.fingerprint.replace(":", ""))
    except ValueError:
        raise CommandFailed("usage", "--fingerprint is hexadecimal") from None
    return await accounts.ask_relay(wish.relay, fingerprint)
