"""Whatever a relay says to a client, or hears from one, changed once in one place.

Ana's client speaks through somebody who plays one trick; Ben's speaks with the relay
itself. What can be healed is healed unseen; the rest stops with a name; and a lie is
never shown as a message.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
import pytest
import pytest_asyncio
from hostile_relay import HostileRelay, Once, honest
from mortals import Deaths, Mortal, until
from relay_process import RelayThread

from privity.client import reconnecting
from privity.client.errors import Unreachable
from privity.core import inputs
from privity.core.state import ChatKind, Status
from privity.wire import frames

pytestmark = pytest.mark.asyncio(loop_scope="module")

LONG_ARRAY = b"\xdd\xff\xff\xff\xff"
LONG_BYTES = b"\x91\x92\x19\xc6\xff\xff\xff\xff"
FUTURE = 1 << 52


@pytest.fixture(scope="module")
def relay(tmp_path_factory):
    with RelayThread(tmp_path_factory.mktemp("relay") / "data") as relay:
        yield relay


@pytest.fixture(scope="module")
def quick_to_return():
    """Come back at once from every broken connection, not later each time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reconnecting, "_STEADY_SECONDS", 0.0)
        yield


@dataclass
class Pair:
    """Ana behind a hostile relay, Ben, and their chat."""

    hostile: HostileRelay
    ana: Mortal
    ben: Mortal
    chat: bytes
    rounds: "itertools.count[int]"

    async def until(self, reached: Callable[[], object]) -> None:
        await until((self.ana, self.ben), reached)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def both(tmp_path_factory, relay, quick_to_return):
    tmp_path = tmp_path_factory.mktemp("people")
    async with HostileRelay(relay) as hostile:
        ana = Mortal(tmp_path / "ana.db", hostile, "Ana", Deaths())
        ben = Mortal(tmp_path / "ben.db", relay, "Ben", Deaths())
        people = (ana, ben)
        for person in people:
            await person.register()
        await until(people, lambda: all(p.driver.online for p in people))
        link = await ben.driver.do(inputs.MakeLink())
        await ana.driver.do(inputs.RequestByLink(link, "hello"))
        await until(people, lambda: ben.state.requests)
        await ben.driver.do(inputs.Accept(next(iter(ben.state.requests))))

        def usable(person):
            chats = person.chats(ChatKind.DIRECT)
            return [c.chat_id for c in chats if c.status is Status.ACTIVE]

        await until(people, lambda: usable(ana) and usable(ben))
        await until(people, lambda: all(p.is_idle for p in people))
        yield Pair(hostile, ana, ben, usable(ana)[0], itertools.count())
        for person in people:
            await person.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def pair(both):
    """Ana and Ben as the last test left them; nobody lies any more."""
    yield both
    both.hostile.to_client = both.hostile.to_relay = honest


def has(*kinds: type) -> Callable[[bytes], bool]:
    """Tell whether a container of a relay has such a frame in it."""
    return lambda data: any(isinstance(f, kinds) for f in frames.decode_relay(data))


def sends(*kinds: type) -> Callable[[bytes], bool]:
    """Tell whether a container of a client has such a frame in it."""
    return lambda data: any(isinstance(f, kinds) for f in frames.decode_client(data))


def raw(change: Callable[[list], list]) -> Callable[[bytes], list[bytes]]:
    """Change a container as it stands on the wire, whatever it means."""
    return lambda data: [msgspec.msgpack.encode(change(msgspec.msgpack.decode(data)))]


def each(kind: type, change) -> Callable[[bytes], list[bytes]]:
    """Change each frame of a kind."""

    def trick(data: bytes) -> list[bytes]:
        found = frames.decode_relay(data)
        changed = [change(f) if isinstance(f, kind) else f for f in found]
        return [frames.encode(changed)]

    return trick


def each_client(change) -> Callable[[bytes], list[bytes]]:
    """Put the frames of a client's container into another order."""
    return lambda data: [frames.encode(list(change(frames.decode_client(data))))]


BROKEN = {
    "cut": lambda data: [data[:-1]],
    "cut to nothing": lambda _: [b""],
    "claimed length of frames": lambda data: [LONG_ARRAY + data[1:]],
    "claimed length of bytes": lambda data: [LONG_BYTES + data[3:]],
    "unknown field": raw(lambda found: [[*f, b"more"] for f in found]),
    "missing field": raw(lambda found: [f[:-2] for f in found]),
    "unknown frame": raw(lambda found: [[99, *f[1:]] for f in found]),
    "text": lambda _: ["[]"],
    "too large": lambda data: [data + bytes(3 * 1024 * 1024)],
}
"""Containers that are none."""

SOME = {k: v for k, v in BROKEN.items() if k.startswith(("cut", "claimed", "unknown"))}

TRICKS = {
    "doubled": lambda data: [data, data],
    "left out": lambda _: [],
    "swapped": each(
        frames.Entries,
        lambda f: msgspec.structs.replace(f, entries=f.entries[::-1]),
    ),
    "from the future": each(
        frames.Entries,
        lambda f: msgspec.structs.replace(
            f,
            entries=[msgspec.structs.replace(e, seq=e.seq + FUTURE) for e in f.entries],
            end=f.end + FUTURE,
        ),
    ),
    "of a log that nobody follows": each(
        frames.Entries, lambda f: msgspec.structs.replace(f, log_id=bytes(16))
    ),
    "empty": each(frames.Entries, lambda f: msgspec.structs.replace(f, entries=[])),
    "unasked answer": lambda data: [frames.encode([frames.Synced(0)]), data],
    "answer to nothing": lambda data: [frames.encode([frames.Synced(77_777)]), data],
    "an end without a reason": lambda data: [
        frames.encode([frames.Refused(0, "internal")]),
        data,
    ],
}
"""Containers that are well formed, and lie."""


def reconnect(person: Mortal) -> None:
    """Lose the connection."""
    person.driver.network.connection.fail(Unreachable("the test cut it"))


async def talk(pair: Pair, count: int = 3) -> None:
    """Both say something in turn; then everything is there once and in one order."""
    name = f"round {next(pair.rounds)}"
    said = {person: [] for person in (pair.ben, pair.ana)}
    people = tuple(said)

    def heard(person: Mortal) -> list[str]:
        return [t for t in person.texts(pair.chat) if t.startswith(f"{name}:")]

    for number in range(count):
        for person in people:
            said[person].append(f"{name}: {person.name} {number}")
            await person.say(pair.chat, said[person][-1])
    await pair.until(lambda: all(len(heard(p)) == 2 * count for p in people))
    await pair.until(lambda: all(p.is_idle and p.driver.online for p in people))
    assert heard(pair.ana) == heard(pair.ben)
    for person, own in said.items():
        assert [t for t in heard(pair.ana) if person.name in t] == own
        assert len(person.shown) == len(set(person.shown))
        assert person.status(pair.chat) is Status.ACTIVE
        assert person.driver.problem is None


@pytest.mark.parametrize(
    "trick", [*BROKEN.values(), *TRICKS.values()], ids=[*BROKEN, *TRICKS]
)
async def test_one_lie_about_entries_is_healed(pair, trick):
    once = pair.hostile.to_client = Once(has(frames.Entries), trick)
    await talk(pair)
    assert once.played


@pytest.mark.parametrize("trick", SOME.values(), ids=SOME)
async def test_one_broken_answer_to_a_message_is_healed(pair, trick):
    once = pair.hostile.to_client = Once(has(frames.Appended), trick)
    await talk(pair, 2)
    assert once.played


@pytest.mark.parametrize("trick", [*BROKEN.values()], ids=[*BROKEN])
async def test_one_broken_container_of_a_client_is_healed(pair, trick):
    once = pair.hostile.to_relay = Once(sends(frames.Append), trick)
    await talk(pair, 2)
    assert once.played


@pytest.mark.parametrize(
    "trick",
    [lambda data: [data, data], lambda _: [], each_client(reversed)],
    ids=["doubled", "left out", "swapped"],
)
async def test_one_container_of_a_client_that_comes_otherwise_is_healed(pair, trick):
    """What the network lost stays unanswered until the connection ends."""
    once = pair.hostile.to_relay = Once(sends(frames.Append), trick)
    for number in range(3):
        await pair.ana.say(pair.chat, f"together {number} of {next(pair.rounds)}")
    await pair.until(lambda: once.played)
    reconnect(pair.ana)
    await talk(pair, 2)


@pytest.mark.parametrize(
    "trick",
    [
        *BROKEN.values(),
        lambda data: [data, data],
        each(frames.MailboxEntries, lambda f: frames.MailboxEntries(f.entries * 2)),
    ],
    ids=[*BROKEN, "doubled", "doubled inside"],
)
async def test_one_lie_about_the_mailbox_is_healed(pair, trick):
    """An invitation is there once, however often and however broken it came."""
    once = pair.hostile.to_client = Once(has(frames.MailboxEntries), trick)
    title = f"Picnic {next(pair.rounds)}"
    await pair.ben.driver.do(inputs.CreateGroup(title, (pair.ana.id,)))

    def invitations() -> list:
        return [r for r in pair.ana.state.requests.values() if r.title == title]

    await pair.until(invitations)
    await talk(pair, 1)
    assert once.played
    assert len(invitations()) == 1


@pytest.mark.parametrize("kind", [frames.Greeting, frames.LoggedIn, frames.Attached])
@pytest.mark.parametrize("trick", SOME.values(), ids=SOME)
async def test_a_connection_that_begins_broken_is_made_again(pair, kind, trick):
    once = pair.hostile.to_client = Once(has(kind), trick)
    reconnect(pair.ana)
    await pair.until(lambda: once.played)
    await talk(pair, 1)


async def test_a_head_from_the_future_stops_sending_no_longer_than_the_connection(pair):
    """Nothing is sent in a chat whose head was not reached; the next one tells it."""
    lie = each(
        frames.Attached, lambda f: msgspec.structs.replace(f, head=f.head + FUTURE)
    )
    once = pair.hostile.to_client = Once(has(frames.Attached), lie)
    reconnect(pair.ana)
    await pair.until(lambda: once.played)
    await pair.ana.say(pair.chat, "not into the unknown")
    await pair.until(lambda: pair.ana.driver.online)
    assert not pair.ana.is_idle
    reconnect(pair.ana)
    await talk(pair, 1)


async def test_an_entry_that_was_changed_once_is_read_again(pair):
    """What contradicts its own chain value is not applied; nothing is lost by it."""
    change = each(
        frames.Entries,
        lambda f: msgspec.structs.replace(
            f,
            entries=[
                msgspec.structs.replace(
                    e, envelope=e.envelope[:-1] + bytes([e.envelope[-1] ^ 1])
                )
                for e in f.entries
            ],
        ),
    )
    pair.hostile.to_client = Once(has(frames.Entries), change)
    await pair.ben.say(pair.chat, "changed on its way")
    await pair.until(lambda: pair.hostile.to_client.played)
    await pair.ben.say(pair.chat, "behind it")
    said = ["changed on its way", "behind it"]
    await pair.until(lambda: pair.ana.texts(pair.chat)[-2:] == said)
