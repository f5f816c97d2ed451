"""Commands about the profile itself, and the list of chats."""

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated

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


class Switch(StrEnum):
    """What can be said of something that is on or off."""

    ON = "on"
    OFF = "off"


_Chosen = Annotated[Switch | None, typer.Argument(metavar="[on|off]")]


def _typing(context: typer.Context, switch: _Chosen = None) -> None:
    on = None if switch is None else switch is Switch.ON
    perform(context, "typing", params.Typing(on))


_COMMANDS: dict[str, Callable[..., None]] = {
    "chats": _chats,
    "account": _account,
    "doctor": caring.doctor,
    "typing": _typing,
    "lock": caring.lock,
}
