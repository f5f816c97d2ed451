"""What the window's own methods take and answer."""

from enum import StrEnum
from typing import Annotated

import msgspec

from privity.client.sentences import Failure
from privity.client.verbs.params import (
    WAIT,
    Expires,
    Name,
    Params,
    Seconds,
    Short,
    Text,
)
from privity.client.verbs.profile_results import Data
from privity.client.verbs.result import Time
from privity.client.verbs.results import Account, Result

__all__ = [
    "Begun",
    "Countersign",
    "DropUpload",
    "EvidenceFromPage",
    "File",
    "Init",
    "Opened",
    "Phase",
    "ProfileFromPage",
    "RecoveryCheck",
    "SendFromPage",
    "State",
    "Unlock",
]

UploadId = Annotated[str, msgspec.Meta(pattern="^[a-z2-7]{26}$")]
Passphrase = Annotated[str, msgspec.Meta(min_length=1, max_length=4096)]


class Phase(StrEnum):
    """Where a window is between having no account and being closed."""

    NEW = "new"
    LOCKED = "locked"
    OPENING = "opening"
    OPEN = "open"
    CLOSED = "closed"


class State(Result, frozen=True):
    """What the page has to know before it can show anything.

    `error` is why the last attempt to open failed. With `recovery_due`, there is an
    account whose recovery key has to be shown and asked back (`ui.recovery`).
    """

    phase: Phase
    profile: str
    version: str
    relay: str = ""
    error: Failure | None = None
    recovery_due: bool = False
    online: bool = True
    """Whether the relay is reached; true where another process would have to tell."""
    next_try: Time = 0
    """When it is tried again; 0 where that is being done, or not to be."""
    problem: Short = ""
    """The name of what keeps this device off the relay."""


class Countersign(Result, frozen=True):
    """By this a page knows the process that let it in."""

    countersign: str

    def __repr__(self) -> str:
        return "<countersign>"


class Opened(Result, frozen=True):
    """A window is served; the link opens it once, within a minute."""

    url: str


class Begun(Result, frozen=True):
    """A new account, with what its owner has to write down now.

    `ask` are the numbers of the groups to ask back, counted from 1.
    """

    account: Account
    recovery_key: str
    ask: tuple[int, ...]

    def __repr__(self) -> str:
        return f"<a new account {self.account.account}>"


class Init(Params, frozen=True):
    """Make an account, as `privity init` does.

    `link` is an invitation; or `relay` the https address of a relay that is open or
    that takes `code`, `fingerprint` the SHA-256 of its certificate. With `keyring` the
    operating system's keyring opens the profile too.
    """

    name: Name
    passphrase: Passphrase
    link: Annotated[str, msgspec.Meta(max_length=8192)] = ""
    relay: Short = ""
    handle: Short = ""
    code: Short = ""
    fingerprint: Short = ""
    keyring: bool = False

    def __repr__(self) -> str:
        return "<init>"


class File(Result, frozen=True):
    """A message's file that is here now, for `GET /media/CHAT/MESSAGE`."""

    name: str
    media_type: str
    length: int


class SendFromPage(Params, frozen=True):
    """`send` as the page may ask for it: `files` are ids of uploads."""

    chat: Name
    text: Text = ""
    files: Annotated[tuple[UploadId, ...], msgspec.Meta(max_length=32)] = ()
    reply_to: Short = ""
    expires: Expires = None
    as_is: bool = False
    wait: Seconds = WAIT


class ProfileFromPage(Params, frozen=True):
    """`profile.set` as the page may ask for it: a picture's bytes, not its path."""

    name: Short | None = None
    data: Data | None = None
    bare: bool = False


class EvidenceFromPage(Params, frozen=True):
    """`repair.evidence` as the page may ask for it: its bytes, and no path."""

    chat: Name


class DropUpload(Params, frozen=True):
    """Delete an upload that was not sent."""

    upload: UploadId


class RecoveryCheck(Params, frozen=True):
    """What the owner typed of the recovery key, by the number of the group."""

    groups: Annotated[dict[int, Short], msgspec.Meta(max_length=14)]

    def __repr__(self) -> str:
        return "<recovery check>"


class Unlock(Params, frozen=True):
    """Open the profile."""

    passphrase: Passphrase

    def __repr__(self) -> str:
        return "<unlock>"
