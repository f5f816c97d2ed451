"""Whom somebody blocked: kept nowhere in a chat of two, quiet in a group, no harm."""

import pytest
from town import Person

from privity.content import build
from privity.content.mimi import MimiContent
from privity.content.view import Text, read
from privity.core import inputs as i
from privity.core.effects import MessageState, PutMessage
from privity.core.errors import CommandRefused, Refusal
from privity.core.events import Line, MessageArrived, RefoundOffered
from privity.core.state import Status
from privity.core.tallies import missing


def block(reader, other, *, blocked=True):
    reader.take(i.Block(other.id, blocked))


def credential(person):
    account = person.state.account
    return account.account_id + account.device_id


def received(person, chat):
    rows = person.messages(chat)
    return [row for row in rows if row.state is MessageState.RECEIVED]


def origin(person, chat):
    return build.origin(person.id, chat, person.town.context().random)


def send(person, chat, content):
    return person.take(i.SendContent(chat, content.encode()))


def last_of(person, chat):
    return [row.message_id for row in person.messages(chat) if row.message_id][-1]


@pytest.fixture
def talk(pair):
    """Ana and Ben said something to each other; then Ben blocks Ana."""
    pair.ana.say(pair.chat, "before")
    pair.town.run()
    block(pair.ben, pair.ana)
    pair.town.run()
    return pair


def test_nothing_of_theirs_is_kept_in_a_chat_of_two(talk, shown):
    arrived = len(shown(talk.ben, MessageArrived))
    kept = received(talk.ben, talk.chat)
    old = last_of(talk.ana, talk.chat)
    for content in (
        build.text_message(origin(talk.ana, talk.chat), "you will regret this"),
        build.edit(origin(talk.ana, talk.chat), old, "changed afterwards"),
        build.reaction(origin(talk.ana, talk.chat), old, "👎"),
        build.deletion(origin(talk.ana, talk.chat), old),
    ):
        send(talk.ana, talk.chat, content)
    talk.town.run()
    assert received(talk.ben, talk.chat) == kept
    assert len(shown(talk.ben, MessageArrived)) == arrived
    assert talk.ben.texts(talk.chat) == ["before"]


def test_what_they_wrote_meanwhile_does_not_come_back_and_nothing_is_missing(talk):
    for number in range(5):
        talk.ana.say(talk.chat, f"meanwhile {number}")
    talk.town.run()
    block(talk.ben, talk.ana, blocked=False)
    talk.ana.say(talk.chat, "after")
    talk.town.run()
    talk.ben.say(talk.chat, "hello again")
    talk.town.run()
    assert talk.ben.texts(talk.chat) == ["before", "after", "hello again"]
    tally = talk.ben.state.tallies[talk.chat + credential(talk.ana)]
    assert missing(tally) == 0
    mine, theirs = (p.state.transcripts[talk.chat] for p in (talk.ben, talk.ana))
    assert mine.value == theirs.value
    assert not talk.ana.state.chats[talk.chat].cause


def test_commits_of_theirs_are_followed_while_they_are_blocked(talk):
    epoch = talk.ben.state.groups[talk.chat].epoch
    talk.town.now_ms += 8 * 24 * 3_600_000
    for person in (talk.ana, talk.ben):
        person.disconnect()
        person.connect()
    talk.ana.say(talk.chat, "with new keys")
    talk.town.run(seconds=3_600)
    assert talk.ben.state.chats[talk.chat].status is Status.ACTIVE
    assert talk.ben.state.groups[talk.chat].epoch > epoch
    assert talk.ben.texts(talk.chat) == ["before"]


def test_a_restart_in_between_changes_nothing(talk):
    talk.ana.say(talk.chat, "meanwhile")
    talk.ben.crash()
    talk.ben.connect()
    talk.town.run()
    assert talk.ben.texts(talk.chat) == ["before"]


def test_the_chat_says_from_when_to_when(talk, shown):
    block(talk.ben, talk.ana, blocked=False)
    found = [line for line in shown(talk.ben, Line) if line.chat_id == talk.chat]
    assert [line.what for line in found[-2:]] == ["blocked", "unblocked"]
    assert {(line.by, line.who) for line in found[-2:]} == {(talk.ben.id, talk.ana.id)}
    assert not [line for line in shown(talk.ana, Line) if "blocked" in line.what]


def test_name_picture_and_timer_of_theirs_stay_as_they_were(talk):
    before = talk.ben.state.contacts[talk.ana.id]
    talk.ana.take(i.SetProfile("Ana the dreadful", b""))
    talk.ana.say(talk.chat, "look at my name")
    talk.ana.take(i.SetTimer(talk.chat, 5))
    talk.town.run()
    assert talk.ben.state.contacts[talk.ana.id] == before
    assert talk.ana.state.chats[talk.chat].timer == 5
    assert talk.ben.state.chats[talk.chat].timer == 0


def test_nothing_is_said_to_them_but_one_may_take_back(pair):
    pair.ben.say(pair.chat, "before")
    pair.town.run()
    mine = last_of(pair.ben, pair.chat)
    block(pair.ben, pair.ana)
    pair.ben.take(i.SetProfile("Benjamin", b""))
    where = origin(pair.ben, pair.chat)
    for refused in (
        lambda: pair.ben.say(pair.chat, "hello?"),
        lambda: send(pair.ben, pair.chat, build.reaction(where, mine, "👍")),
        lambda: send(pair.ben, pair.chat, build.edit(where, mine, "hm")),
        lambda: pair.ben.take(i.SetTimer(pair.chat, 60)),
    ):
        before = pair.ben.state
        with pytest.raises(CommandRefused, match=Refusal.BLOCKED.value):
            refused()
        assert pair.ben.state is before
    send(pair.ben, pair.chat, build.deletion(where, mine))
    pair.town.run()
    assert pair.ana.state.contacts[pair.ben.id].name == "Ben"
    views = [read(MimiContent.decode(r.content)) for r in received(pair.ana, pair.chat)]
    assert [type(v).__name__ for v in views if not isinstance(v, Text)][-1] == "Delete"


def test_whoever_is_let_in_again_learns_the_mailbox_key(talk):
    key = talk.ben.state.account.mailbox_key
    assert talk.ana.state.contacts[talk.ben.id].mailbox_key != key
    block(talk.ben, talk.ana, blocked=False)
    talk.town.run()
    assert talk.ana.state.contacts[talk.ben.id].mailbox_key == key


def test_in_a_group_it_is_kept_without_a_stir(trio, monkeypatch):
    block(trio.ben, trio.ana)
    trio.town.run()
    writes, write = [], Person.write

    def note(person, one):
        writes.extend([one] if person is trio.ben else [])
        write(person, one)

    monkeypatch.setattr(Person, "write", note)
    trio.ana.say(trio.chat, "hello all")
    trio.cem.say(trio.chat, "hello Ana")
    trio.town.run()
    assert trio.ben.texts(trio.chat) == ["hello all", "hello Ana"]
    put = {w.row.sender: w.quiet for w in writes if isinstance(w, PutMessage)}
    assert put == {trio.ana.id: True, trio.cem.id: False}


def test_in_a_group_one_still_speaks_to_all(trio):
    block(trio.ben, trio.ana)
    trio.ben.say(trio.chat, "to everybody")
    trio.town.run()
    assert trio.ana.texts(trio.chat) == ["to everybody"]


def test_what_waits_for_them_is_not_sent_but_what_takes_back_is(pair):
    pair.ana.say(pair.chat, "said before")
    pair.town.run()
    said = last_of(pair.ana, pair.chat)
    pair.ana.disconnect()
    waits = pair.ana.say(pair.chat, "waits for the relay")
    pair.ana.take(i.SetTimer(pair.chat, 60))
    where = origin(pair.ana, pair.chat)
    send(pair.ana, pair.chat, build.deletion(where, said))
    block(pair.ana, pair.ben)
    pair.ana.connect()
    pair.town.run()
    assert pair.ana.rows[pair.chat, waits].state is MessageState.FAILED
    assert pair.ben.texts(pair.chat) == ["said before"]
    assert pair.ben.state.chats[pair.chat].timer == 0
    views = [read(MimiContent.decode(r.content)) for r in received(pair.ben, pair.chat)]
    assert "Delete" in [type(view).__name__ for view in views]
    assert not pair.ana.state.outgoing.get(pair.chat)


def test_after_letting_in_again_nothing_is_missing_of_what_was_held_back(pair):
    pair.ana.disconnect()
    pair.ana.say(pair.chat, "waits for the relay")
    block(pair.ana, pair.ben)
    pair.ana.crash()
    pair.ana.connect()
    pair.town.run()
    block(pair.ana, pair.ben, blocked=False)
    pair.ana.say(pair.chat, "later")
    pair.town.run()
    assert pair.ben.texts(pair.chat) == ["later"]
    assert missing(pair.ben.state.tallies[pair.chat + credential(pair.ana)]) == 0


def until_accepted(town, *people):
    """Let people act one by one until the first has an acceptance, and no further."""
    first = people[0]
    for _ in range(500):
        if any(v.state == "accepted" for v in first.state.invites.values()):
            return
        assert any(person.act() for person in people)
    raise AssertionError("nobody accepted")


def test_blocked_in_front_of_their_add_they_still_get_the_chat_of_two(
    town, strangers, ask
):
    ana, ben, _ = strangers
    ana.take(i.RequestByLink(ben.take(i.MakeLink())))
    town.run()
    ben.take(i.Accept(ask(ben)))
    until_accepted(town, ana, ben)
    block(ana, ben)
    town.run()
    block(ana, ben, blocked=False)
    (chat,) = ben.state.chats
    ana.say(chat, "on second thoughts")
    town.run()
    assert ben.texts(chat) == ["on second thoughts"]


def test_blocked_in_front_of_their_add_they_do_not_get_into_a_group(pair, ask):
    group = pair.ana.take(i.CreateGroup("Garden", (pair.ben.id,)))
    pair.town.run()
    pair.ben.take(i.Accept(ask(pair.ben)))
    while pair.ben.act():
        pass
    # The Add waits until the relay has answered this.
    pair.ana.say(group, "anybody here?")
    assert pair.ana._mailbox()
    assert pair.ana.state.chats[group].intents
    block(pair.ana, pair.ben)
    pair.town.run()
    assert len(pair.ana.state.groups[group].members()) == 1
    assert not pair.ana.state.invites


def states_of(person):
    return [request.state for request in person.state.requests.values()]


@pytest.mark.parametrize("restarts", [False, True])
def test_a_chat_that_they_move_is_offered_once_they_are_let_in(
    talk, shown, ask, restarts
):
    talk.ana.take(i.Refound(talk.chat))
    talk.town.run()
    assert not shown(talk.ben, RefoundOffered)
    assert "pending" not in states_of(talk.ben)
    if restarts:
        talk.ben.crash()
        talk.ben.connect()
    block(talk.ben, talk.ana, blocked=False)
    (offered,) = shown(talk.ben, RefoundOffered)
    assert (offered.chat_id, offered.account_id) == (talk.chat, talk.ana.id)
    talk.ben.take(i.Accept(ask(talk.ben)))
    talk.town.run()
    talk.ana.say(talk.chat, "in the new log")
    talk.ben.say(talk.chat, "I am here too")
    talk.town.run()
    for person in (talk.ana, talk.ben):
        assert {"in the new log", "I am here too"} <= set(person.texts(talk.chat))


def test_an_offer_that_waits_while_they_are_blocked_waits_unseen(pair, shown, ask):
    pair.ana.take(i.Refound(pair.chat))
    pair.town.run()
    assert ask(pair.ben)
    block(pair.ben, pair.ana)
    assert "pending" not in states_of(pair.ben)
    block(pair.ben, pair.ana, blocked=False)
    assert len(shown(pair.ben, RefoundOffered)) == 2
    pair.ben.take(i.Accept(ask(pair.ben)))
    pair.town.run()
    pair.ana.say(pair.chat, "in the new log")
    pair.town.run()
    assert pair.ben.texts(pair.chat)[-1] == "in the new log"


def test_an_offer_for_a_group_that_was_left_meanwhile_is_not_shown(trio, shown):
    block(trio.ben, trio.ana)
    trio.ana.take(i.Refound(trio.chat))
    trio.town.run()
    assert states_of(trio.ben).count("unheard") == 1
    trio.ben.take(i.Leave(trio.chat))
    trio.town.run()
    block(trio.ben, trio.ana, blocked=False)
    assert not shown(trio.ben, RefoundOffered)
    assert not {"pending", "unheard"} & set(states_of(trio.ben))
