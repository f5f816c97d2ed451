"""Chats that are begun anew in another log, as deeds like all others.

Seeds from a million on are about them, so that those before keep their schedules.
"""

from contextlib import suppress

from town import Killed, Person

from privity.core import inputs as i
from privity.core.errors import CommandRefused, Doubt
from privity.core.refounds import Refounding
from privity.core.state import Status
from tests.sim.deeds import DEEDS, Deed, DeedKind
from tests.sim.lives import NAMES, World

__all__ = ["decide", "is_undecided"]


def _refound(world: World, deed: Deed) -> None:
    """Mostly the group's owner, and mostly with everybody."""
    who = world.people[0] if deed.n % 4 else world.people[deed.who]
    other = world.people[deed.n % len(NAMES)]
    without = (other.id,) if deed.n % 3 == 0 else ()
    chat_id = world.group
    direct = who.state.contacts.get(other.id)
    if deed.n % 8 == 7 and direct is not None and direct.chat_id:
        chat_id = direct.chat_id
    who.take(i.Refound(chat_id, without))
    # Also who was asked before and did not come, whom no statement names.
    world.unasked |= {world.names[one] for one in without}


def _follow(world: World, deed: Deed) -> None:
    _accept_calls(world.people[deed.who])


def _accept_calls(person: Person) -> None:
    for invite_id, request in list(person.state.requests.items()):
        if request.refound and request.state == "pending":
            person.take(i.Accept(invite_id))


def is_undecided(person: Person) -> bool:
    """Tell whether somebody is asked something."""
    return any(r.state == "pending" for r in person.state.requests.values())


def decide(world: World) -> None:
    """Let everybody accept all; what does not hold any more is declined."""
    for person in world.people:
        for invite_id, request in list(person.state.requests.items()):
            if request.state != "pending":
                continue
            with suppress(Killed):
                try:
                    person.take(i.Accept(invite_id))
                except CommandRefused as refused:
                    name = world.name(person)
                    if refused.detail == Doubt.EPOCH:
                        world.doubting.add(name)
                    why = f"{refused.code.value} {refused.detail}".strip()
                    world.journal.note(f"  {name} can't accept: {why}")
                    person.take(i.Decline(invite_id))


def left_behind(world: World) -> set[tuple[str, bytes]]:
    """Return who was not asked into which log, as the statements say."""
    found = set()
    for person in world.people:
        for moved in person.state.moved.values():
            stated = Refounding.decode(moved.statement)
            found |= {(world.names[who], stated.log_id) for who in stated.without}
    return found


def is_in(person: Person, chat_id: bytes) -> bool:
    """Tell whether somebody can use a chat."""
    chat = person.state.chats.get(chat_id)
    return chat is not None and chat.status is Status.ACTIVE


DEEDS.update(
    {
        "refound": DeedKind(_refound, "somebody begins a chat anew ({n})"),
        "follow": DeedKind(_follow, "{who} follows into a new log"),
    }
)
