"""`privity open`: the client's page in the browser, until it is stopped."""

import asyncio
from typing import Annotated

import typer

from privity.cli.arguments import text_or_stdin
from privity.cli.durations import seconds_of
from privity.cli.options import Options, passphrase_of
from privity.cli.perform import guarded, refusing
from privity.cli.watching import stoppable
from privity.client.profile import Profile, find_profile

__all__ = ["command"]


def command(
    context: typer.Context,
    link: Annotated[
        str,
        typer.Argument(metavar="[LINK]", help="One that you were handed; - is stdin."),
    ] = "",
    *,
    browser: Annotated[
        bool,
        typer.Option("--browser/--no-browser", help="Show it, or only print the link."),
    ] = True,
    lock_after: Annotated[
        str, typer.Option(help="Lock it when nobody used it for so long: 15m, 2h.")
    ] = "never",
) -> None:
    """Serve the window on this machine and show it in the browser."""
    options: Options = context.obj
    with refusing(context):
        idle = seconds_of(lock_after)
        handed = text_or_stdin(link).strip()
    guarded(options, _open(options, handed, idle, browser=browser))


def _check(handed: str, profile: Profile) -> None:
    """Refuse a link that serves nothing here, before a window opens for it."""
    from privity.client import links

    if handed and profile.exists:
        links.of_a_person(handed)
    elif handed:
        links.usable(handed)


async def _open(options: Options, handed: str, idle: int, *, browser: bool) -> None:
    from privity.web.door import ask_link, door
    from privity.web.serving import running

    profile = find_profile(options.profile)
    _check(handed, profile)
    profile.create()
    if link := await ask_link(profile, handed):
        await _show(options, link, browser=browser)
        return
    # Without a file the passphrase is typed into the page, not here.
    given = passphrase_of(options) if options.passphrase_file is not None else None
    async with (
        stoppable(),
        running(profile, passphrase=given, lock_after=idle) as window,
        door(profile, window),
    ):
        link = window.link(handed)
        showing = asyncio.create_task(_show(options, link, browser=browser))
        options.output.note("Privity's window is open; Ctrl-C closes it.")
        try:
            await asyncio.Event().wait()
        finally:
            showing.cancel()


async def _show(options: Options, link: str, *, browser: bool) -> None:
    from privity.web.browser import open_browser
    from privity.web.results import Opened

    if not options.output.for_people:
        options.output.result(Opened(link))
    elif not browser or not await open_browser(link):
        options.output.lines(link)
