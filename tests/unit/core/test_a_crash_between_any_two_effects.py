"""Somebody's process dies in front of every single effect of a story.

The story has requests, acceptances, messages, a group, and a removal. Whoever performs
the effect is killed in front of it and starts again from its disk; a person who sees
that nothing came of a command repeats it. Every ending is the same one. A second story
has a commit that nobody follows, and the one that is paid for to go on.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

import pytest
from forger import Forger
from town import Killed, Person, Town

from privity.core import inputs as i
from privity.core.errors import CommandRefused

STRIDE = 11
ATTEMPTS = 3


@dataclass
class Story:
    """A town, and its people's patience."""

    town: Town

    def until(self, reached: Callable[[], object], act: Callable[[], object]) -> None:
        """Act until it is so; a person who sees that it is so does not repeat it."""
        for _ in range(ATTEMPTS):
            if reached():
                return
            with suppress(Killed, CommandRefused):
                act()
            self.town.run()
        assert reached(), "it never came to that"

    def befriend(self, one: Person, other: Person) -> bytes:
        """Let two people talk, over a link; returns their chat."""
        links = []
        self.until(lambda: links, lambda: links.append(other.take(i.MakeLink())))

        def asked() -> bytes | None:
            pending = other.state.requests.items()
            return next((k for k, v in pending if v.account_id == one.id), None)

        def chat() -> bytes | None:
            known = other.state.contacts.get(one.id)
            chat = known and other.state.chats.get(known.chat_id)
            return chat.chat_id if chat and chat.status == "active" else None

        self.until(asked, lambda: one.take(i.RequestByLink(links[0], "hello")))
        self.until(chat, lambda: other.take(i.Accept(asked())))
        return chat()

    def gather(self, owner: Person, others: tuple[Person, ...]) -> bytes:
        """Make a group of all of them; returns its chat."""

        def group() -> bytes | None:
            chats = owner.state.chats.values()
            return next((c.chat_id for c in chats if c.kind == "group"), None)

        ids = tuple(other.id for other in others)
        self.until(group, lambda: owner.take(i.CreateGroup("Picnic", ids)))
        self.town.run()
        for other in others:
            self.until(
                lambda o=other: status(o, group()) == "active", other_accepts(other)
            )
        return group()

    def say(self, person: Person, chat: bytes, text: str) -> None:
        """Say something once."""
        self.until(lambda: text in person.texts(chat), lambda: person.say(chat, text))


def other_accepts(person: Person) -> Callable[[], object]:
    def accept() -> object:
        pending = [k for k, v in person.state.requests.items() if v.state == "pending"]
        return person.take(i.Accept(pending[0])) if pending else None

    return accept


def status(person: Person, chat: bytes | None) -> str:
    found = person.state.chats.get(chat or b"")
    return str(found.status) if found else ""


def live(kill_at: int) -> int:
    """Live the story with one death in it; return how many effects it had."""
    town = Town(7)
    ana, ben, cem = (town.person(n, n.lower()) for n in ("Ana", "Ben", "Cem"))
    town.run()
    town.effects, town.kill_at = 0, kill_at
    story = Story(town)
    direct = story.befriend(ana, ben)
    story.befriend(ana, cem)
    story.say(ana, direct, "hello")
    story.say(ben, direct, "hi")
    group = story.gather(ana, (ben, cem))
    for person, text in ((ana, "one"), (ben, "two"), (cem, "three")):
        story.say(person, group, text)
    story.until(
        lambda: status(cem, group) == "removed",
        lambda: ana.take(i.RemoveMember(group, cem.id)),
    )
    story.say(ben, group, "four")
    town.run()
    effects = town.effects
    assert ana.texts(direct) == ben.texts(direct) == ["hello", "hi"]
    assert ana.texts(group) == ben.texts(group) == ["one", "two", "three", "four"]
    assert cem.texts(group) == ["one", "two", "three"]
    authenticators = {p.state.groups[group].epoch_authenticator for p in (ana, ben)}
    assert len(authenticators) == 1
    for person in (ana, ben, cem):
        assert not person.state.jobs
        assert not any(person.state.outgoing.values())
    return effects


@cache
def effects_of_the_story() -> int:
    return live(-1)


def test_the_story_has_effects_of_every_part():
    assert effects_of_the_story() > 200


@pytest.mark.parametrize(
    "first",
    [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, STRIDE))],
)
def test_nothing_is_lost_or_doubled_whoever_dies_in_front_of_an_effect(first):
    """Every eleventh effect from `first` on; together they are all of them."""
    for effect in range(first, effects_of_the_story(), STRIDE):
        try:
            live(effect)
        except Exception as error:
            error.add_note(f"killed in front of effect {effect}")
            raise


def go_on(kill_at: int) -> int:
    """Go on behind a commit that nobody follows, with one death; return the effects."""
    town = Town(9)
    ana, ben, cem = (town.person(n, n.lower()) for n in ("Ana", "Ben", "Cem"))
    town.run()
    story = Story(town)
    for other in (ben, cem):
        story.befriend(ana, other)
    group = story.gather(ana, (ben, cem))
    town.run()
    town.now_ms += 5_000
    town.effects, town.kill_at = 0, kill_at
    Forger(ana, group).junk(opens=True)
    for person, text in ((ben, "one"), (cem, "two")):
        story.say(person, group, text)
    effects = town.effects
    assert ben.texts(group) == cem.texts(group) == ["one", "two"]
    groups = [p.state.groups[group] for p in (ben, cem)]
    assert groups[0].epoch_authenticator == groups[1].epoch_authenticator
    for person in (ben, cem):
        assert not person.state.jobs
        assert not any(person.state.outgoing.values())
        assert not person.state.pending
    bought = town.accounts.execute("SELECT count FROM tokens_issued WHERE kind='child'")
    assert sum(count for (count,) in bought) == 1, "one further child, paid for once"
    return effects


@pytest.mark.parametrize(
    "first",
    [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, 4))],
)
def test_a_commit_is_paid_for_once_whoever_dies_in_front_of_an_effect(first):
    effects = go_on(-1)
    assert effects > 20
    for effect in range(first, effects, 4):
        try:
            go_on(effect)
        except Exception as error:
            error.add_note(f"killed in front of effect {effect}")
            raise


def test_who_accepts_before_the_group_has_its_log_is_added_to_it():
    """The request for the log is sent again after the crash, behind the others."""
    town = Town(7)
    ana, ben = town.person("Ana", "ana"), town.person("Ben", "ben")
    town.run()
    Story(town).befriend(ana, ben)
    group = ana.take(i.CreateGroup("Picnic", (ben.id,)))
    create = ana.requests.pop(0)
    town.run()
    assert status(ana, group) == "creating"
    other_accepts(ben)()
    town.run()
    assert status(ana, group) == "creating"
    ana.requests.append(create)
    town.run()
    assert status(ana, group) == status(ben, group) == "active"
    ana.say(group, "hello")
    town.run()
    assert ben.texts(group) == ["hello"]
