"""Commands about the profile itself, and the list of chats."""

from collections.abc import Callable

import typer

from privity.cli import caring
from privity.cli.menu import HELP
from privity.cli.perform import perform
from privity.client.verbs import params

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for name, command in _COMMANDS.items():
        app.command(name, help=HELP[name])(command)


def _chats(context: typer.Context) -> None:
    perform(context, "chats", params.Nothing())


def _account(context: typer.Context) -> None:
    perform(context, "account", params.Nothing())


_COMMANDS: dict[str, Callable[..., None]] = {
    "chats": _chats,
    "account": _account,
    "doctor": caring.doctor,
    "lock": caring.lock,
}
