"""An open profile: the engine running, its messages readable, waits with an end.

    async with open_session(profile, lock, passphrase) as session:
        await session.do(command)

Everything that people and programs do goes through `verbs` on top of this.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager

from privity.client import notes, views
from privity.client.driver import Driver
from privity.client.errors import Busy, Locked, RolledBack
from privity.client.farewells import finish_begun
from privity.client.media import Media
from privity.client.profile import Profile, ProfileLock
from privity.client.receipts import Teller
from privity.client.rows import Kept, Place
from privity.client.store import Store
from privity.client.sweeping import Sweeper
from privity.client.timeline import (
    Scene,
    answers,
    is_visible,
    project,
    view_of,
)
from privity.client.vault import has_keyring, open_vault, open_with_keyring
from privity.client.verbs import results
from privity.client.words import said_of
from privity.core import silence
from privity.core.effects import MessageRow
from privity.core.inputs import Command
from privity.core.state import ChatKind, Contact, State
from privity.identity.secret import Secret

__all__ = ["Session", "open_session"]

CATCH_UP = 6.0
"""Seconds that a command looks for news at the relay before it answers."""
_LOOK = 0.02
"""The driver tells of events, not of every state; looking now and then is cheap."""
_QUIET = 0.15
"""Seconds without a new state after which the relay has said what it had."""
_FEW = 8
_BEFORE_QUEUED = Place((1 << 63) - 1, -(1 << 63), 0)


class Session:
    """A running client. Readers get values; only `do` changes anything."""

    def __init__(self, profile: Profile, driver: Driver) -> None:
        self.profile = profile
        self.driver = driver
        self.media = Media(driver, profile.transfers)
        self.stopping = asyncio.Event()
        """Set when somebody asks the holder of this profile to close it."""
        self.receipts = Teller(driver)
        self.sweeper = Sweeper(driver)
        self._news: asyncio.Task[bool] | None = None
        self._blocked_of: Mapping[bytes, Contact] | None = None
        self._blocked: frozenset[bytes] = frozenset()

    @property
    def state(self) -> State:
        """The newest durable state."""
        return self.driver.state

    @property
    def store(self) -> Store:
        """The messages."""
        return self.driver.store

    def check_alive(self) -> None:
        """Raise ClientError if the client stopped without being asked to."""
        if not self.stopping.is_set():
            self.driver.subscribe().close()

    async def do(self, command: Command) -> object | None:
        """Do a command; it is durable when this returns.

        Raises CommandRefused, and RolledBack while a person has to say whether
        this copy of the profile stays: nothing that is queued there would leave.
        """
        if isinstance(self.driver.problem, RolledBack):
            raise self.driver.problem
        return await self.driver.do(command)

    async def until(self, reached: Callable[[State], bool], seconds: float) -> bool:
        """Wait until a state is reached, at most `seconds`; return whether it was."""
        deadline = time.monotonic() + seconds
        while not reached(self.state):
            if time.monotonic() >= deadline or self._is_over:
                return False
            await asyncio.sleep(_LOOK)
        return True

    @property
    def _is_over(self) -> bool:
        """Whether the relay will never again tell anything new here."""
        old = isinstance(self.driver.problem, RolledBack)
        return old or self.stopping.is_set()

    async def settle(self, seconds: float) -> bool:
        """Wait until every request was answered; return whether it was in time."""
        return await self.until(_is_settled, seconds)

    async def catch_up(self, seconds: float = CATCH_UP) -> bool:
        """Wait until the relay has told what there is; return whether it did."""
        deadline = time.monotonic() + seconds
        # Who can't be reached now is not waited for: the answer says what is known.
        await self.until(
            lambda s: s.session.online or self.driver.problem is not None, seconds
        )
        if not self.state.session.online:
            return False
        seen, since = self.state, time.monotonic()
        while time.monotonic() < deadline:
            await asyncio.sleep(_LOOK)
            now = self.state
            if now is not seen or not (_is_synced(now) and _is_settled(now)):
                seen, since = now, time.monotonic()
            elif time.monotonic() - since >= _QUIET:
                return True
        return False

    async def with_news(self) -> None:
        """Look at the relay once after the start, before something is answered.

        Later calls return at once: from then on the connection brings what happens.
        """
        if self._news is None:
            self._news = asyncio.create_task(self.catch_up())
        await asyncio.shield(self._news)

    def scene(self, chat_id: bytes) -> Scene:
        """Return what a projection of a chat's rows needs to know."""
        state = self.state

        def find(message_id: bytes) -> MessageRow | None:
            kept = self.store.message_by_id(chat_id, message_id)
            return kept.row if kept else None

        return Scene(
            me=state.account.account_id,
            person=lambda account: views.person(state, account),
            find=find,
            receipts=self.receipts.on,
            unheard=self.unheard(chat_id),
            ends=lambda row: self.store.end_of(chat_id, row.idem),
        )

    def unheard(self, chat_id: bytes) -> frozenset[bytes]:
        """Return whose messages are folded away in a chat: of a group, the blocked.

        In a chat of two nothing is there that came after the block.
        """
        chat = self.state.chats.get(chat_id)
        is_group = chat is not None and chat.kind is ChatKind.GROUP
        return self._silenced() if is_group else frozenset()

    def _silenced(self) -> frozenset[bytes]:
        """Return all who are blocked, read once for all chats of a list."""
        contacts = self.state.contacts
        if contacts is not self._blocked_of:
            self._blocked_of, self._blocked = contacts, silence.silenced(self.state)
        return self._blocked

    def page(
        self, chat_id: bytes, limit: int, before: int
    ) -> tuple[tuple[results.Message, ...], bool]:
        """Return the last `limit` visible lines in front of seq `before` (0: the end).

        The second value says whether there are older ones.
        """
        edge = Place(before, -(1 << 63), 0) if before else None
        visible: list[Kept] = []
        while len(visible) <= limit:
            batch = self.store.lines(chat_id, edge, limit + 1)
            if not batch:
                break
            visible += [kept for kept in batch if is_visible(view_of(kept.row))]
            edge = batch[-1].place
        wanted = visible[:limit]
        if not wanted:
            return (), False
        names = {kept.row.idem for kept in wanted}
        shown = project(self.store.as_now(wanted), self.scene(chat_id))
        return (
            tuple(m for m in shown if views.id_bytes(m.message) in names),
            len(visible) > limit,
        )

    def shown(self, kept: Kept) -> results.Message | None:
        """Return one stored message as it is now, or None if it has no line."""
        return next(iter(self.all_shown([kept])), None)

    def all_shown(self, wanted: list[Kept]) -> list[results.Message]:
        """Return some messages of one chat as they are now, those that have a line."""
        if not wanted:
            return []
        chat_id = wanted[0].row.chat_id
        targets = {answers(view_of(kept.row)) for kept in wanted} - {None}
        answered = [self.store.message_by_id(chat_id, one) for one in targets if one]
        rows = self.store.as_now([*wanted, *filter(None, answered)])
        names = {kept.row.idem for kept in wanted}
        shown = project(rows, self.scene(chat_id))
        return [one for one in shown if views.id_bytes(one.message) in names]

    def newest_seq(self, chat_id: bytes) -> int:
        """Return the seq of the newest stored line that has one.

        The store may be a step ahead of the state: what it shows counts as seen.
        """
        rows = self.store.history(chat_id, before=_BEFORE_QUEUED, limit=1)
        return rows[0].row.seq if rows else 0

    def newest_line(self, chat_id: bytes) -> Kept | None:
        """Return the newest line that people see, as it is stored."""
        edge, wanted, without = None, 1, self.unheard(chat_id)
        while batch := self.store.lines(chat_id, edge, wanted, without):
            for kept in batch:
                if is_visible(view_of(kept.row)):
                    return kept
            # Nearly always the first one is it; else a reaction was taken back.
            edge, wanted = batch[-1].place, _FEW
        return None

    def unread(self, chat_id: bytes) -> int:
        """Count the visible messages of others that were not seen; 1,000 at most."""
        chat, without = notes.chat_of(self.state, chat_id), self.unheard(chat_id)
        if chat is None:
            return 0
        return self.store.count_after(chat_id, chat.read, without=without)

    def mentions(self, chat_id: bytes) -> int:
        """Count those of them that name this account."""
        me, chat = self.state.account.account_id, notes.chat_of(self.state, chat_id)
        without = self.unheard(chat_id)
        if chat is None:
            return 0
        return self.store.count_mentions(chat_id, chat.read, me, without)


def _is_synced(state: State) -> bool:
    session = state.session
    active = (c for c in state.chats.values() if c.status.value == "active")
    return session.online and all(c.chat_id in session.synced for c in active)


def _is_settled(state: State) -> bool:
    waiting = state.jobs.keys() - state.session.retry_at.keys()
    return state.session.online and not waiting


@asynccontextmanager
async def open_session(
    profile: Profile,
    lock: ProfileLock,
    passphrase: Callable[[], str],
    *,
    offline: bool = False,
    renewing: Callable[[], object] = lambda: None,
) -> AsyncGenerator[Session, None]:
    """Open a profile whose lock is held, and run it until the block ends.

    `passphrase` is asked for only if the keyring does not open the vault. `renewing`
    is called, in another thread, if opening takes longer this time. Raises Locked,
    Damaged, NewerProfile, NoProfile, Busy.
    """
    if not lock.held:
        raise Busy("the profile's lock is not held")
    profile.check()
    key = await _unlock(profile, passphrase)
    store = await _opened(
        lambda: Store(profile.database, key, said_of, renewing=renewing)
    )
    try:
        await finish_begun(profile, store)
        driver = Driver(store)
    except BaseException:
        store.close()
        raise
    driver.start(offline=offline)
    session = Session(profile, driver)
    try:
        session.receipts.start()
        session.sweeper.start()
        yield session
    finally:
        await session.sweeper.close()
        await session.receipts.close()
        await driver.close()


async def _opened(opening: Callable[[], Store]) -> Store:
    """Open a store while the loop goes on; nobody is left behind who still opens it."""
    task = asyncio.create_task(asyncio.to_thread(opening))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        (await task).close()
        raise


async def _unlock(profile: Profile, passphrase: Callable[[], str]) -> Secret:
    if has_keyring(profile.vault):
        try:
            return await asyncio.to_thread(open_with_keyring, profile.vault)
        except Locked:
            # Another session of the desktop, or none: the passphrase always works.
            pass
    given = passphrase()
    return await asyncio.to_thread(open_vault, profile.vault, given)
