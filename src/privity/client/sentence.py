"""What a sentence for a person is made of, and how a command ends that says it."""

from enum import IntEnum

import msgspec

__all__ = ["Exit", "Sentence"]


class Exit(IntEnum):
    """The exit statuses of the command line."""

    OK = 0
    ERROR = 1
    USAGE = 2
    NOT_FOUND = 3
    LOCKED = 4
    NETWORK = 5
    VERIFICATION = 6
    TRY_LATER = 75


class Sentence(msgspec.Struct, frozen=True):
    """What happened, what to do about it, and how a command ends that met it."""

    message: str
    next: str = ""
    exit: Exit = Exit.ERROR
