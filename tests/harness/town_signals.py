"""Signals in a town: told by one engine, heard by those who follow at this moment."""

from town import Person

from privity.core import engine
from privity.core import inputs as i
from privity.core.effects import SendSignal
from privity.core.signals import Ignored
from privity.wire.frames import Signal

__all__ = ["pass_on", "tell"]


def tell(person: Person, chat_id: bytes) -> Signal | None:
    """Let somebody type, and return the signal of it that leaves the device, if any."""
    context = person.town.context(person.clock_ms)
    step = engine.step(person.state, i.TellTyping(chat_id), context)
    person.state = step.state
    sent = [effect.signal for effect in step.effects if isinstance(effect, SendSignal)]
    assert step.result is bool(sent)
    return sent[0] if sent else None


def pass_on(sender: Person, signal: Signal) -> dict[str, Ignored | None]:
    """Do as the relay does: to all others who follow; returns what each made of it."""
    heard: dict[str, Ignored | None] = {}
    for person in sender.town.people:
        follows = person.following.get(signal.log_id)
        if person is sender or follows is None or not person.online:
            continue
        if follows.generation == signal.generation:
            heard[person.state.account.name] = person.take(i.SignalArrived(signal))
    return heard
