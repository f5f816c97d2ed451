"""Commands about strangers: who waits, and whether anybody may ask."""

import typer

from privity.cli.arguments import Wait
from privity.cli.menu import HELP
from privity.cli.perform import perform
from privity.client.verbs import params
from privity.client.verbs.params import WAIT

__all__ = ["application"]


def application() -> typer.Typer:
    """Return `privity requests` and the commands behind it."""
    app = typer.Typer(
        help=HELP["requests"], invoke_without_command=True, rich_markup_mode=None
    )
    app.callback()(_requests)
    for name, command in {"close": _close, "open": _open}.items():
        app.command(name, help=HELP[f"requests {name}"])(command)
    return app


def _requests(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        perform(context, "requests", params.Nothing())


def _close(context: typer.Context, wait: Wait = WAIT) -> None:
    perform(context, "requests.close", params.SetLane(wait))


def _open(context: typer.Context, wait: Wait = WAIT) -> None:
    perform(context, "requests.open", params.SetLane(wait))
