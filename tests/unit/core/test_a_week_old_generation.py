"""A generation ends with the first commit or message after a week."""

import pytest
from town import Killed

from privity.core import inputs as i
from privity.core import turns
from privity.core.state import Status

MINUTE = 60_000
WEEK = turns.WEEK * MINUTE
JITTER = turns.RANK_MINUTES * MINUTE


def generations(trio):
    return {person.state.chats[trio.chat].generation for person in trio.everybody}


def agree(trio):
    groups = [person.state.groups[trio.chat] for person in trio.everybody]
    assert len({group.epoch_authenticator for group in groups}) == 1
    assert len({tuple(person.texts(trio.chat)) for person in trio.everybody}) == 1


def commits(trio):
    return trio.ana.state.groups[trio.chat].epoch


def test_the_first_message_after_a_week_opens_a_generation(trio):
    before = commits(trio)
    trio.town.now_ms += WEEK
    trio.ana.say(trio.chat, "hello")
    trio.town.run()
    (generation,) = generations(trio)
    chat = trio.ben.state.chats[trio.chat]
    assert 0 < generation < chat.cursor, "opened in front of the message"
    assert commits(trio) == before + 1
    agree(trio)
    trio.ana.say(trio.chat, "and again")
    trio.town.run()
    assert commits(trio) == before + 1


def test_a_day_opens_nothing(trio):
    before = commits(trio)
    trio.town.now_ms += WEEK // 7
    trio.ana.say(trio.chat, "hello")
    trio.town.run()
    assert (generations(trio), commits(trio)) == ({0}, before)


def test_nobody_opens_who_says_nothing(trio):
    before = commits(trio)
    trio.town.now_ms += 2 * WEEK
    trio.town.run()
    assert (generations(trio), commits(trio)) == ({0}, before)


def test_of_those_who_talk_at_the_same_time_the_lowest_leaf_opens(trio):
    before = commits(trio)
    trio.town.now_ms += WEEK
    for person in reversed(trio.everybody):
        person.say(trio.chat, person.state.account.name)
    trio.town.run()
    assert commits(trio) == before + 1
    agree(trio)
    assert sorted(trio.cem.texts(trio.chat)) == ["Ana", "Ben", "Cem"]


def test_a_higher_leaf_opens_later_if_no_lower_one_did(trio):
    trio.town.now_ms += WEEK + 2 * JITTER - MINUTE
    trio.cem.say(trio.chat, "too early for me")
    trio.town.run()
    assert generations(trio) == {0}
    trio.town.now_ms += MINUTE
    trio.cem.say(trio.chat, "now")
    trio.town.run()
    assert 0 not in generations(trio)
    agree(trio)


def test_two_that_open_at_the_same_time_lose_no_message(trio):
    trio.town.now_ms += WEEK + 3 * JITTER
    for person in trio.everybody:
        person.say(trio.chat, person.state.account.name)
    trio.town.run()
    agree(trio)
    assert sorted(trio.ben.texts(trio.chat)) == ["Ana", "Ben", "Cem"]
    assert not any(person.state.pending for person in trio.everybody)
    bought = trio.town.accounts.execute(
        "SELECT count(*) FROM tokens_issued WHERE kind = 'child'"
    )
    assert bought.fetchone() == (0,)


def test_any_commit_of_an_old_generation_opens_one(trio, town, make_friends):
    dan = town.person("Dan", "dan")
    make_friends(town, trio.ana, dan)
    trio.town.now_ms += WEEK
    trio.ana.take(i.AddMembers(trio.chat, (dan.id,)))
    town.run()
    dan.take(i.Accept(next(k for k, v in dan.state.requests.items() if v.title)))
    town.run()
    assert 0 not in generations(trio)
    assert dan.state.chats[trio.chat].status is Status.ACTIVE


def test_who_leaves_an_old_generation_gets_out(trio):
    trio.town.now_ms += 2 * WEEK
    trio.cem.take(i.Leave(trio.chat))
    trio.town.run()
    assert trio.cem.state.chats[trio.chat].status is Status.LEFT


@pytest.mark.parametrize("kill_at", range(0, 12, 2))
def test_a_death_on_the_way_loses_nothing(trio, kill_at):
    trio.town.now_ms += WEEK
    trio.town.effects, trio.town.kill_at = 0, kill_at
    for _ in range(2):
        if "hello" not in trio.ana.texts(trio.chat):
            try:
                trio.ana.say(trio.chat, "hello")
            except Killed:
                continue
    trio.town.run()
    agree(trio)
    assert trio.ben.texts(trio.chat) == ["hello"]
    assert 0 not in generations(trio)
