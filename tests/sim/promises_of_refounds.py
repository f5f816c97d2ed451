"""What must be so of chats that were begun anew, when a run has come to rest.

All who follow come to one log and one place of it; nobody is there who was removed or
left behind; and what was said is there for whoever was to read it where it stood.
"""

from collections.abc import Iterator

from town import Person

from privity.core.events import Notice
from privity.core.state import Status
from privity.core.tallies import missing_by_account
from privity.wire.entry import Kind
from tests.sim.journal import Place
from tests.sim.lives import World
from tests.sim.not_yet import excuse
from tests.sim.promised import AGREE, LAST, LOST, OUT, OWN, REST, Fault
from tests.sim.promises import after_removal, of_a_person
from tests.sim.refoundings import is_in
from tests.sim.what_is_read import in_the_order_of_each, is_message

__all__ = ["broken_by_refounds"]


def broken_by_refounds(world: World) -> list[Fault]:
    """Return all promises that a run with refounds broke."""
    found = list(world.journal.faults)
    for chat_id in {known.chat_id for known in world.journal.chats.values()}:
        found += _of_a_chat(world, chat_id)
    for person in world.honest():
        found += of_a_person(world, person)
    found += after_removal(world)
    return found


def _of_a_chat(world: World, chat_id: bytes) -> Iterator[Fault]:
    logs: dict[bytes, list[Person]] = {}
    for person in world.honest():
        if is_in(person, chat_id):
            logs.setdefault(person.state.chats[chat_id].log_id, []).append(person)
        elif _is_stuck(world, person, chat_id):
            yield AGREE, f"{world.name(person)} is stuck"
    for log_id, people in logs.items():
        yield from _agreement(world, chat_id, log_id, people)
    yield from _one_log(world, chat_id, logs)
    for person in world.honest():
        yield from _read(world, person, chat_id)


def _is_stuck(world: World, person: Person, chat_id: bytes) -> bool:
    """Tell whether somebody can't use a chat who is a member still."""
    chat = person.state.chats.get(chat_id)
    if chat is None or chat.status not in (Status.STUCK, Status.JOINING):
        return False
    return not excuse(world, person, chat, REST)


def _agreement(
    world: World, chat_id: bytes, log_id: bytes, people: list[Person]
) -> Iterator[Fault]:
    """Who is in one log stands in one place of it, among its members."""
    name = world.journal.chats[log_id].name
    roster = world.journal.roster(0, log_id)
    places = set()
    for person in people:
        group = person.state.groups[chat_id]
        chain = person.state.chats[chat_id].chain
        places.add((group.epoch_authenticator, chain))
        if world.names_of(group) != roster:
            yield AGREE, f"{world.name(person)} sees other members of {name}"
        if world.name(person) not in roster:
            yield OUT, f"{world.name(person)} is in {name} and no member"
    if len(places) > 1:
        yield AGREE, f"{[world.name(p) for p in people]} disagree on {name}"
    for person in world.honest():
        chat = person.state.chats.get(chat_id)
        if chat is None or chat.log_id != log_id or chat.status is not Status.REMOVED:
            continue
        is_a_member = world.name(person) in roster
        if is_a_member and not excuse(world, person, chat, AGREE):
            yield AGREE, f"{world.name(person)} takes itself for removed from {name}"
    for who in roster & world.out_of.get(log_id, set()):
        yield OUT, f"{who} is in a log of {name} and was left behind"


def _one_log(
    world: World, chat_id: bytes, logs: dict[bytes, list[Person]]
) -> Iterator[Fault]:
    """Whoever was asked and accepted is where the others are.

    Unless who asked them has left: nobody else can let them in by that call. And whose
    slot was poisoned may have said that it does not know the epoch that a call names.
    """
    order = [log_id for log_id in world.begun if log_id in logs]
    if len(logs) < 2 or not order:
        return
    most = order[-1]
    inside = {world.name(person) for person in logs[most]}
    if world.begun[most] not in inside:
        return
    for log_id, people in logs.items():
        for person in people:
            name = world.name(person)
            is_excused = name in world.unasked or _knew_no_such_epoch(world, person)
            if log_id != most and not is_excused:
                chat = world.journal.chats[log_id].name
                yield AGREE, f"{name} is in another log of {chat} than the last one"


def _knew_no_such_epoch(world: World, person: Person) -> bool:
    name = world.name(person)
    is_told = Notice("refound_doubted", "epoch") in person.events
    return name in world.poisoned and (is_told or name in world.doubting)


def _read(world: World, person: Person, chat_id: bytes) -> Iterator[Fault]:
    """What stood where somebody has read is there, or is named as missing."""
    name = world.name(person)
    chat = person.state.chats.get(chat_id)
    if chat is None:
        return
    rows = [r for r in person.rows.values() if r.chat_id == chat_id and is_message(r)]
    has = {(row.sender, row.content) for row in rows}
    missing = missing_by_account(person.state.tallies, chat_id)
    for log_id, known in world.journal.chats.items():
        if known.chat_id != chat_id:
            continue
        upto = world.read_upto.get((name, log_id), 0)
        if chat.log_id == log_id:
            upto = chat.cursor
        heard: set[str] = set()
        for place in reversed(_meant_for(world, name, log_id)):
            sender = world.id_of(place.sender)
            if (sender, place.content) in has:
                heard.add(place.sender)
                continue
            if missing.get(sender):
                continue
            is_last = place.sender not in heard and excuse(world, person, chat, LAST)
            if place.sender == name:
                yield OWN, f"{name} lacks its own {place.seq} of {known.name}"
            elif place.seq <= upto and not is_last:
                yield LOST, f"{name} lacks {known.name} {place.seq} of {place.sender}"
    yield from in_the_order_of_each(world, person, chat)


def _meant_for(world: World, name: str, log_id: bytes) -> list[Place]:
    road = world.journal.road(0, log_id)
    return [p for p, readers in road if p.kind is Kind.APP and name in readers]
