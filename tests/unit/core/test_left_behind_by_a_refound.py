"""Who is left out of a chat's new log is told by whom, and keeps what it has."""

from refounds import agreed, asked, follow

from privity.core import inputs as i
from privity.core import refounding
from privity.core.events import Line, Notice


def lines(person):
    return [e for e in person.events if isinstance(e, Line) and e.what == "left_behind"]


def test_a_line_says_by_whom_and_nothing_else_changes(trio, shown):
    ben, before = trio.ben, trio.ben.state
    trio.ana.take(i.Refound(trio.chat, (ben.id,)))
    trio.town.run()
    (line,) = lines(ben)
    assert (line.by, line.who) == (trio.ana.id, ben.id)
    assert ben.state.chats == before.chats
    assert ben.state.requests == before.requests
    assert not asked(ben)
    assert not [n for n in shown(ben, Notice) if n.code == "refound_doubted"]


def test_the_others_go_on_without_waiting_for_who_was_told(trio):
    trio.ben.disconnect()
    trio.ana.take(i.Refound(trio.chat, (trio.ben.id,)))
    trio.town.run()
    follow(trio.town, trio.cem)
    trio.ana.say(trio.chat, "we two")
    trio.town.run()
    assert agreed((trio.ana, trio.cem), trio.chat)
    assert trio.cem.texts(trio.chat)[-1] == "we two"
    assert not trio.ana.state.invites
    assert trio.ben.id not in {
        leaf.credential.identity[:16]
        for _, leaf in trio.ana.state.groups[trio.chat].members()
    }
    trio.ben.connect()
    trio.town.run()
    assert lines(trio.ben)


def test_only_who_may_leave_somebody_out_is_believed(trio, monkeypatch, shown):
    monkeypatch.setattr(refounding, "_check_standing", lambda *_: None)
    trio.ben.take(i.Refound(trio.chat, (trio.cem.id,)))
    trio.town.run()
    assert not lines(trio.cem)
    assert "refound_doubted" in [notice.code for notice in shown(trio.cem, Notice)]
