"""Deleting an account: at its relay, then from this disk; a crash between is mended.

That it is being deleted is saved before the relay is asked, so that a profile whose
account is gone is recognised and wiped when it is opened. On the disk the vault goes
first: without it nobody opens the rest. docs/spec/store.md.
"""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from privity.client.errors import ClientError, Misbehaved, NoProfile, Unreachable
from privity.client.files import flush_directory
from privity.client.ledger import Ledger
from privity.client.profile import Profile
from privity.client.store import Store
from privity.client.transport.address import Address
from privity.client.transport.http import Call, HttpPlane, call
from privity.client.transport.outbound import Outbound
from privity.client.vault import has_keyring, remove_keyring
from privity.core.accounts import delete_body
from privity.core.effects import Cause, Kind
from privity.core.state import Account
from privity.core.values import decode
from privity.identity.ids import id_to_text
from privity.wire import http
from privity.wire.codes import Code, Refusal

__all__ = ["NoIdentityKey", "delete_at_relay", "finish_begun", "sweep", "wipe"]

_SETTING = "deleting"
_CAUSE = Cause("delete_account")
_BESIDE = ("sock", "window.json")
"""What a process of the profile leaves there, and how its window looked."""
_MARK = "deleted"
"""A file that says of what lies beside it: nobody opens this any more."""


class NoIdentityKey(ClientError):
    """This device can't sign for the account, and so not delete it."""

    code = "no_identity_key"


async def delete_at_relay(store: Store, account: Account) -> None:
    """Delete an account at its relay; one that is gone already is deleted.

    Raises NoIdentityKey, Unreachable, Misbehaved, Refusal: then nothing is deleted
    here, and after Unreachable it may be there.
    """
    if not account.identity_seed:
        raise NoIdentityKey
    store.set_setting(_SETTING, b"1")
    plane = _plane(account)
    try:
        asked = Call("POST", "/v1/nonce", "/v1/nonce", _CAUSE)
        nonce = (await plane.ask(asked, http.Nonce)).nonce
        body = delete_body(account, nonce)
        await plane.tell(call("POST", "/v1/account-deletions", body, _CAUSE))
    except Refusal as refusal:
        if refusal.code is not Code.NO_SUCH_ACCOUNT:
            store.set_setting(_SETTING, b"")
            raise
    finally:
        await plane.close()


async def finish_begun(profile: Profile, store: Store) -> None:
    """Wipe a profile whose account was deleted before a crash; raises NoProfile then.

    One whose relay still has the account was not deleted, and goes on.
    """
    if not store.setting(_SETTING):
        return
    account = _account(store)
    plane = _plane(account)
    path = f"/v1/accounts/{id_to_text(account.account_id)}"
    try:
        asked = Call("GET", path, "/v1/accounts/ID", _CAUSE)
        await plane.ask(asked, http.Directory)
    except (Unreachable, Misbehaved):
        return
    except Refusal as refusal:
        if refusal.code is not Code.NO_SUCH_ACCOUNT:
            return
        store.close()
        wipe(profile)
        raise NoProfile("this account was deleted") from None
    finally:
        await plane.close()
    store.set_setting(_SETTING, b"")


def wipe(profile: Profile) -> None:
    """Delete a profile's files, the key first; harmless when some are gone already."""
    mark = profile.root / _MARK
    mark.touch(mode=0o600)
    flush_directory(profile.root)
    # A keyring that is away, or a vault half overwritten, stands in no wipe's way.
    with suppress(ClientError):
        if has_keyring(profile.vault):
            remove_keyring(profile.vault)
    for path in (
        profile.vault,
        *sorted(profile.root.glob(f"{profile.database.name}*")),
    ):
        _overwrite(path)
        path.unlink(missing_ok=True)
    shutil.rmtree(profile.transfers, ignore_errors=True)
    for name in (*_BESIDE, _MARK):
        (profile.root / name).unlink(missing_ok=True)
    flush_directory(profile.root)


def sweep(profile: Profile) -> None:
    """Finish a wipe that was stopped, before another account moves in."""
    if (profile.root / _MARK).exists():
        wipe(profile)


def _overwrite(path: Path) -> None:
    """Write zeros over the beginning of a file, where its keys and salt are.

    What a file system or a drive keeps beside is out of reach; the vault's key is what
    the rest is worthless without.
    """
    try:
        with path.open("r+b") as file:
            file.write(bytes(min(4096, path.stat().st_size)))
            file.flush()
            os.fsync(file.fileno())
    except FileNotFoundError:
        return


def _plane(account: Account) -> HttpPlane:
    address = Address(account.url, account.fingerprint)
    return HttpPlane(address, Outbound(Ledger().note, "anonymous"))


def _account(store: Store) -> Account:
    for kind, _, body in store.load():
        if kind is Kind.ACCOUNT:
            return decode(Account, body)
    raise NoProfile("there is no account in this profile")
