"""What each member has of a chat, beside what was said in it."""

from collections.abc import Iterator

from town import Person

from privity.content.mimi import MimiContent
from privity.content.view import Reply, Text, read
from privity.core.effects import MessageRow, MessageState
from privity.core.events import MessageDropped
from privity.core.state import Chat, Status
from privity.wire.entry import Kind
from tests.sim.journal import Place
from tests.sim.lives import World
from tests.sim.not_yet import excuse
from tests.sim.promised import LAST, LOST, ORDER, OUT, OWN, READ, Fault

__all__ = ["in_the_order_of_each", "is_message", "text_of", "what_is_read"]

Road = list[tuple[Place, frozenset[str]]]


def what_is_read(
    world: World, person: Person, chat: Chat, road: Road
) -> Iterator[Fault]:
    """Compare what somebody has of a chat with the entries that count."""
    name = world.name(person)
    rows = [r for r in person.rows.values() if r.chat_id == chat.chat_id]
    said = {(r.sender, r.content): r for r in rows if is_message(r)}
    at = {r.seq: r for r in said.values() if r.seq}
    may_differ = excuse(world, person, chat, ORDER)
    apps = [(place, audience) for place, audience in road if place.kind is Kind.APP]
    heard: set[str] = set()
    for place, audience in reversed(apps):
        row = said.get((world.id_of(place.sender), place.content))
        where = f"{world.journal.chats[chat.log_id].name} {place.seq} of {place.sender}"
        is_told = row is not None and place.sender != name
        if name not in audience and is_told and row.seq == place.seq:
            yield OUT, f"{name} reads {where}"
        if name in audience and row is None:
            lost = _lost(name, chat, place, heard)
            if not excuse(world, person, chat, lost):
                yield lost, f"{name} lacks {where}"
        if name in audience and row is not None:
            heard.add(place.sender)
        if row is not None and row.seq not in (0, place.seq) and not may_differ:
            yield ORDER, f"{name} has {where} at {row.seq}"
        if at.get(place.seq, row) is not row and not may_differ:
            yield ORDER, f"{name} has something else at {where}"
    kept = {r.content for r in said.values() if r.sender == person.id}
    yield from _dropped(world, person, chat, (road, kept))
    if not may_differ:
        yield from in_the_order_of_each(world, person, chat)


def _lost(name: str, chat: Chat, place: Place, heard: set[str]) -> str:
    """Return which promise is broken if somebody lacks a message.

    Who heard a later one by the same person, and can speak, can ask for it.
    """
    if place.sender == name:
        return OWN
    can_ask = chat.status is Status.ACTIVE and place.sender in heard
    return LOST if can_ask else LAST


def _dropped(
    world: World, person: Person, chat: Chat, there: tuple[Road, set[bytes]]
) -> Iterator[Fault]:
    """Find what was refused though it counts.

    Who knows what it said itself may refuse it as a relay altered it: it stays.
    """
    name = world.name(person)
    road, kept = there
    honest = {p.seq: p for p, a in road if name in a and p.sender not in world.hostile}
    for event in person.events:
        if isinstance(event, MessageDropped) and event.chat_id == chat.chat_id:
            place = honest.get(event.seq)
            if place is None or (place.sender == name and place.content in kept):
                continue
            promise = OWN if place.sender == name else READ
            if not excuse(world, person, chat, promise):
                yield (
                    promise,
                    f"{name} drops {place.sender}'s {event.seq}: {event.cause}",
                )


def in_the_order_of_each(world: World, person: Person, chat: Chat) -> Iterator[Fault]:
    """What one person says is read in the order in which it was said."""
    told: dict[bytes, int] = {}
    for row in person.messages(chat.chat_id):
        text = text_of(row)
        if not text or not row.seq or world.names[row.sender] in world.restored:
            continue
        number = int(text.split()[-1])
        if told.get(row.sender, 0) > number:
            yield ORDER, f"{world.name(person)} reads {text} too late"
        told[row.sender] = number


def is_message(row: MessageRow) -> bool:
    """Tell whether a row is something that was said."""
    return row.state is not MessageState.LINE


def text_of(row: MessageRow) -> str:
    """Return the text of a row, empty if it has none."""
    if not is_message(row):
        return ""
    view = read(MimiContent.decode(row.content))
    return view.text if isinstance(view, Text | Reply) else ""
