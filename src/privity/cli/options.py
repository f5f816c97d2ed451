"""What was asked for in front of the command, and who gives the passphrase."""

import getpass
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from privity.cli.output import Mode, Output
from privity.client.errors import ClientError

__all__ = ["CommandFailed", "Options", "ask", "ask_new_passphrase", "passphrase_of"]

_MOST = 4096
"""Bytes of a passphrase file."""


class CommandFailed(ClientError):
    """The command line itself can't go on; `code` has its sentence."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(detail)
        self.code = code  # type: ignore[misc]  # one class for all of these


@dataclass(frozen=True, slots=True)
class Options:
    """The options that every command has."""

    profile: str | None
    """A name, or a directory with a slash in it."""
    passphrase_file: Path | None
    mode: Mode

    @property
    def output(self) -> Output:
        """Where results go."""
        return Output(self.mode)


def passphrase_of(options: Options) -> Callable[[], str]:
    """Return a function that gets the passphrase when it is needed, not before."""
    file = options.passphrase_file
    if file is not None:
        return lambda: _read(file)
    return lambda: ask("Passphrase: ", secret=True)


def ask_new_passphrase(options: Options) -> str:
    """Return a passphrase for a new profile, typed twice or read from the file."""
    if options.passphrase_file is not None:
        return _read(options.passphrase_file)
    first = ask("A passphrase for this device: ", secret=True)
    if not first:
        raise CommandFailed("passphrase_empty")
    if ask("Once more: ", secret=True) != first:
        raise CommandFailed("passphrases_differ")
    return first


def ask(question: str, *, secret: bool = False) -> str:
    """Return what a person answers; raises CommandFailed where nobody is asked."""
    if not sys.stdin.isatty():
        raise CommandFailed("no_terminal", question.strip(" :"))
    if secret:
        return getpass.getpass(question, stream=sys.stderr)
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline().rstrip("\n")


def _read(path: Path) -> str:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if status.st_mode & 0o077 and status.st_uid == os.getuid():
                raise CommandFailed("passphrase_file", "others can read it")
            data = file.read(_MOST + 1)
        text = data.decode().rstrip("\r\n")
    except OSError as error:
        raise CommandFailed("passphrase_file", error.strerror or "") from None
    except UnicodeDecodeError:
        raise CommandFailed("passphrase_file", "it is not text") from None
    if not text or len(data) > _MOST:
        raise CommandFailed("passphrase_file", "it is empty or too long")
    return text
