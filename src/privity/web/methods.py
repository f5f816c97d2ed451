"""What the page can call: the verbs, less those that name files, and the window's own.

A page may never name a path of this machine: whoever found a hole in it could read
and write the owner's files. What it sends was uploaded, what it gets are media.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any

from privity.client.jsonrpc import Report
from privity.client.verbs.catalogue import VERBS, Verb
from privity.client.verbs.evidence_results import EvidenceExported
from privity.client.verbs.params import Media, Nothing, Params, RepairEvidence
from privity.client.verbs.profile_results import ProfileSet, ProfileShown
from privity.client.verbs.results import Result, SentList
from privity.web import qr, results
from privity.web.prefs import Prefs, SetPrefs, keep
from privity.web.verify import Files, verify
from privity.web.window import Window

__all__ = ["METHODS", "Methods"]

WITHHELD = frozenset(
    {"lock", "media", "profile.set", "repair.evidence", "save", "send"}
)
"""Verbs that a page can't call as they are: they name paths, or end this process."""


_OWN = (
    Verb("ui.state", Nothing, results.State, "Say which phase the window is in."),
    Verb("ui.init", results.Init, results.Begun, "Make an account."),
    Verb("ui.recovery", Nothing, results.Begun, "Show the recovery key again."),
    Verb(
        "ui.recovery_check",
        results.RecoveryCheck,
        results.State,
        "Hear the recovery key back, and open the profile.",
    ),
    Verb("ui.unlock", results.Unlock, results.State, "Open the profile."),
    Verb("ui.lock", Nothing, results.State, "Close the profile."),
    Verb("ui.files", Nothing, Files, "Compare the window's files with this version's."),
    Verb("ui.prefs", SetPrefs, Prefs, "Keep how the window looks, or ask."),
    Verb("ui.qr", qr.QR, qr.Code, "Draw a QR code."),
    Verb("send", results.SendFromPage, SentList, "Send a text or uploaded files."),
    Verb("media", Media, results.File, "Fetch a message's file, and tell how far."),
    Verb(
        "profile.set",
        results.ProfileFromPage,
        ProfileShown,
        "Change your name and picture.",
    ),
    Verb(
        "repair.evidence",
        results.EvidenceFromPage,
        EvidenceExported,
        "Hand out the proof that a relay signed two histories.",
    ),
    Verb("ui.drop_upload", results.DropUpload, results.State, "Delete an upload."),
)

METHODS: Mapping[str, Verb] = MappingProxyType(
    {name: verb for name, verb in VERBS.items() if name not in WITHHELD}
    | {verb.name: verb for verb in _OWN}
)
"""Every method of the window, by its name."""


BY_ITSELF = frozenset(
    {
        "chats",
        "contacts",
        "history",
        "media",
        "profile.picture",
        "read",
        "reconnect",
        "requests",
        "ui.state",
    }
)
"""What a page calls without anybody at it: it is no use of the window."""

_Own = Callable[[Any, Report], Awaitable[Result]]


class Methods:
    """The methods of one window, as a connection calls them."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._own: dict[str, _Own] = {
            "media": self._media,
            "profile.set": self._profile,
            "repair.evidence": self._evidence,
            "send": window.send,
            "ui.drop_upload": self._drop_upload,
            "ui.files": self._files,
            "ui.init": lambda asked, _: window.init(asked),
            "ui.lock": lambda _, __: window.lock(),
            "ui.prefs": self._prefs,
            "ui.qr": self._qr,
            "ui.recovery": lambda _, __: window.recovery(),
            "ui.recovery_check": lambda asked, _: window.recovery_check(asked),
            "ui.state": self._state,
            "ui.unlock": lambda asked, _: window.unlock(asked),
        }

    async def call(self, name: str, params: Params, report: Report) -> Result:
        """Do a method; raises what the verb raises, Locked while nothing is open."""
        if name not in BY_ITSELF:
            self._window.touch()
        if name in self._own:
            return await self._own[name](params, report)
        return await self._window.call(name, params, report)

    def stream(self, name: str, params: Params) -> AsyncIterator[Result]:
        """Return the items of a streaming verb."""
        return self._window.stream(name, params)

    async def _state(self, _asked: Nothing, _report: Report) -> Result:
        return self._window.state

    async def _media(self, asked: Media, report: Report) -> Result:
        got = await self._window.media(asked, report)
        return results.File(got.name, got.media_type, got.length)

    async def _profile(self, asked: results.ProfileFromPage, report: Report) -> Result:
        wanted = ProfileSet(asked.name, None, asked.data, asked.bare)
        return await self._window.call("profile.set", wanted, report)

    async def _evidence(
        self, asked: results.EvidenceFromPage, report: Report
    ) -> Result:
        wanted = RepairEvidence(asked.chat)
        return await self._window.call("repair.evidence", wanted, report)

    async def _drop_upload(self, asked: results.DropUpload, _report: Report) -> Result:
        self._window.uploads.drop(asked.upload)
        return self._window.state

    async def _files(self, _asked: Nothing, _report: Report) -> Result:
        return await asyncio.to_thread(verify, self._window.served)

    async def _prefs(self, asked: SetPrefs, _report: Report) -> Result:
        return keep(self._window.profile, asked)

    async def _qr(self, asked: qr.QR, _report: Report) -> Result:
        return qr.draw(asked)
