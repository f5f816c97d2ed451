"""A removed member floods its dead branch: lost devices come back all the same."""

from contextlib import suppress

import pytest
from vandal import Vandal

from privity.core import inputs as i
from privity.core import joining
from privity.core.requests import Walked
from privity.core.state import Status
from privity.relay import lobby
from privity.wire.codes import Refusal
from privity.wire.entry import Kind
from privity.wire.lobby import PostAnswer

JUNK = 100


@pytest.fixture(autouse=True)
def few_entries_are_many(monkeypatch):
    """Let the limit of a joiner's walk be a hundredth of what it is."""
    monkeypatch.setattr(joining, "MAX_WALK", 80)


def flooded(town, chat, owner, removed):
    """Remove somebody, who opens a branch of its own; return who spoils it."""
    town.now_ms += 5_000
    vandal = Vandal(town, owner.state.chats[chat].log_id)
    vandal.learn(owner.state.chats[chat])
    owner.take(i.RemoveMember(chat, removed.id))
    town.run()
    town.now_ms += 70_000
    assert vandal.spoil(0, Kind.COMMIT, opens=True, pays=True)
    return vandal


@pytest.mark.parametrize("speaks", [True, False], ids=["a word", "a quiet chat"])
def test_a_lost_device_comes_back_behind_it(trio, make_friends, ask, speaks):
    """In a quiet chat nobody begins a generation: all of it lies behind the last."""
    town, ana, cem = trio.town, trio.ana, trio.cem
    dan = town.person("Dan", "dan")
    for person in (ana, cem):
        make_friends(town, person, dan)
    ana.take(i.AddMembers(trio.chat, (dan.id,)))
    town.run()
    dan.take(i.Accept(ask(dan)))
    town.run()
    vandal = flooded(town, trio.chat, ana, trio.ben)
    older = dict(cem.disk)
    cem.say(trio.chat, "soon forgotten")
    town.run()
    cem.disconnect()
    for _ in range(JUNK):
        assert vandal.spoil(0, Kind.APP)
    if speaks:
        ana.say(trio.chat, "one live message")
    town.run(seconds=0)
    cem.disk = older
    cem.crash()
    cem.connect()
    town.run(seconds=1_800)
    assert cem.state.chats[trio.chat].status is Status.ACTIVE
    groups = [person.state.groups[trio.chat] for person in (ana, cem, dan)]
    assert len({group.epoch_authenticator for group in groups}) == 1


def answer_junk(town, vandal, plea_id, count=8):
    """Post as many answers as it may with the key of each dead generation."""
    for generation in {generation for _, generation in vandal.places[1:]}:
        for number in range(count):
            body = generation.to_bytes(8) + bytes([number])
            fields = {"nonce": b"", "signature": b"", "plea_id": plea_id}
            with suppress(Refusal):
                lobby.answer(
                    town.logs,
                    PostAnswer(vandal.log_id, generation, body=body, **fields),
                )


def test_junk_answers_of_a_chain_of_dead_openings_keep_no_device_out(
    trio, make_friends, ask
):
    """The device stood in front of the removal, so the dead branch hears its plea."""
    town, ana, cem = trio.town, trio.ana, trio.cem
    dan = town.person("Dan", "dan")
    for person in (ana, cem):
        make_friends(town, person, dan)
    ana.take(i.AddMembers(trio.chat, (dan.id,)))
    town.run()
    dan.take(i.Accept(ask(dan)))
    town.run()
    older = dict(cem.disk)
    cem.say(trio.chat, "soon forgotten")
    town.run()
    cem.disconnect()
    vandal = flooded(town, trio.chat, ana, trio.ben)
    for _ in range(9):
        town.now_ms += 5_000
        assert vandal.spoil(0, Kind.COMMIT, opens=True, pays=True)
    for person in (ana, dan):
        person.disconnect()
    cem.disk = older
    cem.crash()
    cem.connect()
    town.run(seconds=1)
    ((plea_id,),) = town.logs.execute("SELECT plea_id FROM pleas").fetchall()
    answer_junk(town, vandal, plea_id)
    for person in (ana, dan):
        person.connect()
    town.run(seconds=1_800)
    assert cem.state.chats[trio.chat].status is Status.ACTIVE


def test_it_makes_nobody_begin_a_generation(trio):
    vandal = flooded(trio.town, trio.chat, trio.ana, trio.ben)
    before = trio.ana.state.chats[trio.chat]
    for _ in range(JUNK):
        assert vandal.spoil(0, Kind.APP)
    for word in ("one live message", "another"):
        trio.cem.say(trio.chat, word)
        trio.town.run(seconds=600)
    for person in (trio.ana, trio.cem):
        chat = person.state.chats[trio.chat]
        assert (chat.generation, chat.parent) == (before.generation, before.parent)
        assert person.texts(trio.chat) == ["one live message", "another"]


def test_who_comes_back_reads_a_handful_of_entries_however_long_it_is(trio):
    town, cem = trio.town, trio.cem
    vandal = flooded(town, trio.chat, trio.ana, trio.ben)
    older = dict(cem.disk)
    cem.say(trio.chat, "soon forgotten")
    town.run()
    cem.disconnect()
    for _ in range(JUNK):
        assert vandal.spoil(0, Kind.APP)
    town.run(seconds=0)
    cem.disk = older
    cem.crash()
    perform, walks = cem.perform, []

    def noting(request):
        answer = perform(request)
        if isinstance(answer, Walked):
            walks.append(len(answer.entries) + len(answer.road))
        return answer

    cem.perform = noting
    cem.connect()
    town.run(seconds=600)
    assert walks
    assert max(walks) <= 3


@pytest.mark.parametrize("opens", [False, True], ids=["plain", "opening"])
def test_whoever_is_added_behind_it_comes_in(trio, make_friends, ask, opens):
    """Nobody in a quiet chat sees the flood before the Add stands behind it."""
    town, ana = trio.town, trio.ana
    dan = town.person("Dan", "dan")
    make_friends(town, ana, dan)
    vandal = flooded(town, trio.chat, ana, trio.ben)
    seen = ana.state.chats[trio.chat]
    ana.take(i.AddMembers(trio.chat, (dan.id,)))
    town.run(seconds=0)
    for _ in range(JUNK):
        assert vandal.spoil(0, Kind.APP)
    if opens:
        town.now_ms += 8 * 86_400_000
    dan.take(i.Accept(ask(dan)))
    town.run(seconds=600)
    joined = dan.state.chats[trio.chat]
    assert joined.checkpoint_seq - seen.cursor > JUNK
    assert joined.status is Status.ACTIVE
    assert (joined.generation > seen.generation) is opens
    dan.say(trio.chat, "the first word")
    town.run()
    assert ana.texts(trio.chat)[-1] == trio.cem.texts(trio.chat)[-1] == "the first word"
