"""People in a town: strangers, two who talk, a group of three."""

from dataclasses import dataclass
from typing import Any

import pytest
from town import Person, Town

from privity.core import handing
from privity.core import inputs as i
from privity.core.handed import Given, seal_given


@pytest.fixture
def town() -> Town:
    return Town(seed=11)


@pytest.fixture
def strangers(town: Town) -> tuple[Person, Person, Person]:
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


@dataclass
class Pair:
    town: Town
    ana: Person
    ben: Person
    chat: bytes


@dataclass
class Trio:
    town: Town
    ana: Person
    ben: Person
    cem: Person
    chat: bytes

    @property
    def everybody(self) -> tuple[Person, Person, Person]:
        return self.ana, self.ben, self.cem


@pytest.fixture
def pair(town: Town, strangers: tuple[Person, ...]) -> Pair:
    ana, ben, _ = strangers
    return Pair(town, ana, ben, befriend(town, ana, ben))


@pytest.fixture
def trio(town: Town, strangers: tuple[Person, ...]) -> Trio:
    ana, ben, cem = strangers
    befriend(town, ana, ben)
    befriend(town, ana, cem)
    chat = ana.take(i.CreateGroup("Picnic", (ben.id, cem.id)))
    town.run()
    for person in (ben, cem):
        person.take(i.Accept(pending(person)))
    town.run()
    town.now_ms += 5_000
    return Trio(town, ana, ben, cem, chat)


@pytest.fixture
def shown() -> Any:
    """Return the events of a kind that a person was shown."""

    def find(person: Person, kind: type) -> list[Any]:
        return [event for event in person.events if isinstance(event, kind)]

    return find


@pytest.fixture
def ask() -> Any:
    """Return the one pending request of a person."""
    return pending


@pytest.fixture
def make_friends() -> Any:
    """Let two people talk."""
    return befriend


@pytest.fixture
def handed_on(monkeypatch: pytest.MonkeyPatch) -> list[Given]:
    """Collect what anybody hands on, before it is sealed."""
    found = []

    def seal(suite: Any, ask: Any, given: Given) -> bytes:
        found.append(given)
        return seal_given(suite, ask, given)

    monkeypatch.setattr(handing, "seal_given", seal)
    return found
