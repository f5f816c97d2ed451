"""All commands in one Typer application, and what happens when one fails."""

import os
import sys
import traceback
from pathlib import Path
from typing import Annotated

import typer

from privity.cli import (
    accounts,
    asking,
    begin,
    evidence,
    groups,
    keep,
    listing,
    local,
    profiles,
    profiling,
    repairing,
    talk,
    window,
)
from privity.cli.options import Options
from privity.cli.output import Mode, Output
from privity.client.sentences import Exit, explain, failure

__all__ = ["application", "run"]


def run(arguments: list[str]) -> int:
    """Run one command; every failure is told in its words, none as a traceback."""
    as_json = "--json" in arguments or "--jsonl" in arguments
    output = Output(Mode.JSON if as_json else Mode.HUMAN)
    try:
        status = application()(arguments, "privity", standalone_mode=False)
    except typer.Abort:
        output.failure(failure("interrupted"))
        return Exit.ERROR
    except typer.TyperException as error:
        told = getattr(error, "format_message", error.__str__)()
        output.failure(failure("usage", told))
        return Exit.USAGE
    except BrokenPipeError:
        # Whoever read our output has gone; the interpreter must not flush to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.ERROR
    except Exception as error:  # noqa: BLE001  the top: nobody else could tell of it
        output.failure(explain(error))
        if os.environ.get("PRIVITY_DEBUG"):
            traceback.print_exception(error)
        return Exit.ERROR
    return status if isinstance(status, int) else Exit.OK


def application() -> typer.Typer:
    """Return the application with every command of the menu."""
    app = typer.Typer(
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        callback=_options,
    )
    for part in (begin, talk, local, keep):
        part.register(app)
    app.add_typer(accounts.application(), name="account")
    app.add_typer(profiles.application(), name="profiles")
    app.add_typer(asking.application(), name="requests")
    app.add_typer(listing.chats(), name="chats")
    app.add_typer(listing.contacts(), name="contacts")
    app.add_typer(groups.application(), name="group")
    app.add_typer(profiling.application(), name="profile")
    app.add_typer(repairing.application(), name="repair")
    app.add_typer(evidence.application(), name="evidence")
    app.add_typer(window.application(), name="ui")
    return app


def _options(
    context: typer.Context,
    profile: Annotated[str | None, typer.Option(metavar="NAME|DIR")] = None,
    passphrase_file: Annotated[
        Path | None, typer.Option(metavar="FILE", envvar="PRIVITY_PASSPHRASE_FILE")
    ] = None,
    *,
    json: Annotated[bool, typer.Option("--json")] = False,
    jsonl: Annotated[bool, typer.Option("--jsonl")] = False,
) -> None:
    """End-to-end encrypted messages, on a relay that can't read them."""
    mode = Mode.JSONL if jsonl else Mode.JSON if json else Mode.HUMAN
    context.obj = Options(profile, passphrase_file, mode)
