"""A device that can't follow asks its chat's members, and comes back by itself."""

import pytest
from troubles import DAY, a_plea, lobby_of, poison, post, waiting

from privity.core import inputs as i
from privity.core import pleading
from privity.core import requests as r
from privity.core.errors import CommandRefused, Reason, Refusal
from privity.core.events import ChatChanged, Line, Notice, PleaArrived
from privity.core.repairs import Stage
from privity.core.state import Status
from privity.core.step import Draft


def agree(trio):
    """Tell whether all three stand in one epoch, and nothing waits for anything."""
    chats = [p.state.chats[trio.chat] for p in trio.everybody]
    groups = [p.state.groups[trio.chat] for p in trio.everybody]
    return (
        {chat.status for chat in chats} == {Status.ACTIVE}
        and len({group.epoch_authenticator for group in groups}) == 1
        and not any(p.state.repairs or p.state.jobs for p in trio.everybody)
    )


def test_whose_slot_was_poisoned_comes_back_by_itself(trio, shown, monkeypatch):
    poison(trio, monkeypatch)
    stuck = trio.cem.state.chats[trio.chat]
    assert (stuck.status, stuck.cause) == (Status.STUCK, "path")
    assert trio.cem.state.repairs[trio.chat].stage is Stage.PLEADING
    assert trio.chat in trio.cem.state.groups
    trio.town.run(seconds=30)
    assert agree(trio)
    assert waiting(trio.ana, trio.chat) == ()
    for person in trio.everybody:
        what = [(line.what, line.by) for line in shown(person, Line)]
        assert ("rejoined", trio.cem.id) in what
    trio.cem.say(trio.chat, "I am back")
    trio.town.run()
    for person in trio.everybody:
        assert person.texts(trio.chat)[-1] == "I am back"


def test_what_it_could_not_read_is_named_as_a_gap(trio, shown, monkeypatch):
    poison(trio, monkeypatch)
    trio.town.run()
    gap = next(line for line in shown(trio.cem, Line) if line.what == "gap")
    assert int(gap.text) >= 1
    ((first, last),) = trio.cem.state.pasts[trio.chat].gaps
    assert last - first + 1 == int(gap.text)
    assert "behind the opening" in trio.ben.texts(trio.chat)
    assert "behind the opening" not in trio.cem.texts(trio.chat)


def test_what_was_queued_before_and_meanwhile_goes_out_once_and_in_order(
    trio, monkeypatch
):
    trio.cem.disconnect()
    trio.cem.say(trio.chat, "written before")
    poison(trio, monkeypatch)
    trio.cem.connect()
    trio.town.run(seconds=0)
    assert trio.cem.state.chats[trio.chat].status is Status.STUCK
    trio.cem.say(trio.chat, "written meanwhile")
    trio.town.run()
    assert agree(trio)
    for person in (trio.ana, trio.ben):
        texts = [t for t in person.texts(trio.chat) if t.startswith("written")]
        assert texts == ["written before", "written meanwhile"]
    assert not trio.cem.state.outgoing[trio.chat]


def test_a_message_whose_answer_was_lost_is_not_said_twice(trio, monkeypatch):
    trio.town.now_ms += 60_000
    trio.cem.say(trio.chat, "said once")
    lost = trio.cem.requests.pop(0)
    assert isinstance(trio.cem.perform(lost.request), r.Appended)
    trio.cem.disconnect()
    poison(trio, monkeypatch)
    trio.cem.connect()
    trio.town.run()
    assert agree(trio)
    assert trio.ben.texts(trio.chat).count("said once") == 1
    assert not trio.cem.state.outgoing[trio.chat]


def test_two_that_are_stuck_at_once_both_come_back(trio, monkeypatch):
    poison(trio, monkeypatch, trio.ben, trio.cem)
    statuses = {p.state.chats[trio.chat].status for p in (trio.ben, trio.cem)}
    assert statuses == {Status.STUCK}
    trio.town.run(seconds=300)
    assert agree(trio)


def test_who_was_away_hears_of_a_plea_when_it_comes(trio, monkeypatch):
    for person in (trio.ben, trio.ana):
        person.disconnect()
    trio.ana.connect()
    poison(trio, monkeypatch)
    trio.ana.disconnect()
    trio.town.run(seconds=3_600)
    assert trio.cem.state.chats[trio.chat].status is Status.STUCK
    trio.ben.connect()
    trio.town.run(seconds=1_200)
    assert trio.cem.state.chats[trio.chat].status is Status.ACTIVE


def test_its_owner_is_told_once_that_nobody_answers_for_a_day(trio, shown, monkeypatch):
    poison(trio, monkeypatch)
    for person in (trio.ana, trio.ben):
        person.disconnect()
    trio.town.run(seconds=3 * DAY)
    told = [n for n in shown(trio.cem, Notice) if n.code == "plea_unanswered"]
    assert len(told) == 1
    assert trio.cem.state.repairs[trio.chat].told


def test_a_disk_that_went_back_loses_its_keys_and_no_message(trio, shown):
    old = dict(trio.cem.disk)
    trio.cem.say(trio.chat, "after the copy")
    trio.town.run()
    trio.cem.disk = old
    trio.cem.crash()
    trio.cem.connect()
    trio.town.run(seconds=0)
    assert ChatChanged(trio.chat, "stuck", "rolled_back") in trio.cem.events
    assert trio.chat not in trio.cem.state.groups
    trio.town.run()
    assert agree(trio)
    assert trio.ben.texts(trio.chat).count("after the copy") == 1


def test_an_old_copy_that_sends_what_a_newer_one_has_sent_says_it_once(pair):
    pair.ana.say(pair.chat, "in flight at the copy")
    old = dict(pair.ana.disk)
    pair.ana.requests.clear()
    pair.town.now_ms += 8 * DAY * 1_000
    pair.ben.say(pair.chat, "opens")
    pair.town.run()
    pair.ana.disconnect()
    pair.ana.connect()
    pair.town.run()
    assert pair.ben.texts(pair.chat).count("in flight at the copy") == 1
    pair.ana.disk = old
    pair.ana.crash()
    pair.ana.connect()
    pair.town.run(seconds=60)
    assert pair.ana.state.chats[pair.chat].status is Status.ACTIVE
    assert not pair.ana.state.outgoing[pair.chat]
    pair.ana.say(pair.chat, "and on")
    pair.town.run()
    texts = pair.ben.texts(pair.chat)
    assert texts.count("in flight at the copy") == 1
    assert texts[-1] == "and on"


def test_who_was_removed_meanwhile_gets_no_answer(trio, monkeypatch):
    poison(trio, monkeypatch)
    trio.ana.take(i.RemoveMember(trio.chat, trio.cem.id))
    trio.town.run(seconds=7_200)
    assert trio.cem.state.chats[trio.chat].status is Status.STUCK
    members = [leaf for _, leaf in trio.ana.state.groups[trio.chat].members()]
    assert all(m.credential.identity[:16] != trio.cem.id for m in members)
    assert waiting(trio.ana, trio.chat) == ()


def test_a_leaf_that_came_back_today_waits_for_a_person(trio, shown, monkeypatch):
    poison(trio, monkeypatch)
    trio.town.run()
    trio.cem.disconnect()
    plea, seed = a_plea(trio.cem, trio.chat)
    post(trio.cem, trio.chat, plea, seed)
    trio.town.run()
    for person in (trio.ana, trio.ben):
        (asked,) = shown(person, PleaArrived)
        assert (asked.account_id, asked.why) == (trio.cem.id, "again")
    assert not _answers(trio.cem, trio.chat, plea)
    trio.ben.take(i.AnswerPlea(trio.chat, plea.plea_id))
    trio.town.run()
    assert len(_answers(trio.cem, trio.chat, plea)) == 1
    assert not trio.ben.state.plights


def test_a_person_s_answer_waits_for_the_newest_head(trio, shown, monkeypatch):
    poison(trio, monkeypatch)
    trio.town.run()
    trio.cem.disconnect()
    plea, seed = a_plea(trio.cem, trio.chat)
    post(trio.cem, trio.chat, plea, seed)
    trio.town.run(seconds=600)
    trio.town.now_ms += 3_600_000
    trio.ben.take(i.AnswerPlea(trio.chat, plea.plea_id))
    assert not _answers(trio.cem, trio.chat, plea)
    trio.town.run()
    assert len(_answers(trio.cem, trio.chat, plea)) == 1
    assert not trio.ben.state.plights
    assert not trio.ben.state.session.decided


def test_a_person_s_answer_is_for_the_plea_that_it_saw(trio, shown, monkeypatch):
    """And for no other one that the relay shows under its id."""
    poison(trio, monkeypatch)
    trio.town.run()
    trio.cem.disconnect()
    plea, seed = a_plea(trio.cem, trio.chat)
    post(trio.cem, trio.chat, plea, seed)
    trio.town.run(seconds=600)
    trio.town.now_ms += 3_600_000
    trio.ben.take(i.AnswerPlea(trio.chat, plea.plea_id))
    trio.town.logs.execute("DELETE FROM pleas WHERE plea_id = ?", (plea.plea_id,))
    other, seed = a_plea(trio.cem, trio.chat, plea_id=plea.plea_id)
    body = post(trio.cem, trio.chat, other, seed)
    trio.town.run()
    assert not _answers(trio.cem, trio.chat, other)
    (plight,) = trio.ben.state.plights.values()
    assert plight.body == body
    trio.ben.take(i.AnswerPlea(trio.chat, plea.plea_id))
    trio.town.run()
    assert len(_answers(trio.cem, trio.chat, other)) == 1


def _answers(person, chat, plea):
    lobby = lobby_of(person, chat)
    log_id = person.state.chats[chat].log_id
    got = person.perform(
        r.ReadAnswers(log_id, lobby.generation, lobby.seed, plea.plea_id)
    )
    return got.answers


def test_after_a_day_a_leaf_is_helped_again_without_asking(trio, shown, monkeypatch):
    poison(trio, monkeypatch)
    trio.town.run()
    trio.cem.disconnect()
    trio.town.now_ms += (DAY + 60) * 1_000
    plea, seed = a_plea(trio.cem, trio.chat)
    post(trio.cem, trio.chat, plea, seed)
    trio.town.run()
    assert not shown(trio.ana, PleaArrived)
    assert _answers(trio.cem, trio.chat, plea)


def test_a_plea_that_is_gone_can_not_be_answered(trio):
    before = trio.ana.state
    with pytest.raises(CommandRefused, match=Refusal.NO_SUCH_PLEA.value):
        trio.ana.take(i.AnswerPlea(trio.chat, bytes(16)))
    assert trio.ana.state is before


def test_a_chat_that_goes_on_needs_no_help(trio):
    before = trio.cem.state
    with pytest.raises(CommandRefused, match=Refusal.NOT_STUCK.value):
        trio.cem.take(i.AskForHelp(trio.chat))
    assert trio.cem.state is before


def test_where_the_relay_shows_two_histories_a_person_asks(trio):
    draft = Draft(trio.cem.state, trio.town.context())
    pleading.stop(draft, draft.state.chats[trio.chat], Reason.CHAIN)
    assert not draft.state.repairs
    trio.cem.state = draft.state
    trio.cem.take(i.AskForHelp(trio.chat))
    trio.town.run()
    assert agree(trio)


def test_lobby_keys_are_kept_for_400_days_and_roads_and_helps_are_bounded(trio):
    for _ in range(3):
        trio.town.now_ms += 8 * DAY * 1_000
        trio.ana.say(trio.chat, "opens")
        trio.town.run()
    kept = trio.ana.state.pasts[trio.chat]
    assert len(kept.lobbies) >= 4
    assert kept.road[-1] == trio.ana.state.chats[trio.chat].parent
    trio.town.now_ms += 401 * DAY * 1_000
    trio.ana.say(trio.chat, "opens")
    trio.town.run()
    generations = [k.generation for k in trio.ana.state.pasts[trio.chat].lobbies]
    assert len(generations) == 2
    assert generations[-1] == trio.ana.state.chats[trio.chat].generation


def test_who_was_removed_asks_ever_more_rarely(trio, monkeypatch):
    poison(trio, monkeypatch)
    trio.ana.take(i.RemoveMember(trio.chat, trio.cem.id))
    trio.town.run(seconds=60)
    # An answer from before the removal would keep its plea for fourteen days.
    trio.town.logs.execute("DELETE FROM answers")
    pleas = set()
    for _ in range(7 * 24):
        trio.town.run(seconds=3_600)
        trio.town.now_ms += 1
        pleas.add(trio.cem.state.repairs[trio.chat].plea_id)
    assert 6 <= len(pleas) <= 24


def test_who_was_removed_while_it_was_stuck_leaves_and_can_be_invited_again(
    trio, ask, monkeypatch
):
    poison(trio, monkeypatch)
    trio.ana.take(i.RemoveMember(trio.chat, trio.cem.id))
    trio.town.run()
    trio.cem.take(i.Leave(trio.chat))
    trio.ana.take(i.AddMembers(trio.chat, (trio.cem.id,)))
    trio.town.run()
    trio.cem.take(i.Accept(ask(trio.cem)))
    trio.town.run(seconds=120)
    assert agree(trio)
    trio.cem.say(trio.chat, "new here")
    trio.town.run()
    assert trio.ben.texts(trio.chat)[-1] == "new here"


def test_who_left_keeps_no_key_of_a_lobby(trio):
    trio.ana.take(i.RemoveMember(trio.chat, trio.cem.id))
    trio.ben.take(i.Leave(trio.chat))
    trio.town.run()
    for person in (trio.ben, trio.cem):
        assert trio.chat not in person.state.pasts
        assert trio.chat not in person.state.groups
