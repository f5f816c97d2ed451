"""Commands about people: make an account, meet, decide, verify."""

from collections.abc import Callable
from typing import Annotated

import typer

from privity.cli import init, verifying
from privity.cli.arguments import Picture, Wait, Who, code_or_text
from privity.cli.durations import seconds_of
from privity.cli.menu import HELP
from privity.cli.options import CommandFailed
from privity.cli.perform import perform, refusing
from privity.client.verbs import params
from privity.client.verbs.params import WAIT

__all__ = ["register"]

RequestId = Annotated[
    str,
    typer.Argument(metavar="REQUEST", help="Who asks, or the beginning of its id."),
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for name, command in _COMMANDS.items():
        app.command(name, help=HELP[name])(command)


def _invite(
    context: typer.Context,
    expires: Annotated[
        str, typer.Option(help="How long it works: 30m, 12h, 7d, or never.")
    ] = "7d",
    uses: Annotated[int, typer.Option(help="How often; 0: any.", min=0)] = 1,
) -> None:
    with refusing(context):
        asked = params.Invite(expires_in=seconds_of(expires), uses=uses)
    perform(context, "invite", asked)


def _join(
    context: typer.Context,
    target: Annotated[
        str, typer.Argument(metavar="[LINK]", help="A contact link, or name@host.")
    ] = "",
    text: Annotated[str, typer.Option(help="A word to go with it.")] = "",
    wait: Wait = WAIT,
    qr: Picture = None,
) -> None:
    with refusing(context):
        if not target and qr is None:
            raise CommandFailed("usage", "give a link, a handle, or --qr PICTURE")
        asked = params.Join(code_or_text(qr, target), text, wait)
    perform(context, "join", asked)


def _accept(context: typer.Context, request: RequestId, wait: Wait = WAIT) -> None:
    perform(context, "accept", params.Accept(request, wait))


def _decline(context: typer.Context, request: RequestId) -> None:
    perform(context, "decline", params.Decline(request))


def _block(
    context: typer.Context, who: Who, *, undo: bool = False, wait: Wait = WAIT
) -> None:
    perform(context, "block", params.Block(who, blocked=not undo, wait=wait))


_COMMANDS: dict[str, Callable[..., None]] = {
    "init": init.command,
    "invite": _invite,
    "join": _join,
    "accept": _accept,
    "decline": _decline,
    "block": _block,
    "verify": verifying.command,
}
