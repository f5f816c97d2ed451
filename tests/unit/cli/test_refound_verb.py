"""A chat that is begun anew at a real relay, through the verbs."""

import pytest

from privity.client.sentences import explain
from privity.client.verbs.params import Suite
from privity.core.errors import CommandRefused
from privity.core.suites import NAMES, strength


def chat_of(person):
    return next(iter(person.state.chats))


async def test_two_people_go_on_in_a_new_log_with_all_that_was_said(pair):
    ana, ben = pair
    chat_id = chat_of(ben)
    old = ben.state.chats[chat_id].log_id
    await ana.do("send", "Ben", "before")
    await ben.has_text("Ana", "before")
    done = await ana.do("repair.refound", "Ben", text="the relay lost it")
    assert [person.name for person in done.asked] == ["Ben"]
    await ben.until(lambda: any(r.refound for r in ben.state.requests.values()), 40)
    assert ben.state.chats[chat_id].log_id == old
    (offer,) = (await ben.do("repair.list")).refounds
    assert (offer.person.name, offer.text) == ("Ana", "the relay lost it")
    await ben.do("accept", offer.request)
    await ben.until(lambda: ben.state.chats[chat_id].log_id != old, 40)
    await ana.do("send", "Ben", "behind")
    await ben.has_text("Ana", "behind")
    shown = (await ben.do("history", "Ana")).messages
    texts = [message.text for message in shown if message.kind == "text"]
    assert texts[-2:] == ["before", "behind"]
    assert "refounded" in [message.what for message in shown]
    assert not (await ben.do("repair.list")).refounds


async def test_a_chat_never_goes_down_to_a_weaker_encryption(pair):
    ana, _ = pair
    before = ana.state
    for weaker in (Suite.X25519_CHACHA20, Suite.X25519_AES128):
        with pytest.raises(CommandRefused) as refused:
            await ana.do("repair.refound", "Ben", suite=weaker)
        assert explain(refused.value).code == "weaker_suite"
    assert ana.state.moved == before.moved
    assert ana.state.chats == before.chats


def test_every_encryption_that_can_be_named_has_its_suite_and_they_go_down():
    assert list(NAMES) == list(Suite)
    strengths = [strength(code) for code in NAMES.values()]
    assert strengths == sorted(strengths, reverse=True)
    assert strength(0xFFFF) == 0
