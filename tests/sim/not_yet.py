"""What can't hold yet: one table, each row with its reason and the missing part.

A row excuses somebody from some promises for one chat. A test
shows of each row that it is still needed.
"""

from collections.abc import Callable
from dataclasses import dataclass

from town import Person

from privity.core.events import Notice
from privity.core.state import Chat, Status
from tests.sim.lives import World
from tests.sim.promised import AGREE, LOST, ORDER, READ, REST

__all__ = ["NOT_YET", "NotYet", "excuse"]


@dataclass(frozen=True, slots=True)
class NotYet:
    """A promise that can't hold yet, for whom, and what will make it hold."""

    what: str
    missing: str
    excuses: frozenset[str]
    applies: Callable[[World, Person, Chat | None], bool]


def _restored(world: World, person: Person, chat: Chat | None) -> bool:
    return world.name(person) in world.restored


def _poisoned(world: World, person: Person, chat: Chat | None) -> bool:
    return world.name(person) in world.poisoned


def _lied_to(world: World, person: Person, chat: Chat | None) -> bool:
    return world.name(person) in world.lied_to and (
        chat is not None and chat.status is not Status.ACTIVE
    )


def _misled(world: World, person: Person, chat: Chat | None) -> bool:
    name = world.name(person)
    logs = world.misled.get(name, set())
    return name in world.moved or (chat is not None and chat.log_id in logs)


def _asked_across(world: World, person: Person, chat: Chat | None) -> bool:
    """Tell whether somebody's Add stands in the log that others are shown only."""
    if chat is None or chat.status is Status.ACTIVE:
        return False
    name = world.name(person)
    sides = [world.journal.members(n, chat.log_id) for n in range(len(world.sides))]
    return name not in sides[world.side_of[name]] and any(name in s for s in sides)


def _removed_while_stuck(world: World, person: Person, chat: Chat | None) -> bool:
    """Tell whether somebody who can't follow was removed meanwhile."""
    if chat is None or chat.status is not Status.STUCK:
        return False
    name = world.name(person)
    return name not in world.journal.roster(world.side_of[name], chat.log_id)


def _too_late(world: World, person: Person, chat: Chat | None) -> bool:
    """Tell whether the key of an acceptance was deleted before its admission came."""
    return chat is None and Notice("mailbox_unreadable") in person.events


NOT_YET = (
    NotYet(
        "whose disk went back, lacks what came in between, and may stay stuck",
        "gaps are not fetched from other members; no login value shows the rollback",
        frozenset({LOST, READ}),
        _restored,
    ),
    NotYet(
        "who could not apply a commit lacks what came until it rejoined",
        "gaps are not fetched from other members",
        frozenset({LOST}),
        _poisoned,
    ),
    NotYet(
        "whom the relay lies to stays stuck, by name",
        "a refound can't move the chat to another relay",
        frozenset({AGREE, LOST, READ, REST}),
        _lied_to,
    ),
    NotYet(
        "who is shown another log as long as the first sees it with its next entry",
        "devices do not compare the heads that the relay signed for them",
        frozenset({AGREE, LOST, ORDER, READ, REST}),
        _misled,
    ),
    NotYet(
        "who is invited into a log that the relay shows to others only, stays outside",
        "a refound can't move the chat to another relay",
        frozenset({REST}),
        _asked_across,
    ),
    NotYet(
        "who is removed while stuck goes on asking, and learns of it from nobody",
        "members do not answer whom they removed, so that it can't tell why",
        frozenset({REST}),
        _removed_while_stuck,
    ),
    NotYet(
        "who reads an admission 30 days after accepting can open it no more",
        "an acceptance is not made again by itself (the members see who never came)",
        frozenset({AGREE}),
        _too_late,
    ),
)


def excuse(world: World, person: Person, chat: Chat | None, promise: str) -> str:
    """Return why a promise is not expected for somebody in a chat; empty if it is."""
    for row in NOT_YET:
        if promise in row.excuses and row.applies(world, person, chat):
            return row.what
    return ""
