"""People in a town: strangers, two who talk, a group of three."""

from dataclasses import dataclass
from typing import Any

import pytest
from gathered import Trio, befriend, gather, meet, pending
from town import Person, Town

from privity.core import handing
from privity.core.handed import Given, seal_given


@pytest.fixture
def town() -> Town:
    return Town(seed=11)


@pytest.fixture
def strangers(town: Town) -> tuple[Person, Person, Person]:
    return meet(town)


@dataclass
class Pair:
    town: Town
    ana: Person
    ben: Person
    chat: bytes


@pytest.fixture
def pair(town: Town, strangers: tuple[Person, ...]) -> Pair:
    ana, ben, _ = strangers
    return Pair(town, ana, ben, befriend(town, ana, ben))


@pytest.fixture
def trio(town: Town, strangers: tuple[Person, ...]) -> Trio:
    return gather(town, strangers)


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
