"""The last repair: a chat goes on in a new log, with whoever comes along."""

import pytest
from refounds import agreed, asked, follow, stop
from troubles import DAY, poison

from privity.content.build import origin, text_message
from privity.core import inputs as i
from privity.core.errors import CommandRefused, Reason, Refusal
from privity.core.events import Line, RefoundOffered
from privity.core.state import Status


def test_everybody_is_asked_and_who_accepts_goes_on_in_the_new_log(trio, shown):
    trio.ana.say(trio.chat, "in the old log")
    trio.town.run()
    old = trio.ana.state.chats[trio.chat]
    trio.ana.take(i.Refound(trio.chat, text="the relay lost it"))
    trio.town.run()
    for person in (trio.ben, trio.cem):
        (offered,) = shown(person, RefoundOffered)
        assert (offered.chat_id, offered.account_id) == (trio.chat, trio.ana.id)
        assert person.state.chats[trio.chat].log_id == old.log_id
    follow(trio.town, trio.ben, trio.cem)
    assert agreed(trio.everybody, trio.chat)
    assert trio.ben.state.chats[trio.chat].log_id != old.log_id
    assert trio.ben.state.chats[trio.chat].title == "Picnic"
    trio.cem.say(trio.chat, "in the new log")
    trio.town.run()
    for person in trio.everybody:
        assert person.texts(trio.chat) == ["in the old log", "in the new log"]
        lines = [line for line in shown(person, Line) if line.what == "refounded"]
        assert [line.by for line in lines] == [trio.ana.id]


def test_nobody_is_moved_unasked_and_the_old_chat_goes_on_until_then(trio):
    trio.ana.take(i.Refound(trio.chat))
    trio.town.run()
    trio.ben.say(trio.chat, "still here")
    trio.town.run()
    assert trio.cem.texts(trio.chat)[-1] == "still here"
    (invite_id,) = asked(trio.cem)
    trio.cem.take(i.Decline(invite_id))
    trio.town.run(seconds=3_600)
    assert trio.cem.state.chats[trio.chat].log_id == (
        trio.ben.state.chats[trio.chat].log_id
    )
    assert not asked(trio.cem)


def test_who_is_unticked_is_not_asked_and_stays_behind(trio, shown):
    trio.ana.take(i.Refound(trio.chat, without=(trio.cem.id,)))
    trio.town.run()
    assert not asked(trio.cem)
    follow(trio.town, trio.ben)
    assert agreed((trio.ana, trio.ben), trio.chat)
    trio.ana.say(trio.chat, "without Cem")
    trio.town.run()
    assert trio.ben.texts(trio.chat) == ["without Cem"]
    assert "without Cem" not in trio.cem.texts(trio.chat)
    removed = [line.who for line in shown(trio.ana, Line) if line.what == "removed"]
    assert removed == [trio.cem.id]


def test_rules_roles_and_suite_are_the_old_ones(trio):
    before = trio.ben.state.groups[trio.chat].context
    trio.ana.take(i.Refound(trio.chat))
    trio.town.run()
    follow(trio.town, trio.ben)
    after = trio.ben.state.groups[trio.chat].context
    assert after.extensions == before.extensions
    assert after.cipher_suite == before.cipher_suite
    assert after.group_id != before.group_id


def test_what_was_written_and_not_seen_is_said_again_once(trio, monkeypatch):
    poison(trio, monkeypatch)
    trio.cem.say(trio.chat, "written while stuck")
    trio.ana.take(i.Refound(trio.chat))
    trio.town.run(seconds=0)
    follow(trio.town, trio.cem, trio.ben)
    assert agreed(trio.everybody, trio.chat)
    for person in trio.everybody:
        assert person.texts(trio.chat).count("written while stuck") == 1
    assert not any(trio.cem.state.outgoing.values())


def test_a_message_that_the_old_log_had_already_is_shown_once(trio):
    trio.ana.say(trio.chat, "in flight")
    lost = trio.ana.requests.pop(0)
    trio.ana.perform(lost.request)
    trio.ana.take(i.Refound(trio.chat))
    trio.town.run()
    assert trio.ben.texts(trio.chat) == ["in flight"]
    follow(trio.town, trio.ben, trio.cem)
    trio.ana.say(trio.chat, "and on")
    trio.town.run()
    for person in trio.everybody:
        assert person.texts(trio.chat).count("in flight") == 1
        assert person.texts(trio.chat)[-1] == "and on"


def test_two_who_talk_can_begin_anew_too(pair):
    pair.ana.say(pair.chat, "before")
    pair.town.run()
    stop(pair.ben, pair.chat, Reason.CHAIN)
    pair.ben.take(i.Refound(pair.chat))
    pair.town.run()
    follow(pair.town, pair.ana)
    assert agreed((pair.ana, pair.ben), pair.chat)
    pair.ana.say(pair.chat, "behind")
    pair.town.run()
    assert pair.ben.texts(pair.chat) == ["before", "behind"]
    assert pair.ana.state.chats[pair.chat].peer == pair.ben.id
    assert pair.ben.state.contacts[pair.ana.id].chat_id == pair.chat


def test_a_chat_that_was_refounded_can_be_refounded_again(trio):
    trio.ana.say(trio.chat, "one")
    trio.town.run()
    for text in ("two", "three"):
        trio.ana.take(i.Refound(trio.chat))
        trio.town.run()
        follow(trio.town, trio.ben, trio.cem)
        trio.ben.say(trio.chat, text)
        trio.town.run()
    assert agreed(trio.everybody, trio.chat)
    for person in trio.everybody:
        assert person.texts(trio.chat) == ["one", "two", "three"]


def test_of_two_at_once_the_owner_goes_before_and_all_come_together(trio):
    for person in (trio.ana, trio.ben):
        stop(person, trio.chat)
    for person in trio.everybody:
        person.disconnect()
    trio.town.now_ms += 8 * DAY * 1_000
    trio.ben.take(i.Refound(trio.chat))
    trio.ana.take(i.Refound(trio.chat))
    for person in trio.everybody:
        person.connect()
    stop(trio.cem, trio.chat)
    trio.town.run()
    assert not asked(trio.ana)
    follow(trio.town, trio.ben, trio.cem)
    assert agreed(trio.everybody, trio.chat)
    assert trio.ben.state.moved[trio.chat].signer == trio.ana.id


def test_who_followed_the_one_that_lost_is_asked_for_the_other(trio):
    for person in trio.everybody:
        stop(person, trio.chat)
    trio.ana.disconnect()
    trio.town.now_ms += 8 * DAY * 1_000
    trio.ben.take(i.Refound(trio.chat))
    trio.town.run()
    follow(trio.town, trio.cem)
    assert agreed((trio.ben, trio.cem), trio.chat)
    trio.ana.take(i.Refound(trio.chat))
    trio.ana.connect()
    trio.town.run()
    assert not asked(trio.ana)
    follow(trio.town, trio.ben, trio.cem)
    assert agreed(trio.everybody, trio.chat)


def test_any_member_may_when_no_owner_acts_for_a_week(trio):
    trio.ana.disconnect()
    for person in (trio.ben, trio.cem):
        stop(person, trio.chat)
    with pytest.raises(CommandRefused, match=Refusal.TOO_SOON.value):
        trio.ben.take(i.Refound(trio.chat))
    trio.town.now_ms += 7 * DAY * 1_000
    with pytest.raises(CommandRefused, match=Refusal.NOT_ALLOWED.value):
        trio.ben.take(i.Refound(trio.chat, without=(trio.cem.id,)))
    trio.ben.take(i.Refound(trio.chat))
    trio.town.run()
    follow(trio.town, trio.cem)
    assert agreed((trio.ben, trio.cem), trio.chat)


def test_who_has_not_read_all_of_the_log_reads_it_first(trio):
    trio.ana.disconnect()
    before = trio.ana.state
    with pytest.raises(CommandRefused, match=Refusal.NOT_SYNCED.value):
        trio.ana.take(i.Refound(trio.chat))
    assert trio.ana.state is before


REFUSED = {
    Refusal.NO_SUCH_CHAT: lambda trio: (trio.ana, i.Refound(bytes(16))),
    Refusal.NO_SUCH_MEMBER: lambda trio: (
        trio.ana,
        i.Refound(trio.chat, without=(bytes(16),)),
    ),
    Refusal.NOT_ALLOWED: lambda trio: (
        trio.ana,
        i.Refound(trio.chat, without=(trio.ana.id,)),
    ),
    Refusal.TOO_LARGE: lambda trio: (trio.ana, i.Refound(trio.chat, text="x" * 513)),
    Refusal.TOO_SOON: lambda trio: (trio.ben, i.Refound(trio.chat)),
}


@pytest.mark.parametrize("refusal", REFUSED)
def test_what_can_not_be_refounded_is_refused_by_name(trio, refusal):
    person, command = REFUSED[refusal](trio)
    before = person.state
    with pytest.raises(CommandRefused) as refused:
        person.take(command)
    assert refused.value.code is refusal
    assert person.state is before


def test_who_left_or_lost_its_keys_can_not_refound(trio):
    stop(trio.ana, trio.chat, Reason.OWN_LEAF)
    with pytest.raises(CommandRefused, match=Refusal.NOTHING_AGREED.value):
        trio.ana.take(i.Refound(trio.chat))
    trio.ben.take(i.Leave(trio.chat))
    with pytest.raises(CommandRefused, match=Refusal.ALREADY_LEFT.value):
        trio.ben.take(i.Refound(trio.chat))
    trio.town.run()
    assert trio.ben.state.chats[trio.chat].status is Status.LEFT
    with pytest.raises(CommandRefused, match=Refusal.CHAT_NOT_USABLE.value):
        trio.ben.take(i.Refound(trio.chat))


def test_an_old_message_is_not_replaced_by_somebody_elses_of_its_id(trio, monkeypatch):
    idem = trio.ana.say(trio.chat, "as it was")
    trio.town.run()
    trio.ana.take(i.Refound(trio.chat))
    trio.town.run()
    follow(trio.town, trio.ben, trio.cem)
    draw = trio.town.random.randbytes
    where = origin(trio.cem.id, trio.chat, draw)
    content = text_message(where, "forged", plain=True).encode()
    first = iter([idem])
    with monkeypatch.context() as patch:
        patch.setattr(
            trio.town.random, "randbytes", lambda size: next(first, b"") or draw(size)
        )
        trio.cem.take(i.SendContent(trio.chat, content))
    trio.town.run()
    assert trio.cem.state.outgoing[trio.chat] == ()
    assert trio.ben.texts(trio.chat) == ["as it was"]
