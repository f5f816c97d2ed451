"""Disappearing messages between two people: by the chat's timer, or one at a time."""

import msgspec
import pytest

from privity.cli.durations import span_of
from privity.cli.message_words import message_line
from privity.cli.render import render
from privity.client.verbs.params import Send
from privity.client.verbs.timer_results import ChatTimer, Timer


async def lines(who, chat):
    shown = (await who.do("history", chat)).messages
    return [(m.what, m.text) for m in shown if m.kind == "line"]


async def gone(who, chat, text):
    async def is_gone():
        return text not in await who.texts(chat)

    await who.until(is_gone)


async def test_a_chat_s_timer_holds_for_all_and_is_a_line_of_its_history(pair):
    ana, ben = pair
    set_to = await ana.do("timer", "Ben", seconds=3600)
    assert (set_to.seconds, set_to.done) == (3600, True)

    async def told():
        return (await ben.do("timer", "Ana")).seconds == 3600

    await ben.until(told)
    for who, chat in ((ana, "Ben"), (ben, "Ana")):
        assert ("timer", "3600") in await lines(who, chat)
        (shown,) = (await who.do("chats")).chats
        assert shown.timer == 3600
    await ben.do("send", "Ana", "for an hour")
    await ana.has_text("Ben", "for an hour")
    message = (await ana.do("history", "Ben")).messages[-1]
    assert (message.lasts, message.expires) == (3600, 0)
    assert message_line(message).endswith("(disappears after 1 hour)")
    await ana.do("timer", "Ben", seconds=0)
    await ana.do("send", "Ben", "for good")
    assert (await ana.do("history", "Ben")).messages[-1].lasts == 0


async def test_a_message_goes_here_after_it_was_sent_and_there_after_it_was_read(pair):
    ana, ben = pair
    await ana.do("send", "Ben", "burns", expires=2)
    await ben.has_text("Ana", "burns")
    await gone(ana, "Ben", "burns")
    assert "burns" in await ben.texts("Ana")
    await ben.do("read", "Ana")
    await gone(ben, "Ana", "burns")
    assert "burns" not in str(await ben.do("search", "burns"))


async def test_one_message_can_stay_in_a_chat_with_a_timer(pair):
    ana, _ = pair
    await ana.do("timer", "Ben", seconds=3600)
    await ana.do("send", "Ben", "stays", expires=0)
    assert (await ana.do("history", "Ben")).messages[-1].lasts == 0


async def test_both_set_it_at_once_and_agree(pair):
    ana, ben = pair
    await ana.do("timer", "Ben", seconds=60, wait=0)
    await ben.do("timer", "Ana", seconds=120, wait=0)

    def agreed():
        timers = {chat.timer for who in pair for chat in who.state.chats.values()}
        waiting = [i for who in pair for q in who.state.outgoing.values() for i in q]
        return len(timers) == 1 and timers <= {60, 120} and not waiting

    await ana.until(agreed)


@pytest.mark.parametrize("seconds", [-1, 366 * 86_400 + 1])
def test_a_time_beyond_a_year_is_refused(seconds):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"chat": "x", "expires": seconds}, type=Send)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"chat": "x", "seconds": seconds}, type=Timer)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "1 second"), (90, "90 seconds"), (5400, "90 minutes"), (604_800, "1 week")],
)
def test_a_span_is_read_as_people_say_it(seconds, words):
    assert span_of(seconds) == words


def test_the_words_promise_nothing_that_no_app_can_keep():
    said = render(ChatTimer("a" * 26, 3600, done=False))
    assert "ask all apps to delete" in said
    assert "Nobody can be made to" in said
    assert "once the relay answers" in said
