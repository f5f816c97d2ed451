"""People whose clients die: real drivers on real stores, abandoned without a word.

A death is what a kill leaves behind: nothing is flushed, closed or said any more;
the next life opens the same files. What died keeps its file handles until
`Deaths.bury`, as nothing else of the dead may touch the profile's files.
"""

import asyncio
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from privity.client import accounts
from privity.client.driver import Driver
from privity.client.store import Store
from privity.client.words import said_of, words_of
from privity.content import build
from privity.core import inputs
from privity.core.effects import Effect, Show
from privity.core.errors import CommandRefused
from privity.core.events import MessageArrived
from privity.core.state import Chat, ChatKind, Status
from privity.identity.secret import Secret

__all__ = ["Deaths", "Killed", "Mortal", "until"]

_LOOK = 0.01
_PATIENCE = 30.0


class Killed(Exception):
    """The process ended in front of an effect."""


@dataclass
class Deaths:
    """Counts the effects of everybody, and says in front of which somebody dies."""

    at: frozenset[int] = frozenset()
    counting: bool = False
    effects: int = 0
    killed: list[int] = field(default_factory=list)
    graves: list[Driver] = field(default_factory=list)

    def begin(self, at: Iterable[int]) -> None:
        """Count from 0 from now on, and kill in front of these effects."""
        self.at, self.counting, self.effects = frozenset(at), True, 0

    def end(self) -> None:
        """Kill nobody any more; the count stays."""
        self.counting = False

    def effect(self) -> None:
        """Count an effect; raises Killed where somebody dies in front of it."""
        if not self.counting:
            return
        self.effects += 1
        if self.effects - 1 in self.at:
            self.killed.append(self.effects - 1)
            raise Killed(self.effects - 1)

    async def bury(self) -> None:
        """Close the files of the dead."""
        for driver in self.graves:
            await driver.close()
        self.graves.clear()


class Mortal:
    """An account with one profile and one life after the other."""

    def __init__(self, path: Path, relay: Any, name: str, deaths: Deaths) -> None:
        self.path = path
        self.relay = relay
        self.name = name
        self.deaths = deaths
        self.key = Secret(os.urandom(32))
        self.shown: list[tuple[bytes, bytes]] = []
        self.driver: Driver

    @property
    def id(self) -> bytes:
        """The account id."""
        return self.driver.account.account_id

    @property
    def state(self) -> Any:
        """The newest durable state of this life."""
        return self.driver.state

    @property
    def dead(self) -> bool:
        """Whether the client was killed."""
        return isinstance(self.driver._failure, Killed)

    async def register(self) -> None:
        """Make the account and start its client."""
        store = Store(self.path, self.key, said_of, create=True)
        try:
            address = await accounts.ask_relay(self.relay.url, self.relay.fingerprint)
            accounts.create_account(store, accounts.Newcomer(address, self.name))
            await accounts.register(store)
        finally:
            store.close()
        self.live()

    def live(self) -> None:
        """Start a client on what the files hold."""
        store = Store(self.path, self.key, said_of)
        self.driver = Driver(store, before_effect=self._before)
        self.driver.start()

    async def revive(self) -> None:
        """Start again if the client was killed; raises what else stopped it."""
        if self.driver._failure is None:
            return
        if not self.dead:
            raise self.driver._failure
        self.deaths.graves.append(self.driver)
        # The dead one's tasks are cancelled already; they end before the next life.
        await asyncio.gather(*self.driver._tasks, return_exceptions=True)
        self.live()

    async def stop(self) -> None:
        """End this life properly."""
        await self.driver.close()

    async def do(
        self, command: inputs.Command, is_done: Callable[[], object]
    ) -> object | None:
        """Do a command, again while it is not done after a death; return its result.

        A person who comes back looks whether it was done before repeating it.
        """
        while True:
            # Whoever died meanwhile, of work of its own, comes back first.
            await self.revive()
            try:
                return await self.driver.do(command)
            except Killed:
                await self.revive()
                if is_done():
                    return None
            except CommandRefused:
                if not is_done():
                    raise
                return None

    async def say(self, chat_id: bytes, text: str) -> None:
        """Say something once."""
        origin = build.origin(self.id, chat_id, os.urandom)
        content = build.text_message(origin, text).encode()
        command = inputs.SendContent(chat_id, content)
        await self.do(command, lambda: text in self.texts(chat_id))

    def texts(self, chat_id: bytes) -> list[str]:
        """Return the texts of a chat in its order."""
        rows = [kept.row for kept in self.driver.store.history(chat_id, limit=1000)]
        return [text for row in rows if (text := words_of(row))]

    def chats(self, kind: ChatKind, peer: bytes = b"") -> list[Chat]:
        """Return the chats of a kind, with one person where it is said."""
        found = [c for c in self.state.chats.values() if c.kind is kind]
        return [c for c in found if not peer or c.peer == peer]

    def status(self, chat_id: bytes) -> Status | None:
        """Return how a chat stands, None where there is none."""
        chat = self.state.chats.get(chat_id)
        return chat and chat.status

    @property
    def is_idle(self) -> bool:
        """Whether nothing waits to be sent."""
        return not self.state.jobs and not any(self.state.outgoing.values())

    def _before(self, _number: int, effect: Effect) -> None:
        self.deaths.effect()
        if isinstance(effect, Show) and isinstance(effect.event, MessageArrived):
            self.shown.append((effect.event.chat_id, effect.event.idem))


async def until(people: Iterable[Mortal], reached: Callable[[], object]) -> Any:
    """Wait until something is so, bringing back whoever is killed meanwhile."""
    deadline = time.monotonic() + _PATIENCE
    while not (value := reached()):
        assert time.monotonic() < deadline, "it never came to that"
        await asyncio.sleep(_LOOK)
        for person in people:
            await person.revive()
    return value
