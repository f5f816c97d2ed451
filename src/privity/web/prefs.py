"""How a window looks to its owner, kept beside the profile: `PROFILE/window.json`.

The page can't keep it: each start has another port, and so is another site to the
browser. It is read before the profile is open, so that the lock has the right colours
and language; nothing in it tells of anybody but its owner's eyes and tongue.
"""

import os
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from privity.client.profile import Profile
from privity.client.verbs.params import Params
from privity.client.verbs.results import Result

__all__ = ["Prefs", "SetPrefs", "keep"]

_NAME = "window.json"
_MOST_BYTES = 4096


class Prefs(Result, frozen=True):
    """What was chosen; `textSize` is in percent."""

    theme: Literal["auto", "light", "dark"] = "auto"
    textSize: Annotated[int, msgspec.Meta(ge=50, le=300)] = 100  # noqa: N815  JavaScript's
    enterSends: bool = True  # noqa: N815
    notifications: bool = False
    language: Annotated[str, msgspec.Meta(pattern="^(auto|[a-z]{2}|en-XA)$")] = "auto"


class SetPrefs(Params, frozen=True):
    """Choose, or only ask (null)."""

    prefs: Prefs | None = None


def keep(profile: Profile, asked: SetPrefs) -> Prefs:
    """Keep what was chosen, and return what holds.

    Where there is no profile yet, nothing is kept: the page says it again later.
    """
    path = profile.root / _NAME
    if asked.prefs is None:
        return _read(path)
    if profile.exists:
        _write(path, asked.prefs)
    return asked.prefs


def _read(path: Path) -> Prefs:
    """Return what was written; looks are no reason to fail, so damage is no error."""
    try:
        with path.open("rb") as file:
            return msgspec.json.decode(file.read(_MOST_BYTES), type=Prefs)
    except (OSError, UnicodeError, msgspec.MsgspecError):
        return Prefs()


def _write(path: Path, prefs: Prefs) -> None:
    """Replace the file in one step; a full disk keeps the old one."""
    fresh = path.with_suffix(".new")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        with os.fdopen(os.open(fresh, flags, 0o600), "wb") as file:
            file.write(msgspec.json.encode(prefs))
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
