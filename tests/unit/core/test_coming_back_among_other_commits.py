"""Coming back while others commit, or behind commits that nobody follows."""

import pytest
from forger import Forger, leaf
from troubles import poison

from privity.core import inputs as i
from privity.core import requests as r
from privity.core.state import Status


def agree(trio):
    chats = [p.state.chats[trio.chat] for p in trio.everybody]
    assert {chat.status for chat in chats} == {Status.ACTIVE}
    groups = [p.state.groups[trio.chat] for p in trio.everybody]
    assert len({group.epoch_authenticator for group in groups}) == 1
    for person in trio.everybody:
        person.say(trio.chat, f"{person.state.account.name} is here")
    trio.town.run()
    for person in trio.everybody:
        assert len({t for t in person.texts(trio.chat) if t.endswith("is here")}) == 3


def trust_ana(trio):
    """Let the owners of the others confirm that the road is where only Ana says."""
    for person in (trio.cem, trio.ben):
        if person.state.chats[trio.chat].status is Status.STUCK:
            person.take(i.AskForHelp(trio.chat))
            trio.town.run(seconds=1_800)


@pytest.fixture
def before_coming_back(trio, monkeypatch):
    """Do something right in front of Cem's commit, once."""

    def let(act):
        honest, done = trio.cem.perform, []

        def perform(request):
            if isinstance(request, r.AppendEntry) and not done:
                done.append(request)
                trio.town.now_ms += 5_000
                act()
            return honest(request)

        monkeypatch.setattr(trio.cem, "perform", perform)
        return done

    return let


def test_who_is_overtaken_by_a_commit_waits_for_the_next_answer(
    trio, monkeypatch, before_coming_back
):
    poison(trio, monkeypatch)
    done = before_coming_back(lambda: Forger(trio.ben, trio.chat).commit(path=True))
    trio.town.run(seconds=1_800)
    assert done
    agree(trio)


def test_who_is_overtaken_by_an_opening_waits_for_the_next_answer(
    trio, monkeypatch, before_coming_back
):
    poison(trio, monkeypatch)
    forger = Forger(trio.ben, trio.chat)
    done = before_coming_back(lambda: forger.commit(path=True, opens=True))
    trio.town.run(seconds=1_800)
    assert done
    agree(trio)


def test_a_junk_commit_right_in_front_of_it_costs_a_token_and_a_second_opinion(
    trio, monkeypatch, before_coming_back
):
    poison(trio, monkeypatch)

    def junk():
        target = leaf(trio.ben, trio.chat, trio.ana)
        Forger(trio.ben, trio.chat).commit(remove=(target,))

    done = before_coming_back(junk)
    trio.town.run(seconds=3_600)
    assert done
    trust_ana(trio)
    agree(trio)


def test_behind_junk_that_the_answerer_has_seen_a_second_opinion_is_needed(
    trio, monkeypatch
):
    poison(trio, monkeypatch)
    trio.town.now_ms += 5_000
    target = leaf(trio.ben, trio.chat, trio.ana)
    Forger(trio.ben, trio.chat).commit(remove=(target,))
    trio.town.run(seconds=1_800)
    trust_ana(trio)
    agree(trio)


def test_behind_a_junk_opening_the_lobby_is_shut_until_somebody_goes_on(
    trio, monkeypatch
):
    poison(trio, monkeypatch)
    trio.town.now_ms += 5_000
    Forger(trio.ben, trio.chat).commit(path=True, opens=True, stated=False)
    trio.town.run(seconds=300)
    assert trio.cem.state.chats[trio.chat].status is Status.STUCK
    trio.ana.say(trio.chat, "I go on")
    trio.town.run(seconds=1_800)
    trust_ana(trio)
    agree(trio)
