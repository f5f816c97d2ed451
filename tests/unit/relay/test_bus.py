"""What one process of a relay stores, the connections of another hear of.

One suite, run where both ends are one process, and where they are two with core NATS
between them on the same databases.
"""

import asyncio
import secrets
import time
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from functools import partial

import pytest
from log_plane import Chat, Plane
from minted import minted
from nats_server import NatsServer, needs_nats
from relay_clients import login_frame
from relay_process import quick_config

from privity.relay import accounts, logs, mailboxes
from privity.relay.anonymous import Anonymous
from privity.relay.bus import looking
from privity.relay.bus.crossing import Crossing
from privity.relay.bus.hints import LoggedIn, Mail, Pleaded, Stored
from privity.relay.bus.joining import cross
from privity.relay.bus.looking import look_around
from privity.relay.heads import head_seed
from privity.relay.log_side import open_log_side
from privity.relay.logins import kept_value, login, standing_of
from privity.relay.services import Services
from privity.relay.shared_keys import derive_keys
from privity.relay.storage.account_tables import ACCOUNT_SCHEMA
from privity.relay.storage.blob_files import BlobFiles
from privity.relay.storage.database import Database
from privity.relay.storage.log_tables import LOG_SCHEMA
from privity.relay.tokens import TokenKind
from privity.wire import frames, http, limits
from privity.wire.frames import Signal

NONCE = bytes(32)


class End:
    """A relay's process, as far as its connections see it."""

    def __init__(self, folder, bus=""):
        self.failures = []
        config = quick_config()
        self.logs = Database(folder / "logs.sqlite", LOG_SCHEMA)
        keys = derive_keys(
            self.logs.begin(lambda db: head_seed(db, secrets.token_bytes))
        )
        self.services = Services(
            config=config,
            accounts=Database(folder / "accounts.sqlite", ACCOUNT_SCHEMA),
            logs=self.logs,
            files=BlobFiles(folder / "blobs"),
            clock=time.time,
            random=secrets.token_bytes,
            keys=keys,
        )
        self.side = open_log_side(config, self.logs, time.time, secrets.token_bytes)
        self.crossing = None
        if bus:
            self.crossing = Crossing(bus, keys.bus, secrets.token_bytes, time.time)
            self.services = replace(self.services, others=self.crossing)
            self.side = replace(self.side, others=self.crossing)
        self.endpoint = Anonymous(self.side, self.failures.append)

    @asynccontextmanager
    async def running(self):
        async with AsyncExitStack() as self._stack:
            tasks = []
            if self.crossing:
                crossing = cross(
                    self.crossing, self.services, self.side, self.failures.append
                )
                tasks.append(asyncio.create_task(crossing))
                # The look with which a process joins would find what a test stores.
                joined = self.crossing
                await until(lambda: joined.is_up and not joined.back.is_set())
            yield self
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.services.accounts.close()
        await self.logs.close()
        assert self.failures == []

    async def member(self, chat, generation=0):
        plane = await self._stack.enter_async_context(Plane(self.endpoint))
        await plane.ask(chat.attach(plane.greeting, generation))
        return plane

    async def follower(self, chat, generation=0):
        plane = await self.member(chat, generation)
        await plane.ask(frames.Subscribe(0, [chat.cursor(generation, generation)]))
        return plane


async def until(holds):
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110  of things that set no event
            await asyncio.sleep(0.005)


@pytest.fixture(params=["one process", pytest.param("nats", marks=needs_nats)])
async def ends(request, tmp_path, monkeypatch):
    """Here and there; nobody looks around by himself."""
    monkeypatch.setattr(looking, "EVERY_SECONDS", 3_600)
    if request.param == "one process":
        async with End(tmp_path).running() as only:
            yield only, only
        return
    with NatsServer() as nats:
        async with (
            End(tmp_path, nats.url).running() as here,
            End(tmp_path, nats.url).running() as there,
        ):
            yield here, there


@pytest.fixture
async def chat(ends):
    chat = Chat()
    token = await ends[0].logs.write(lambda db: minted(db, TokenKind.LOG))
    await ends[0].logs.write(lambda db: logs.create(db, chat.creation(token)))
    return chat


async def test_who_follows_there_gets_what_is_stored_here_once_and_in_order(ends, chat):
    here, there = ends
    ana, ben = await here.member(chat), await there.follower(chat)
    await ana.ask_all(*[chat.app(envelope=b"%d" % number) for number in range(40)])
    found, _ = await ben.entries(40)
    assert [entry.seq for entry in found] == list(range(1, 41))
    assert [entry.envelope for entry in found] == [b"%d" % one for one in range(40)]
    assert await ben.quiet()


async def test_who_follows_another_generation_hears_nothing_of_it(ends, chat):
    here, there = ends
    ana, ben = await here.member(chat), await there.follower(chat)
    opening, seed = chat.opening()
    opened = await ana.ask(opening)
    await ben.entries(1)
    chat.seeds[opened.seq] = seed
    newer = await here.member(chat, opened.seq)
    await newer.ask(chat.app(opened.seq, opened.seq))
    assert await ben.quiet()


async def test_an_opening_here_closes_what_was_granted_there(ends, chat):
    here, there = ends
    ana = await here.member(chat)
    await there.member(chat)
    (grant,) = there.side.grants._of[chat.log_id, 0] - here_only(here, there, chat)
    assert not grant.is_closed
    await ana.ask(chat.opening()[0])
    await until(lambda: grant.is_closed)


def here_only(here, there, chat):
    """The first grant, where both ends are one."""
    return (
        {next(iter(here.side.grants._of[chat.log_id, 0]))} if here is there else set()
    )


async def test_a_hint_that_lies_hands_nothing_out_and_closes_nothing(ends, chat):
    here, there = ends
    ana, ben = await here.member(chat), await there.follower(chat)
    opened = await ana.ask(chat.opening()[0])
    await ben.entries(1)
    stranger = Chat()
    for lie in (
        Stored(chat.log_id, 2, 0, opens=False),
        Stored(chat.log_id, 1 << 52, 0, opens=True),
        Stored(chat.log_id, 1, opened.seq, opens=True),
        Stored(stranger.log_id, 1, 0, opens=True),
        Mail(stranger.log_id),
        LoggedIn(stranger.log_id, stranger.log_id),
    ):
        here.side.others.tell(lie)
    await ana.ask(chat.app(opened.seq, opened.seq))
    assert await ben.quiet()
    here.side.others.tell(Pleaded(chat.log_id, [0]))
    if here is not there:
        assert await ben.frame() == frames.PleaWaits(chat.log_id)


async def test_a_signal_here_is_heard_there_and_not_by_who_sent_it(ends, chat):
    here, there = ends
    ana, ben = await here.follower(chat), await there.follower(chat)
    said = Signal(chat.log_id, 0, secrets.token_bytes(limits.SIGNAL))
    ana.put(said)
    assert await ben.frame() == said
    assert await ana.quiet()


async def test_a_plea_here_rings_there_for_who_follows_its_generation(ends, chat):
    here, there = ends
    ben = await there.follower(chat)
    for generations in ([1], [0]):
        here.side.bus.ring(chat.log_id, generations)
        here.side.others.tell(Pleaded(chat.log_id, generations))
    assert await ben.frame() == frames.PleaWaits(chat.log_id)
    if here is not there:
        assert await ben.quiet()


async def test_mail_here_wakes_who_listens_there(ends):
    here, there = ends
    mailbox = secrets.token_bytes(16)
    bell = asyncio.Event()
    there.services.bells.listen(mailbox, bell.set)
    here.services.bells.ring(mailbox)
    here.services.others.tell(Mail(mailbox))
    async with asyncio.timeout(5):
        await bell.wait()
    there.services.bells.leave(mailbox, bell.set)
    assert there.services.bells.mailboxes() == []


async def log_in(end, account, value):
    """Log a device in at one end; returns what tells whether it was logged out."""
    device = (account.account_id, account.device.device_id)
    frame = login_frame(account, account.device, NONCE, returns=True, proposed=value)
    write = end.services.accounts.write
    key = await write(lambda db: login(db, "localhost", NONCE, frame))
    ended, held = asyncio.Event(), standing_of(key, kept_value(value))
    end.services.sessions.begin(device, held, time.time(), ended.set)
    end.services.others.tell(LoggedIn(*device))
    return ended


async def register(end, account):
    verified = accounts.verify_registration("localhost", account.registration(NONCE))
    await end.services.accounts.write(
        lambda db: accounts.register(db, verified, 0, is_open=True)
    )


async def test_a_login_here_ends_the_older_one_there(ends, ana):
    here, there = ends
    await register(here, ana)
    older = await log_in(there, ana, b"\x01" * 32)
    newer = await log_in(here, ana, b"\x02" * 32)
    async with asyncio.timeout(5):
        await older.wait()
    assert not newer.is_set()


async def test_a_made_up_login_ends_no_session(ends, ana):
    here, there = ends
    await register(here, ana)
    ended = await log_in(there, ana, b"\x01" * 32)
    here.services.others.tell(LoggedIn(ana.account_id, ana.device.device_id))
    await asyncio.sleep(0.05)
    await look_around(there.services, there.side)
    assert not ended.is_set()


@needs_nats
class TestWithoutTheBus:
    """Two processes; what is told is lost."""

    @pytest.fixture
    async def cut(self, tmp_path, monkeypatch):
        monkeypatch.setattr(looking, "EVERY_SECONDS", 3_600)
        with NatsServer() as nats:
            async with (
                End(tmp_path, nats.url).running() as here,
                End(tmp_path, nats.url).running() as there,
            ):
                nats.kill()
                await until(lambda: not (here.crossing.is_up or there.crossing.is_up))
                yield here, there, nats

    @pytest.fixture
    async def ends(self, cut):
        return cut[:2]

    async def test_looking_around_finds_what_was_stored_and_closed(self, ends, chat):
        here, there = ends
        ana, ben = await here.member(chat), await there.follower(chat)
        (grant,) = there.side.grants._of[chat.log_id, 0]
        await ana.ask(chat.app())
        await ana.ask(chat.opening()[0])
        assert await ben.quiet()
        await look_around(there.services, there.side)
        found, _ = await ben.entries(2)
        assert [entry.seq for entry in found] == [1, 2]
        assert grant.is_closed

    async def test_looking_around_wakes_mailboxes_and_ends_old_sessions(
        self, ends, ana
    ):
        here, there = ends
        await register(here, ana)
        older = await log_in(there, ana, b"\x01" * 32)
        await log_in(here, ana, b"\x02" * 32)
        mailbox_id, rung = ana.device.mailbox_id, []
        for one in (mailbox_id, b"an empty mailbox"):
            there.services.bells.listen(one, partial(rung.append, one))
        mail = http.PostMessage("contacts", bytes(8_192), bytes(16), ana.mailbox_key)
        await here.services.accounts.write(
            lambda db: mailboxes.post(db, mailbox_id, mail, 0)
        )
        await look_around(there.services, there.side)
        assert rung == [mailbox_id]
        assert older.is_set()

    async def test_the_bus_comes_back_by_itself_and_what_was_missed_is_found(
        self, cut, chat
    ):
        here, there, nats = cut
        ana, ben = await here.member(chat), await there.follower(chat)
        await ana.ask(chat.app(envelope=b"while it was away"))
        nats.start()
        found, _ = await ben.entries(1)
        assert found[0].envelope == b"while it was away"
        await until(lambda: here.crossing.is_up and there.crossing.is_up)
        await ana.ask(chat.app(envelope=b"and then"))
        found, _ = await ben.entries(1)
        assert found[0].envelope == b"and then"
