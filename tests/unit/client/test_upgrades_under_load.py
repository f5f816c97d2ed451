"""A relay is stopped and started while people write: nothing lost, nothing twice."""

import asyncio

import pytest
from relay_process import RelayProcess
from websockets.exceptions import ConnectionClosedError
from websockets.frames import Close

from privity.client.errors import Restarting, Unreachable
from privity.client.transport.failures import named_failures
from privity.core import inputs
from privity.core.state import Status
from privity.relay.draining import reason_of

STOPS = 3


@pytest.fixture
def relay(tmp_path):
    """A relay in a process of its own."""
    settings = {
        "LOG__COMMIT_SPACING_MS": "0",
        "LOG__APPENDS_PER_SECOND": "1000",
        "BLOBS__RESERVE_BYTES": "0",
    }
    with RelayProcess(tmp_path / "relay", settings) as running:
        yield running


async def write_until(person, chat, done):
    """Write one message after the other; returns what was written."""
    said = []
    while not done.is_set():
        said.append(f"{person.name} {len(said)}")
        await person.send(chat, said[-1])
        await asyncio.sleep(0.02)
    return said


@pytest.mark.slow
async def test_an_upgrade_under_load_loses_nothing_and_says_nothing_twice(
    relay, person_of, eventually
):
    people = [person_of(relay, name) for name in ("ana", "ben")]
    for person in people:
        await person.register()
        await person.start()
    ana, ben = people
    link = await ana.driver.do(inputs.MakeLink())
    await ben.driver.do(inputs.RequestByLink(link, "hello"))
    invite_id = next(iter(await eventually(lambda: ana.driver.state.requests)))
    await ana.driver.do(inputs.Accept(invite_id))

    def active(person):
        chats = person.driver.state.chats.values()
        return {one.chat_id for one in chats if one.status is Status.ACTIVE}

    (chat,) = await eventually(lambda: active(ana) & active(ben), 60)
    done = asyncio.Event()
    writing = [asyncio.create_task(write_until(one, chat, done)) for one in people]
    for _ in range(STOPS):
        await asyncio.sleep(0.3)
        assert await asyncio.to_thread(relay.stop) == 0
        await asyncio.to_thread(relay.start)
        await eventually(lambda: ana.driver.online and ben.driver.online, 60)
    done.set()
    said = [await one for one in writing]
    everything = sorted(said[0] + said[1])
    await eventually(
        lambda: [sorted(one.texts(chat)) for one in people] == [everything] * 2, 60
    )
    assert ana.texts(chat) == ben.texts(chat)
    for name, own in zip(("ana", "ben"), said, strict=True):
        assert [text for text in ana.texts(chat) if text.startswith(name)] == own
    for person in people:
        await person.stop()


def failure_of(code, reason):
    with pytest.raises(Unreachable) as failed, named_failures():
        raise ConnectionClosedError(Close(code, reason), None)
    return failed.value


@pytest.mark.parametrize(
    ("connections", "within"), [(0, 1), (1, 1), (101, 2), (2_000, 20), (90_000, 30)]
)
def test_many_are_asked_to_come_back_over_a_longer_time(connections, within):
    reason = reason_of(connections)
    assert reason == f"come back within {within}"
    assert failure_of(1012, reason).within == within


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (1012, ""),
        (1012, "come back within 0"),
        (1012, "come back within -1"),
        (1012, "come back within 1 "),
        (1012, "come back within 12345"),
        (1012, "come back within \u0661"),
        (1011, "come back within 9"),
    ],
)
def test_any_other_reason_is_a_lost_connection_like_others(code, reason):
    assert not isinstance(failure_of(code, reason), Restarting)


def test_a_relay_holds_nobody_off_for_longer_than_half_a_minute():
    assert failure_of(1012, "come back within 9999").within == 30
