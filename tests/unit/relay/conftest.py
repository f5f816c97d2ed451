"""Relays, callers and empty databases for the tests of the relay."""

import gc
import weakref

import httpx2
import pytest
from log_plane import Chat
from relay_clients import Caller, Planes, TestAccount
from relay_process import RelayThread, quick_config
from stores import KINDS, LogStores, side

from privity.relay import accounts
from privity.relay.storage.account_tables import ACCOUNT_SCHEMA
from privity.relay.storage.log_tables import LOG_SCHEMA
from privity.relay.websocket import LeanProtocol


@pytest.fixture(autouse=True)
def first_seq(monkeypatch):
    """Mailboxes count from nought in these tests, which write their numbers down.

    The value is where a relay's begin: at random below it.
    """
    ordinary = accounts._FIRST_SEQ
    monkeypatch.setattr(accounts, "_FIRST_SEQ", 1)
    return ordinary


_OF_NO_STORE = {
    "test_bad_frames",
    "test_floods",
    "test_leases",
    "test_paces",
    "test_signals",
}
"""They are about what a relay holds in memory, whichever store is below."""


def pytest_generate_tests(metafunc):
    """Let each test of what is stored run on both stores, unless it is of one kind."""
    if "store_kind" in metafunc.fixturenames:
        only = metafunc.definition.get_closest_marker("store")
        kinds = only.args if only else KINDS
        if metafunc.module.__name__.rpartition(".")[2] in _OF_NO_STORE:
            kinds = ("sqlite",)
        metafunc.parametrize("store_kind", kinds)


@pytest.fixture
def accounts_db(store_kind):
    """An empty account side."""
    with side(store_kind, ACCOUNT_SCHEMA) as database:
        yield database


@pytest.fixture
def logs_db(store_kind):
    """An empty log side."""
    with side(store_kind, LOG_SCHEMA) as database:
        yield database


@pytest.fixture
def log_stores(store_kind, tmp_path):
    """What opens a log side, again and again."""
    return LogStores(store_kind, tmp_path)


@pytest.fixture(scope="module")
def relay(tmp_path_factory):
    """An open relay on loopback, in a thread; shared by the tests of a module."""
    with RelayThread(tmp_path_factory.mktemp("module") / "relay") as running:
        yield running


@pytest.fixture
def invite_relay(tmp_path):
    """A relay that registers with an invite only."""
    config = quick_config(is_open=False)
    with RelayThread(tmp_path / "relay", config) as running:
        yield running


@pytest.fixture
async def caller(relay):
    """Somebody who calls the open relay over HTTP."""
    async with httpx2.AsyncClient(base_url=relay.url, trust_env=False) as client:
        yield Caller(client)


@pytest.fixture
async def planes(relay):
    """Connections to the identified plane of the open relay."""
    connections = Planes(relay.url)
    yield connections
    await connections.close()


@pytest.fixture
async def chat(ana, caller, planes):
    """A log that Ana paid for and somebody created."""
    await caller.register(ana)
    plane, logged_in = await planes.log_in(ana)
    caller.session = logged_in.session
    first, second = await caller.tokens("log", 2)
    caller.session = b""
    await plane.socket.close()
    chat = Chat()
    await caller.call("POST", "/v1/logs", chat.creation(first))
    await caller.call("POST", "/v1/logs", chat.creation(second))
    return chat


@pytest.fixture
def alive(monkeypatch):
    """Every WebSocket of the relay that was made since and is held by somebody.

    Nothing goes by looking for cycles meanwhile.
    """
    held = weakref.WeakSet()

    def made(self, transport, before=LeanProtocol.connection_made):
        held.add(self)
        before(self, transport)

    monkeypatch.setattr(LeanProtocol, "connection_made", made)
    gc.disable()
    yield held
    gc.enable()


@pytest.fixture
def ana():
    """An account with one device."""
    return TestAccount.new()


@pytest.fixture
def ben():
    """Another account with one device."""
    return TestAccount.new()
