"""What a member says of missing messages does not stop another member's client."""

import os
import time
from dataclasses import dataclass, replace

import pytest
from msgspec import structs

from privity import mls
from privity.content.build import control_message, origin, text_message
from privity.content.control import HandedOn, MissingAsked
from privity.core import handing, inputs
from privity.core.handed import Ask, Given, OwnWords, Span, seal_given

MARK = 0x1234_5678_9ABC
MOST = (1 << 53) - 1


async def say(person, chat, item):
    where = origin(person.account.account_id, chat, os.urandom)
    content = control_message(where, item).encode()
    await person.driver.do(inputs.SendContent(chat, content))


async def still_talk(pair, eventually):
    ana, ben, chat = pair
    await ana.send(chat, "still there?")
    await eventually(lambda: "still there?" in ben.texts(chat))
    await ben.send(chat, "still here")
    await eventually(lambda: "still here" in ana.texts(chat))


@pytest.fixture
def hasty(monkeypatch):
    """Let everybody answer at once."""
    monkeypatch.setattr(handing, "_RANK_MS", 0)
    monkeypatch.setattr(handing, "_JITTER_MS", 1)


@pytest.mark.parametrize("below", [(1 << 64) - 1, 1 << 63, MOST])
async def test_a_request_for_all_that_there_can_be(pair, eventually, hasty, below):
    ana, ben, chat = pair
    account = ben.account
    await ben.send(chat, "one")
    await eventually(lambda: "one" in ana.texts(chat))
    counter = ben.driver.state.chats[chat].counter
    suite = mls.suite(account.suite)
    key = suite.kem.public_of(suite.derive_key_pair(os.urandom(32))[0])
    span = Span(account.account_id + account.device_id, 1, MOST, 0, MARK)
    body = Ask(1, os.urandom(16), key, (span,)).encode()
    mark = MARK.to_bytes(8, "big")
    assert body.count(mark) == 1
    await say(ana, chat, MissingAsked(body.replace(mark, below.to_bytes(8, "big"))))
    if below == MOST:
        handed_on = lambda: ben.driver.state.chats[chat].counter > counter  # noqa: E731
        await eventually(handed_on)
    await still_talk(pair, eventually)


@dataclass
class Raw:
    """What is handed on with a minute that its type can't state."""

    given: Given
    minute: int

    def encode(self):
        body, mark = self.given.encode(), MARK.to_bytes(8, "big")
        assert body.count(mark) == 1
        return body.replace(mark, self.minute.to_bytes(8, "big"))


async def miss(pair, eventually):
    """Let Ana miss a number of Ben's, and ask for it; returns the hole."""
    ana, ben, chat = pair
    await ben.send(chat, "one")
    await eventually(lambda: "one" in ana.texts(chat))
    await ana.send(chat, "in between")
    await eventually(lambda: "in between" in ben.texts(chat))
    state = ben.driver.state
    skipped = structs.replace(state.chats[chat], counter=state.chats[chat].counter + 1)
    ben.driver._state = replace(state, chats={**state.chats, chat: skipped})
    await ben.send(chat, "two")
    await eventually(lambda: "two" in ana.texts(chat))
    account = ben.account
    key = chat + account.account_id + account.device_id
    return ana.driver.state.tallies[key].holes[0]


@pytest.mark.parametrize("minute", [(1 << 64) - 1, 1 << 63, 1 << 60, MOST])
async def test_a_message_from_the_end_of_time(pair, eventually, minute):
    ana, ben, chat = pair
    hole = await miss(pair, eventually)
    where = origin(ben.account.account_id, chat, os.urandom)
    words = text_message(where, "from the end of time", plain=True).encode()
    await ana.driver.do(inputs.FetchMissing(chat))
    fetch = ana.driver.state.fetches[chat]
    own = OwnWords(hole.first, hole.above + 1, MARK, words)
    raw = Raw(Given(1, (), (own,)), minute)
    suite = mls.suite(ben.account.suite)
    ask = Ask(1, fetch.ask_id, suite.kem.public_of(fetch.private), ())
    sealed = seal_given(suite, ask, raw)
    await say(ben, chat, HandedOn(ask.ask_id, False, sealed))
    await still_talk(pair, eventually)
    rows = [kept.row for kept in ana.driver.store.history(chat, limit=100)]
    assert all(row.minute <= int(time.time()) // 60 for row in rows)
    assert ("from the end of time" in ana.texts(chat)) is (minute == MOST)
