"""Handing the recovery key over: shown once and asked back, or written to a file."""

import os
import sys
from pathlib import Path

from privity.cli.options import CommandFailed, Options, ask
from privity.client.errors import StorageFull
from privity.identity.recovery import (
    RecoveryKeyError,
    ask_back,
    check_answer,
    render_recovery_key,
)
from privity.identity.secret import Secret

__all__ = ["check_way", "hand_over"]

_TRIES = 3
_CLEAR = "\x1b[2J\x1b[3J\x1b[H"

_INTRODUCTION = """
This is your recovery key. It alone brings your account back if you lose this
device, and whoever has it can become you. Write it down on paper, now:

    {key}

"""


def check_way(options: Options, file: Path | None) -> None:
    """Refuse early where the key could not be handed over in the end."""
    if file is None:
        if not sys.stdin.isatty() or not options.output.for_people:
            raise CommandFailed("no_terminal", "give --recovery-out FILE")
    elif file.exists():
        raise CommandFailed("file_exists", str(file))
    elif not file.absolute().parent.is_dir():
        raise CommandFailed("file_unwritable", str(file))


def hand_over(options: Options, key: Secret, file: Path | None) -> str:
    """Give the key to its owner; returns "file" or "confirmed".

    Raises CommandFailed where three tries did not show that it was written down.
    """
    if file is not None:
        _write(file, key)
        return "file"
    options.output.note(_INTRODUCTION.format(key=render_recovery_key(key)))
    ask("Press Enter when you have written it down; it is then wiped from the screen. ")
    options.output.note(_CLEAR)
    for _ in range(_TRIES):
        numbers = ask_back(os.urandom)
        answer = {n: ask(f"Group {n} of your recovery key: ") for n in numbers}
        try:
            check_answer(key, answer)
        except RecoveryKeyError as error:
            options.output.note(f"{error}\n")
            continue
        return "confirmed"
    raise CommandFailed("recovery_unchecked")


def _write(file: Path, key: Secret) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(file, flags, 0o600), "w", encoding="ascii") as out:
            out.write(render_recovery_key(key) + "\n")
            out.flush()
            os.fsync(out.fileno())
    except FileExistsError:
        raise CommandFailed("file_exists", str(file)) from None
    except OSError as error:
        raise StorageFull(f"{file}: {error.strerror}") from None
