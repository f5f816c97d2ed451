"""Somebody blocked: seen and heard of nowhere, folded away in groups, by every verb."""

import asyncio
from contextlib import aclosing, asynccontextmanager, suppress

import pytest

from privity.cli.message_words import history_lines
from privity.cli.render import render
from privity.cli.watching import item_text
from privity.client import receipts
from privity.client.timeline import view_of
from privity.client.verbs import params
from privity.client.verbs.watch_results import WatchMessage
from privity.content.mimi import Report
from privity.core.errors import CommandRefused


async def joined(ana, *others):
    await ana.do("group.new", "Club", tuple(name for _, name in others))
    for one, _ in others:

        async def asked(one=one):
            return (await one.do("requests")).requests

        await one.until(asked)
        await one.do("accept", "Club")

        async def there(one=one):
            chats = (await one.do("chats")).chats
            return any(c.title == "Club" and c.status == "active" for c in chats)

        await one.until(there)
    everybody = len(others) + 1

    async def complete():
        return len((await chat_of(ana, "Club")).members) == everybody

    await ana.until(complete)
    for one, _ in others:
        await ana.do("send", "Club", "welcome")
        await one.has_text("Club", "welcome")


@pytest.fixture
async def club(people, meet):
    """Ana, Ben and Cyd in a group, where all said something; Ana has blocked Ben."""
    ana, ben, cyd = await people("Ana", "Ben", "Cyd")
    await meet(ana, ben)
    await meet(ana, cyd)
    await joined(ana, (ben, "Ben"), (cyd, "Cyd"))
    await ana.do("block", "Ben")
    await ana.do("read", "Club")
    return ana, ben, cyd


async def chat_of(who, title):
    (chat,) = [c for c in (await who.do("chats")).chats if c.title == title]
    return chat


async def passes(ana, ben, chat):
    """Wait until Ana's device has read what Ben's last said in a chat."""
    seq = (await ben.do("history", chat)).messages[-1].seq
    (log,) = {ben.state.chats[c].log_id for c in ben.state.chats if _is(ben, c, chat)}

    def read():
        mine = ana.state.chat_of_log(log)
        return mine is not None and mine.cursor >= seq

    await ana.until(read)


def _is(who, chat_id, name):
    chat = who.state.chats[chat_id]
    known = who.state.contacts.get(chat.peer)
    return name in (chat.title, known.name if known else "")


@asynccontextmanager
async def watched(who):
    seen, ready = [], asyncio.Event()

    async def collect():
        async for item in who.service.stream("watch", params.Watch()):
            seen.append(item)
            ready.set()

    task = asyncio.create_task(collect())
    await ready.wait()
    try:
        yield seen
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_in_a_chat_of_two_nothing_of_theirs_is_shown_counted_found_or_told(pair):
    ana, ben = pair
    await ben.do("send", "Ana", "kingfisher before")
    await ana.has_text("Ben", "kingfisher before")
    await ana.do("read", "Ben")
    await ana.do("block", "Ben")
    before = await ana.texts("Ben")
    async with watched(ana) as seen:
        await ben.do("send", "Ana", "kingfisher meanwhile")
        await ben.do("react", "Ana", "last", "👍")
        await passes(ana, ben, "Ana")
        assert [i for i in seen if isinstance(i, WatchMessage)] == []
    assert await ana.texts("Ben") == before
    chat = await chat_of(ana, "Ben")
    assert (chat.unread, chat.blocked, chat.last.what) == (0, True, "blocked")
    found = (await ana.do("search", "kingfisher")).found
    assert [one.seq for one in found] == [
        (await ana.do("history", "Ben")).messages[-2].seq
    ]
    assert "You have blocked Ben" in render(await ana.do("history", "Ben"))


async def test_unblocking_shows_what_follows_and_not_what_came_between(pair):
    ana, ben = pair
    await ana.do("block", "Ben")
    await ben.do("send", "Ana", "meanwhile")
    await passes(ana, ben, "Ana")
    await ana.do("block", "Ben", blocked=False)
    await ben.do("send", "Ana", "after")
    await ana.has_text("Ben", "after")
    assert await ana.texts("Ben") == ["after"]
    chat = await chat_of(ana, "Ben")
    assert (chat.blocked, chat.missing, chat.unread) == (False, 0, 1)
    said = render(await ana.do("history", "Ben"))
    assert "Ana blocked Ben" in said
    assert "Ana let Ben in again" in said


async def test_nothing_is_sent_to_them_and_no_file_uploaded(pair, tmp_path):
    ana, _ben = pair
    await ana.do("block", "Ben")
    file = tmp_path / "plan.txt"
    file.write_text("row, then swim")
    for asked in (("send", "Ben", "hello"), ("send", "Ben", "", (str(file),))):
        with pytest.raises(CommandRefused, match="blocked"):
            await ana.do(*asked)
    assert ana.progress == []


async def test_in_a_group_they_are_folded_and_open_for_who_asks(club):
    ana, ben, cyd = club
    await ben.do("send", "Club", "look at **me**")
    await ben.do("send", "Club", "and me")
    await cyd.do("send", "Club", "good morning")
    await ana.has_text("Club", "good morning")
    shown = await ana.do("history", "Club")
    assert [m.folded for m in shown.messages[-3:]] == [True, True, False]
    assert shown.messages[-2].text == "and me"
    closed, opened = render(shown), history_lines(shown, opened=True)
    assert "2 messages from somebody you blocked" in closed
    assert "and me" not in closed
    assert "and me" in opened
    await ana.do("block", "Ben", blocked=False)
    assert not any(m.folded for m in (await ana.do("history", "Club")).messages)


async def test_in_a_group_they_count_as_nothing(club):
    ana, ben, _cyd = club
    await ana.do("chats.archive", "Club")
    before = (await ana.do("history", "Club")).chat
    async with watched(ana) as seen:
        await ben.do("send", "Club", "@Ana kingfisher")
        await passes(ana, ben, "Club")
        await ana.until(lambda: any(isinstance(i, WatchMessage) for i in seen))
        (item,) = [i for i in seen if isinstance(i, WatchMessage)]
    assert (item.change, item.message.folded, item_text(item)) == ("folded", True, "")
    after = (await ana.do("history", "Club")).chat
    assert (after.unread, after.marks.mentions) == (0, 0)
    assert after.last == before.last
    assert after.marks.archived
    assert (await ana.do("search", "kingfisher")).found == ()
    await ana.do("block", "Ben", blocked=False)
    now = (await ana.do("history", "Club")).chat
    assert (now.unread, now.marks.mentions) == (1, 1)
    assert len((await ana.do("search", "kingfisher")).found) == 1


async def test_answers_quote_them_not_and_their_reactions_are_not_shown(club):
    ana, ben, cyd = club
    await ben.do("send", "Club", "something sly")
    await cyd.has_text("Club", "something sly")
    await cyd.do("send", "Club", "not true", reply_to="last")
    await ben.has_text("Club", "not true")
    await ben.do("react", "Club", "last", "😈")
    await passes(ana, ben, "Club")
    answer = (await ana.do("history", "Club")).messages[-1]
    assert (answer.text, answer.quote, answer.reactions) == ("not true", "", ())
    reacted = await ana.do("react", "Club", "last", "👍")
    await cyd.until(lambda: reacted.state == "sent")
    answer = (await ana.do("history", "Club")).messages[-1]
    assert [r.emoji for r in answer.reactions] == ["👍"]


async def test_what_they_react_hides_nobody_from_who_comes_back(club):
    ana, ben, cyd = club
    await ana.do("send", "Club", "what do you think?")
    for one in (cyd, ben):
        await one.has_text("Club", "what do you think?")
    await cyd.do("react", "Club", "last", "👍")

    async def reacted():
        return (await ben.do("history", "Club")).messages[-1].reactions

    await ben.until(reacted)
    await ben.do("react", "Club", "last", "😈")
    await ben.do("send", "Club", "so there")
    await passes(ana, ben, "Club")
    seen = []
    async with aclosing(ana.service.stream("watch", params.Watch(after=0))) as items:
        async for item in items:
            if isinstance(item, WatchMessage):
                seen.append(item)
                if item.change == "folded":
                    break
    reactions = [i.message.reactions for i in seen if i.change == "reaction"]
    assert [[one.emoji for one in shown] for shown in reactions] == [["👍"]]


async def test_in_a_group_they_get_no_receipt(club, monkeypatch):
    monkeypatch.setattr(receipts, "DELAY", (0.1, 0.2))
    monkeypatch.setattr(receipts, "IN_GROUPS", 1)
    ana, ben, cyd = club
    await ana.do("receipts", on=True)
    await ben.do("send", "Club", "from Ben")
    await passes(ana, ben, "Club")
    await cyd.do("send", "Club", "from Cyd")
    await ana.has_text("Club", "from Cyd")
    (group,) = [c for c in ana.state.chats.values() if c.title == "Club"]

    def reported():
        rows = ana.session.store.history(group.chat_id)
        views = [view_of(kept.row) for kept in rows]
        reports = [view for view in views if isinstance(view, Report)]
        return [one.message_id for view in reports for one in view.reported]

    await ana.until(reported)
    theirs = (await cyd.do("history", "Club")).messages[-1]
    named = {
        ana.session.store.message_by_id(group.chat_id, one).row.content
        for one in reported()
    }
    assert theirs.text == "from Cyd"
    assert len(named) == 1
    assert b"from Cyd" in named.pop()


async def test_a_chat_with_somebody_blocked_is_listed_as_such(pair):
    ana, _ = pair
    told = render(await ana.do("block", "Ben"))
    assert "They are not told" in told
    assert "blocked" in render(await ana.do("chats"))
