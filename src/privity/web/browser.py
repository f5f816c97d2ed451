"""Handing a link to the browser without it standing in any list of processes."""

import asyncio
import html
import os
import tempfile
import webbrowser
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["open_browser"]

_READ_WITHIN = 30.0
"""Seconds after which the browser has surely read the file."""

_PAGE = """<!doctype html>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url={link}">
<title>Privity</title>
<p><a href="{link}">Open Privity</a></p>
"""


async def open_browser(link: str) -> bool:
    """Show a link in the owner's browser; return whether there is one.

    The browser is given a file that only its owner can read; it is gone soon.
    """
    with _redirect(link) as page:
        opened = await asyncio.to_thread(webbrowser.open, page.as_uri())
        if opened:
            await asyncio.sleep(_READ_WITHIN)
    return opened


@contextmanager
def _redirect(link: str) -> Generator[Path, None, None]:
    # Some browsers are confined and see nothing below /tmp; the runtime directory
    # is its owner's alone anyway.
    descriptor, name = tempfile.mkstemp(
        ".html", "privity-", os.environ.get("XDG_RUNTIME_DIR")
    )
    page = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(_PAGE.format(link=html.escape(link)))
        yield page
    finally:
        page.unlink(missing_ok=True)
