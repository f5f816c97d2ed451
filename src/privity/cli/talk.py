"""Commands about messages: send, read, change, save."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from privity.cli import chatting, watching
from privity.cli.arguments import Chat, MessageId, Wait, absolute, text_or_stdin
from privity.cli.durations import seconds_of
from privity.cli.menu import HELP
from privity.cli.message_words import history_lines
from privity.cli.options import CommandFailed
from privity.cli.perform import perform, refusing
from privity.cli.render import render
from privity.client.verbs import params, results, timer_results
from privity.client.verbs.params import WAIT

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for name, command in _COMMANDS.items():
        app.command(name, help=HELP[name])(command)


def _send(  # noqa: PLR0913  one parameter for each option
    context: typer.Context,
    chat: Chat,
    text: Annotated[str, typer.Argument(help="The text; - reads stdin.")] = "",
    *,
    file: Annotated[
        list[Path] | None, typer.Option("--file", help="A file; repeatable.")
    ] = None,
    reply: Annotated[str, typer.Option(metavar="MESSAGE")] = "",
    expires: Annotated[
        str, typer.Option(metavar="TIME", help="Ask others to delete it after 1h.")
    ] = "",
    as_is: Annotated[
        bool, typer.Option("--as-is", help="Keep what images tell of their making.")
    ] = False,
    wait: Wait = WAIT,
) -> None:
    with refusing(context):
        asked = params.Send(
            chat=chat,
            text=text_or_stdin(text),
            files=tuple(absolute(path) for path in file or ()),
            reply_to=reply,
            expires=seconds_of(expires) if expires else None,
            as_is=as_is,
            wait=wait,
        )
        if not asked.text.strip() and not asked.files:
            raise CommandFailed("nothing_to_send")
    perform(context, "send", asked)


def _history(
    context: typer.Context,
    chat: Chat,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    before: Annotated[
        int, typer.Option(help="Only what stands in front of this seq.", min=0)
    ] = 0,
    *,
    blocked: Annotated[
        bool,
        typer.Option("--blocked", help="With what somebody blocked said in a group."),
    ] = False,
) -> None:
    def show(shown: results.Result) -> str:
        if isinstance(shown, results.History):
            return history_lines(shown, opened=blocked)
        return render(shown)

    perform(context, "history", params.ChatPage(chat, limit, before), show)


def _react(  # noqa: PLR0913  one parameter for each option
    context: typer.Context,
    chat: Chat,
    message: MessageId,
    emoji: str,
    *,
    remove: bool = False,
    wait: Wait = WAIT,
) -> None:
    asked = params.React(chat, message, emoji, remove=remove, wait=wait)
    perform(context, "react", asked)


def _edit(
    context: typer.Context,
    chat: Chat,
    message: MessageId,
    text: Annotated[str, typer.Argument(help="The new text; - reads stdin.")],
    wait: Wait = WAIT,
) -> None:
    with refusing(context):
        asked = params.Edit(chat, message, text_or_stdin(text), wait)
    perform(context, "edit", asked)


def _unsend(
    context: typer.Context, chat: Chat, message: MessageId, wait: Wait = WAIT
) -> None:
    perform(context, "unsend", params.Unsend(chat, message, wait))


def _resend(
    context: typer.Context,
    chat: Chat,
    message: MessageId,
    to: Annotated[str, typer.Option(metavar="CHAT", help="Another chat.")] = "",
    wait: Wait = WAIT,
) -> None:
    perform(context, "resend", params.Resend(chat, message, to, wait))


def _timer(
    context: typer.Context,
    chat: Chat,
    after: Annotated[
        str, typer.Argument(metavar="[TIME|never]", help="From reading: 1h, 7d.")
    ] = "",
    wait: Wait = WAIT,
) -> None:
    with refusing(context):
        seconds = seconds_of(after) if after else None
        asked = timer_results.Timer(chat, seconds, wait)
    perform(context, "timer", asked)


def _save(
    context: typer.Context,
    chat: Chat,
    message: MessageId,
    to: Annotated[
        Path, typer.Option(help="A directory, or the name of a new file.")
    ] = Path(),
) -> None:
    perform(context, "save", params.Save(chat, message, absolute(to)))


_COMMANDS: dict[str, Callable[..., None]] = {
    "chat": chatting.command,
    "send": _send,
    "watch": watching.command,
    "history": _history,
    "react": _react,
    "edit": _edit,
    "unsend": _unsend,
    "resend": _resend,
    "save": _save,
    "timer": _timer,
}
