"""Receipts: off until wanted, told together and late, and nothing twice that shows."""

import asyncio
from contextlib import asynccontextmanager, suppress

import msgspec
import pytest

from privity.cli.watching import item_text
from privity.client import receipts
from privity.client.timeline import view_of
from privity.client.verbs import params
from privity.client.verbs.watch_results import WatchMessage
from privity.content.mimi import Report


@pytest.fixture(autouse=True)
def _soon(monkeypatch):
    monkeypatch.setattr(receipts, "DELAY", (0.1, 0.2))


def reports(who, chat_id):
    rows = who.session.store.history(chat_id, limit=1000)
    views = (view_of(kept.row) for kept in rows)
    return [view for view in views if isinstance(view, Report)]


def only_chat(who):
    (chat_id,) = who.state.chats
    return chat_id


async def state_of(who, chat):
    return (await who.do("history", chat)).messages[-1].state


async def reaches(who, chat, state):
    async def there():
        return await state_of(who, chat) == state

    await who.until(there)


def again(who):
    """Tell as the next process would."""
    who.session.receipts = receipts.Teller(who.session.driver)
    who.session.receipts.start()


async def both_on(pair):
    for one in pair:
        assert (await one.do("receipts", on=True)).on is True


async def test_receipts_are_off_until_a_person_turns_them_on(pair):
    ana, ben = pair
    assert (await ana.do("receipts")).on is False
    await ana.do("receipts", on=True)
    await ana.do("send", "Ben", "read this")
    await ben.has_text("Ana", "read this")
    await ben.do("read", "Ana")
    await asyncio.sleep(0.5)
    assert reports(ben, only_chat(ben)) == []
    assert await state_of(ana, "Ben") == "sent"


async def test_a_message_is_delivered_and_then_read(pair):
    ana, ben = pair
    await both_on(pair)
    await ana.do("send", "Ben", "hello")
    await reaches(ana, "Ben", "delivered")
    await ben.do("read", "Ana")
    await reaches(ana, "Ben", "read")
    shown = (await ana.do("history", "Ben")).messages[-1]
    assert (shown.delivered, shown.read) == (1, 1)
    assert len(reports(ana, only_chat(ana))) == 2
    theirs = (await ben.do("history", "Ana")).messages[-1]
    assert (theirs.state, theirs.read) == ("received", 0)


async def test_what_comes_together_is_told_together_and_as_read_alone(pair):
    ana, ben = pair
    await both_on(pair)
    await ben.session.receipts.close()
    for text in ("one", "two", "three"):
        await ana.do("send", "Ben", text)
    await ben.has_text("Ana", "three")
    await ben.do("read", "Ana")
    again(ben)
    await reaches(ana, "Ben", "read")
    (report,) = reports(ana, only_chat(ana))
    assert len(report.reported) == 3
    assert [m.state for m in (await ana.do("history", "Ben")).messages[-3:]] == [
        "read"
    ] * 3


async def test_what_came_before_the_switch_is_never_told(pair):
    ana, ben = pair
    await ana.do("send", "Ben", "early")
    await ben.has_text("Ana", "early")
    await both_on(pair)
    await ben.do("read", "Ana")
    await ana.do("send", "Ben", "late")
    await reaches(ana, "Ben", "delivered")
    early, _ = [m for m in (await ana.do("history", "Ben")).messages if m.text]
    assert early.state == "sent"


async def test_a_report_is_not_unread_moves_no_chat_and_is_not_counted(pair):
    ana, _ben = pair
    await both_on(pair)
    before = ana.session.newest_line(only_chat(ana)).place.number
    await ana.do("send", "Ben", "hello")
    await reaches(ana, "Ben", "delivered")
    (chat,) = (await ana.do("chats")).chats
    assert (chat.unread, chat.queued) == (0, 0)
    last = ana.session.store.last(only_chat(ana)).place.number
    assert before < ana.session.newest_line(only_chat(ana)).place.number < last
    assert all(m.kind in ("text", "line") for m in await messages(ana, "Ben"))


async def messages(who, chat):
    return (await who.do("history", chat)).messages


async def test_what_one_process_owed_the_next_one_tells_and_nothing_twice(pair):
    ana, ben = pair
    await both_on(pair)
    await ben.session.receipts.close()
    await ana.do("send", "Ben", "hello")
    await ben.has_text("Ana", "hello")
    await ben.do("read", "Ana")
    again(ben)
    assert ben.session.receipts.on
    await reaches(ana, "Ben", "read")
    await ben.session.receipts.close()
    again(ben)
    await asyncio.sleep(0.4)
    assert len(reports(ana, only_chat(ana))) == 1


async def test_whom_i_blocked_is_told_nothing(pair):
    ana, ben = pair
    await both_on(pair)
    await ben.session.receipts.close()
    await ana.do("send", "Ben", "are you there?")
    await ben.has_text("Ana", "are you there?")
    await ben.do("block", "Ana")
    await ben.do("read", "Ana")
    again(ben)
    await asyncio.sleep(0.5)
    assert reports(ben, only_chat(ben)) == []


async def test_in_a_crowd_nothing_is_told(pair, monkeypatch):
    monkeypatch.setattr(receipts, "MOST_PEOPLE", 1)
    ana, ben = pair
    await both_on(pair)
    await ana.do("send", "Ben", "hello")
    await ben.has_text("Ana", "hello")
    await asyncio.sleep(0.5)
    assert reports(ben, only_chat(ben)) == []


@asynccontextmanager
async def watched(who, validate):
    seen = []
    ready = asyncio.Event()

    async def collect():
        async for item in who.service.stream("watch", params.Watch()):
            validate("watch", msgspec.json.decode(msgspec.json.encode(item)))
            ready.set()
            if isinstance(item, WatchMessage) and item.change == "receipt":
                seen.append(item)

    task = asyncio.create_task(collect())
    await ready.wait()
    try:
        yield seen
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_a_watch_shows_how_far_a_message_came(pair, validate):
    ana, _ben = pair
    await both_on(pair)
    async with watched(ana, validate) as seen:
        await ana.do("send", "Ben", "hello")
        await ana.until(lambda: seen)
        assert (seen[0].message.text, seen[0].message.state) == ("hello", "delivered")
        assert item_text(seen[0]).endswith("hello  (delivered)")
    await ana.do("receipts", on=False)
    assert await state_of(ana, "Ben") == "sent"
