"""What is promised of chats that are begun anew is asked of everybody who is honest."""

from dataclasses import replace

import pytest
from msgspec import structs

from privity.core import inputs as i
from privity.core.events import Notice
from privity.core.state import Status
from tests.sim.deeds import Deed, perform
from tests.sim.lives import begin
from tests.sim.promised import AGREE
from tests.sim.promises_of_refounds import broken_by_refounds
from tests.sim.run import rest
from tests.sim.schedule import FIRST_REFOUND


@pytest.fixture
def world():
    found = begin(FIRST_REFOUND)
    rest(found)
    assert broken_by_refounds(found) == []
    return found


@pytest.fixture
def late(world):
    """One who stays in the old log while the others follow into a new one."""
    perform(world, Deed(1, "refound", 0, 1))
    world.town.run()
    asked = [
        (person, invite_id)
        for person in world.people
        for invite_id, request in person.state.requests.items()
        if request.refound and request.state == "pending"
    ]
    for person, invite_id in asked[:-1]:
        person.take(i.Accept(invite_id))
    world.town.run(seconds=30)
    return asked[-1][0]


def disagreements(world):
    return [text for promise, text in broken_by_refounds(world) if promise == AGREE]


def test_a_member_that_takes_itself_for_removed_breaks_a_promise(world):
    person = world.people[1]
    chat = structs.replace(person.state.chats[world.group], status=Status.REMOVED)
    chats = {**person.state.chats, world.group: chat}
    person.state = replace(person.state, chats=chats)
    (told,) = disagreements(world)
    assert told.startswith(f"{world.name(person)} takes itself for removed")


def test_who_stays_behind_breaks_a_promise_even_if_its_slot_was_poisoned(world, late):
    world.poisoned.add(world.name(late))
    (told,) = disagreements(world)
    assert told.startswith(f"{world.name(late)} is in another log")
    late.events.append(Notice("refound_doubted", "epoch"))
    assert disagreements(world) == []
