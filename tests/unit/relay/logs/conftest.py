"""A log side on a real store, with a clock of its own and no network."""

import secrets
from contextlib import AsyncExitStack

import pytest
from log_plane import Chat, Plane
from minted import minted
from refusing import dump
from stores import LogStores

from privity.relay import logs, tokens
from privity.relay.anonymous import Anonymous
from privity.relay.config import Config, LogSettings
from privity.relay.log_side import open_log_side
from privity.relay.storage.weeks import open_ahead

NOON = 1_800_000_000


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self):
        self.now = float(NOON)

    def __call__(self):
        return self.now


class World:
    """The log side and everything that a test does to it."""

    def __init__(self, stores, settings, clock):
        self.path = stores.folder / "logs.sqlite"
        self.stores = stores
        self.config = stores.config
        self.clock = clock
        self.settings = settings
        self.failures = []
        self._stack = AsyncExitStack()
        self._open()

    def _open(self):
        self.database = self.stores.open()
        self.side = open_log_side(
            Config(log=self.settings),
            self.database,
            self.clock,
            secrets.token_bytes,
            self.clock,
        )
        self.endpoint = Anonymous(self.side, self.failures.append)

    async def restart(self):
        """End all connections, and begin again with what is stored."""
        await self.close()
        self._stack = AsyncExitStack()
        self._open()

    async def connect(self):
        """Return a new connection of the anonymous plane."""
        return await self._stack.enter_async_context(Plane(self.endpoint))

    async def token(self, kind=tokens.TokenKind.LOG):
        return await self.database.write(lambda db: minted(db, kind))

    async def create(self, chat):
        request = chat.creation(await self.token())
        await self.database.write(lambda db: logs.create(db, request))
        return request

    async def member(self, chat, generation=0):
        """Return a connection that is attached to a generation."""
        plane = await self.connect()
        await plane.ask(chat.attach(plane.greeting, generation))
        return plane

    async def stored(self):
        """Return everything that is in the database, as SQL."""
        return await self.database.read(dump)

    async def close(self):
        await self._stack.aclose()
        await self.database.close()


@pytest.fixture
def settings():
    """Return the limits of the log; a test file may have its own."""
    return LogSettings()


@pytest.fixture
async def world(log_stores, settings):
    world = World(log_stores, settings, Clock())
    # Without it, two tracks that both append first wait in a circle.
    world.database.begin(lambda db: open_ahead(db, NOON // 60))
    yield world
    await world.close()
    assert world.failures == []


@pytest.fixture
def another():
    """Return what opens a second relay on the store of a first."""
    return lambda world: World(world.stores, world.settings, world.clock)


@pytest.fixture
def two_worlds(settings):
    """Return what opens two relays on the databases of an address."""

    def open_two(url, folder):
        stores = LogStores("postgres", folder, url)
        return World(stores, settings, Clock()), World(stores, settings, Clock())

    return open_two


@pytest.fixture
async def chat(world):
    """Return a log that exists, with generation 0."""
    chat = Chat()
    await world.create(chat)
    return chat
