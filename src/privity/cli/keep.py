"""Commands about the profile itself."""

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated

import typer

from privity.cli import caring, opening
from privity.cli.menu import HELP
from privity.cli.perform import perform
from privity.client.verbs import ledger_results, params, reach_results, receipt_results

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for name, command in _COMMANDS.items():
        app.command(name, help=HELP[name])(command)


class Switch(StrEnum):
    """What can be said of something that is on or off."""

    ON = "on"
    OFF = "off"


_Chosen = Annotated[Switch | None, typer.Argument(metavar="[on|off]")]


def _typing(context: typer.Context, switch: _Chosen = None) -> None:
    on = None if switch is None else switch is Switch.ON
    perform(context, "typing", params.Typing(on))


def _receipts(context: typer.Context, switch: _Chosen = None) -> None:
    on = None if switch is None else switch is Switch.ON
    perform(context, "receipts", receipt_results.Receipts(on))


def _ledger(
    context: typer.Context,
    limit: Annotated[int, typer.Option(help="How many lines.", min=1, max=1000)] = 50,
    before: Annotated[
        int, typer.Option(help="Lines in front of this number; 0: the newest.", min=0)
    ] = 0,
) -> None:
    perform(context, "ledger", ledger_results.Ledger(limit, before))


def _reconnect(context: typer.Context) -> None:
    perform(context, "reconnect", reach_results.Reconnect())


def _connections(context: typer.Context) -> None:
    perform(context, "connections", params.Nothing())


_COMMANDS: dict[str, Callable[..., None]] = {
    "doctor": caring.doctor,
    "typing": _typing,
    "receipts": _receipts,
    "reconnect": _reconnect,
    "ledger": _ledger,
    "connections": _connections,
    "lock": caring.lock,
    "open": opening.command,
}
