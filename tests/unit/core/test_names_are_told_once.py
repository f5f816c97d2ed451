"""How often members tell newcomers their names: not once for each of many commits."""

import pytest

from privity.core import inputs as i


@pytest.fixture
def newcomers(trio, make_friends):
    """Three more friends of Ana's."""
    people = [trio.town.person(name) for name in ("Dan", "Eve", "Fay")]
    trio.town.run()
    for person in people:
        make_friends(trio.town, trio.ana, person)
    return people


def asked(person):
    return next(k for k, r in person.state.requests.items() if r.state == "pending")


def invite(trio, people):
    trio.ana.take(i.AddMembers(trio.chat, tuple(p.id for p in people)))
    trio.town.run()


def test_who_slept_while_many_came_tells_them_its_name_in_one_message(trio, newcomers):
    trio.ben.disconnect()
    for person in newcomers:
        invite(trio, [person])
        person.take(i.Accept(asked(person)))
        trio.town.run()
    before = len(trio.ben.sent_frames)
    trio.ben.connect()
    trio.town.run()
    assert len(trio.ben.sent_frames) == before + 1
    names = {p.state.contacts[trio.ben.id].name for p in newcomers}
    assert names == {"Ben"}


def test_who_lets_in_several_at_once_greets_them_in_one_message(trio, newcomers):
    invite(trio, newcomers)
    trio.ana.disconnect()
    for person in newcomers:
        person.take(i.Accept(asked(person)))
    trio.town.run()
    before = len(trio.ana.sent_frames)
    trio.ana.connect()
    trio.town.run()
    # The first acceptance is committed at once, the other two in the next epoch.
    assert len(trio.ana.sent_frames) == before + 4
    for person in newcomers:
        assert person.state.chats[trio.chat].title == "Picnic"
        assert person.state.contacts[trio.ana.id].name == "Ana"
