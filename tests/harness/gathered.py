"""Three people in a group, made anew for each of many runs of one story."""

from dataclasses import dataclass

from town import Person, Town

from privity.core import inputs as i

__all__ = ["Three", "gathered"]


@dataclass
class Three:
    town: Town
    ana: Person
    ben: Person
    cem: Person
    chat: bytes

    @property
    def everybody(self):
        return self.ana, self.ben, self.cem


def befriend(town, one, other):
    link = other.take(i.MakeLink())
    one.take(i.RequestByLink(link, "hello"))
    town.run()
    accept(other)
    town.run()


def accept(person):
    requests = person.state.requests.items()
    (asked,) = (key for key, value in requests if value.state == "pending")
    person.take(i.Accept(asked))


def gathered():
    """Return three people in a group, as the other stories have them."""
    town = Town(seed=11)
    ana, ben, cem = (town.person(n, n.lower()) for n in ("Ana", "Ben", "Cem"))
    town.run()
    befriend(town, ana, ben)
    befriend(town, ana, cem)
    chat = ana.take(i.CreateGroup("Picnic", (ben.id, cem.id)))
    town.run()
    for person in (ben, cem):
        accept(person)
    town.run()
    town.now_ms += 5_000
    return Three(town, ana, ben, cem, chat)
