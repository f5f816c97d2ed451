"""Telling others what was delivered and read here: batched, late, and only if wanted.

docs/spec/receipts.md. Off until a person turns it on, in both directions. How far was
told is stored behind each report: after a crash in between the same is said twice,
which changes nothing.
"""

import asyncio
import os
import random
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import msgspec

from privity.client.driver import Driver
from privity.client.duties import Duty
from privity.client.rows import Kept, Place
from privity.client.store import Store
from privity.client.timeline import is_visible, view_of
from privity.content import build, limits
from privity.content.status import Reported, Status
from privity.core import events, silence
from privity.core.chat_rules import accounts_of
from privity.core.effects import MessageState
from privity.core.inputs import SendContent
from privity.core.state import Chat, State
from privity.core.state import Status as ChatStatus
from privity.errors import PrivityError

__all__ = ["MOST_PEOPLE", "Teller", "Told"]

MOST_PEOPLE = 16
"""In chats of more accounts nothing is told: every report is read by all of them."""
DELAY = (2.0, 8.0)
"""Seconds that a report waits for more to tell, at random."""
IN_GROUPS = 4
"""Times as long in a group, where many would speak at once."""
_AGAIN = 0.25
"""Seconds between two looks whether a chat is read up."""
_SWITCH = "receipts"
_PAGE = 200
_LAST = ((1 << 63) - 1, (1 << 63) - 1)
_END = (1 << 63) - 2
"""Behind every message that has a seq, before those that wait for one."""
_dice = random.SystemRandom()


class Told(msgspec.Struct, frozen=True, array_like=True):
    """Up to which seq a chat was told what was delivered here, and what was read."""

    delivered: int = 0
    read: int = 0


@dataclass(frozen=True, slots=True)
class _Owed:
    reported: tuple[Reported, ...]
    told: Told


class Teller:
    """Tells for as long as a profile is open; `soon` after something was read."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._due: dict[bytes, float] = {}
        self._changed = asyncio.Event()
        self._duty = Duty(driver)
        self.on = driver.store.setting(_SWITCH) == b"on"

    def start(self) -> None:
        """Begin; what an earlier process owed goes as soon as a chat is read up."""
        self._duty.start(self._hear, self._run())

    async def close(self) -> None:
        """Stop; what is owed is told another time."""
        await self._duty.close()

    async def turn(self, *, on: bool) -> None:
        """Keep the choice; what came before is never told. Raises StorageFull."""
        store = self._driver.store
        await self._driver.disk.write(
            _keep_switch, store, self._driver.state, b"on" if on else b"off"
        )
        self.on = on
        self._due.clear()

    def soon(self, chat_id: bytes) -> None:
        """Note that there may be something to tell in a chat."""
        if not self.on or chat_id in self._due:
            return
        chat = self._driver.state.chats.get(chat_id)
        if chat is not None:
            longer = IN_GROUPS if _people(self._driver.state, chat) > 2 else 1
            wait = _dice.uniform(*DELAY) * longer
            self._due[chat_id] = time.monotonic() + wait
            self._changed.set()

    def _hear(self, event: events.Event) -> None:
        if isinstance(event, events.MessageArrived):
            self.soon(event.chat_id)

    async def _run(self) -> None:
        if self.on:
            for chat in tuple(self._driver.state.chats.values()):
                if self._owed(chat).reported:
                    self._due[chat.chat_id] = 0.0
        while True:
            self._changed.clear()
            now = time.monotonic()
            for chat_id, due in tuple(self._due.items()):
                if due <= now and self._may_tell(chat_id):
                    del self._due[chat_id]
                    # A chat that can't take it now is looked at when more comes.
                    with suppress(PrivityError):
                        await self._tell(chat_id)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._seconds()):
                    await self._changed.wait()

    def _seconds(self) -> float | None:
        if not self._due:
            return None
        wait = min(self._due.values()) - time.monotonic()
        return wait if wait > 0 else _AGAIN

    def _may_tell(self, chat_id: bytes) -> bool:
        state = self._driver.state
        chat = state.chats.get(chat_id)
        return chat is None or chat_id in state.session.synced

    async def _tell(self, chat_id: bytes) -> None:
        """Make a report durable, then how far it goes."""
        chat = self._driver.state.chats.get(chat_id)
        if chat is None or not _is_told(self._driver.state, chat):
            return
        owed = self._owed(chat)
        if owed.reported:
            me = self._driver.account.account_id
            where = build.origin(me, chat_id, os.urandom)
            content = build.report(where, *owed.reported).encode()
            await self._driver.do(SendContent(chat_id, content))
        store = self._driver.store
        if owed.told != _told(store, chat_id):
            await self._driver.disk.write(_keep, store, chat_id, owed.told)
        if len(owed.reported) == limits.REPORTED:
            self.soon(chat_id)

    def _owed(self, chat: Chat) -> _Owed:
        """Return what is to be told, each message once and as far as it came."""
        told = _told(self._driver.store, chat.chat_id)
        behind = max(told.delivered, chat.read)
        unheard = silence.silenced(self._driver.state)
        reported: list[Reported] = []
        for status, after, upto in (
            (Status.READ, told.read, chat.read),
            (Status.DELIVERED, behind, _END),
        ):
            for kept in self._rows(chat.chat_id, after, upto):
                if _is_reported(kept) and kept.row.sender not in unheard:
                    reported.append(Reported(kept.row.message_id, status))
                told = _further(told, status, kept.row.seq)
                if len(reported) == limits.REPORTED:
                    return _Owed(tuple(reported), told)
            if upto < _END:
                told = _further(told, status, upto)
        return _Owed(tuple(reported), told)

    def _rows(self, chat_id: bytes, after: int, upto: int) -> Iterator[Kept]:
        """Yield what has a seq behind `after`, up to another one."""
        place, end = Place(after, *_LAST), Place(upto, *_LAST)
        while batch := self._driver.store.history(
            chat_id, after=place, before=end, limit=_PAGE
        ):
            place = batch[-1].place
            yield from batch


def _is_reported(kept: Kept) -> bool:
    """Whether it is a message of somebody else that people see."""
    row = kept.row
    return row.state is MessageState.RECEIVED and is_visible(view_of(row))


def _further(told: Told, status: Status, seq: int) -> Told:
    if status is Status.READ:
        return Told(max(told.delivered, seq), max(told.read, seq))
    return Told(max(told.delivered, seq), told.read)


def _is_told(state: State, chat: Chat) -> bool:
    """Whether a chat can be told: small enough, and nobody there whom I blocked."""
    if silence.is_closed(state, chat):
        return False
    people = _people(state, chat)
    return chat.status is ChatStatus.ACTIVE and 1 < people <= MOST_PEOPLE


def _people(state: State, chat: Chat) -> int:
    group = state.groups.get(chat.chat_id)
    return len(accounts_of(group.members())) if group is not None else 0


def _told(store: Store, chat_id: bytes) -> Told:
    body = store.setting(_name(chat_id))
    return msgspec.msgpack.decode(body, type=Told) if body else Told()


def _keep(store: Store, chat_id: bytes, told: Told) -> None:
    store.set_setting(_name(chat_id), msgspec.msgpack.encode(told))


def _keep_switch(store: Store, state: State, switch: bytes) -> None:
    for chat in state.chats.values():
        last = store.history(chat.chat_id, before=Place(_END, *_LAST), limit=1)
        newest = max([chat.read, chat.cursor, *(kept.row.seq for kept in last)])
        _keep(store, chat.chat_id, Told(newest, newest))
    store.set_setting(_SWITCH, switch)


def _name(chat_id: bytes) -> str:
    return f"{_SWITCH}/{chat_id.hex()}"
