"""A group that is full: who comes last stays out, and nobody is split off.

The cap of 250 leaves is judged by everybody, so it is lowered here for everybody.
"""

import pytest

from privity.core import inputs as i
from privity.core.events import Notice
from privity.core.state import Status


@pytest.fixture
def dan(trio, make_friends):
    person = trio.town.person("Dan")
    trio.town.run()
    make_friends(trio.town, trio.ana, person)
    return person


@pytest.fixture
def full(monkeypatch):
    for module in ("judging", "committing"):
        monkeypatch.setattr(f"privity.core.{module}.LEAF_CAP", 3)


def asked(person):
    return next(k for k, r in person.state.requests.items() if r.state == "pending")


def authenticators(trio):
    return {p.state.groups[trio.chat].epoch_authenticator for p in trio.everybody}


def test_who_accepts_when_the_group_is_full_stays_out_and_nobody_is_split_off(
    trio, dan, full, shown
):
    trio.ana.take(i.AddMembers(trio.chat, (dan.id,)))
    trio.town.run()
    dan.take(i.Accept(asked(dan)))
    trio.town.run()
    assert len(authenticators(trio)) == 1
    assert Notice("commit_impossible", "full") in shown(trio.ana, Notice)
    assert trio.ana.state.chats[trio.chat].intents == ()
    trio.ana.say(trio.chat, "we are enough")
    trio.town.run()
    assert trio.ben.texts(trio.chat) == ["we are enough"]


def test_who_goes_makes_room_for_who_comes_in_the_same_commit(trio, dan, full):
    trio.ana.take(i.AddMembers(trio.chat, (dan.id,)))
    trio.town.run()
    trio.ana.disconnect()
    dan.take(i.Accept(asked(dan)))
    trio.town.run()
    trio.ana.take(i.RemoveMember(trio.chat, trio.cem.id))
    trio.ana.connect()
    trio.town.run()
    assert dan.state.chats[trio.chat].status is Status.ACTIVE
    assert len(trio.ben.state.groups[trio.chat].members()) == 3
