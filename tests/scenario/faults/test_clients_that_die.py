"""A client is killed in front of each effect: real drivers, stores, relay.

Contact, messages, a group, a removal. Each death is of one client, in front of one
effect of anybody; it comes back on the files that the kill left behind.
"""

from dataclasses import dataclass
from pathlib import Path

import pytest
from mortals import Deaths, Mortal, until
from relay_process import RelayThread

from privity.core import inputs
from privity.core.state import ChatKind, Status

STRIDE = 58
MOST = 290
"""More effects than the story has."""


@pytest.fixture(scope="module")
def relay(tmp_path_factory):
    with RelayThread(tmp_path_factory.mktemp("relay") / "data") as relay:
        yield relay


@dataclass
class Story:
    """Three people and what they do."""

    ana: Mortal
    ben: Mortal
    cem: Mortal
    deaths: Deaths

    @property
    def everybody(self) -> tuple[Mortal, ...]:
        return self.ana, self.ben, self.cem

    async def until(self, reached):
        return await until(self.everybody, reached)

    async def befriend(self, one: Mortal, other: Mortal) -> bytes:
        link = None
        while link is None:
            link = await other.do(inputs.MakeLink(), lambda: True)

        def asked():
            return [
                k for k, v in other.state.requests.items() if v.account_id == one.id
            ]

        def usable(person, peer):
            chats = person.chats(ChatKind.DIRECT, peer.id)
            return [c.chat_id for c in chats if c.status is Status.ACTIVE]

        request = inputs.RequestByLink(link, "hello")
        await one.do(request, lambda: one.state.invites)
        await self.until(asked)
        accept = inputs.Accept(asked()[0])
        await other.do(accept, lambda: _decided(other, accept.invite_id))
        await self.until(lambda: usable(other, one) and usable(one, other))
        return usable(one, other)[0]

    async def gather(self, owner: Mortal, others: tuple[Mortal, ...]) -> bytes:
        ids = tuple(other.id for other in others)
        command = inputs.CreateGroup("Picnic", ids)
        await owner.do(command, lambda: owner.chats(ChatKind.GROUP))
        group = owner.chats(ChatKind.GROUP)[0].chat_id
        for other in others:
            invite_id = (await self.until(lambda o=other: _pending(o)))[0]
            await other.do(
                inputs.Accept(invite_id), lambda o=other, i=invite_id: _decided(o, i)
            )
            await self.until(lambda o=other: o.status(group) is Status.ACTIVE)
        return group

    async def say(self, person: Mortal, chat: bytes, text: str, *readers: Mortal):
        await person.say(chat, text)
        await self.until(lambda: all(text in r.texts(chat) for r in readers))

    async def tell(self, at) -> int:
        """Live it with deaths in front of these effects; return how many there were."""
        ana, ben, cem = self.everybody
        self.deaths.begin(at)
        direct = await self.befriend(ana, ben)
        await self.befriend(ana, cem)
        await self.say(ana, direct, "hello", ben)
        await self.say(ben, direct, "hi", ana)
        group = await self.gather(ana, (ben, cem))
        await self.say(ana, group, "one", ben, cem)
        await self.say(ben, group, "two", ana, cem)
        await self.say(cem, group, "three", ana, ben)
        remove = inputs.RemoveMember(group, cem.id)
        await ana.do(remove, lambda: ana.state.pending or len(_members(ana, group)) < 3)
        await self.until(lambda: cem.status(group) is Status.REMOVED)
        await self.say(ben, group, "four", ana)
        await self.until(lambda: all(person.is_idle for person in self.everybody))
        self.deaths.end()
        self.check(direct, group)
        return self.deaths.effects

    def check(self, direct: bytes, group: bytes) -> None:
        ana, ben, cem = self.everybody
        assert ana.texts(direct) == ben.texts(direct) == ["hello", "hi"]
        assert ana.texts(group) == ben.texts(group) == ["one", "two", "three", "four"]
        assert cem.texts(group) == ["one", "two", "three"]
        assert (
            ana.state.groups[group].epoch_authenticator
            == ben.state.groups[group].epoch_authenticator
        )
        for person in self.everybody:
            assert len(person.shown) == len(set(person.shown))


def _pending(person: Mortal) -> list[bytes]:
    return [k for k, v in person.state.requests.items() if v.state == "pending"]


def _decided(person: Mortal, invite_id: bytes) -> bool:
    return invite_id not in _pending(person)


def _members(person: Mortal, group: bytes) -> list:
    return list(person.state.groups[group].members())


async def live(directory: Path, relay, at) -> int:
    """Let three new people live the story; return how many effects it had."""
    deaths = Deaths()
    people = [
        Mortal(directory / f"{name}.db", relay, name, deaths)
        for name in ("Ana", "Ben", "Cem")
    ]
    try:
        for person in people:
            await person.register()
        await until(people, lambda: all(p.driver.online and p.is_idle for p in people))
        return await Story(*people, deaths).tell(at)
    finally:
        for person in people:
            await person.stop()
        await deaths.bury()


async def test_the_story_has_as_many_effects_as_are_tried(tmp_path, relay):
    """How inputs fall together varies, and so does the number a little."""
    assert MOST - 80 < await live(tmp_path, relay, ()) < MOST


@pytest.mark.parametrize(
    "first",
    [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, STRIDE))],
)
async def test_who_dies_in_front_of_an_effect_loses_and_doubles_nothing(
    tmp_path, relay, first
):
    """Every 58th effect from `first` on; together they are all of them."""
    for effect in range(first, MOST, STRIDE):
        directory = tmp_path / str(effect)
        directory.mkdir()
        try:
            await live(directory, relay, (effect,))
        except BaseException as error:
            error.add_note(f"killed in front of effect {effect}")
            raise


async def test_clients_that_die_again_and_again_come_to_the_same_end(tmp_path, relay):
    await live(tmp_path, relay, range(5, 3 * MOST, 13))
