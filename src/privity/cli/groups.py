"""Commands about groups."""

from collections.abc import Callable
from typing import Annotated

import typer

from privity.cli.arguments import Chat, People, Wait, Who
from privity.cli.menu import HELP
from privity.cli.perform import perform
from privity.client.verbs import params
from privity.client.verbs.params import WAIT

__all__ = ["application"]

Title = Annotated[str, typer.Argument(metavar="TITLE")]


def application() -> typer.Typer:
    """Return the commands behind `privity group`."""
    app = typer.Typer(
        help="Create and change groups.", no_args_is_help=True, rich_markup_mode=None
    )
    for name, command in _COMMANDS.items():
        app.command(name, help=HELP[f"group {name}"])(command)
    return app


def _new(
    context: typer.Context,
    title: Title,
    members: Annotated[list[str] | None, typer.Argument(metavar="WHO...")] = None,
    wait: Wait = WAIT,
) -> None:
    perform(context, "group.new", params.GroupNew(title, tuple(members or ()), wait))


def _add(
    context: typer.Context,
    chat: Chat,
    members: People,
    text: Annotated[str, typer.Option(help="A word to go with it.")] = "",
    wait: Wait = WAIT,
) -> None:
    perform(context, "group.add", params.GroupAdd(chat, tuple(members), text, wait))


def _remove(context: typer.Context, chat: Chat, who: Who, wait: Wait = WAIT) -> None:
    perform(context, "group.remove", params.GroupRemove(chat, who, wait))


def _leave(context: typer.Context, chat: Chat, wait: Wait = WAIT) -> None:
    perform(context, "group.leave", params.GroupLeave(chat, wait))


def _list(context: typer.Context) -> None:
    perform(context, "group.list", params.Nothing())


def _title(context: typer.Context, chat: Chat, title: Title, wait: Wait = WAIT) -> None:
    perform(context, "group.title", params.GroupTitle(chat, title, wait))


_COMMANDS: dict[str, Callable[..., None]] = {
    "new": _new,
    "add": _add,
    "remove": _remove,
    "leave": _leave,
    "list": _list,
    "title": _title,
}
