"""What was not sent stands in the history as such, and goes again where wanted."""

import os
from contextlib import aclosing

import pytest

from privity.cli.message_words import message_line
from privity.cli.render import render
from privity.cli.watching import item_text
from privity.client.verbs import params
from privity.client.verbs.again import ChangedSince, NotFailed
from privity.client.verbs.find import find_message
from privity.client.verbs.watch_results import WatchFailed, WatchReady
from privity.content import build
from privity.core.inputs import FollowRefused, SendContent


async def stranded(people, meet):
    """Return Ben, stuck in his chat with Ana with a text that waits, and Cem."""
    ana, ben, cem = await people("Ana", "Ben", "Cem")
    await meet(ana, ben)
    await meet(cem, ben)
    await ana.session.driver.close()
    (chat,) = [c for c in ben.state.chats.values() if title(ben, c) == "Ana"]
    ben.session.driver.give(FollowRefused(chat.log_id, chat.generation, "gone"))
    await ben.until(lambda: ben.state.chats[chat.chat_id].status.value == "stuck")
    await ben.do("send", "Ana", "meet me at six", wait=0)
    return ben, cem


def title(person, chat):
    return person.state.contacts[chat.peer].name


async def test_a_stuck_chat_of_two_is_left_and_its_words_go_to_somebody_else(
    people, meet
):
    ben, cem = await stranded(people, meet)
    left = await ben.do("chats.leave", "Ana")
    assert (left.title, left.status, left.unsent) == ("Ana", "left", 1)
    assert "Marked as not sent: 1 message." in render(left)
    shown = await ben.do("history", left.chat)
    (mine,) = [m for m in shown.messages if m.text == "meet me at six"]
    assert mine.state == "failed"
    assert "(not sent)" in message_line(mine)
    assert "privity resend CHAT MESSAGE" in render(shown)
    sent = await ben.do("resend", left.chat, mine.message, to="Cem")
    assert sent.state == "sent"
    await cem.has_text("Ben", "meet me at six")
    assert "meet me at six" not in await ben.texts(left.chat)
    with pytest.raises(NotFailed):
        await ben.do("resend", "Cem", sent.message)


async def test_who_watches_hears_that_a_message_was_given_up(people, meet):
    ben, _ = await stranded(people, meet)
    async with aclosing(ben.service.stream("watch", params.Watch())) as items:
        assert isinstance(await anext(items), WatchReady)
        await ben.do("chats.leave", "Ana")
        failed = await anext(one async for one in items if isinstance(one, WatchFailed))
    assert failed.message.text == "meet me at six"
    assert failed.message.state == "failed"
    assert "(not sent)" in item_text(failed)


async def test_what_was_not_sent_can_be_deleted(people, meet):
    ben, _ = await stranded(people, meet)
    left = await ben.do("chats.leave", "Ana")
    gone = await ben.do("unsend", left.chat, "last")
    assert gone.state == "taken back"
    assert await ben.texts(left.chat) == []


async def test_what_was_deleted_and_not_sent_does_not_go_again(people, meet):
    ben, cem = await stranded(people, meet)
    (chat,) = [c for c in ben.state.chats.values() if title(ben, c) == "Ana"]
    page, _ = ben.session.page(chat.chat_id, 10, 0)
    (words,) = [m for m in page if m.text == "meet me at six"]
    row = find_message(ben.session, chat.chat_id, words.message, lambda *_: True)
    # As it is deleted when it may have left already.
    where = build.origin(row.sender, chat.chat_id, os.urandom)
    deleted = build.deletion(where, row.message_id).encode()
    await ben.session.do(SendContent(chat.chat_id, deleted))
    left = await ben.do("chats.leave", "Ana")
    with pytest.raises(ChangedSince):
        await ben.do("resend", left.chat, words.message, to="Cem")
    assert "meet me at six" not in await cem.texts("Ben")
