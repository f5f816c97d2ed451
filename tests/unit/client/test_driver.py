"""The driver saves before it acts, survives crashes, and tells what the disk says."""

import asyncio
import shutil

import pytest

from privity.client.driver import _CROWD, Driver
from privity.client.errors import Busy, ClientError, Damaged, RolledBack, StorageFull
from privity.client.ledger import read_lines
from privity.client.store import Store
from privity.core import inputs
from privity.core.effects import Delete, Kind, Recall, Save, Send
from privity.core.errors import CommandRefused, Refusal
from privity.core.events import MessageSent, Notice
from privity.core.rollbacks import RollbackStage
from privity.core.state import Status
from privity.identity.secret import Secret
from privity.wire.frames import Signal


class Crash(Exception):
    """The process dies here."""


async def collect(events, into):
    async for event in events:
        into.append(event)


async def test_messages_go_both_ways_in_order_and_once(pair, eventually):
    ana, ben, chat = pair
    for number in range(12):
        await ana.send(chat, f"a{number}")
        await ben.send(chat, f"b{number}")
    await eventually(lambda: len(ana.texts(chat)) == 24 == len(ben.texts(chat)))
    await eventually(lambda: "queued" not in ana.states(chat) + ben.states(chat))
    assert ana.texts(chat) == ben.texts(chat)
    for who in "ab":
        own = [text for text in ana.texts(chat) if text.startswith(who)]
        assert own == [f"{who}{number}" for number in range(12)]


async def test_a_command_that_is_refused_changes_nothing(pair):
    """What arrives meanwhile may move a cursor; nothing of a chat's fate changes."""
    ana, _, _ = pair

    def fates():
        chats = ana.driver.state.chats.values()
        return {c.chat_id: (c.status, c.leaving, c.intents) for c in chats}

    before = fates()
    with pytest.raises(CommandRefused) as refused:
        await ana.driver.do(inputs.Leave(b"?" * 16))
    assert refused.value.code is Refusal.NO_SUCH_CHAT
    assert fates() == before


async def test_events_reach_whoever_looks(pair, eventually):
    ana, _, chat = pair
    seen = []

    async def look():
        with ana.driver.subscribe() as events:
            await collect(events, seen)

    looking = asyncio.create_task(look())
    await asyncio.sleep(0)
    idem = await ana.send(chat, "hello")
    await eventually(lambda: any(isinstance(one, MessageSent) for one in seen))
    assert idem in [one.idem for one in seen if isinstance(one, MessageSent)]
    looking.cancel()


async def test_offline_a_message_is_queued_and_leaves_after_the_start(pair, eventually):
    ana, ben, chat = pair
    await ana.stop()
    await ana.start(online=False)
    await ana.send(chat, "later")
    assert ana.states(chat) == ["queued"]
    await ana.stop()
    await ana.start()
    await eventually(lambda: ben.texts(chat) == ["later"])
    await eventually(lambda: ana.states(chat) == ["sent"])


async def test_a_restarted_relay_is_found_again(pair, relay, eventually):
    ana, ben, chat = pair
    await asyncio.to_thread(relay.stop)
    await eventually(lambda: not ana.driver.online)
    await ana.send(chat, "while it was gone")
    await asyncio.to_thread(relay.start)
    await eventually(lambda: ben.texts(chat) == ["while it was gone"], 40)
    assert ana.driver.problem is None


def dying_at(number):
    """Make a hook that dies before the n-th effect."""

    def die(count, _effect):
        if count == number:
            raise Crash

    return die


async def test_a_sender_that_dies_before_any_effect_loses_and_doubles_nothing(
    pair, eventually
):
    """The process of the sender dies before its n-th effect, for every n there is."""
    ana, ben, chat = pair
    expected = []
    died = True
    number = 0
    while died:
        number += 1
        await ana.stop()
        await ana.start(online=False, before_effect=dying_at(number))
        try:
            await ana.send(chat, f"m{number}")
            expected.append(f"m{number}")
            driver = ana.driver
            driver._spawn(driver._online.run())
            count = len(expected)
            await eventually(
                lambda d=driver, c=count: d._failure or ana.states(chat) == ["sent"] * c
            )
            await asyncio.sleep(0.1)
        except Crash:
            assert number == 1
        died = ana.driver._failure is not None
    assert number > 4
    await eventually(lambda: ben.texts(chat) == expected)
    assert ana.texts(chat) == expected


async def test_a_receiver_that_dies_before_any_effect_shows_nothing_twice(
    pair, eventually
):
    """The process of the receiver dies before its n-th effect, for every n there is."""
    ana, ben, chat = pair
    expected = []
    died = True
    number = 0
    while died:
        number += 1
        await ben.stop()
        expected += [f"m{number}-{count}" for count in range(2)]
        for text in expected[-2:]:
            await ana.send(chat, text)
        await eventually(lambda: "queued" not in ana.states(chat))
        driver = await ben.start(online=False, before_effect=dying_at(number))
        driver._spawn(driver._online.run())
        await eventually(
            lambda d=driver, e=tuple(expected): d._failure or ben.texts(chat) == list(e)
        )
        await asyncio.sleep(0.1)
        died = driver._failure is not None
    assert number > 3
    assert ben.texts(chat) == expected
    await ben.stop()
    await ben.start()
    await ben.send(chat, "reply")
    await eventually(lambda: ana.texts(chat)[-1] == "reply")


async def test_nothing_is_sent_before_it_is_saved(pair, eventually):
    ana, _, chat = pair
    await ana.stop()
    order = []
    await ana.start(before_effect=lambda _, effect: order.append(effect))
    await ana.send(chat, "hello")
    await eventually(lambda: ana.states(chat) == ["sent"])
    jobs = set()
    for effect in order:
        if isinstance(effect, Save):
            jobs |= {w.id for w in effect.writes if getattr(w, "kind", "") == Kind.JOB}
        if isinstance(effect, Send):
            assert effect.job.to_bytes(8, "big") in jobs


async def test_a_full_disk_fails_the_command_and_keeps_the_state(pair, eventually):
    ana, ben, chat = pair
    writer = ana.driver.store.database._writer
    before = ana.driver.state
    pages = writer.execute("PRAGMA page_count").fetchone()[0]
    writer.execute(f"PRAGMA max_page_count = {pages}")
    failed = 0
    for _ in range(200):
        try:
            await ana.send(chat, "x" * 15_000)
        except StorageFull:
            failed += 1
            break
    assert failed
    refused = ana.driver.state
    with pytest.raises(StorageFull):
        await ana.send(chat, "x" * 15_000)
    assert ana.driver.state.chats[chat].counter == refused.chats[chat].counter
    assert refused.account == before.account
    await ben.send(chat, "arrives when there is room again")
    await asyncio.sleep(0.3)
    writer.execute("PRAGMA max_page_count = 4294967294")
    await eventually(lambda: "".join(ana.texts(chat)[-1:]).startswith("arrives"))
    queued = [text for text in ana.texts(chat) if text.startswith("x")]
    await eventually(lambda: "queued" not in ana.states(chat), 60)
    await eventually(
        lambda: [t for t in ben.texts(chat) if t.startswith("x")] == queued, 60
    )


async def test_an_old_copy_of_the_profile_heals_its_chats(pair, eventually):
    ana, ben, chat = pair
    await ana.stop()
    copy = ana.path.with_name("copy.db")
    shutil.copyfile(ana.path, copy)
    await ana.start()
    await ana.send(chat, "the old copy does not know this")
    await eventually(lambda: "queued" not in ana.states(chat))
    await ana.stop()
    shutil.copyfile(copy, ana.path)
    driver = await ana.start(online=False)
    seen = []

    async def look():
        await collect(driver.subscribe(), seen)

    looking = asyncio.create_task(look())
    await asyncio.sleep(0)
    driver._spawn(driver._online.run())
    await eventually(lambda: driver.online)
    assert driver.problem is None
    await eventually(lambda: driver.state.chats[chat].status is Status.ACTIVE, 60)
    await ana.send(chat, "back again")
    said = ["the old copy does not know this", "back again"]
    await eventually(lambda: ben.texts(chat) == said)
    assert ana.texts(chat) == ["back again"]
    assert [one.code for one in seen if isinstance(one, Notice)][:1] == ["restored"]
    looking.cancel()


async def test_two_live_copies_stop_until_a_person_says_which_one_stays(
    make_person, person_of, eventually
):
    ana = await make_person("ana")
    await ana.stop()
    twin = person_of(ana.relay, "twin")
    twin.key = ana.key
    shutil.copyfile(ana.path, twin.path)
    await ana.start()
    await twin.start()
    stages = [
        lambda who=who: isinstance(who.driver.problem, RolledBack)
        for who in (ana, twin)
    ]
    await eventually(lambda: any(stopped() for stopped in stages), 40)
    loser, other = (ana, twin) if stages[0]() else (twin, ana)
    await eventually(lambda: other.driver.online)
    await asyncio.sleep(1)
    assert other.driver.online
    assert not loser.driver.online
    assert loser.driver.state.rollback.stage is RollbackStage.ASKING
    times = [len(one.driver.state.rollback.times) for one in (ana, twin)]
    assert times == [1, 1]
    await loser.driver.do(inputs.ComeBack())
    await eventually(lambda: loser.driver.online)
    await eventually(lambda: isinstance(other.driver.problem, RolledBack))
    await twin.stop()


async def test_a_login_that_returns_is_stated_once(make_person, eventually):
    ana = await make_person("ana")
    await ana.stop()
    copy = ana.path.with_name("copy.db")
    shutil.copyfile(ana.path, copy)
    await ana.start()
    await ana.stop()
    shutil.copyfile(copy, ana.path)
    old = set((await ana.start(online=False)).state.packages)
    await ana.stop()
    driver = await ana.start()
    await eventually(lambda: driver.state.rollback.stage is RollbackStage.NONE)
    await eventually(lambda: len(driver.state.packages) == 21)
    assert not old & set(driver.state.packages)
    await ana.stop()
    driver = await ana.start()
    await eventually(lambda: driver.state.session.online)
    assert len(driver.state.rollback.times) == 1
    assert driver.state.rollback.stage is RollbackStage.NONE


@pytest.mark.parametrize("failure", [Busy("locked"), StorageFull("no room")])
async def test_what_the_disk_does_not_give_now_is_read_later_and_forgotten(
    pair, eventually, monkeypatch, failure
):
    ana, _, chat = pair
    recall, asked = Store.recall, []

    def fail_once(store, wanted):
        asked.append(wanted)
        if len(asked) == 1:
            raise failure
        return recall(store, wanted)

    monkeypatch.setattr("privity.client.driver._DISK_SECONDS", 0.05)
    monkeypatch.setattr(Store, "recall", fail_once)
    before = len(ana.driver._tasks)
    with ana.driver.subscribe() as events:
        seen = []
        looking = asyncio.create_task(collect(events, seen))
        wanted = Recall(chat, b"ask", (), 10)
        ana.driver._perform(wanted)
        await eventually(lambda: asked == [wanted] * 2)
        await ana.send(chat, "still there")
        assert any(isinstance(one, Notice) for one in seen)
        looking.cancel()
    await eventually(lambda: len(ana.driver._tasks) == before)


async def test_signals_do_not_queue_up_behind_what_is_slow(pair):
    ana, _, chat = pair
    driver, log_id = ana.driver, ana.driver.state.chats[chat].log_id
    signal = inputs.SignalArrived(Signal(log_id, 0, bytes(128)))
    for _ in range(1_000):
        driver.give(signal)
    assert len(driver._waiting) == _CROWD
    driver.give(inputs.Tick())
    assert len(driver._waiting) == _CROWD + 1


async def test_a_store_without_an_account_is_refused(store):
    with pytest.raises(Damaged):
        Driver(store)


async def test_a_store_with_half_a_state_is_refused(make_person):
    ana = await make_person("ana", start=False)
    store = ana.open()
    store.apply([Delete(Kind.ACCOUNT, b"")])
    with pytest.raises(Damaged):
        Driver(store)
    store.close()


async def test_after_closing_nothing_is_taken(pair):
    ana, _, chat = pair
    driver = ana.driver
    with driver.subscribe() as events:
        await ana.stop()
        assert [event async for event in events] == []
    with pytest.raises(ClientError):
        await driver.do(inputs.MarkRead(chat, 1))
    with pytest.raises(ClientError):
        driver.subscribe()
    await ana.start()


async def test_every_byte_that_left_has_a_line_and_a_cause(pair, eventually):
    ana, _, chat = pair
    idem = await ana.send(chat, "hello")
    await eventually(lambda: ana.states(chat) == ["sent"])
    await ana.stop()
    store = Store(ana.path, ana.key, lambda _: "")
    lines = [line for _, line in read_lines(store.database)]
    store.close()
    await ana.start()
    assert all(line.cause.reason for line in lines)
    appended = [line for line in lines if line.what == "Append"]
    assert [line.cause.id for line in appended] == [idem]
    assert appended[0].endpoint.startswith("anonymous")
    for line in lines:
        plane = line.endpoint.partition(" ")[0]
        assert plane in {"identified", "anonymous"}
        identified = line.what in {"Login", "MailboxOpen", "MailboxAck"}
        assert not identified or plane == "identified"


async def test_secrets_of_the_driver_do_not_print(pair):
    ana, _, _ = pair
    shown = repr(ana.driver.account) + repr(ana.driver.store) + repr(Secret(b"abc"))
    assert ana.account.login_seed.hex() not in shown
    assert repr(ana.account.login_seed) not in shown
