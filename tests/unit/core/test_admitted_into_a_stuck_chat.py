"""An admission into a chat that is stuck here waits for its owner, without words."""

import pytest
from admissions import accepted, admission, deliver
from gathered import pending
from losing import tally
from refounds import stop
from town import Killed

from privity.core import engine
from privity.core import inputs as i
from privity.core.effects import MessageState
from privity.core.errors import CommandRefused, Reason, Refusal
from privity.core.events import Notice, ReadmissionOffered
from privity.core.requests import JoinWalk, Refused
from privity.core.state import ChatKind, Status
from privity.core.step import Context
from privity.core.tallies import missing

WAITING = "now that Ben is out"
KEPT = ("chats", "groups", "pasts", "repairs", "outgoing", "contacts", "jobs")


def parted(trio, removes=True):
    """Let Cem stop with something to say, and Ben be removed, or Cem; Ana is away."""
    trio.cem.say(trio.chat, "hello")
    trio.town.run()
    trio.cem.disconnect()
    stop(trio.cem, trio.chat, Reason.GONE)
    trio.cem.say(trio.chat, WAITING)
    out = trio.ben if removes else trio.cem
    trio.ana.take(i.RemoveMember(trio.chat, out.id))
    trio.town.run()
    return trio


@pytest.fixture
def stuck(trio, make_friends):
    """Cem can't follow, and has something to say; Ben was removed meanwhile."""
    make_friends(trio.town, trio.ben, trio.cem)
    parted(trio).ana.disconnect()
    trio.cem.connect()
    return trio


def takes_over(trio):
    """Let Ben begin another chat under the id of the one that he is out of."""
    ids = [trio.chat]

    def random(size):
        return ids.pop() if ids else trio.town.random.randbytes(size)

    command = i.CreateGroup("Picnic", (trio.cem.id,))
    step = engine.step(trio.ben.state, command, Context(trio.town.now_ms, random))
    trio.ben.state = step.state
    for effect in step.effects:
        trio.ben._perform(effect)
    trio.town.run()
    trio.cem.take(i.Accept(pending(trio.cem)))
    trio.town.run()
    return held(trio.cem)


def comes_anew(trio):
    """Let Ana take Cem out, who is stuck, and invite it again; Cem accepts that."""
    parted(trio, removes=False).cem.connect()
    trio.town.now_ms += 5_000
    trio.ana.take(i.AddMembers(trio.chat, (trio.cem.id,)))
    trio.town.run()
    trio.cem.take(i.Accept(pending(trio.cem)))
    trio.town.run()
    return held(trio.cem)


def held(person):
    (request,) = [r for r in person.state.requests.values() if r.state == "held"]
    return request


def waiting(person, chat):
    """Return the states of what a person wrote last, which waited."""
    mine = [row for row in person.messages(chat) if row.sender == person.id]
    return [row.state for row in mine if row.state is not MessageState.LINE][-1]


def test_the_owner_is_told_who_admits_and_what_waits(stuck, shown):
    before = stuck.cem.state
    request = takes_over(stuck)
    offered = ReadmissionOffered(stuck.chat, request.invite_id, stuck.ben.id, 1)
    assert shown(stuck.cem, ReadmissionOffered) == [offered]
    for kept in ("chats", "groups", "pasts", "repairs", "outgoing"):
        assert getattr(stuck.cem.state, kept) == getattr(before, kept), kept
    assert waiting(stuck.cem, stuck.chat) is MessageState.QUEUED


def test_declined_it_leaves_everything_as_it_was_and_opens_nothing_again(stuck):
    request = takes_over(stuck)
    before = stuck.cem.state
    stuck.cem.take(i.Decline(request.invite_id))
    after = stuck.cem.state
    for kept in KEPT:
        assert getattr(after, kept) == getattr(before, kept), kept
    kept = after.requests[request.invite_id]
    assert (kept.state, kept.admission) == ("declined", b"")
    ids = {p.invite_id for p in after.packages.values()}
    assert request.invite_id not in ids
    with pytest.raises(CommandRefused):
        stuck.cem.take(i.Accept(request.invite_id))


def test_a_removed_member_that_is_believed_reads_nothing_that_waited(stuck):
    request = takes_over(stuck)
    stuck.cem.take(i.Accept(request.invite_id))
    stuck.town.run()
    chat = stuck.cem.state.chats[stuck.chat]
    ben = stuck.ben.state.chats[stuck.chat]
    assert (chat.status, chat.log_id) == (Status.ACTIVE, ben.log_id)
    assert waiting(stuck.cem, stuck.chat) is MessageState.FAILED
    stuck.cem.say(stuck.chat, "later")
    stuck.town.run(seconds=60)
    assert "later" in stuck.ben.texts(stuck.chat)
    assert WAITING not in stuck.ben.texts(stuck.chat)
    assert not stuck.cem.state.outgoing.get(stuck.chat)
    assert not stuck.cem.state.repairs


def test_what_is_written_between_the_answer_and_the_join_does_not_go_along(stuck):
    request = takes_over(stuck)
    stuck.cem.take(i.Accept(request.invite_id))
    stuck.cem.say(stuck.chat, "a moment too early")
    stuck.town.run(seconds=60)
    assert stuck.cem.state.chats[stuck.chat].status is Status.ACTIVE
    assert waiting(stuck.cem, stuck.chat) is MessageState.FAILED
    assert not {WAITING, "a moment too early"} & set(stuck.ben.texts(stuck.chat))


def test_who_was_taken_out_while_stuck_comes_in_anew(trio):
    request = comes_anew(trio)
    assert trio.cem.state.chats[trio.chat].status is Status.STUCK
    trio.cem.take(i.Accept(request.invite_id))
    trio.town.run()
    trio.cem.say(trio.chat, "here again")
    trio.town.run(seconds=60)
    assert trio.cem.state.chats[trio.chat].status is Status.ACTIVE
    assert trio.ana.texts(trio.chat) == ["hello", "here again"]
    assert trio.cem.state.requests[request.invite_id].admission == b""


def test_who_was_taken_out_while_stuck_counts_on_behind_what_left(trio):
    request = comes_anew(trio)
    # One message still waits under its number, and never leaves.
    left = trio.cem.state.chats[trio.chat].counter - 1
    assert left > 0
    trio.cem.take(i.Accept(request.invite_id))
    trio.town.run()
    trio.cem.say(trio.chat, "here again")
    trio.town.run(seconds=60)
    # Its greeting behind the join is the first of the two.
    assert tally(trio.ana, trio.chat, trio.cem).next == left + 3
    assert missing(tally(trio.ana, trio.chat, trio.cem)) == 0


def test_a_chat_that_came_back_meanwhile_needs_no_admission(stuck):
    request = takes_over(stuck)
    stuck.ana.connect()
    stuck.town.run(seconds=60)
    chat = stuck.cem.state.chats[stuck.chat]
    assert chat.status is Status.ACTIVE
    with pytest.raises(CommandRefused) as refused:
        stuck.cem.take(i.Accept(request.invite_id))
    assert refused.value.code is Refusal.NOT_NEEDED
    assert stuck.cem.state.chats[stuck.chat] == chat
    assert WAITING in stuck.ana.texts(stuck.chat)
    stuck.cem.disconnect()
    stuck.cem.connect()
    assert stuck.cem.state.requests[request.invite_id].state == "declined"


def test_a_chat_that_comes_back_during_the_join_stays_where_it_is(stuck):
    request = takes_over(stuck)
    stuck.cem.take(i.Accept(request.invite_id))
    stuck.cem.disconnect()
    stuck.ana.connect()
    perform, late = stuck.cem.perform, []

    def slow(asked):
        if isinstance(asked, JoinWalk) and not late:
            late.append(asked)
            return Refused("try_later", "", 40_000)
        return perform(asked)

    stuck.cem.perform = slow
    stuck.cem.connect()
    stuck.town.run(seconds=120)
    chat = stuck.cem.state.chats[stuck.chat]
    assert (chat.status, chat.log_id) == (
        Status.ACTIVE,
        stuck.ana.state.chats[stuck.chat].log_id,
    )
    assert WAITING in stuck.ana.texts(stuck.chat)
    assert WAITING not in stuck.ben.texts(stuck.chat)


def test_where_the_join_fails_nothing_was_given_up(stuck, shown):
    stuck.ben.take(i.CreateGroup("Quiz night", (stuck.cem.id,)))
    stuck.town.run()
    stuck.ben.disconnect()
    stuck.cem.take(i.Accept(pending(stuck.cem)))
    stuck.town.run()
    asked, package = accepted(stuck.cem)
    deliver(stuck.cem, admission(stuck.ben, asked, package, chat_id=stuck.chat))
    before = stuck.cem.state.chats[stuck.chat]
    stuck.cem.take(i.Accept(held(stuck.cem).invite_id))
    stuck.town.run()
    assert "join_failed" in [notice.code for notice in shown(stuck.cem, Notice)]
    assert stuck.cem.state.chats[stuck.chat] == before
    assert waiting(stuck.cem, stuck.chat) is MessageState.QUEUED


def test_a_relay_that_brings_the_letter_again_asks_nothing_twice(stuck, shown):
    letters = []
    take = stuck.cem.take

    def noting(event):
        if isinstance(event, i.MailboxArrived):
            letters.append(event.entry.body)
        return take(event)

    stuck.cem.take = noting
    takes_over(stuck)
    before = stuck.cem.state.requests
    deliver(stuck.cem, letters[-1])
    assert stuck.cem.state.requests == before
    assert len(shown(stuck.cem, ReadmissionOffered)) == 1
    assert "admission_refused" not in [n.code for n in shown(stuck.cem, Notice)]


def test_a_chat_of_another_kind_is_not_offered(stuck, shown):
    stuck.ben.take(i.CreateGroup("Quiz night", (stuck.cem.id,)))
    stuck.town.run()
    stuck.ben.disconnect()
    stuck.cem.take(i.Accept(pending(stuck.cem)))
    stuck.town.run()
    asked, package = accepted(stuck.cem)
    pair = stuck.cem.state.contacts[stuck.ben.id].chat_id
    assert stuck.cem.state.chats[pair].kind is ChatKind.DIRECT
    stop(stuck.cem, pair, Reason.GONE)
    before = stuck.cem.state.chats
    deliver(stuck.cem, admission(stuck.ben, asked, package, chat_id=pair))
    assert shown(stuck.cem, Notice)[-1] == Notice("admission_into_mine", pair.hex())
    assert stuck.cem.state.chats == before


def test_who_is_blocked_then_has_its_admission_dropped(stuck):
    request = takes_over(stuck)
    stuck.cem.take(i.Block(stuck.ben.id))
    assert stuck.cem.state.requests[request.invite_id].state == "declined"


def test_a_disk_that_went_back_asks_to_accept_anew(stuck):
    request = takes_over(stuck)
    stuck.cem.disconnect()
    stuck.cem.take(i.DiskWentBack())
    again = stuck.cem.state.requests[request.invite_id]
    assert (again.state, again.admission) == ("pending", b"")


@pytest.mark.parametrize("at", range(5))
def test_a_kill_at_any_effect_neither_loses_the_question_nor_sends_what_waited(
    stuck, at
):
    request = takes_over(stuck)
    stuck.town.kill_at = stuck.town.effects + at
    try:
        stuck.cem.take(i.Accept(request.invite_id))
    except Killed:
        stuck.town.run()
        kept = stuck.cem.state.requests[request.invite_id]
        if kept.state == "held":
            stuck.cem.take(i.Accept(request.invite_id))
    stuck.town.run(seconds=60)
    assert stuck.cem.state.chats[stuck.chat].status is Status.ACTIVE
    assert waiting(stuck.cem, stuck.chat) is MessageState.FAILED
    assert WAITING not in stuck.ben.texts(stuck.chat)
