"""A device that can't follow asks its chat's members, and comes back by itself."""

from forger import Forger, poisoned

from privity.core.events import Line
from privity.core.repairs import Stage
from privity.core.state import Status


def stick(trio, monkeypatch):
    """Let Ana make a commit whose path Cem can't open."""
    with poisoned(monkeypatch, trio.ana, trio.chat, trio.cem):
        Forger(trio.ana, trio.chat).commit(path=True)


def heal(trio, seconds=120):
    trio.town.run(seconds=seconds)
    return [p.state.groups[trio.chat].epoch_authenticator for p in trio.everybody]


def test_whose_slot_was_poisoned_comes_back_by_itself(trio, shown, monkeypatch):
    # Ana's own engine does not know of the forged commit, so she goes first.
    stick(trio, monkeypatch)
    trio.town.run(seconds=0)
    assert trio.cem.state.chats[trio.chat].status is Status.STUCK
    assert trio.cem.state.repairs[trio.chat].stage is Stage.PLEADING
    heal(trio)
    assert trio.cem.state.chats[trio.chat].status is Status.ACTIVE
    assert not trio.cem.state.repairs
    groups = [p.state.groups[trio.chat] for p in (trio.ben, trio.cem)]
    assert groups[0].epoch_authenticator == groups[1].epoch_authenticator
    assert [line.what for line in shown(trio.ben, Line)][-1] == "rejoined"
    trio.cem.say(trio.chat, "I am back")
    trio.town.run(seconds=10)
    assert trio.ben.texts(trio.chat)[-1] == "I am back"
