"""Commands about how one is called and looks."""

from pathlib import Path
from typing import Annotated

import typer

from privity.cli.arguments import Who, absolute
from privity.cli.menu import HELP
from privity.cli.options import CommandFailed
from privity.cli.perform import perform, refusing
from privity.cli.terminal import one_line
from privity.client.verbs import profile_results
from privity.client.verbs.result import Result

__all__ = ["application"]


def application() -> typer.Typer:
    """Return the commands behind `privity profile`."""
    app = typer.Typer(
        help="Your name and picture.", no_args_is_help=True, rich_markup_mode=None
    )
    for name, command in (("set", _set), ("picture", _picture)):
        app.command(name, help=HELP[f"profile {name}"])(command)
    return app


def _set(
    context: typer.Context,
    name: Annotated[str | None, typer.Option(metavar="NAME")] = None,
    picture: Annotated[Path | None, typer.Option(metavar="FILE")] = None,
    *,
    no_picture: Annotated[bool, typer.Option("--no-picture")] = False,
) -> None:
    with refusing(context):
        if name is None and picture is None and not no_picture:
            raise CommandFailed("usage", "say --name, --picture or --no-picture")
        path = absolute(picture) if picture is not None else None
        asked = profile_results.ProfileSet(name, path, bare=no_picture)
    perform(context, "profile.set", asked)


def _picture(
    context: typer.Context,
    who: Who,
    to: Annotated[Path, typer.Option(help="The name of a new file.")],
) -> None:
    def save(result: Result) -> str:
        if not isinstance(result, profile_results.PictureShown) or not result.data:
            return "They show no picture."
        with to.open("xb") as file:
            file.write(result.data)
        return f"Saved to {one_line(str(to))}"

    perform(context, "profile.picture", profile_results.PictureOf(who), save)
