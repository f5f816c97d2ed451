"""How a second `privity open` finds the window that is open already: `PROFILE/window`.

The same protocol as the profile's socket, for this user alone: a new link, and the
hashes of the files in memory. So a person who closed the tab comes back without
ending anything.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Annotated

import msgspec

from privity.client.jsonrpc import Report
from privity.client.profile import Profile
from privity.client.socket import connect, serve
from privity.client.verbs.catalogue import Verb
from privity.client.verbs.params import Nothing, Params
from privity.client.verbs.results import Result
from privity.web.results import Opened
from privity.web.serving import Running
from privity.web.verify import of_memory

__all__ = ["ask_files", "ask_link", "door"]

_NAME = "window"


class Memory(Result, frozen=True):
    """The hash of each file that the window has in memory."""

    files: dict[str, str]


class Handed(Params, frozen=True):
    """A contact link or an invitation that the new page shall show, or nothing."""

    link: Annotated[str, msgspec.Meta(max_length=8192)] = ""

    def __repr__(self) -> str:
        return "<handed>"


_METHODS: Mapping[str, Verb] = MappingProxyType(
    {
        "window.link": Verb("window.link", Handed, Opened, "Make a new link."),
        "window.files": Verb("window.files", Nothing, Memory, "Tell what it serves."),
    }
)


class _Door:
    def __init__(self, window: Running) -> None:
        self._window = window

    async def call(self, name: str, params: Params, report: Report) -> Result:
        """Make a link, or tell the files."""
        del report
        if name == "window.files":
            return Memory(of_memory(self._window.site))
        handed = params.link if isinstance(params, Handed) else ""
        return Opened(self._window.link(handed))

    async def stream(self, name: str, params: Params) -> AsyncIterator[Result]:
        """Yield nothing: no method here streams."""
        del name, params
        nothing: tuple[Result, ...] = ()
        for item in nothing:
            yield item


@asynccontextmanager
async def door(profile: Profile, window: Running) -> AsyncGenerator[None, None]:
    """Answer this user's other commands until the block ends."""
    async with serve(profile.root, _Door(window), _METHODS, _NAME):
        yield


async def ask_link(profile: Profile, handed: str = "") -> str:
    """Return a new link to the window that is open, or "" where none is."""
    opened = await _ask(profile, "window.link", Handed(handed))
    return opened.url if isinstance(opened, Opened) else ""


async def ask_files(profile: Profile) -> dict[str, str] | None:
    """Return the hashes of what the open window serves, or None where none is."""
    told = await _ask(profile, "window.files", Nothing())
    return told.files if isinstance(told, Memory) else None


async def _ask(profile: Profile, method: str, asked: Params) -> Result | None:
    remote = await connect(profile.root, _METHODS, _NAME)
    if remote is None:
        return None
    try:
        return await remote.call(method, asked, lambda _: None)
    finally:
        await remote.close()
