"""The lists of chats and contacts, and the commands behind them."""

from collections.abc import Callable
from typing import Annotated

import typer

from privity.cli.arguments import Chat, Wait, Who
from privity.cli.durations import seconds_of
from privity.cli.menu import HELP
from privity.cli.options import CommandFailed, Options, ask
from privity.cli.perform import perform, refusing
from privity.client.verbs import local_params, params
from privity.client.verbs.params import WAIT

__all__ = ["chats", "contacts"]

_Undo = Annotated[bool, typer.Option("--undo", help="Not any longer.")]


def chats() -> typer.Typer:
    """Return `privity chats` and the commands behind it."""
    app = typer.Typer(
        help=HELP["chats"], invoke_without_command=True, rich_markup_mode=None
    )
    app.callback()(_chats)
    for name, command in _OF_CHATS.items():
        app.command(name, help=HELP[f"chats {name}"])(command)
    return app


def contacts() -> typer.Typer:
    """Return `privity contacts` and the commands behind it."""
    app = typer.Typer(
        help=HELP["contacts"], invoke_without_command=True, rich_markup_mode=None
    )
    app.callback()(_contacts)
    app.command("rename", help=HELP["contacts rename"])(_rename)
    app.command("remove", help=HELP["contacts remove"])(_remove)
    return app


def _chats(
    context: typer.Context,
    *,
    archived: Annotated[bool, typer.Option("--archived")] = False,
    everything: Annotated[bool, typer.Option("--all")] = False,
) -> None:
    if context.invoked_subcommand is None:
        which = local_params.Which.ARCHIVED if archived else local_params.Which.OPEN
        which = local_params.Which.ALL if everything else which
        perform(context, "chats", local_params.Chats(which))


def _pin(context: typer.Context, chat: Chat, *, undo: _Undo = False) -> None:
    perform(context, "chats.pin", local_params.Pin(chat, on=not undo))


def _mute(
    context: typer.Context,
    chat: Chat,
    *,
    how_long: Annotated[
        str, typer.Option("--for", metavar="TIME", help="30m, 8h, 7d.")
    ] = "never",
    undo: _Undo = False,
) -> None:
    with refusing(context):
        seconds = seconds_of(how_long)
    asked = local_params.Mute(chat, on=not undo, seconds=seconds)
    perform(context, "chats.mute", asked)


def _archive(context: typer.Context, chat: Chat, *, undo: _Undo = False) -> None:
    perform(context, "chats.archive", local_params.Archive(chat, on=not undo))


def _unread(context: typer.Context, chat: Chat) -> None:
    perform(context, "chats.unread", local_params.Unread(chat))


def _leave(context: typer.Context, chat: Chat, wait: Wait = WAIT) -> None:
    perform(context, "chats.leave", params.GroupLeave(chat, wait))


def _delete(
    context: typer.Context,
    chat: Chat,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask back.")] = False,
    wait: Wait = WAIT,
) -> None:
    options: Options = context.obj
    if options.output.for_people and not yes:
        with refusing(context):
            said = ask(f"Delete “{chat}” from this device for good? Type yes: ")
            if said.strip().lower() != "yes":
                raise CommandFailed("interrupted")
    perform(context, "chats.delete", local_params.ChatDelete(chat, wait))


_OF_CHATS: dict[str, Callable[..., None]] = {
    "pin": _pin,
    "mute": _mute,
    "archive": _archive,
    "unread": _unread,
    "leave": _leave,
    "delete": _delete,
}


def _contacts(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        perform(context, "contacts", params.Nothing())


_REMOVING = """\
Your name for them and that you compared safety numbers are forgotten, and they need
a request to reach you. Your chat stays, and they can still write there: block them to
hear nothing, delete the chat to see nothing. They are not told. privity join adds them
again.
"""


def _remove(
    context: typer.Context,
    who: Who,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask back.")] = False,
    wait: Wait = WAIT,
) -> None:
    options: Options = context.obj
    if options.output.for_people and not yes:
        with refusing(context):
            said = ask(f"{_REMOVING}Remove “{who}” from your contacts? Type yes: ")
            if said.strip().lower() != "yes":
                raise CommandFailed("interrupted")
    perform(context, "contacts.remove", local_params.ContactRemove(who, wait))


def _rename(
    context: typer.Context,
    who: Who,
    name: Annotated[str, typer.Argument(help="Empty: as they call themselves.")] = "",
) -> None:
    with refusing(context):
        asked = local_params.Rename(who, name)
    perform(context, "contacts.rename", asked)
