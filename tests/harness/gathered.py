"""People in a town: three strangers, two who talk, three in a group."""

from collections.abc import Sequence
from dataclasses import dataclass

from town import Person, Town

from privity.core import inputs as i

__all__ = ["Trio", "befriend", "gather", "gathered", "meet", "pending"]


@dataclass
class Trio:
    """Three people in a group."""

    town: Town
    ana: Person
    ben: Person
    cem: Person
    chat: bytes

    @property
    def everybody(self) -> tuple[Person, Person, Person]:
        """Return them in the order of their leaves."""
        return self.ana, self.ben, self.cem


def meet(town: Town) -> tuple[Person, Person, Person]:
    """Bring three strangers to a town, two of whom can be found by a handle."""
    people = town.person("Ana", "ana"), town.person("Ben", "ben"), town.person("Cem")
    town.run()
    return people


def pending(person: Person) -> bytes:
    """Return the one request that a person has not decided."""
    found = [k for k, v in person.state.requests.items() if v.state == "pending"]
    assert len(found) == 1
    return found[0]


def befriend(town: Town, one: Person, other: Person) -> bytes:
    """Let two people talk; returns the chat id of their direct chat."""
    link = other.take(i.MakeLink())
    one.take(i.RequestByLink(link, "hello"))
    town.run()
    other.take(i.Accept(pending(other)))
    town.run()
    return one.state.contacts[other.id].chat_id


def gather(town: Town, people: Sequence[Person]) -> Trio:
    """Let three strangers make a group."""
    ana, ben, cem = people
    befriend(town, ana, ben)
    befriend(town, ana, cem)
    chat = ana.take(i.CreateGroup("Picnic", (ben.id, cem.id)))
    town.run()
    for person in (ben, cem):
        person.take(i.Accept(pending(person)))
    town.run()
    town.now_ms += 5_000
    return Trio(town, ana, ben, cem, chat)


def gathered() -> Trio:
    """Return three people in a group of a new town, for one run of many of a story."""
    town = Town(seed=11)
    return gather(town, meet(town))
