"""`privity profiles`: several accounts of one person on one machine, by name."""

from typing import Annotated

import typer

from privity.cli.menu import HELP
from privity.cli.options import Options
from privity.cli.perform import guarded
from privity.cli.render import render
from privity.client.verbs.result import Result

__all__ = ["application"]


def application() -> typer.Typer:
    """Return the commands behind `privity profiles`."""
    app = typer.Typer(
        help="Several accounts on this machine.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    app.command("list", help=HELP["profiles list"])(_list)
    app.command("new", help=HELP["profiles new"])(_new)
    return app


def _list(context: typer.Context) -> None:
    async def work() -> None:
        from privity.client.profiles import list_profiles
        from privity.client.verbs.local_results import ProfileList

        _tell(context.obj, ProfileList(list_profiles()))

    guarded(context.obj, work())


def _new(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="For --profile NAME.")],
) -> None:
    async def work() -> None:
        from privity.client.profiles import new_profile
        from privity.client.verbs.local_results import ProfileMade

        _tell(context.obj, ProfileMade(new_profile(name)))

    guarded(context.obj, work())


def _tell(options: Options, found: Result) -> None:
    if options.output.for_people:
        options.output.lines(render(found))
    else:
        options.output.result(found)
