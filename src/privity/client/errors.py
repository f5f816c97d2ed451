"""What can go wrong at the client's edges, by name; the sentences are the caller's.

ClientError
├── Locked            the vault needs another passphrase (or any at all)
├── Damaged           a file of the profile is not what was written there
├── RolledBack        an old copy of itself again, within a day
├── NewerProfile      a later version of Privity wrote this profile
├── StorageFull       nothing was written, nothing was sent
├── Busy              another process holds the profile
├── NoProfile         there is no account here yet, or one already
├── Insecure          an address without TLS that is not this machine
├── WrongCertificate  another server answers than the link named
├── WrongHost         a relay of another name answers there
├── Unreachable       the relay can't be reached now
├── Misbehaved        the relay broke the protocol
└── TransferFailed    a file can't be sent or fetched; `code` says why
"""

from typing import ClassVar

from privity.errors import PrivityError

__all__ = [
    "Busy",
    "ClientError",
    "Damaged",
    "Insecure",
    "Locked",
    "Misbehaved",
    "NewerProfile",
    "NoProfile",
    "RolledBack",
    "StorageFull",
    "TransferFailed",
    "Unreachable",
    "WrongCertificate",
    "WrongHost",
]


class ClientError(PrivityError):
    """A failure at the client's edges; `code` is stable and for programs."""

    code: ClassVar[str] = "client"

    def __init__(self, detail: str = "") -> None:
        super().__init__(f"{self.code}: {detail}" if detail else self.code)
        self.detail = detail


class Locked(ClientError):
    """The passphrase is wrong, or there is none to try."""

    code = "locked"


class Damaged(ClientError):
    """A file of the profile is not what this program wrote there."""

    code = "damaged"


class RolledBack(ClientError):
    """The profile is an old copy: the relay has seen a later state of it."""

    code = "rolled_back"


class NewerProfile(ClientError):
    """A later version of Privity wrote this profile."""

    code = "newer_profile"


class StorageFull(ClientError):
    """The disk took nothing more; the state before the attempt still stands."""

    code = "storage_full"


class Busy(ClientError):
    """Another process holds the profile, or the database."""

    code = "busy"


class NoProfile(ClientError):
    """No account where one is needed, or one where none may be."""

    code = "no_profile"


class Insecure(ClientError):
    """Plain http or ws to another machine; refused before anything is sent."""

    code = "insecure"


class WrongCertificate(ClientError):
    """The server's certificate is not the pinned one; nothing was sent to it."""

    code = "wrong_certificate"


class WrongHost(ClientError):
    """A relay answers there, but under another name than the account's."""

    code = "wrong_host"


class Unreachable(ClientError):
    """The relay could not be reached, or was lost before it answered."""

    code = "unreachable"


class Restarting(Unreachable):
    """The relay stops, and asks for nobody to come back at once.

    `within` are seconds; each device draws its own moment in them.
    """

    def __init__(self, within: float) -> None:
        super().__init__("the relay stops, and is back soon")
        self.within = within


class Misbehaved(ClientError):
    """The relay sent what the protocol forbids; the connection was closed."""

    code = "misbehaved"


class TransferFailed(ClientError):
    """A file can't be sent or fetched; `reason` says why, by name."""

    code = "transfer_failed"

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
