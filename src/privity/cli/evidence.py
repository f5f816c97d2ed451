"""`privity evidence verify FILE`, which needs no profile, no relay and no network."""

from pathlib import Path
from typing import Annotated

import typer

from privity.cli.evidence_words import verified_words
from privity.cli.menu import HELP
from privity.cli.options import Options
from privity.cli.perform import guarded

__all__ = ["application"]

File = Annotated[Path, typer.Argument(metavar="FILE", help="What somebody gave you.")]


def application() -> typer.Typer:
    """Return the commands behind `privity evidence`."""
    app = typer.Typer(
        help="Proofs that a relay showed two histories of a chat.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    # A group with one command only would be that command.
    app.callback()(_nothing)
    app.command("verify", help=HELP["evidence verify"])(_verify)
    return app


def _nothing() -> None:
    """Proofs that a relay showed two histories of a chat."""


def _verify(context: typer.Context, file: File) -> None:
    options: Options = context.obj
    guarded(options, _work(options, file))


async def _work(options: Options, file: Path) -> None:
    from privity.client.evidence import described
    from privity.wire.evidence import MOST, open_evidence

    with file.open("rb") as opened:
        data = opened.read(MOST + 1)
    found = described(open_evidence(data))
    if options.output.for_people:
        options.output.lines(verified_words(found))
    else:
        options.output.result(found)
