"""What must be so when a run has come to rest, by the journal."""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress

import msgspec
from town import Person

from privity.core.effects import MessageRow, MessageState
from privity.core.envelopes import open_envelope
from privity.core.events import MessageArrived
from privity.core.generations import Generation
from privity.core.state import Status
from privity.errors import PrivityError
from privity.wire.codes import Refusal
from privity.wire.entry import Header
from privity.wire.frames import AnyEntry, Cursor, Entry
from tests.sim.journal import Known
from tests.sim.lives import World, read_as
from tests.sim.not_yet import excuse
from tests.sim.promised import (
    AGREE,
    BOUND,
    LOST,
    OUT,
    REST,
    SAID,
    TWICE,
    Fault,
)
from tests.sim.what_is_read import is_message, text_of, what_is_read

__all__ = ["after_removal", "broken", "of_a_person"]

MOST_STORED = 1_500_000
"""Bytes of a profile, without its messages."""


def broken(world: World) -> list[Fault]:
    """Return all promises that a run broke."""
    found = list(world.journal.faults)
    for log_id, known in world.journal.chats.items():
        for side in range(len(world.sides)):
            found += _of_a_chat(world, side, log_id, known)
    for person in world.honest():
        found += of_a_person(world, person)
    found += after_removal(world)
    return found


def _on(world: World, side: int) -> list[Person]:
    return [p for p in world.honest() if world.side_of[world.name(p)] == side]


def _of_a_chat(world: World, side: int, log_id: bytes, known: Known) -> Iterator[Fault]:
    road = world.journal.road(side, log_id)
    roster = world.journal.roster(side, log_id)
    yield from _agreement(world, _on(world, side), known, roster)
    for person in _on(world, side):
        chat = person.state.chats.get(known.chat_id)
        if chat is not None:
            yield from what_is_read(world, person, chat, road)


def _agreement(
    world: World, people: list[Person], known: Known, roster: frozenset[str]
) -> Iterator[Fault]:
    """All members can use the chat, and are in the same place of it."""
    places: dict[object, str] = {}
    for person in people:
        name = world.name(person)
        chat = person.state.chats.get(known.chat_id)
        is_active = chat is not None and chat.status is Status.ACTIVE
        if excuse(world, person, chat, AGREE):
            continue
        if is_active and name not in roster:
            yield AGREE, f"{name} was removed from {known.name} and does not know"
        over = roster <= world.journal.leaving or name in world.left_stuck
        if not is_active and name in roster and not over:
            stands = f"{chat.status.value} {chat.cause}" if chat else "outside"
            yield AGREE, f"{name} is a member of {known.name} and is {stands.strip()}"
        if not is_active or chat is None or name not in roster:
            continue
        group = person.state.groups[known.chat_id]
        if world.names_of(group) != roster:
            yield AGREE, f"{name} sees other members of {known.name}"
        place = (group.epoch_authenticator, group.interim_transcript_hash, chat.chain)
        places.setdefault(place, name)
    if len(places) > 1:
        yield AGREE, f"{' and '.join(places.values())} disagree on {known.name}"


def of_a_person(world: World, person: Person) -> Iterator[Fault]:
    """What one has said stays, nothing is shown twice, and nothing waits."""
    name = world.name(person)
    yield from _shown(world, person)
    stored = sum(len(body) for body in person.disk.values())
    if stored > MOST_STORED:
        yield BOUND, f"{name} stores {stored} bytes"
    mine = {k for k, to in world.journal.letters.items() if to == name}
    if mine - world.journal.opened and name not in world.restored:
        yield LOST, f"{name} never opened a letter that the relay took"
    chats = person.state.chats.values()
    stuck = [c for c in chats if excuse(world, person, c, REST)]
    if not stuck and not world.is_whole(person):
        yield REST, f"{name} still waits: {waits(person)}"
    for text, said in world.journal.said.items():
        if said.who != name or not said.done or name in world.restored:
            continue
        rows = [r for r in person.rows.values() if text_of(r) == text]
        if not rows:
            yield LOST, f"{name} has said {text!r} and has it no more"
        elif rows[0].state is MessageState.QUEUED and not stuck:
            yield REST, f"{name} still has {text!r} to send"


def waits(person: Person) -> str:
    """Return what somebody waits for, in a few words."""
    state = person.state
    jobs = Counter(job.reason for job in state.jobs.values())
    queued = sum(len(items) for items in state.outgoing.values())
    parts = [f"{n} {reason}" for reason, n in sorted(jobs.items())]
    parts += [f"{queued} queued"] if queued else []
    parts += [f"{len(state.pending)} commits"] if state.pending else []
    return ", ".join(parts) or "not read to the end"


def _shown(world: World, person: Person) -> Iterator[Fault]:
    name = world.name(person)
    arrived = [e for e in person.events if isinstance(e, MessageArrived)]
    counts = Counter((e.chat_id, e.idem) for e in arrived)
    for (_, idem), count in counts.items():
        if count > 1:
            yield TWICE, f"{name} is shown {idem.hex()[:4]} {count} times"
    texts = Counter(
        (row.chat_id, text) for row in person.rows.values() if (text := text_of(row))
    )
    for (_, text), count in texts.items():
        if count > 1:
            yield TWICE, f"{name} has {text!r} {count} times"
    seqs = Counter((r.chat_id, r.seq) for r in person.rows.values() if is_message(r))
    for (_, seq), count in seqs.items():
        if seq and count > 1 and name not in world.lied_to:
            yield TWICE, f"{name} has {count} messages at {seq}"
    for row in person.rows.values():
        yield from _was_said(world, person, row)


def _was_said(world: World, person: Person, row: MessageRow) -> Iterator[Fault]:
    text = text_of(row)
    if not text:
        return
    said = world.journal.said.get(text)
    chat = person.state.chats[row.chat_id]
    where = world.journal.chats[chat.log_id].name
    if said is None or (said.who, said.chat) != (world.names[row.sender], where):
        yield SAID, f"{world.name(person)} reads {text!r}"


def after_removal(world: World) -> Iterator[Fault]:
    """Neither the keys of who was removed nor the relay show what came later."""
    for (name, chat_id), before in world.ghosts.items():
        old = before.chats[chat_id]
        person = next(p for p in world.people if world.name(p) == name)
        side = world.side_of[name]
        road = world.journal.road(side, old.log_id)
        later = {
            place.seq
            for place, audience in road
            if name not in audience and place.seq > old.cursor + 1
        }
        generation = Generation(old.secret)
        for entry in _all_entries(world, side, old.log_id):
            if entry.seq in later and _opens(generation, entry):
                yield OUT, f"{name}'s old keys open {entry.seq}"
        cursor = Cursor(old.log_id, old.generation, old.generation)
        with suppress(Refusal):
            for raw in read_as(world, person, cursor):
                entry = _decode(raw)
                if isinstance(entry, Entry) and entry.seq in later:
                    yield OUT, f"the relay gives {name} entry {entry.seq}"


_decode = msgspec.msgpack.Decoder(AnyEntry).decode


def _all_entries(world: World, side: int, log_id: bytes) -> list[Entry]:
    rows = world.sides[side].logs.execute(
        "SELECT seq, header, envelope FROM entries WHERE log_id = ?", (log_id,)
    )
    return [Entry(seq, 0, 0, b"", header, envelope) for seq, header, envelope in rows]


def _opens(generation: Generation, entry: Entry) -> bool:
    try:
        Header.parse(entry.header)
        open_envelope(generation, entry.header, entry.envelope)
    except PrivityError:
        return False
    return True
