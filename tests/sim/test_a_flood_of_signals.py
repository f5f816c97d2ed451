"""Everybody types all the time, and a relay keeps it all: the same run, to the byte."""

from random import Random

import pytest
from msgspec import structs
from town import Person

from privity.core import engine
from privity.core import inputs as i
from privity.core.effects import Save, Send, SendSignal
from privity.core.signals import Ignored
from privity.core.step import Context
from privity.wire.frames import Signal
from tests.sim import run as run_module
from tests.sim.deeds import Deed, perform
from tests.sim.lives import World
from tests.sim.run import run

NAMED = {Ignored.REPLAYED, Ignored.STALE, Ignored.NOT_OPENED, Ignored.TOO_MANY, None}


class Flood:
    """Lets everybody tell after each deed, and everybody hear it and what was kept."""

    def __init__(self) -> None:
        self.random = Random("a flood")
        self.kept: list[Signal] = []
        self.outcomes: dict[Ignored | None, int] = {}

    def perform(self, world: World, deed: Deed) -> None:
        perform(world, deed)
        for person in world.people:
            for chat_id in tuple(person.state.chats):
                self._tell(world, person, chat_id)

    def _tell(self, world: World, person: Person, chat_id: bytes) -> None:
        step = self._step(person, i.TellTyping(chat_id))
        sent = [e.signal for e in step.effects if isinstance(e, SendSignal)]
        for signal in sent:
            self.kept.append(signal)
            body = bytearray(signal.body)
            body[self.random.randrange(len(body))] ^= 1
            touched = structs.replace(signal, body=bytes(body))
            old = self.random.choice(self.kept)
            for one in (signal, signal, touched, old):
                self._pass_on(world, person, one)

    def _pass_on(self, world: World, sender: Person, signal: Signal) -> None:
        for person in world.people:
            follows = person.following.get(signal.log_id)
            if person is sender or follows is None or not person.online:
                continue
            current = structs.replace(signal, generation=follows.generation)
            why = self._step(person, i.SignalArrived(current)).result
            self.outcomes[why] = self.outcomes.get(why, 0) + 1

    def _step(self, person: Person, event: i.Input) -> engine.Step:
        """Take a step that may change nothing but the session, and be left undone."""
        town, before = person.town, person.state.without_session()
        context = Context(town.now_ms + person.clock_ms, self.random.randbytes)
        step = engine.step(person.state, event, context)
        assert step.state.without_session() == before
        assert not [e for e in step.effects if isinstance(e, Save | Send)]
        person.state = step.state
        return step


@pytest.mark.parametrize("seed", [0, 1, 3, 4, 5, 11])
def test_a_run_is_the_same_beside_a_flood_of_signals(seed, monkeypatch):
    quiet, flood = run(seed), Flood()
    monkeypatch.setattr(run_module, "perform", flood.perform)
    flooded = run(seed)
    assert flooded == quiet
    assert not flooded.faults
    assert flood.outcomes[None]
    assert flood.outcomes.keys() & NAMED >= {Ignored.REPLAYED, Ignored.NOT_OPENED, None}
