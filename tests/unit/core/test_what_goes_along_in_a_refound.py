"""What a device takes along into another log, and what nobody can change by that."""

from refounds import agreed, follow

from privity.content.build import origin, text_message
from privity.core import inputs as i
from privity.core.events import ChatChanged, Line


def say_as(person, chat, text, idem, monkeypatch):
    """Let a person send a text under an idem of its choice."""
    draw = person.town.random.randbytes
    content = text_message(origin(person.id, chat, draw), text, plain=True).encode()
    first = iter([idem])
    with monkeypatch.context() as patch:
        patch.setattr(
            person.town.random, "randbytes", lambda size: next(first, b"") or draw(size)
        )
        person.take(i.SendContent(chat, content))


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


def test_nobody_changes_its_old_words_by_their_id(trio, monkeypatch):
    idem = trio.cem.say(trio.chat, "I owe you ten")
    trio.town.run()
    trio.ana.take(i.Refound(trio.chat))
    trio.town.run()
    follow(trio.town, trio.ben, trio.cem)
    say_as(trio.cem, trio.chat, "I owe you nothing", idem, monkeypatch)
    trio.town.run()
    assert trio.cem.state.outgoing[trio.chat] == ()
    assert trio.ben.texts(trio.chat) == ["I owe you ten"]


def test_who_knows_the_id_of_a_message_can_not_stop_its_author(
    trio, monkeypatch, shown
):
    idem = trio.ana.say(trio.chat, "in flight")
    lost = trio.ana.requests.pop(0)
    trio.ana.perform(lost.request)
    trio.ana.take(i.Refound(trio.chat))
    trio.town.run()
    follow(trio.town, trio.ben)
    assert trio.ana.state.outgoing[trio.chat]
    say_as(trio.ben, trio.chat, "first with your id", idem, monkeypatch)
    trio.town.run()
    follow(trio.town, trio.cem)
    assert "stuck" not in [event.status for event in shown(trio.ana, ChatChanged)]
    assert agreed(trio.everybody, trio.chat)
    assert not trio.ana.state.outgoing[trio.chat]
    for person in trio.everybody:
        assert person.texts(trio.chat).count("in flight") == 1
