"""Commands about chats that can't go on."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from privity.cli.arguments import Chat, Wait, absolute
from privity.cli.menu import HELP
from privity.cli.perform import perform
from privity.client.verbs import params
from privity.client.verbs.params import WAIT

__all__ = ["application"]

Plea = Annotated[str, typer.Argument(metavar="PLEA")]


def application() -> typer.Typer:
    """Return the commands behind `privity repair`."""
    app = typer.Typer(
        help="Bring chats back that can't go on.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    for name, command in _COMMANDS.items():
        app.command(name, help=HELP[f"repair {name}"])(command)
    return app


def _list(context: typer.Context) -> None:
    perform(context, "repair.list", params.Nothing())


def _answer(context: typer.Context, plea: Plea) -> None:
    perform(context, "repair.answer", params.RepairAnswer(plea))


def _ask(context: typer.Context, chat: Chat) -> None:
    perform(context, "repair.ask", params.RepairAsk(chat))


def _fetch(context: typer.Context, chat: Chat) -> None:
    perform(context, "repair.fetch", params.RepairFetch(chat))


def _evidence(
    context: typer.Context,
    chat: Chat,
    out: Annotated[
        Path, typer.Option(metavar="FILE", help="A directory, or the new file.")
    ] = Path(),
) -> None:
    asked = params.RepairEvidence(chat, absolute(out))
    perform(context, "repair.evidence", asked)


def _device(context: typer.Context) -> None:
    perform(context, "repair.device", params.Nothing())


def _refound(  # noqa: PLR0913  one parameter for each option
    context: typer.Context,
    chat: Chat,
    without: Annotated[
        list[str] | None,
        typer.Option(metavar="WHO", help="A member who is left behind; repeatable."),
    ] = None,
    text: Annotated[str, typer.Option(help="A word on why.")] = "",
    suite: Annotated[
        params.Suite | None,
        typer.Option(help="Its encryption; else the strongest that all have."),
    ] = None,
    wait: Wait = WAIT,
) -> None:
    asked = params.RepairRefound(chat, tuple(without or ()), text, suite, wait)
    perform(context, "repair.refound", asked)


_COMMANDS: dict[str, Callable[..., None]] = {
    "list": _list,
    "answer": _answer,
    "ask": _ask,
    "fetch": _fetch,
    "evidence": _evidence,
    "device": _device,
    "refound": _refound,
}
