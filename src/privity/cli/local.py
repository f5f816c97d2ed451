"""Commands about what is kept and chosen on this device alone."""

from collections.abc import Callable
from typing import Annotated

import typer

from privity.cli.arguments import Chat, text_or_stdin
from privity.cli.menu import HELP
from privity.cli.perform import perform, refusing
from privity.client.verbs import local_params

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for name, command in _COMMANDS.items():
        app.command(name, help=HELP[name])(command)


def _search(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="Words; the last may be begun.")],
    *,
    chat: Annotated[str, typer.Option(metavar="CHAT", help="Only this chat.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
    before: Annotated[
        str, typer.Option(metavar="NEXT", help="Older than the last page.")
    ] = "",
) -> None:
    with refusing(context):
        asked = local_params.Search(text, chat, limit, before)
    perform(context, "search", asked)


def _draft(
    context: typer.Context,
    chat: Chat,
    text: Annotated[
        str | None, typer.Argument(help="The text; - reads stdin; none: show it.")
    ] = None,
    *,
    reply: Annotated[str, typer.Option(metavar="MESSAGE")] = "",
    clear: Annotated[bool, typer.Option("--clear", help="Forget it.")] = False,
) -> None:
    with refusing(context):
        typed = "" if clear else text_or_stdin(text) if text is not None else None
        asked = local_params.Draft(chat, typed, reply)
    perform(context, "draft", asked)


_COMMANDS: dict[str, Callable[..., None]] = {"search": _search, "draft": _draft}
