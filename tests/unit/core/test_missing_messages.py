"""Missing messages: each sender's count says how many of them, and of whom."""

from privity.content.control import Nothing
from privity.content.mimi import MimiContent
from privity.content.view import Control, read
from privity.core import inputs as i
from privity.core.tallies import (
    MAX_COUNTER,
    MAX_HOLES,
    Hole,
    Tally,
    find_hole,
    heard,
    missing,
)
from privity.core.values import decode, encode


def credential(person):
    account = person.state.account
    return account.account_id + account.device_id


def tally(reader, chat, sender):
    return reader.state.tallies[chat + credential(sender)]


def test_who_hears_everything_misses_nothing(trio):
    for text in ("one", "two", "three"):
        trio.ana.say(trio.chat, text)
    trio.town.run()
    for person in (trio.ben, trio.cem):
        found = tally(person, trio.chat, trio.ana)
        assert missing(found) == 0
        assert found.next == trio.ana.state.chats[trio.chat].counter + 1


def test_a_restart_forgets_no_count(trio):
    trio.ana.say(trio.chat, "one")
    trio.town.run()
    before = trio.ben.state.tallies
    trio.ben.crash()
    assert trio.ben.state.tallies == before
    assert before


def test_a_newcomer_misses_nothing_of_the_time_before(trio, town, make_friends):
    dan = town.person("Dan", "dan")
    town.run()
    trio.ana.say(trio.chat, "before")
    make_friends(town, trio.ana, dan)
    trio.ana.take(i.AddMembers(trio.chat, (dan.id,)))
    town.run()
    dan.take(i.Accept(next(k for k, v in dan.state.requests.items() if v.title)))
    town.run()
    trio.ana.say(trio.chat, "after")
    town.run()
    assert missing(tally(dan, trio.chat, trio.ana)) == 0
    assert tally(trio.ben, trio.chat, dan).since > 0


def test_a_message_that_is_taken_back_leaves_no_hole(trio, shown):
    trio.ana.disconnect()
    first = trio.ana.say(trio.chat, "never mind")
    trio.ana.say(trio.chat, "hello")
    trio.ana.take(i.TakeBack(trio.chat, first))
    trio.ana.connect()
    trio.town.run()
    assert "never mind" not in trio.ben.texts(trio.chat)
    assert trio.ben.texts(trio.chat)[-1] == "hello"
    assert missing(tally(trio.ben, trio.chat, trio.ana)) == 0
    said = [read(MimiContent.decode(m.content)) for m in _contents(trio.ben, trio.chat)]
    assert Control((Nothing(),)) in said


def _contents(person, chat):
    return [m for m in person.messages(chat) if m.state.value == "received"]


def test_a_jump_in_the_count_is_a_hole_between_two_places():
    found = heard(Tally(next=4, seq=10), 7, 15)
    assert found.holes == (Hole(4, 6, 10, 15),)
    assert (missing(found), found.next, found.seq) == (3, 8, 15)


def test_what_comes_late_fills_its_part_of_a_hole():
    found = Tally(next=8, seq=15, holes=(Hole(4, 6, 10, 15),))
    found = heard(found, 5, 12)
    assert found.holes == (Hole(4, 4, 10, 15), Hole(6, 6, 10, 15))
    found = heard(heard(found, 4, 11), 6, 13)
    assert (found.holes, found.next, found.seq) == ((), 8, 15)


def test_a_number_that_is_used_twice_changes_nothing():
    before = Tally(next=8, seq=15)
    assert heard(before, 3, 16) == before


def test_a_sender_can_make_only_so_many_holes():
    found = Tally(next=1)
    for place in range(1, 100):
        found = heard(found, 3 * place, place)
    assert len(found.holes) == MAX_HOLES
    assert find_hole(found, found.next - 2) is not None
    assert find_hole(found, 1) is None


def test_the_largest_number_costs_no_more_than_another():
    before = Tally(next=1)
    assert heard(before, (1 << 64) - 1, 9) == before
    found = heard(before, MAX_COUNTER - 1, 9)
    assert len(found.holes) == 1
    assert decode(Tally, encode(found)) == found
