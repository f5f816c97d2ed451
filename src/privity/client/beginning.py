"""From nothing to an account that has its recovery key, whichever face asks for it.

Everything is saved before it is sent, and the recovery key is worth something before it
is shown. What stopped in between goes on where it stood; what the relay refused for
good leaves nothing behind.
"""

import asyncio
import time
from dataclasses import dataclass

from privity.client import accounts, vault
from privity.client.errors import ClientError, WrongCertificate, WrongHost
from privity.client.profile import Profile
from privity.client.store import Store
from privity.client.words import said_of
from privity.identity.handles import check_name
from privity.identity.links import (
    ContactLink,
    LinkError,
    LinkExpired,
    RelayAddress,
    check_link_usable,
    parse_link,
)
from privity.identity.secret import Secret
from privity.wire.codes import Code, Refusal

__all__ = [
    "CannotBegin",
    "Invited",
    "begin",
    "check_handle",
    "go_on",
    "invited_by",
    "open_relay",
]

_BEGIN_ANEW = {
    Code.HANDLE_TAKEN,
    Code.BAD_HANDLE,
    Code.CODE_NEEDED,
    Code.CODE_INVALID,
    Code.CODE_USED,
    Code.CODE_EXPIRED,
}
"""The relay made nothing, and won't for these bytes: nothing here is worth keeping."""


class CannotBegin(ClientError):
    """What was given for the account can't be used; `code` has its sentence."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(detail)
        self.code = code  # type: ignore[misc]  # one class for all of these


@dataclass(frozen=True, slots=True)
class Invited:
    """Where an account can be made, and the code that lets one in."""

    address: RelayAddress
    code: str = ""

    def __repr__(self) -> str:
        return f"<invitation to {self.address.host.decode()}>"


def invited_by(text: str) -> Invited:
    """Read a relay's invitation link; raises CannotBegin."""
    try:
        link = parse_link(text)
    except LinkError as error:
        raise CannotBegin("bad_link", str(error)) from None
    try:
        check_link_usable(link, int(time.time()))
    except LinkExpired:
        raise CannotBegin("link_expired") from None
    if isinstance(link, ContactLink) and not link.code:
        raise CannotBegin("contact_link")
    return Invited(link.relay, link.code.decode())


async def open_relay(url: str, fingerprint: str) -> RelayAddress:
    """Ask the relay at an address who it is; raises CannotBegin and what it meets."""
    try:
        pinned = bytes.fromhex(fingerprint.replace(":", ""))
    except ValueError:
        raise CannotBegin("usage", "--fingerprint is hexadecimal") from None
    return await accounts.ask_relay(url, pinned)


def check_handle(handle: str, address: RelayAddress) -> None:
    """Refuse a handle of another relay (CannotBegin), or one that none could have."""
    if not handle:
        return
    local, _, host = handle.partition("@")
    if host and host != address.host.decode():
        raise CannotBegin("bad_handle", f"this relay is {address.host.decode()}")
    check_name(local)


async def begin(
    profile: Profile, newcomer: accounts.Newcomer, passphrase: str
) -> Store:
    """Make an account in an empty profile whose lock is held; returns its open store.

    Raises what `accounts.register` raises. What the relay refused for good is
    forgotten; else `go_on` does the rest later.
    """
    key = await asyncio.to_thread(vault.create_vault, profile.vault, passphrase)
    store = Store(profile.database, key, said_of, create=True)
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
    return store


async def go_on(profile: Profile, key: Secret) -> Store:
    """Do what is left of a beginning in a profile whose lock is held.

    Returns its open store. Raises CannotBegin (profile_exists) where nothing is left.
    """
    store = Store(profile.database, key, said_of)
    if not accounts.is_begun(store):
        store.close()
        raise CannotBegin("profile_exists", str(profile.root))
    try:
        await accounts.register(store)
    except BaseException:
        store.close()
        raise
    return store


def _forget(profile: Profile) -> None:
    """Remove a profile that the relay refused: it never was an account."""
    for path in (profile.vault, *profile.root.glob(profile.database.name + "*")):
        path.unlink(missing_ok=True)
