"""`privity account`: who this is, and the end of it."""

from typing import Annotated

import typer

from privity.cli.arguments import Wait
from privity.cli.menu import HELP
from privity.cli.options import Options, ask
from privity.cli.perform import perform, refusing
from privity.client.verbs import local_params, params
from privity.client.verbs.params import WAIT

__all__ = ["application"]

_WARNING = """\
This deletes the account: its chats, contacts and keys on this device, and at the relay
its handle, mailbox and what the recovery key opens. Nobody can undo it. What others
have of you stays with them.
"""


def application() -> typer.Typer:
    """Return `privity account` and the command behind it."""
    app = typer.Typer(
        help=HELP["account"], invoke_without_command=True, rich_markup_mode=None
    )
    app.callback()(_account)
    app.command("delete", help=HELP["account delete"])(_delete)
    return app


def _account(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        perform(context, "account", params.Nothing())


def _delete(
    context: typer.Context,
    *,
    confirm: Annotated[
        str, typer.Option(metavar="NAME", help="The account's name, in a script.")
    ] = "",
    only_here: Annotated[
        bool, typer.Option("--only-here", help="Wipe this device; tell nobody.")
    ] = False,
    wait: Wait = WAIT,
) -> None:
    options: Options = context.obj
    with refusing(context):
        if not confirm:
            options.output.note(_WARNING)
        name = confirm or ask("Type the account's name to delete it: ")
        asked = local_params.AccountDelete(name, only_here, wait)
    perform(context, "account.delete", asked)
