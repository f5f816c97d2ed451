"""Where a refound can't lead on, a person still can: by leaving and being invited."""

import pytest
from refounds import agreed, asked, follow, stop
from troubles import DAY

from privity.core import inputs as i
from privity.core.effects import MessageState
from privity.core.errors import CommandRefused, Reason, Refusal
from privity.core.state import Status


def refused(person, command, refusal):
    """See a command refused by name, and nothing changed by it."""
    before = person.state
    with pytest.raises(CommandRefused) as error:
        person.take(command)
    assert error.value.code is refusal
    assert person.state is before


def test_who_is_alone_in_a_log_can_not_move_anybody_out_of_it(trio):
    trio.ana.take(i.Refound(trio.chat))
    trio.town.run()
    refused(trio.ana, i.Refound(trio.chat), Refusal.NOTHING_AGREED)
    trio.town.now_ms += 31 * DAY * 1_000
    trio.ana.disconnect()
    trio.ana.connect()
    trio.town.run()
    assert not [v for v in trio.ana.state.invites.values() if v.refound]
    refused(trio.ana, i.Refound(trio.chat), Refusal.NOTHING_AGREED)


def test_who_asked_others_along_waits_for_them_before_the_next_log(trio):
    trio.ana.take(i.Refound(trio.chat))
    trio.town.run()
    follow(trio.town, trio.ben)
    refused(trio.ana, i.Refound(trio.chat), Refusal.NOTHING_AGREED)
    follow(trio.town, trio.cem)
    trio.ana.take(i.Refound(trio.chat))
    trio.town.run()
    follow(trio.town, trio.ben, trio.cem)
    assert agreed(trio.everybody, trio.chat)


@pytest.mark.parametrize("accepts", [False, True], ids=["silent", "accepted"])
def test_who_does_not_come_is_gone_on_without_by_name(trio, accepts):
    """One who never answers keeps nobody from the next log for a month."""
    trio.ana.take(i.Refound(trio.chat))
    trio.town.run()
    follow(trio.town, trio.ben)
    if accepts:
        trio.ana.disconnect()
        (invite_id,) = asked(trio.cem)
        trio.cem.take(i.Accept(invite_id))
        trio.town.run()
        trio.ana.connect()
        while not trio.ana.state.chats[trio.chat].intents:
            assert trio.ana.act()
        trio.ana.requests.clear()
    with pytest.raises(CommandRefused) as error:
        trio.ana.take(i.Refound(trio.chat))
    assert (error.value.code, error.value.detail) == (Refusal.NOTHING_AGREED, "Cem")
    trio.ana.take(i.Refound(trio.chat, without=(trio.cem.id,)))
    assert not [
        v for v in trio.ana.state.invites.values() if v.account_id == trio.cem.id
    ]
    trio.town.run()
    follow(trio.town, trio.ben)
    assert agreed((trio.ana, trio.ben), trio.chat)
    trio.ana.say(trio.chat, "without Cem")
    trio.town.run()
    assert trio.ben.texts(trio.chat) == ["without Cem"]
    assert trio.cem.texts(trio.chat) == []
    assert trio.cem.state.chats[trio.chat].status is Status.ACTIVE


def test_who_is_stuck_can_leave_alone_and_keeps_only_what_was_said(trio):
    trio.cem.say(trio.chat, "said")
    trio.town.run()
    for person in (trio.ana, trio.ben):
        person.disconnect()
    stop(trio.cem, trio.chat, Reason.GONE)
    waiting = trio.cem.say(trio.chat, "never said")
    trio.town.run()
    trio.cem.take(i.Leave(trio.chat))
    chat, state = trio.cem.state.chats[trio.chat], trio.cem.state
    assert (chat.status, chat.secret, chat.intents) == (Status.LEFT, b"", ())
    for table in (state.groups, state.pasts, state.repairs, state.pending):
        assert trio.chat not in table
    assert not state.outgoing[trio.chat]
    assert not state.jobs
    assert trio.cem.rows[trio.chat, waiting].state is MessageState.FAILED
    assert trio.cem.texts(trio.chat) == ["said", "never said"]
    trio.town.run(seconds=3_600)
    assert trio.cem.state.chats[trio.chat].status is Status.LEFT


def test_who_left_for_good_while_its_commit_waited_is_not_brought_back(trio):
    stop(trio.cem, trio.chat, Reason.GONE)
    for _ in range(60):
        trio.town.now_ms += 1_000
        trio.town._ring()
        for person in trio.everybody:
            person.take(i.Tick())
            while trio.chat not in trio.cem.state.pending and person.act():
                pass
    assert trio.chat in trio.cem.state.pending
    trio.cem.take(i.Leave(trio.chat))
    trio.town.run(seconds=3_600)
    assert trio.cem.state.chats[trio.chat].status is Status.LEFT
    assert not trio.cem.state.pending


def test_who_can_not_judge_leaves_and_comes_as_somebody_invited(trio, ask):
    trio.ben.disconnect()
    stop(trio.cem, trio.chat, Reason.OWN_LEAF)
    trio.ana.take(i.Refound(trio.chat))
    trio.town.run()
    assert not asked(trio.cem)
    trio.cem.take(i.Leave(trio.chat))
    trio.cem.take(i.Accept(ask(trio.cem)))
    trio.town.run()
    assert agreed((trio.ana, trio.cem), trio.chat)


def test_who_did_not_come_along_can_be_invited_anew(trio):
    trio.ana.take(i.Refound(trio.chat))
    trio.town.run()
    follow(trio.town, trio.ben)
    (invite_id,) = asked(trio.cem)
    trio.cem.take(i.Decline(invite_id))
    trio.ana.take(i.AddMembers(trio.chat, (trio.cem.id,)))
    trio.town.run()
    follow(trio.town, trio.cem)
    assert agreed(trio.everybody, trio.chat)


def test_who_has_accepted_is_not_asked_once_more(trio):
    trio.ana.take(i.Refound(trio.chat))
    trio.town.run()
    trio.ana.disconnect()
    follow(trio.town, trio.cem)
    trio.ana.connect()
    while not any(v.state == "accepted" for v in trio.ana.state.invites.values()):
        assert trio.ana.act()
    refused(trio.ana, i.AddMembers(trio.chat, (trio.cem.id,)), Refusal.ALREADY_ASKED)


@pytest.mark.parametrize("accepts", [False, True], ids=["undecided", "accepted"])
def test_who_is_asked_along_once_more_follows_the_later_call(trio, accepts):
    """The key that the first call gave out is forgotten: an answer opens nothing."""
    trio.ana.take(i.Refound(trio.chat))
    trio.town.run()
    follow(trio.town, trio.ben)
    (first,) = asked(trio.cem)
    trio.ana.disconnect()
    if accepts:
        trio.cem.take(i.Accept(first))
        trio.town.run()
    trio.ana.take(i.AddMembers(trio.chat, (trio.cem.id,)))
    trio.ana.connect()
    trio.town.run()
    assert asked(trio.cem) != [first]
    assert trio.cem.state.requests[first].state == "declined"
    follow(trio.town, trio.cem)
    assert agreed(trio.everybody, trio.chat)
