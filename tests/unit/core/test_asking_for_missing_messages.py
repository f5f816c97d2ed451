"""Who misses messages asks until it has them, not more often, and for all in turn."""

from dataclasses import replace

import pytest
from losing import credential, lose, tally
from msgspec import structs

from privity.content.build import control_message, origin
from privity.content.control import HandedOn
from privity.core import inputs as i
from privity.core.fetching import MAX_EARLIER
from privity.core.handed import MAX_SPANS, SPARE_MS, Ask, Given, OwnWords, seal_given
from privity.core.tallies import Hole, missing

HOUR = 3_600


@pytest.fixture
def lost(trio, monkeypatch):
    lose(trio, monkeypatch)
    return trio


@pytest.fixture
def skipped(trio):
    """A trio in which Ana's count jumps: nobody has what lies between."""
    trio.ana.say(trio.chat, "one")
    trio.town.run()
    chat = trio.ana.state.chats[trio.chat]
    jumped = structs.replace(chat, counter=chat.counter + 2)
    chats = {**trio.ana.state.chats, trio.chat: jumped}
    trio.ana.state = replace(trio.ana.state, chats=chats)
    trio.ana.say(trio.chat, "two")
    trio.town.run(seconds=0)
    return trio


def say(person, trio, item):
    where = origin(person.id, trio.chat, trio.town.random.randbytes)
    content = control_message(where, item).encode()
    person.take(i.SendContent(trio.chat, content))
    trio.town.run(seconds=0)


def claim(liar, trio, *, empty):
    """Say to have handed on all, before anybody else says something."""
    trio.town.run(seconds=0)
    ((ask_id, plan),) = liar.state.session.plans.items()
    session = replace(liar.state.session, plans={})
    liar.state = replace(liar.state, session=session)
    suite = liar.state.groups[trio.chat].suite
    sealed = seal_given(suite, plan.ask, Given(1, (), ())) if empty else b"junk"
    say(liar, trio, HandedOn(ask_id, True, sealed))


@pytest.mark.parametrize("empty", [True, False], ids=["nothing", "junk"])
def test_who_hands_on_nothing_under_the_name_of_all_silences_the_others_once(
    lost, empty
):
    lost.cem.take(i.FetchMissing(lost.chat))
    claim(lost.ben, lost, empty=empty)
    assert lost.chat in lost.cem.state.fetches
    assert not lost.ana.state.session.plans
    lost.town.run(seconds=60)
    assert "lost of Ana" not in lost.cem.texts(lost.chat)
    lost.town.now_ms += HOUR * 1_000
    lost.cem.take(i.FetchMissing(lost.chat))
    claim(lost.ben, lost, empty=empty)
    assert lost.ana.state.session.plans
    lost.town.run(seconds=60)
    assert "lost of Ana" in lost.cem.texts(lost.chat)


def test_an_answer_that_comes_behind_a_false_one_is_taken(lost):
    lost.ana.disconnect()
    lost.cem.take(i.FetchMissing(lost.chat))
    claim(lost.ben, lost, empty=True)
    fetch = lost.cem.state.fetches[lost.chat]
    suite = lost.ben.state.groups[lost.chat].suite
    ask = Ask(1, fetch.ask_id, suite.kem.public_of(fetch.private), ())
    row = next(r for r in lost.ben.messages(lost.chat) if b"lost of Ben" in r.content)
    own = OwnWords(row.order, row.seq, row.minute, row.content)
    sealed = seal_given(suite, ask, Given(1, (), (own,)))
    say(lost.ben, lost, HandedOn(ask.ask_id, False, sealed))
    assert "lost of Ben" in lost.cem.texts(lost.chat)


def come_back(person, crash):
    if crash:
        person.crash()
    else:
        person.disconnect()
    person.connect()


@pytest.mark.parametrize("crash", [False, True], ids=["connection", "process"])
def test_an_hour_lies_between_two_requests_whatever_is_lost_meanwhile(skipped, crash):
    before = skipped.ben.state.chats[skipped.chat].counter
    begun, asked = skipped.town.now_ms, []
    while skipped.town.now_ms < begun + 5 * HOUR * 1_000:
        skipped.town.now_ms += 180_000
        skipped.ben.take(i.Tick())
        skipped.town.run(seconds=62)
        count = skipped.ben.state.chats[skipped.chat].counter - before
        asked += [skipped.town.now_ms] * (count - len(asked))
        come_back(skipped.ben, crash)
    assert len(asked) == 3
    assert asked[1] - asked[0] >= HOUR * 1_000
    assert asked[2] - asked[1] >= HOUR * 1_000


def test_who_has_helped_a_device_does_not_help_it_again_for_a_new_connection(lost):
    lost.ben.disconnect()
    holes = tally(lost.cem, lost.chat, lost.ana).holes
    lost.cem.take(i.FetchMissing(lost.chat))
    lost.town.run(seconds=15)
    given = lost.ana.state.chats[lost.chat].counter
    come_back(lost.ana, crash=False)
    holed = structs.replace(tally(lost.cem, lost.chat, lost.ana), holes=holes)
    key = lost.chat + credential(lost.ana)
    tallies = {**lost.cem.state.tallies, key: holed}
    lost.cem.state = replace(lost.cem.state, tallies=tallies, fetches={})
    lost.cem.take(i.FetchMissing(lost.chat))
    lost.town.run(seconds=15)
    assert lost.cem.state.fetches
    assert lost.ana.state.chats[lost.chat].counter == given


def test_one_request_after_another_asks_for_everything(trio):
    """More holes than a request takes: what was asked for least comes first."""
    trio.ana.say(trio.chat, "one")
    trio.town.run()
    cem, chat = trio.cem, trio.chat
    tallies = dict(cem.state.tallies)
    for person in (trio.ana, trio.ben):
        held = tuple(Hole(2 * n + 100, 2 * n + 100, n, n + 9) for n in range(20))
        key = chat + credential(person)
        tallies[key] = structs.replace(tallies[key], next=900, holes=held)
    cem.state = replace(cem.state, tallies=tallies)
    for _ in range(3):
        assert cem.take(i.FetchMissing(chat)) == MAX_SPANS
        trio.town.now_ms += SPARE_MS
    asked = [
        hole.asked
        for person in (trio.ana, trio.ben)
        for hole in tally(cem, chat, person).holes
    ]
    assert sorted(asked) == [1] * 32 + [2] * 8
    assert sum(missing(tally(cem, chat, p)) for p in (trio.ana, trio.ben)) == 40


@pytest.mark.parametrize("later", [0, SPARE_MS - 1])
def test_what_a_person_asks_for_twice_is_asked_for_once(lost, later):
    """A second request would be answered by nobody, and shut out the first's answer."""
    assert lost.cem.take(i.FetchMissing(lost.chat)) == 3
    lost.town.now_ms += later
    before = lost.cem.state
    assert lost.cem.take(i.FetchMissing(lost.chat)) == 3
    assert lost.cem.state == before
    lost.town.run(seconds=60)
    assert not tally(lost.cem, lost.chat, lost.ana).holes
    assert not tally(lost.cem, lost.chat, lost.ben).holes


def test_a_person_can_ask_again_once_somebody_would_answer(lost):
    lost.cem.take(i.FetchMissing(lost.chat))
    first = lost.cem.state.fetches[lost.chat]
    lost.town.now_ms += SPARE_MS
    lost.cem.take(i.FetchMissing(lost.chat))
    assert lost.cem.state.fetches[lost.chat].ask_id != first.ask_id
    assert {h.asked for h in tally(lost.cem, lost.chat, lost.ana).holes} == {2}


def test_who_reads_two_requests_at_once_is_heard_though_it_answers_the_first(lost):
    for person in (lost.ana, lost.ben):
        person.disconnect()
    for _ in range(2):
        lost.cem.take(i.FetchMissing(lost.chat))
        lost.town.run(seconds=0)
        lost.town.now_ms += SPARE_MS
    lost.ana.connect()
    lost.ben.connect()
    lost.town.run(seconds=60)
    assert not tally(lost.cem, lost.chat, lost.ana).holes
    assert not tally(lost.cem, lost.chat, lost.ben).holes


def test_of_requests_a_few_are_kept_and_each_opens_only_its_own_answers(lost):
    made = []
    for _ in range(MAX_EARLIER + 2):
        lost.cem.take(i.FetchMissing(lost.chat))
        made.append(lost.cem.state.fetches[lost.chat])
        lost.town.now_ms += SPARE_MS
    last = made[-1]
    found = [last.private_of(one.ask_id) for one in made]
    assert found == [b"", *(one.private for one in made[1:])]
