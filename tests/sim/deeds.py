"""What may happen in a run: each deed by its name, in words, and as it is done.

Any part of a schedule is a schedule: a deed that has no sense any more does nothing.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from town import Killed, Person

from privity.core import engine
from privity.core import inputs as i
from privity.core.errors import CommandRefused
from privity.core.state import Status
from privity.relay import reading
from tests.sim.lives import NAMES, Snapshot, World, accept_all, side

__all__ = ["DEEDS", "Deed", "DeedKind", "perform", "tell"]

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Deed:
    """One deed of a schedule: `number` is its place there, `n` means what it means."""

    number: int
    name: str
    who: int
    n: int


@dataclass(frozen=True, slots=True)
class DeedKind:
    """What a deed does, and how it is told."""

    do: Callable[[World, Deed], None]
    words: str


def perform(world: World, deed: Deed) -> None:
    """Do one deed; what a person is refused is no fault."""
    world.journal.note(f"{deed.number}. {tell(deed)}")
    deaths = world.town.kill_at
    try:
        DEEDS[deed.name].do(world, deed)
    except CommandRefused as refused:
        world.journal.note(f"  refused: {refused.code.value}")
    except Killed:
        world.journal.note("  and dies meanwhile")
    if 0 <= deaths < world.town.effects:
        world.kills += 1
        world.town.kill_at = -1


def tell(deed: Deed) -> str:
    """Return a deed in words."""
    other = NAMES[deed.n % len(NAMES)]
    words = DEEDS[deed.name].words
    return words.format(who=NAMES[deed.who], n=deed.n, other=other, text=text_of(deed))


def text_of(deed: Deed) -> str:
    """Return what is said in a deed: nothing is said twice in a run."""
    return f"word {deed.number}"


def _person(world: World, deed: Deed) -> Person:
    return world.people[deed.who]


def _say(world: World, deed: Deed) -> None:
    from tests.sim.journal import Said

    person = _person(world, deed)
    chats = [c for c in person.state.chats.values() if c.status is Status.ACTIVE]
    if not chats:
        return
    group = [c for c in chats if c.chat_id == world.group]
    chat = group[0] if group and deed.n % 4 else chats[deed.n % len(chats)]
    name = world.journal.chats[chat.log_id].name
    text, who = text_of(deed), world.name(person)
    try:
        person.say(chat.chat_id, text)
    except Killed:
        world.journal.said[text] = Said(who, name, done=False)
        raise
    world.journal.said[text] = Said(who, name, done=True)


def _accept(world: World, deed: Deed) -> None:
    accept_all(_person(world, deed))


def _invite(world: World, deed: Deed) -> None:
    """Mostly somebody who is outside, and by somebody who may."""
    members = [world.is_a_member(person) for person in world.people]
    outside = [p for p, inside in zip(world.people, members, strict=True) if not inside]
    who = _changer(world, deed)
    others = outside if outside and deed.n % 5 else world.people
    other = others[deed.n % len(others)]
    for out in world.out_of.values():
        out.discard(world.name(other))
    who.take(i.AddMembers(world.group, (other.id,)))


def _changer(world: World, deed: Deed) -> Person:
    """Return who changes the members: mostly the first who is one."""
    members = [person for person in world.people if world.is_a_member(person)]
    return members[0] if members and deed.n % 4 else _person(world, deed)


def _remove(world: World, deed: Deed) -> None:
    other = world.people[deed.n % len(NAMES)]
    _changer(world, deed).take(i.RemoveMember(world.group, other.id))


def _leave(world: World, deed: Deed) -> None:
    person = _person(world, deed)
    before = person.state.chats.get(world.group)
    try:
        person.take(i.Leave(world.group))
        if before is not None and (before.status is Status.STUCK or before.leaving):
            world.left_stuck.add(world.name(person))
    finally:
        chat = person.state.chats.get(world.group)
        if chat is not None and (chat.leaving or chat.status is Status.LEFT):
            world.journal.leaving.add(world.name(person))


def _title(world: World, deed: Deed) -> None:
    _person(world, deed).take(i.SetTitle(world.group, f"Picnic {deed.n}"))


def _offline(world: World, deed: Deed) -> None:
    person = _person(world, deed)
    if person.online:
        cut(world, person, "offline")


def cut(world: World, person: Person, cause: str) -> None:
    """Take somebody's connection, and with it all answers that are under way."""
    world.held.pop(world.name(person), None)
    world.wound(person, cause)
    person.disconnect()


def _online(world: World, deed: Deed) -> None:
    person = _person(world, deed)
    if not person.online:
        person.connect()


def _crash(world: World, deed: Deed) -> None:
    world.kill(_person(world, deed))


def _die_soon(world: World, deed: Deed) -> None:
    world.town.kill_at = world.town.effects + deed.n % 12


def _act(world: World, deed: Deed) -> None:
    for _ in range(1 + deed.n % 3):
        _person(world, deed).act()


def _pass_time(world: World, deed: Deed) -> None:
    world.town.run(seconds=1 + deed.n % 6)


def _sleep(world: World, deed: Deed) -> None:
    """Let all others live on for a while, then for 45 days in silence."""
    person = _person(world, deed)
    if person.online:
        cut(world, person, "asleep for 45 days")
    world.town.run(seconds=5)
    world.town.now_ms += 45 * DAY_MS
    for one in world.people:
        if one.online:
            one.take(i.Tick())
    world.town.run(seconds=5)


def _lose_request(world: World, deed: Deed) -> None:
    """The connection ends before the relay has got what was sent."""
    person = _person(world, deed)
    if person.online and person.requests:
        cut(world, person, "request lost")
        person.connect()


def _lose_answer(world: World, deed: Deed) -> None:
    """The relay does what was asked, and nobody hears that it did."""
    person = _person(world, deed)
    if person.online and person.requests:
        person.perform(person.requests.pop(0).request)
        cut(world, person, "answer lost")
        person.connect()


def _hold_answer(world: World, deed: Deed) -> None:
    person = _person(world, deed)
    if person.online and person.requests:
        send = person.requests.pop(0)
        answer = person.perform(send.request)
        world.held.setdefault(world.name(person), []).append((send.job, answer))
        world.wound(person, "answer late")


def release(world: World, person: Person, *, backwards: bool = False) -> None:
    """Let late answers come, the last first if `backwards`."""
    held = world.held.pop(world.name(person), [])
    for job, answer in held[::-1] if backwards else held:
        person.take(i.Answered(job, answer))


def _release(world: World, deed: Deed) -> None:
    release(world, _person(world, deed), backwards=bool(deed.n % 2))


def _answer_twice(world: World, deed: Deed) -> None:
    person = _person(world, deed)
    if person.online and person.requests:
        send = person.requests.pop(0)
        answer = person.perform(send.request)
        person.take(i.Answered(send.job, answer))
        person.take(i.Answered(send.job, answer))


def _small_batches(world: World, deed: Deed) -> None:
    _person(world, deed).room = 1 + deed.n % 4


def _batch_again(world: World, deed: Deed) -> None:
    """The relay sends again what was read already, with what comes next."""
    person = _person(world, deed)
    for log_id, follow in list(person.following.items()):
        after = max(follow.generation, person.cursors[log_id] - 1 - deed.n % 4)
        with suppress(reading.Refusal):
            batch = person.read(log_id, follow.generation, after)
            if person.online and batch.entries:
                person.take(i.EntriesArrived(batch))


def _clock(world: World, deed: Deed) -> None:
    _person(world, deed).clock_ms += (deed.n % 121 - 120) * 60_000


def _relay_restarts(world: World, deed: Deed) -> None:
    """The relay process ends: what it has on disk stays, connections do not."""
    for number, old in enumerate(world.sides):
        world.sides[number] = side(world.town, old.logs)
    for person in world.people:
        if person.online:
            cut(world, person, "relay restarted")
            person.connect()


def _snapshot(world: World, deed: Deed) -> None:
    person = _person(world, deed)
    world.snapshots[world.name(person)] = Snapshot(
        dict(person.disk),
        dict(person.rows),
        dict(person.purse._reserved),
        person.state,
        person.login,
    )


def _restore(world: World, deed: Deed) -> None:
    """A disk goes back to what it was; within a boot the memory goes back too.

    Mostly all of the disk, and the relay sees it at the login; else without the login
    value, and the device itself meets a use of its keys that it doesn't know.
    """
    person = _person(world, deed)
    name = world.name(person)
    snapshot = world.snapshots.get(name)
    if snapshot is None:
        return
    world.restored.add(name)
    if person.online:
        cut(world, person, "disk restored")
    person.disk, person.rows = dict(snapshot.disk), dict(snapshot.rows)
    person.purse._reserved, person.events = dict(snapshot.tokens), []
    if deed.n % 3:
        person.login = snapshot.login
    if deed.n % 2:
        person.state = snapshot.state.without_session()
    else:
        stored = person.disk.items()
        person.state = engine.load((kind, key, body) for (kind, key), body in stored)
    person.connect()


DEEDS: dict[str, DeedKind] = {
    "say": DeedKind(_say, '{who} says "{text}"'),
    "accept": DeedKind(_accept, "{who} accepts what is asked"),
    "invite": DeedKind(_invite, "somebody is invited into the group ({n})"),
    "remove": DeedKind(_remove, "{other} is removed"),
    "leave": DeedKind(_leave, "{who} leaves the group"),
    "title": DeedKind(_title, "{who} gives the group another title ({n})"),
    "offline": DeedKind(_offline, "{who} goes offline"),
    "online": DeedKind(_online, "{who} comes online"),
    "crash": DeedKind(_crash, "{who}'s process is killed and starts again"),
    "die_soon": DeedKind(_die_soon, "whoever does the next effects dies in them ({n})"),
    "act": DeedKind(_act, "{who}'s device does a few things"),
    "pass_time": DeedKind(_pass_time, "some seconds pass ({n})"),
    "sleep": DeedKind(_sleep, "{who}'s device sleeps for 45 days"),
    "lose_request": DeedKind(_lose_request, "{who}'s connection loses a request"),
    "lose_answer": DeedKind(_lose_answer, "{who}'s connection loses an answer"),
    "hold_answer": DeedKind(_hold_answer, "an answer to {who} is late"),
    "release": DeedKind(_release, "late answers reach {who} (order {n})"),
    "answer_twice": DeedKind(_answer_twice, "an answer reaches {who} twice"),
    "small_batches": DeedKind(_small_batches, "{who} gets small batches ({n})"),
    "batch_again": DeedKind(_batch_again, "{who} gets a batch again ({n})"),
    "clock": DeedKind(_clock, "{who}'s clock jumps ({n})"),
    "relay_restarts": DeedKind(_relay_restarts, "the relay restarts"),
    "snapshot": DeedKind(_snapshot, "{who} takes a snapshot of the disk"),
    "restore": DeedKind(_restore, "{who}'s disk goes back to the snapshot ({n})"),
}
