"""`privity ui verify`: the window's files, held against those of this version."""

import typer

from privity.cli.menu import HELP
from privity.cli.options import Options
from privity.cli.perform import guarded
from privity.client.profile import find_profile
from privity.client.sentences import Exit
from privity.web.verify import Files

__all__ = ["application"]


def application() -> typer.Typer:
    """Return the commands behind `privity ui`."""
    app = typer.Typer(
        help="Look after the window.", no_args_is_help=True, rich_markup_mode=None
    )
    # A group with one command only would be that command.
    app.callback()(_nothing)
    app.command("verify", help=HELP["ui verify"])(_verify)
    return app


def _nothing() -> None:
    """Look after the window."""


def _verify(context: typer.Context) -> None:
    options: Options = context.obj
    guarded(options, _compare(options))


async def _compare(options: Options) -> None:
    from privity.web.door import ask_files
    from privity.web.verify import verify

    profile = find_profile(options.profile)
    memory = await ask_files(profile) if profile.root.is_dir() else None
    found = verify(memory)
    if options.output.for_people:
        options.output.lines(_words(found))
    else:
        options.output.result(found)
    if not found.well:
        raise typer.Exit(Exit.VERIFICATION)


def _words(found: Files) -> str:
    wrong = [f"{one.path}: {one.wrong}" for one in found.files if one.wrong]
    compared = ["the hashes of this version"]
    compared += ["the wheel's list"] if found.by_wheel else []
    compared += ["the open window"] if found.by_window else []
    head = (
        f"Privity {found.version}: {len(found.files)} files of the window,"
        f" {found.size} bytes, compared with {', '.join(compared)}."
    )
    end = "Install Privity again." if wrong else "All are as they were made."
    return "\n".join((head, *wrong, end))
