"""What a device takes along into another log, and what nobody can change by that."""

from refounds import agreed, follow

from privity.core import inputs as i
from privity.core.events import Line


def test_nobody_is_told_of_missing_messages_because_a_chat_has_moved(trio, shown):
    for n in range(3):
        for person in trio.everybody:
            person.say(trio.chat, f"{person.state.account.name} {n}")
        trio.town.run()
    trio.ana.take(i.Refound(trio.chat))
    trio.town.run()
    for person in (trio.ben, trio.cem):
        follow(trio.town, person)
    for person in trio.everybody:
        person.say(trio.chat, "here as well")
        trio.town.run(seconds=120)
    assert agreed(trio.everybody, trio.chat)
    for person in trio.everybody:
        assert not [line for line in shown(person, Line) if line.what == "missing"]
        tallies = person.state.tallies.items()
        assert not any(t.holes for key, t in tallies if key.startswith(trio.chat))


def test_what_is_lost_in_the_new_log_is_missed_there(trio):
    trio.ana.take(i.Refound(trio.chat))
    trio.town.run()
    follow(trio.town, trio.ben, trio.cem)
    trio.cem.say(trio.chat, "heard")
    trio.town.run()
    key = trio.chat + trio.cem.id + trio.cem.state.account.device_id
    assert (
        trio.ben.state.tallies[key].next == trio.cem.state.chats[trio.chat].counter + 1
    )
