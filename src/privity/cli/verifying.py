"""`privity verify`: sixty digits and a QR code, compared by two people."""

import io
from typing import Annotated

import typer

from privity.cli.arguments import Picture, Who, code_or_text
from privity.cli.perform import perform, refusing
from privity.cli.render import render
from privity.client.verbs import params, results

__all__ = ["command"]


def command(  # noqa: PLR0913  one parameter for each option
    context: typer.Context,
    who: Who,
    *,
    confirm: Annotated[
        bool, typer.Option("--confirm", help="The numbers were compared and agree.")
    ] = False,
    doubt: Annotated[
        bool, typer.Option("--doubt", help="Take a confirmation back.")
    ] = False,
    scanned: Annotated[
        str, typer.Option(metavar="TEXT", help="What their QR code says.")
    ] = "",
    qr: Picture = None,
) -> None:
    """Show or confirm the safety number with a person."""
    with refusing(context):
        text = code_or_text(qr, scanned)
        asked = params.Verify(who, scanned=text, confirm=confirm, doubt=doubt)
    perform(context, "verify", asked, _with_code)


def _with_code(result: results.Result) -> str:
    if not isinstance(result, results.Verification) or result.verified:
        return render(result)
    return f"{render(result)}\n\nOr let them scan this:\n\n{_qr(result.qr)}"


def _qr(text: str) -> str:
    import segno

    drawn = io.StringIO()
    segno.make(text, error="l", micro=False).terminal(drawn, border=2, compact=True)
    return drawn.getvalue().rstrip("\n")
