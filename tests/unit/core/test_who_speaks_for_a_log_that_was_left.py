"""A second statement about a log that was left: from whom it counts, and how long."""

from dataclasses import replace

import pytest
from refounds import agreed, asked, call, follow, stop
from troubles import DAY

from privity.core import inputs as i
from privity.core import leaves, moving, offers
from privity.core.errors import Doubt, Reason, RefoundDoubted
from privity.core.events import Notice
from privity.core.moving import judged
from privity.core.refounds import Refounding, Signer, rank
from privity.core.state import Status
from privity.core.step import Draft


@pytest.fixture
def board(town, strangers, make_friends, ask, monkeypatch):
    """Return three people in a group that all of them own, and its id."""
    ana, ben, cem = strangers
    make_friends(town, ana, ben)
    make_friends(town, ana, cem)
    ids = (ana.id, ben.id, cem.id)
    with monkeypatch.context() as patch:
        patch.setattr(
            "privity.core.chats.chat_extensions",
            lambda chat_id, kind, _: leaves.chat_extensions(chat_id, kind, ids),
        )
        chat = ana.take(i.CreateGroup("Board", (ben.id, cem.id)))
    town.run()
    for person in (ben, cem):
        person.take(i.Accept(ask(person)))
    town.run()
    town.now_ms += 5_000
    return ana, ben, cem, chat


def begin(town, chat, first, *others, without=()):
    """Let one begin a chat anew, and others follow."""
    first.take(i.Refound(chat, without=without))
    town.run()
    follow(town, *others)
    assert agreed((first, *others), chat)


def better(signer, person, chat):
    """Return a statement that goes before the one which a person followed."""
    moved = person.state.moved[chat]
    followed = Refounding.decode(moved.statement)
    place = rank(moved.ground, moved.signer, followed)
    other = replace(followed, without=())
    while rank(moved.ground, signer.id, other) >= place:
        other = replace(other, log_id=person.town.random.randbytes(16))
    return other


def doubt(person):
    """Return why the newest statement that came to a person did not hold."""
    notices = [e for e in person.events if isinstance(e, Notice)]
    return [n.detail for n in notices if n.code == "refound_doubted"][-1:]


def test_who_did_not_come_along_yet_can_state_something_better(board, town):
    ana, ben, cem, chat = board
    begin(town, chat, ana, ben)
    call(cem, chat, better(cem, ben, chat), (ben,))
    assert len(asked(ben)) == 1


def test_who_was_removed_in_the_new_log_moves_nobody_out_of_it(board, town):
    ana, ben, cem, chat = board
    begin(town, chat, ana, ben, cem)
    statement = better(cem, ben, chat)
    ana.take(i.RemoveMember(chat, cem.id))
    town.run()
    call(cem, chat, statement, (ana, ben))
    for person in (ana, ben):
        assert doubt(person) == [Doubt.SIGNER.value]
        assert not asked(person)


def test_who_left_the_new_log_moves_nobody_out_of_it(board, town):
    ana, ben, cem, chat = board
    begin(town, chat, ana, ben, cem)
    statement = better(cem, ben, chat)
    cem.take(i.Leave(chat))
    town.run()
    call(cem, chat, statement, (ben,))
    assert doubt(ben) == [Doubt.SIGNER.value]


def test_who_is_out_stays_so_where_something_better_is_followed(board, town):
    ana, ben, cem, chat = board
    begin(town, chat, ana, ben, cem)
    former = better(cem, ben, chat)
    ana.take(i.RemoveMember(chat, cem.id))
    town.run()
    before = ben.state.moved[chat]
    town.now_ms += 20 * DAY * 1_000
    call(ana, chat, better(ana, ben, chat), (ben,))
    (invite_id,) = asked(ben)
    draft = Draft(ben.state, town.context())
    request = ben.state.requests[invite_id]
    moving.follow(draft, ben.state.chats[chat], request)
    after = draft.state.moved[chat]
    assert after.statement == request.refound != before.statement
    assert not after.is_over(before.at + 30 * DAY - 1)
    assert after.is_over(before.at + 30 * DAY)
    claim = offers.certificate(cem.state.account).claim
    signer = Signer(cem.id, claim.identity_key, claim.signature_key)
    with pytest.raises(RefoundDoubted, match=Doubt.SIGNER.value):
        moving.judge(draft, signer, former)


def test_who_was_left_out_moves_nobody_back(board, town):
    ana, ben, cem, chat = board
    begin(town, chat, ana, ben, without=(cem.id,))
    call(cem, chat, better(cem, ben, chat), (ben,))
    assert doubt(ben) == [Doubt.SIGNER.value]
    assert not asked(ben)


def test_who_came_back_by_a_plea_believes_nobody_that_is_gone(board, town):
    ana, ben, cem, chat = board
    begin(town, chat, ana, ben, cem)
    statement = better(cem, ben, chat)
    stop(ben, chat, Reason.GONE)
    ana.take(i.RemoveMember(chat, cem.id))
    town.run(seconds=3_600)
    assert agreed((ana, ben), chat)
    call(cem, chat, statement, (ben,))
    assert doubt(ben) == [Doubt.SIGNER.value]


def test_an_offer_of_who_is_removed_meanwhile_can_not_be_accepted(board, town):
    ana, ben, cem, chat = board
    begin(town, chat, ana, ben, cem)
    call(cem, chat, better(cem, ben, chat), (ben,))
    (invite_id,) = asked(ben)
    ana.take(i.RemoveMember(chat, cem.id))
    town.run()
    draft = Draft(ben.state, town.context())
    with pytest.raises(RefoundDoubted, match=Doubt.SIGNER.value):
        judged(draft, ben.state.requests[invite_id])


def test_after_a_month_nobody_states_anything_about_the_old_log(board, town):
    ana, ben, cem, chat = board
    begin(town, chat, ana, ben)
    call(cem, chat, better(cem, ben, chat), (ben,))
    (invite_id,) = asked(ben)
    town.now_ms += 30 * DAY * 1_000
    draft = Draft(ben.state, town.context())
    with pytest.raises(RefoundDoubted, match=Doubt.OTHER_LOG.value):
        judged(draft, ben.state.requests[invite_id])
    ben.disconnect()
    ben.connect()
    assert chat not in ben.state.moved


def test_who_is_no_member_any_more_keeps_nothing_of_the_old_log(board, town):
    ana, ben, cem, chat = board
    begin(town, chat, ana, ben, cem)
    ana.take(i.RemoveMember(chat, cem.id))
    ben.take(i.Leave(chat))
    town.run()
    for person, status in ((cem, Status.REMOVED), (ben, Status.LEFT)):
        assert person.state.chats[chat].status is status
        assert chat not in person.state.moved


def test_an_own_statement_ends_what_stands_behind_it(trio):
    for person in trio.everybody:
        stop(person, trio.chat)
    trio.town.now_ms += 8 * DAY * 1_000
    trio.ben.take(i.Refound(trio.chat))
    trio.town.run()
    (invite_id,) = asked(trio.ana)
    trio.ben.disconnect()
    trio.ana.take(i.Accept(invite_id))
    trio.ana.take(i.Refound(trio.chat))
    trio.town.run()
    mine = trio.ana.state.chats[trio.chat].log_id
    draft = Draft(trio.ana.state, trio.town.context())
    with pytest.raises(RefoundDoubted, match=Doubt.OVERTAKEN.value):
        judged(draft, trio.ana.state.requests[invite_id])
    trio.ben.connect()
    trio.town.run()
    assert trio.ana.state.chats[trio.chat].log_id == mine
    follow(trio.town, trio.ben, trio.cem)
    assert agreed(trio.everybody, trio.chat)


def test_an_own_statement_leaves_the_better_one_to_be_accepted(trio):
    for person in trio.everybody:
        stop(person, trio.chat)
    trio.town.now_ms += 8 * DAY * 1_000
    trio.ana.take(i.Refound(trio.chat))
    trio.town.run()
    trio.ben.take(i.Refound(trio.chat))
    trio.town.run()
    follow(trio.town, trio.ben, trio.cem)
    assert agreed(trio.everybody, trio.chat)
