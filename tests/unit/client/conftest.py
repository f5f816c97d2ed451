"""Real profiles and real stores for the tests of the client."""

import asyncio
import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlcipher3
from relay_process import RelayThread

from privity.client import accounts
from privity.client.driver import Driver
from privity.client.profile import Profile
from privity.client.store import Store
from privity.client.words import said_of, words_of
from privity.content import build
from privity.content.mimi import message_id
from privity.core import inputs
from privity.core.effects import MessageRow, MessageState
from privity.core.state import Status
from privity.identity.secret import Secret

CHAT = b"c" * 16
ANA = b"a" * 16
SAMPLES = Path(__file__).parents[2] / "vectors" / "client_stores"


@pytest.fixture
def profile(tmp_path) -> Profile:
    made = Profile(tmp_path / "profile")
    made.create()
    return made


@pytest.fixture
def key() -> Secret:
    return Secret(os.urandom(32))


@pytest.fixture
def text_of():
    return lambda row: row.content.decode("utf-8", "replace")


@pytest.fixture
def open_store(profile, key, text_of):
    """Open the profile's store; whatever was opened is closed at the end."""
    opened = []

    def open_it(path: Path | None = None, *, create: bool = False) -> Store:
        store = Store(path or profile.database, key, text_of, create=create)
        opened.append(store)
        return store

    yield open_it
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store) -> Store:
    return open_store(create=True)


@pytest.fixture
def old(profile, key):
    """Write the sample of a version of the tables as the profile's database."""

    def write(version: int) -> Profile:
        db = sqlcipher3.connect(str(profile.database), isolation_level=None)
        db.execute(f"PRAGMA key = \"x'{key.reveal().hex()}'\"")
        db.executescript((SAMPLES / f"version-{version}.sql").read_text())
        db.close()
        return profile

    return write


@pytest.fixture
def say():
    """Make a row by real content: `say(3, ANA, build.reply, target, "…")`."""

    def make(seq, who, builder, *args, **fields):
        origin = build.origin(who, fields.get("chat_id", CHAT), os.urandom)
        content = builder(origin, *args)
        data = content.encode()
        values = {
            "chat_id": CHAT,
            "idem": os.urandom(16),
            "sender": who,
            "message_id": message_id(data, content.sender, content.room, content.salt),
            "seq": seq,
            "minute": 29_000_000 + seq,
            "state": MessageState.RECEIVED,
            "content": data,
        }
        return MessageRow(**(values | fields))

    return make


@pytest.fixture
def message():
    """Make a row: `message(3, text="…")` is the received one with seq 3."""

    def make(seq: int, text: str = "hello", **fields) -> MessageRow:
        values = {
            "chat_id": CHAT,
            "idem": (seq or 1000 + fields.get("order", 0)).to_bytes(16, "big"),
            "sender": ANA,
            "message_id": b"m" * 28 + seq.to_bytes(4, "big"),
            "seq": seq,
            "minute": 29_000_000,
            "state": MessageState.RECEIVED if seq else MessageState.QUEUED,
            "content": text.encode(),
        }
        return MessageRow(**(values | fields))

    return make


class Person:
    """An account with its store, whose driver can be stopped and started again."""

    def __init__(self, path: Path, relay, name: str) -> None:
        self.path = path
        self.relay = relay
        self.name = name
        self.key = Secret(os.urandom(32))
        self.driver: Driver

    @property
    def account(self):
        return self.driver.account

    def open(self) -> Store:
        create = not self.path.exists()
        return Store(self.path, self.key, said_of, create=create)

    async def register(self, handle: str = "") -> None:
        store = self.open()
        try:
            address = await accounts.ask_relay(self.relay.url, self.relay.fingerprint)
            newcomer = accounts.Newcomer(address, self.name, handle)
            accounts.create_account(store, newcomer)
            await accounts.register(store)
        finally:
            store.close()

    async def start(self, *, online: bool = True, **options) -> Driver:
        self.driver = Driver(self.open(), **options)
        self.driver.start(offline=not online)
        if online:
            assert await self.driver.wait_online(10), self.driver.problem
        return self.driver

    async def stop(self) -> None:
        await self.driver.close()

    async def send(self, chat_id: bytes, text: str) -> bytes:
        origin = build.origin(self.account.account_id, chat_id, os.urandom)
        content = build.text_message(origin, text).encode()
        return await self.driver.do(inputs.SendContent(chat_id, content))

    def texts(self, chat_id: bytes) -> list[str]:
        rows = [kept.row for kept in self.driver.store.history(chat_id, limit=1000)]
        return [text for row in rows if (text := words_of(row))]

    def states(self, chat_id: bytes) -> list[str]:
        rows = [kept.row for kept in self.driver.store.history(chat_id, limit=1000)]
        return [row.state.value for row in rows if words_of(row)]


async def until(condition: Callable[[], object], seconds: float = 15.0):
    """Wait until a condition holds, and return what it gave."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, "it never came to that"
        await asyncio.sleep(0.02)
    return value


@pytest.fixture(scope="session")
def relay(tmp_path_factory):
    with RelayThread(tmp_path_factory.mktemp("relay") / "data") as relay:
        yield relay


@pytest.fixture
async def make_person(tmp_path, relay):
    """Make registered people, online unless told otherwise."""
    made = []

    async def make(name: str, *, handle: str = "", start: bool = True) -> Person:
        person = Person(tmp_path / f"{name}.db", relay, name)
        await person.register(handle)
        if start:
            await person.start()
            made.append(person)
        return person

    yield make
    for person in made:
        await person.stop()


@pytest.fixture
async def pair(make_person):
    """Two people with an active direct chat: (ana, ben, chat id)."""
    ana, ben = await make_person("ana"), await make_person("ben")
    link = await ana.driver.do(inputs.MakeLink())
    await ben.driver.do(inputs.RequestByLink(link, "hello"))
    invite_id = next(iter(await until(lambda: ana.driver.state.requests)))
    await ana.driver.do(inputs.Accept(invite_id))

    def chats(person):
        chats = person.driver.state.chats.values()
        return [chat.chat_id for chat in chats if chat.status is Status.ACTIVE]

    chat_id = (await until(lambda: chats(ana)))[0]
    await until(lambda: chats(ben) == [chat_id])
    return ana, ben, chat_id


@pytest.fixture
def eventually():
    return until


@pytest.fixture
def handle():
    return f"h{secrets.token_hex(8)}"


@pytest.fixture
def person_of(tmp_path):
    """Make a person who is not registered yet."""
    return lambda relay, name: Person(tmp_path / f"{name}.db", relay, name)
