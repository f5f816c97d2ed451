"""The verbs about how this account is called and looks, and how others do."""

import asyncio
from pathlib import Path

from privity.client import lookup, views
from privity.client.errors import ClientError
from privity.client.session import Session
from privity.client.verbs.files import ImageRefused
from privity.client.verbs.profile_results import (
    PictureOf,
    PictureShown,
    ProfileSet,
    ProfileShown,
)
from privity.content import limits
from privity.content.images import is_portrait, portrait
from privity.core.inputs import SetProfile
from privity.core.state import Account, ContactState
from privity.errors import DecodeError, Unsupported

__all__ = ["change", "picture"]

_LARGEST = 64 * 1024 * 1024


class BadName(ClientError):
    """A name that is empty or too long."""

    code = "bad_name"


async def change(session: Session, asked: ProfileSet) -> ProfileShown:
    """Change name or picture; nobody is told before something is said to them."""
    account = session.state.account
    name = _name(account if asked.name is None else asked.name)
    shown = await asyncio.to_thread(_picture, account.picture, asked)
    await session.do(SetProfile(name, shown))
    me = session.state.account.account_id
    return ProfileShown(views.person(session.state, me))


async def picture(session: Session, asked: PictureOf) -> PictureShown:
    """Return the picture that a person shows, if they are not blocked.

    One that states more pixels than a portrait has is none.
    """
    account = session.state.account
    if asked.who == "me":
        person = views.person(session.state, account.account_id)
        return PictureShown(person, account.picture)
    known = lookup.find_contact(session.state, asked.who)
    person = views.person(session.state, known.account_id)
    is_blocked = known.state is ContactState.BLOCKED
    is_hidden = is_blocked or not is_portrait(known.picture)
    return PictureShown(person, b"" if is_hidden else known.picture)


def _name(wanted: Account | str) -> str:
    if isinstance(wanted, Account):
        return wanted.name
    name = " ".join(wanted.split())
    if not 0 < len(name.encode()) <= limits.TITLE:
        raise BadName
    return name


def _picture(now: bytes, asked: ProfileSet) -> bytes:
    """Return the picture made small and without metadata; raises ImageRefused."""
    if asked.bare:
        return b""
    if asked.path is None and asked.data is None:
        return now
    try:
        given = _read(Path(asked.path)) if asked.path else asked.data
        return portrait(given or b"")
    except (DecodeError, Unsupported, OSError) as error:
        raise ImageRefused(str(error)) from None


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise DecodeError("a picture of more than 64 MiB")
    return data
