"""What an answer's walk reads is what it may be believed for, and no more."""

from dataclasses import replace

import pytest
from msgspec import structs

from privity.core import helping
from privity.core import inputs as i
from privity.core import requests as r
from privity.core.events import Notice
from privity.core.sealed import Locator
from privity.core.state import Status
from privity.core.step import Draft


@pytest.fixture
def lost(trio):
    """Cem's disk goes back; whoever is there answers as soon as it is online again."""
    older = dict(trio.cem.disk)
    trio.cem.say(trio.chat, "soon forgotten")
    trio.town.run()
    trio.cem.disconnect()
    trio.cem.disk = older
    return trio


def back(trio, change=lambda request, answer: answer):
    """Let Cem log in, at a relay that changes what it answers."""
    cem, perform = trio.cem, trio.cem.perform
    cem.perform = lambda request: change(request, perform(request))
    cem.crash()
    cem.connect()
    trio.town.run(seconds=60)
    return [e.detail for e in cem.events if isinstance(e, Notice) and e.detail]


def on_walks(**changes):
    def change(request, answer):
        if isinstance(answer, r.Walked):
            made = {k: v(answer) for k, v in changes.items()}
            return structs.replace(answer, **made)
        return answer

    return change


def test_a_road_of_several_commits_is_followed(lost):
    lost.town.now_ms += 8 * 86_400_000
    for word in ("one", "two"):
        lost.ana.take(i.SetTitle(lost.chat, word))
        lost.town.run()
        lost.town.now_ms += 8 * 86_400_000
    assert not back(lost)
    assert lost.cem.state.chats[lost.chat].status is Status.ACTIVE


@pytest.mark.parametrize(
    ("lie", "told"),
    [
        ({"children": lambda _: None}, "does not tell what stands under"),
        ({"children": lambda _: (1 << 40,)}, "does not show what stands under"),
        ({"entries": lambda _: ()}, "ends before what the answer tells of"),
        ({"before": lambda _: b"b" * 32}, "not the one that the answer tells of"),
    ],
    ids=["hides", "makes up a child", "is shorter", "has another past"],
)
def test_a_relay_that_shows_too_little_or_another_log_leads_nowhere(lost, lie, told):
    before = lost.cem.state.groups
    details = back(lost, on_walks(**lie))
    assert any(told in detail for detail in details)
    assert lost.cem.state.chats[lost.chat].status is Status.STUCK
    assert not lost.cem.state.pending
    assert lost.cem.state.groups.keys() <= before.keys()


def test_a_child_that_the_answer_had_read_keeps_one_account_from_leading(lost):
    lost.ben.disconnect()
    back(lost, on_walks(children=lambda answer: (answer.entries[0].seq,)))
    repair = lost.cem.state.repairs[lost.chat]
    assert lost.cem.state.chats[lost.chat].status is Status.STUCK
    assert repair.alone


def test_a_member_that_names_the_older_generation_of_an_opening_is_not_followed(
    lost, monkeypatch
):
    """What stands under that commit states the newer one, which it does not give."""
    trio, town, ana = lost, lost.town, lost.ana
    old = ana.state.chats[trio.chat]
    town.now_ms += 5_000
    ana.take(i.RemoveMember(trio.chat, trio.ben.id))
    town.run()
    then, make = ana.state, helping._answer_to
    here = then.chats[trio.chat]
    assert here.generation == here.parent > old.generation

    def lie(_, __, plea, sealed):
        draft = Draft(then, town.context())
        checkpoint = Locator(
            old.checkpoint_seq, old.checkpoint_parent, old.checkpoint_hash
        )
        honest = make(draft, here, plea, sealed)
        return replace(
            honest,
            generation=old.generation,
            secret=old.secret,
            checkpoint=checkpoint,
        )

    monkeypatch.setattr(helping, "_answer_to", lie)
    details = back(trio)
    assert "a road into another generation" in details
    assert trio.cem.state.chats[trio.chat].status is Status.STUCK
