"""The window's state: which phase it is in, and whose verbs it speaks.

A task holds the profile while the window is open; everything else asks it. The page
learns of each new phase without asking.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping

import msgspec

from privity import __version__
from privity.client import accounts
from privity.client.codes import CodeReader
from privity.client.errors import ClientError, Locked
from privity.client.jsonrpc import Report
from privity.client.profile import Profile
from privity.client.sentences import explain
from privity.client.vault import has_keyring
from privity.client.verbs import params as verb_params
from privity.client.verbs.keep import reach_of
from privity.client.verbs.media_results import Media
from privity.client.verbs.params import Params
from privity.client.verbs.reach_results import Reach
from privity.client.verbs.results import Account, Result
from privity.web import clock, newcomer, results
from privity.web.holding import Held, hold, is_held, key_of, no_passphrase
from privity.web.newcomer import Newcomer
from privity.web.results import Begun, Phase, State
from privity.web.uploads import Uploads

__all__ = ["Passphrase", "Window", "WrongPhase"]

_Listener = Callable[[State], None]
Passphrase = Callable[[], str]
_LOOKS_EVERY = 5.0
"""Seconds: timers stand still while the machine sleeps, so one alone would be late."""


_LOOK_SECONDS = 0.5
"""How often it is looked whether the relay is reached; looking costs nothing."""


class WrongPhase(ClientError):
    """Asked for in a phase that has no answer to it."""

    code = "wrong_phase"


class _Unfinished(ClientError):
    """The profile opens, but its account or its recovery key is not settled."""


class Window:
    """One profile on its way from new or locked to open, and back."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self._listeners: set[_Listener] = set()
        self._held: Held | None = None
        self._holding: asyncio.Task[None] | None = None
        self._newcomer: Newcomer | None = None
        self._passphrase: Passphrase = no_passphrase
        self._changing = asyncio.Lock()
        self.uploads = Uploads(profile.transfers)
        self.codes = CodeReader()
        self._used = clock.now()
        self._idle = 0.0
        """After how many seconds without use it locks itself; 0 is never."""
        self.served: Mapping[str, str] = {}
        """The hashes of the files that the page was served from."""
        self.state = State(self._resting, str(profile.root), __version__)

    def listen(self, listener: _Listener) -> Callable[[], None]:
        """Call `listener` with every new state until the returned function is."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    @property
    def held(self) -> Held:
        """What is held while the window is open; Locked where it is not."""
        if self._held is None:
            raise Locked("the window is not open")
        if self._is_overdue:
            raise Locked("nobody used the window for so long that it locks itself")
        return self._held

    async def start(self, passphrase: Passphrase | None = None) -> None:
        """Open the profile where nobody has to be asked for that."""
        if self.profile.exists and (passphrase or await self._opens_itself()):
            try:
                await self._open(passphrase or no_passphrase)
            except Exception as error:  # noqa: BLE001  the page tells of it
                self._become(Phase.LOCKED, error=error)

    async def init(self, asked: results.Init) -> Begun:
        """Make an account, or finish the one that an earlier call left."""
        async with self._changing:
            self._check(Phase.NEW)
            if self._newcomer is not None:
                raise WrongPhase("the account is made; its recovery key waits")
            self._newcomer = await newcomer.start(self.profile, asked)
            self._passphrase = lambda: asked.passphrase
            self._become(Phase.NEW)
            return self._newcomer.begun()

    async def recovery(self) -> Begun:
        """Show the recovery key until its owner has shown to have it."""
        if self._newcomer is None:
            raise WrongPhase("no recovery key waits")
        return self._newcomer.begun()

    async def recovery_check(self, asked: results.RecoveryCheck) -> State:
        """Hear what was typed back of the recovery key; right, the window opens."""
        async with self._changing:
            if self._newcomer is None:
                raise WrongPhase("no recovery key waits")
            self._newcomer.confirm(asked.groups)
            self._drop_newcomer()
            given, self._passphrase = self._passphrase, no_passphrase
            await self._open(given)
            return self.state

    async def unlock(self, asked: results.Unlock) -> State:
        """Open the profile by its passphrase."""
        async with self._changing:
            self._check(Phase.LOCKED)
            await self._open(lambda: asked.passphrase, asked=True)
            return self.state

    async def lock(self) -> State:
        """Close the profile, whoever holds it, and forget its key."""
        async with self._changing:
            if self._held is not None:
                await self._held.verbs.call("lock", verb_params.Nothing(), _ignore)
            if self._holding is not None:
                await asyncio.wait([self._holding])
            if self._newcomer is not None:
                self._drop_newcomer()
                self._become(self._resting)
            self._passphrase = no_passphrase
            return self.state

    async def leave(self) -> None:
        """Lock this window; a profile that another process holds stays open there."""
        async with self._changing:
            held_elsewhere = self._held is not None and self._held.session is None
            if held_elsewhere and self._holding is not None:
                self._holding.cancel()
                await asyncio.wait([self._holding])
                return
        await self.lock()

    def touch(self) -> None:
        """Note that somebody uses the window now; too late where it is to be locked.

        Whoever is first at a machine that woke need not be its owner.
        """
        if not self._is_overdue:
            self._used = clock.now()

    async def lock_when_idle(self, seconds: float) -> None:
        """Lock the window each time that nobody used it for so long; never returns.

        The time that the machine sleeps counts.
        """
        self._idle = seconds
        while True:
            rest = self._used + seconds - clock.now()
            if rest > 0:
                await asyncio.sleep(min(rest, _LOOKS_EVERY))
            elif self._held is not None:
                await self.leave()
            else:
                self._used = clock.now()

    async def close(self) -> None:
        """Let go of the profile for good."""
        await self.codes.close()
        if self._holding is not None:
            self._holding.cancel()
            await asyncio.wait([self._holding])
        self._drop_newcomer()
        self._become(Phase.CLOSED)

    async def call(self, name: str, params: Params, report: Report) -> Result:
        """Do a verb of the profile; Locked while the window is not open."""
        return await self.held.verbs.call(name, params, report)

    async def send(self, asked: results.SendFromPage, report: Report) -> Result:
        """Send a text and uploads, which are gone from here then; NoUpload."""
        uploads = tuple(self.uploads.find(id_) for id_ in asked.files)
        sent = await self.call(
            "send",
            verb_params.Send(
                asked.chat,
                asked.text,
                uploads=uploads,
                reply_to=asked.reply_to,
                expires=asked.expires,
                as_is=asked.as_is,
                wait=asked.wait,
            ),
            report,
        )
        for id_ in asked.files:
            self.uploads.drop(id_)
        return sent

    async def media(self, asked: verb_params.Media, report: Report) -> Media:
        """Fetch the file of a message to where it lies sealed."""
        found = await self.call("media", asked, report)
        if not isinstance(found, Media):
            raise Locked("the window is not open")
        return found

    async def stream(self, name: str, params: Params) -> AsyncIterator[Result]:
        """Yield the items of a streaming verb; Locked while it is not open."""
        async for item in self.held.verbs.stream(name, params):
            yield item

    @property
    def _is_overdue(self) -> bool:
        rested = clock.now() - self._used
        return self._held is not None and 0 < self._idle <= rested

    @property
    def _resting(self) -> Phase:
        return Phase.LOCKED if self.profile.exists else Phase.NEW

    async def _opens_itself(self) -> bool:
        return await is_held(self.profile) or has_keyring(self.profile.vault)

    def _check(self, phase: Phase) -> None:
        if self.state.phase is not phase:
            raise WrongPhase(f"the window is {self.state.phase.value}")

    async def _open(self, passphrase: Passphrase, *, asked: bool = False) -> None:
        self._become(Phase.OPENING)
        opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._holding = asyncio.create_task(self._hold(passphrase, opened, asked=asked))
        try:
            await opened
        except _Unfinished:
            await self._finish(passphrase)

    async def _finish(self, passphrase: Passphrase) -> None:
        """Go on with a beginning that stopped: the recovery key is due."""
        try:
            key = await key_of(self.profile, passphrase)
            self._newcomer = await newcomer.go_on(self.profile, key)
        except Exception as error:
            self._become(Phase.LOCKED, error=error)
            raise
        self._passphrase = passphrase
        self._become(Phase.NEW)

    async def _hold(
        self, passphrase: Passphrase, opened: asyncio.Future[None], *, asked: bool
    ) -> None:
        error: Exception | None = None
        try:
            async with hold(self.profile, passphrase, asked=asked) as held:
                await self._show(held)
                opened.set_result(None)
                telling = asyncio.create_task(self._tell_of_relay(held))
                try:
                    await held.wait_over()
                finally:
                    telling.cancel()
        except Exception as failed:  # noqa: BLE001  told to the page, in its phase
            error = failed
        finally:
            self._held = None
            self.uploads.clear()
            self.codes.end()
            # Whoever deleted the account has nothing left here to unlock.
            self._become(self._resting, error=error if self.profile.exists else None)
            if not opened.done():
                opened.set_exception(error or Locked("it was closed meanwhile"))

    async def _show(self, held: Held) -> None:
        if held.session is not None and accounts.is_begun(held.session.store):
            raise _Unfinished
        account = await held.verbs.call("account", verb_params.Nothing(), _ignore)
        self.uploads.clear()
        self._held = held
        relay = account.host if isinstance(account, Account) else ""
        self._become(Phase.OPEN, relay=relay)

    async def _tell_of_relay(self, held: Held) -> None:
        """Say when the relay is lost, and when it is reached again."""
        while held.session is not None:
            await asyncio.sleep(_LOOK_SECONDS)
            told = _reached(self.state, reach_of(held.session))
            if told != self.state:
                self._tell(told)

    def _drop_newcomer(self) -> None:
        if self._newcomer is not None:
            self._newcomer.close()
            self._newcomer = None

    def _become(
        self, phase: Phase, *, relay: str = "", error: Exception | None = None
    ) -> None:
        shown = error is not None and not isinstance(error, _Unfinished)
        self._tell(
            msgspec.structs.replace(
                self.state,
                phase=phase,
                relay=relay,
                error=explain(error) if error is not None and shown else None,
                recovery_due=self._newcomer is not None,
                online=True,
                next_try=0,
                problem="",
            )
        )

    def _tell(self, state: State) -> None:
        self.state = state
        for listener in tuple(self._listeners):
            listener(self.state)


def _reached(state: State, reach: Reach) -> State:
    """Return the state with how the relay is reached now.

    The moment of the next try is the same one also where it is computed a second off.
    """
    off = abs(reach.next_try - state.next_try)
    at = state.next_try if off <= 1 else reach.next_try
    return msgspec.structs.replace(
        state, online=reach.online, next_try=at, problem=reach.problem
    )


def _ignore(_progress: object) -> None:
    """Take a progress that nobody looks at."""
