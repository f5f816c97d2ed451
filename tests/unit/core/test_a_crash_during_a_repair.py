"""Somebody's process dies in front of every effect of a repair.

Whoever performs the effect is killed in front of it and starts again from its disk. All
stand in one epoch at the end, and what was said was said once.
"""

from contextlib import suppress
from functools import cache

import pytest
from gathered import gathered
from town import Killed
from town_logins import copy_of, put_back
from troubles import poison

from privity.core.state import Status

STRIDE = 7


def heal(kill_at, monkeypatch):
    """Let Cem be stuck and come back, with one death; return how many effects."""
    trio = gathered()
    poison(trio, monkeypatch)
    trio.cem.say(trio.chat, "written while stuck")
    trio.town.effects, trio.town.kill_at = 0, kill_at
    for _ in range(3):
        with suppress(Killed):
            trio.town.run(seconds=1_300)
    effects = trio.town.effects
    for person in trio.everybody:
        assert person.state.chats[trio.chat].status is Status.ACTIVE
        assert not person.state.jobs
        assert not person.state.repairs
        assert not any(person.state.outgoing.values())
        assert person.texts(trio.chat).count("written while stuck") == 1
    groups = [p.state.groups[trio.chat] for p in trio.everybody]
    assert len({group.epoch_authenticator for group in groups}) == 1
    lines = [row for row in trio.ben.messages(trio.chat) if b"rejoined" in row.content]
    assert len(lines) == 1
    return effects


@cache
def effects_of_a_repair():
    with pytest.MonkeyPatch.context() as patch:
        return heal(-1, patch)


def test_a_repair_has_effects_of_every_part():
    assert effects_of_a_repair() > 40


@pytest.mark.parametrize(
    "first",
    [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, STRIDE))],
)
def test_a_repair_ends_well_whoever_dies_in_front_of_an_effect(first, monkeypatch):
    """Every seventh effect from `first` on; together they are all of them."""
    for effect in range(first, effects_of_a_repair(), STRIDE):
        try:
            heal(effect, monkeypatch)
        except Exception as error:
            error.add_note(f"killed in front of effect {effect}")
            raise


def come_back(kill_at):
    """Put Ben's disk back and let him heal, with one death; return how many effects."""
    trio = gathered()
    ben, town = trio.ben, trio.town
    ben.disconnect()
    ben.say(trio.chat, "queued in the copy")
    copy = copy_of(ben)
    ben.connect()
    town.run()
    ben.say(trio.chat, "after the copy")
    town.run()
    town.effects, town.kill_at = 0, kill_at
    with suppress(Killed):
        put_back(ben, copy)
    for _ in range(3):
        town.run(seconds=1_300)
    for person in trio.everybody:
        assert person.online
        assert person.state.chats[trio.chat].status is Status.ACTIVE
        assert not person.state.jobs
        assert not person.state.repairs
        assert not any(person.state.outgoing.values())
        assert person.texts(trio.chat).count("queued in the copy") == 1
    groups = [p.state.groups[trio.chat] for p in trio.everybody]
    assert len({group.epoch_authenticator for group in groups}) == 1
    assert len(ben.state.rollback.times) == 1
    lines = [row for row in ben.messages(trio.chat) if b'"restored"' in row.content]
    assert len(lines) == 1
    return town.effects


@cache
def effects_of_an_old_disk():
    return come_back(-1)


def test_coming_back_from_an_old_disk_has_effects_of_every_part():
    assert effects_of_an_old_disk() > 40


@pytest.mark.parametrize(
    "first",
    [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, STRIDE))],
)
def test_an_old_disk_heals_whoever_dies_in_front_of_an_effect(first):
    """Every seventh effect from `first` on; together they are all of them."""
    for effect in range(first, effects_of_an_old_disk(), STRIDE):
        try:
            come_back(effect)
        except Exception as error:
            error.add_note(f"killed in front of effect {effect}")
            raise
