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
from tests.sim.promised import AGREE, LAST, LOST, ORDER, OWN, READ, REST

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


def _removed_while_stuck(world: World, person: Person, chat: Chat | None) -> bool:
    """Tell whether somebody who can't follow was removed meanwhile."""
    if chat is None or chat.status is not Status.STUCK:
        return False
    name = world.name(person)
    return name not in world.journal.roster(world.side_of[name], chat.log_id)


def _nobody_left(world: World, person: Person, chat: Chat | None) -> bool:
    """Tell whether the disks of all members went back while they could help."""
    if chat is None:
        return False
    side = world.side_of[world.name(person)]
    roster = world.journal.roster(side, chat.log_id) - world.hostile
    members = [p for p in world.honest() if world.name(p) in roster]
    chats = [p.state.chats.get(chat.chat_id) for p in members]
    return roster <= world.restored and not any(
        one is not None and one.status is Status.ACTIVE for one in chats
    )


def _taken_before(world: World, person: Person, chat: Chat | None) -> bool:
    """Tell whether an old copy waits for an answer that a later one has taken."""
    if chat is None or chat.status is not Status.STUCK:
        return False
    repair = person.state.repairs.get(chat.chat_id)
    return _restored(world, person, chat) and bool(repair and repair.failed)


def _replaced(world: World, person: Person, chat: Chat | None) -> bool:
    """Tell whether an old copy has read that its later one came back."""
    is_out = chat is not None and chat.status is Status.REMOVED
    return is_out and _restored(world, person, chat)


def _admitted_before(world: World, person: Person, chat: Chat | None) -> bool:
    """Tell whether the admission was read and deleted before the disk went back."""
    return chat is None and _restored(world, person, chat)


def _let_in_by_one_lied_to(world: World, person: Person, chat: Chat | None) -> bool:
    """Tell whether whoever let somebody in was stopped before it could say so."""
    return chat is None and any(
        _lied_to(world, one, one.state.chats.get(invite.chat_id))
        for one in world.honest()
        for invite in one.state.invites.values()
        if invite.account_id == person.id and invite.state == "accepted"
    )


def _too_late(world: World, person: Person, chat: Chat | None) -> bool:
    """Tell whether the key of an acceptance was deleted before its admission came."""
    return chat is None and Notice("mailbox_unreadable") in person.events


NOT_YET = (
    NotYet(
        "whose disk went back lacks its own words since, and the last of others",
        "own words are not asked for; a gap is seen when its author speaks again",
        frozenset({LAST, OWN}),
        _restored,
    ),
    NotYet(
        "who could not apply a commit lacks last words said until it rejoined",
        "a gap is seen when its author speaks again",
        frozenset({LAST}),
        _poisoned,
    ),
    NotYet(
        "whom the relay lies to stays stuck, by name",
        "a refound can't move the chat to another relay",
        frozenset({AGREE, LAST, LOST, OWN, READ, REST}),
        _lied_to,
    ),
    NotYet(
        "who is shown another log as long as the first sees it with its next entry",
        "devices do not compare the heads that the relay signed for them",
        frozenset({AGREE, LAST, LOST, ORDER, OWN, READ, REST}),
        _misled,
    ),
    NotYet(
        "who is removed while stuck goes on asking, and learns of it from nobody",
        "members do not answer whom they removed, so that it can't tell why",
        frozenset({REST}),
        _removed_while_stuck,
    ),
    NotYet(
        "where the disks of all members went back, nobody has the keys to help",
        "people begin the chat anew by a command, devices do not by themselves",
        frozenset({AGREE, REST}),
        _nobody_left,
    ),
    NotYet(
        "an old copy waits on where a later one has taken the answer to its plea",
        "it pleads anew a day later, which is longer than a run is patient",
        frozenset({AGREE, LAST, REST}),
        _taken_before,
    ),
    NotYet(
        "an old copy that reads how its later one came back takes itself for removed",
        "who came back in its place, it can't tell (a member can invite it again)",
        frozenset({AGREE, LAST}),
        _replaced,
    ),
    NotYet(
        "whose disk goes back behind an admission that was read stays outside",
        "a letter is deleted once it was read (the members see who never came)",
        frozenset({AGREE}),
        _admitted_before,
    ),
    NotYet(
        "whom somebody let in and never told, as the relay lies to it, stays outside",
        "no other member can tell (they see who never came, and can ask it again)",
        frozenset({AGREE}),
        _let_in_by_one_lied_to,
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
