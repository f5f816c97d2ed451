"""Where an account lives on this machine, and who may use it at one time.

A profile is a directory of its owner alone (0700): the vault with the wrapped
database key, the SQLCipher database, transfers in progress, the lock, and the
socket on which whoever holds the lock serves the others.
"""

import asyncio
import fcntl
import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from privity.client.errors import Busy, Damaged
from privity.errors import UsageError

__all__ = [
    "LOCK_PATIENCE",
    "Profile",
    "ProfileLock",
    "find_profile",
    "is_name",
    "named_place",
]

LOCK_PATIENCE = 5.0
"""How many seconds a second process waits for the profile."""
_RETRY = 0.05
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
_SOCKET_PATH_LIMIT = 107
"""What a Unix socket's address holds, less its final zero."""


@dataclass(frozen=True, slots=True)
class Profile:
    """The files of one account on this device."""

    root: Path

    @property
    def vault(self) -> Path:
        """The wrapped database key."""
        return self.root / "vault"

    @property
    def database(self) -> Path:
        """Everything else that is kept, encrypted."""
        return self.root / "store.db"

    @property
    def transfers(self) -> Path:
        """Sealed parts of files that are under way."""
        return self.root / "transfers"

    @property
    def lock(self) -> Path:
        """Held by the one process that runs this profile."""
        return self.root / "lock"

    @property
    def socket(self) -> Path:
        """Where that process serves the verbs to the others."""
        path = self.root / "sock"
        if len(os.fsencode(path)) > _SOCKET_PATH_LIMIT:
            raise UsageError("the profile's path is too long for a socket inside it")
        return path

    @property
    def exists(self) -> bool:
        """Whether a vault was made here."""
        return self.vault.exists()

    def create(self) -> None:
        """Make the directory, for its owner alone; harmless when it is there."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.check()
        self.transfers.mkdir(mode=0o700, exist_ok=True)

    def check(self) -> None:
        """Refuse a directory that others could read or that isn't ours; Damaged."""
        status = self.root.stat()
        if status.st_uid != os.getuid() or status.st_mode & 0o077:
            raise Damaged(f"{self.root} must be owned by you, with mode 0700")


def find_profile(
    chosen: Path | str | None = None, environ: Mapping[str, str] = os.environ
) -> Profile:
    """Return the profile that was `chosen`, or PRIVITY_HOME, or the usual place.

    A text without a slash is a profile's name, whatever lies in the working directory.
    """
    if isinstance(chosen, str) and is_name(chosen):
        return Profile(named_place() / chosen)
    if chosen is not None:
        return Profile(Path(chosen).expanduser().absolute())
    home = environ.get("PRIVITY_HOME")
    if home:
        return Profile(Path(home).expanduser().absolute())
    return Profile(_data())


def is_name(text: str) -> bool:
    """Tell whether a text names a profile rather than a directory.

    Raises UsageError for one that can be neither.
    """
    if "/" in text or text in (".", "..") or text.startswith("~"):
        return False
    if not _NAME.fullmatch(text):
        raise UsageError(
            "a profile is named with up to 32 letters, digits, - and _;"
            " a directory is written with a slash: ./DIR"
        )
    return True


def named_place() -> Path:
    """Return where the profiles lie that have names."""
    return _data() / "profiles"


def _data() -> Path:
    return Path(platformdirs.user_data_dir("privity", appauthor=False))


class ProfileLock:
    """The right to run a profile: one process, until it ends or lets go.

    The kernel lets go when the process dies, so a killed one blocks nobody.
    """

    __slots__ = ("_descriptor", "_path")

    def __init__(self, profile: Profile) -> None:
        self._path = profile.lock
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._descriptor is not None

    def try_acquire(self) -> bool:
        """Take the lock if it is free, without waiting."""
        if self._descriptor is not None:
            raise UsageError("this lock is held already")
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    async def acquire(self, patience: float = LOCK_PATIENCE) -> None:
        """Take the lock within `patience` seconds, or raise Busy."""
        deadline = time.monotonic() + patience
        while not self.try_acquire():
            if time.monotonic() >= deadline:
                raise Busy("another process uses this profile")
            await asyncio.sleep(_RETRY)

    def release(self) -> None:
        """Let the profile go; harmless when it is not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
