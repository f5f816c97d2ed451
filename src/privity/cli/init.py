"""`privity init` and its options; `newcomers` does it."""

from pathlib import Path
from typing import Annotated

import typer

from privity.cli.perform import guarded

__all__ = ["command"]


def command(  # noqa: PLR0913  one parameter for each option
    context: typer.Context,
    link: Annotated[
        str, typer.Argument(metavar="[LINK]", help="The relay's invitation.")
    ] = "",
    *,
    relay: Annotated[
        str, typer.Option(metavar="URL", help="An open relay, instead of a link.")
    ] = "",
    fingerprint: Annotated[
        str, typer.Option(metavar="HEX", help="SHA-256 of that relay's certificate.")
    ] = "",
    name: Annotated[str, typer.Option(help="How you want to be called.")] = "",
    handle: Annotated[str, typer.Option(help="An address, if you want one.")] = "",
    recovery_out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the recovery key there (0600)."),
    ] = None,
    keyring: Annotated[
        bool, typer.Option("--keyring", help="Let this desktop's keyring open it.")
    ] = False,
) -> None:
    """Make an account."""
    from privity.cli.newcomers import Asked, Wish, init

    asked = Asked(context.obj, recovery_out, keyring=keyring)
    wish = Wish(link, relay, fingerprint, name, handle)
    guarded(asked.options, init(asked, wish))
