"""Asking for missing messages and handing them on, with a death before each effect."""

from contextlib import suppress

import pytest
from losing import lose
from town import Killed

from privity.core import inputs as i
from privity.core.state import Status
from privity.core.tallies import missing

MOST = 28
STRIDE = 3


def fetch(trio, kill_at):
    """Let Cem ask for what it lost, with one death; return how many effects."""
    trio.town.effects, trio.town.kill_at = 0, kill_at
    with suppress(Killed):
        trio.cem.take(i.FetchMissing(trio.chat))
    for _ in range(3):
        with suppress(Killed):
            trio.town.run(seconds=7_200)
    return trio.town.effects


@pytest.mark.parametrize("kill_at", range(0, MOST, STRIDE))
def test_a_death_loses_no_message_and_shows_none_twice(trio, monkeypatch, kill_at):
    lose(trio, monkeypatch)
    assert fetch(trio, kill_at) > kill_at
    texts = [t for t in trio.cem.texts(trio.chat) if "lost of" in t]
    assert texts == ["lost of Ana", "lost of Ben"]
    assert not sum(missing(tally) for tally in trio.cem.state.tallies.values())
    for person in trio.everybody:
        assert person.state.chats[trio.chat].status is Status.ACTIVE
        assert not any(person.state.outgoing.values())
