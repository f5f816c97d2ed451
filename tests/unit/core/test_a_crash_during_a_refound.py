"""Somebody's process dies in front of every effect of a refound.

Whoever performs the effect is killed in front of it and starts again from its disk. All
stand in one log and one epoch at the end, and what was said was said once.
"""

from contextlib import suppress
from functools import cache

import pytest
from gathered import gathered
from refounds import agreed, asked
from town import Killed

from privity.core import inputs as i

STRIDE = 11


def accept(person):
    for invite_id in asked(person):
        with suppress(Killed):
            person.take(i.Accept(invite_id))


def begin(trio, old):
    """Refound, once: who comes back looks whether it was done before."""
    with suppress(Killed):
        trio.ana.take(i.Refound(trio.chat))
    if trio.ana.state.chats[trio.chat].log_id == old:
        trio.ana.take(i.Refound(trio.chat))


def say(person, chat, text):
    """Say something, once: who dies before it is saved was not told that it is queued.

    Then it is nowhere, not even on the own disk, and its owner says it again. A text
    that was saved is not said again here: it is the outbox that has to bring it.
    """
    try:
        person.say(chat, text)
    except Killed:
        if text not in person.texts(chat):
            person.say(chat, text)


def refound(kill_at):
    """Move three people into a new log, with one death; return how many effects."""
    trio = gathered()
    trio.ben.say(trio.chat, "before")
    trio.town.run()
    trio.ana.say(trio.chat, "on its way")
    old = trio.ana.state.chats[trio.chat].log_id
    trio.town.effects, trio.town.kill_at = 0, kill_at
    begin(trio, old)
    for _ in range(4):
        with suppress(Killed):
            trio.town.run(seconds=900)
        for person in (trio.ben, trio.cem):
            accept(person)
    say(trio.ben, trio.chat, "behind")
    trio.town.run(seconds=900)
    effects = trio.town.effects
    assert agreed(trio.everybody, trio.chat)
    assert trio.ben.state.chats[trio.chat].log_id != old
    for person in trio.everybody:
        assert not any(person.state.outgoing.values())
        for text in ("before", "on its way", "behind"):
            assert person.texts(trio.chat).count(text) == 1
        lines = [m for m in person.messages(trio.chat) if b"refounded" in m.content]
        assert len(lines) == 1
    return effects


@cache
def effects_of_a_refound():
    return refound(-1)


def test_a_refound_has_effects_of_every_part():
    assert effects_of_a_refound() > 60


@pytest.mark.parametrize(
    "first",
    [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, STRIDE))],
)
def test_a_refound_ends_well_whoever_dies_in_front_of_an_effect(first):
    """Every eleventh effect from `first` on; together they are all of them."""
    for effect in range(first, effects_of_a_refound(), STRIDE):
        try:
            refound(effect)
        except Exception as error:
            error.add_note(f"killed in front of effect {effect}")
            raise
