"""SIGKILL in the middle of what people do: to their commands, and to the relay.

Ana runs one command after the other, Ben and Cem have `watch` open. After each kill
Ana looks at what there is before she repeats a command, as a person does.
"""

import asyncio
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from commands import Account, wait_until
from relay_process import RelayProcess

from privity.client.errors import ClientError
from privity.client.socket import connect
from privity.client.verbs import params

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

FILE_SIZE = 25_000_000
MOMENTS = (0.6, 0.95)
"""When to kill a command, in parts of the time that one needs to open the profile."""
KILLED = -signal.SIGKILL


@pytest.fixture(scope="module")
def relay(tmp_path_factory) -> Iterator[RelayProcess]:
    settings = {"LOG__COMMIT_SPACING_MS": "0", "BLOBS__RESERVE_BYTES": "0"}
    with RelayProcess(tmp_path_factory.mktemp("relay") / "data", settings) as relay:
        yield relay


class Town:
    """Three accounts at one relay; whoever is said to is killed."""

    def __init__(self, home: Path, relay: RelayProcess) -> None:
        self.relay = relay
        self.home = home
        self.kills = 0
        # A relay keeps its accounts from one test to the next.
        names = [f"{n}{time.monotonic_ns() % 10**9}" for n in ("ana", "ben", "cem")]
        self.ana, self.ben, self.cem = (Account(home, name) for name in names)
        where = ("--relay", relay.url, "--fingerprint", relay.fingerprint.hex())
        for person in (self.ana, self.ben, self.cem):
            assert person.init(*where).ok
        self.ben.watch()
        self.cem.watch()
        began = time.monotonic()
        self.ana.chats()
        self.unit = time.monotonic() - began

    def stop(self) -> None:
        for person in (self.ana, self.ben, self.cem):
            person.stop()

    def kill_client(self, account: Account, is_done: Callable[[], object], *command):
        """Kill a command at several moments, then let it be; until it is done."""
        for moment in MOMENTS:
            process = account.start(*command)
            with suppress(Exception):
                process.wait(self.unit * moment)
            if process.poll() is None:
                process.kill()
            if process.wait() == KILLED:
                self.kills += 1
            if is_done():
                return
        done = account.run(*command)
        assert done.ok or is_done(), done

    def leave_alone(self, account: Account, _: Callable[[], object], *command):
        """Run a command; nobody is killed."""
        assert account.run(*command).ok

    def kill_relay(self, account: Account, is_done: Callable[[], object], *command):
        """Kill the relay under a running command, at several moments."""
        for moment in MOMENTS:
            process = account.start(*command)
            time.sleep(self.unit * moment)
            self.relay.kill()
            self.relay.start()
            self.kills += 1
            process.wait(90)
            if is_done():
                return
        done = account.run(*command)
        assert done.ok or is_done(), done

    def befriend(self, other: Account, kill: Callable[..., None]) -> None:
        """Ana asks, the other accepts."""
        link = other.run("invite").data["link"]

        def known() -> list[str]:
            contacts = self.ana.run("contacts").data["contacts"]
            return [c["state"] for c in contacts if c["state"] != "known"]

        before = len(known())
        kill(self.ana, lambda: len(known()) > before, "join", link)
        request = wait_until(lambda: other.run("requests").data["requests"])[0]
        other.stop()

        def decided() -> bool:
            return not other.run("requests").data["requests"]

        kill(other, decided, "accept", request["request"])
        other.watch()
        wait_until(lambda: self.is_active(other))

    def is_active(self, other: Account) -> bool:
        """Whether both can talk; Ana's commands are what keeps her side going."""
        ours = [c["status"] for c in self.ana.chats()]
        theirs = [c["status"] for c in other.chats()]
        return "active" in theirs and set(ours) == {"active"}

    def status(self, account: Account, title: str) -> str:
        chats = account.chats()
        return next((c["status"] for c in chats if c["title"] == title), "")


@pytest.fixture
def town(tmp_path, relay) -> Iterator[Town]:
    made = Town(tmp_path, relay)
    yield made
    made.stop()


@pytest.mark.parametrize("victim", ["client", "relay"])
def test_contact_group_and_removal_survive_kills(town, victim):
    kill = town.kill_client if victim == "client" else town.kill_relay
    ana, ben, cem = town.ana, town.ben, town.cem
    town.befriend(ben, kill)
    town.befriend(cem, kill)
    kill(ana, lambda: "hello" in ana.texts(ben.handle), "send", ben.handle, "hello")
    wait_until(lambda: ben.texts(ana.handle) == ["hello"])

    new = ("group", "new", "Picnic", ben.handle, cem.handle)
    kill(ana, lambda: town.status(ana, "Picnic"), *new)
    for person in (ben, cem):
        wait_until(lambda p=person: ana.chats() and p.run("accept", "Picnic").ok)
    ana.watch()
    for person in (ana, ben, cem):
        wait_until(lambda p=person: town.status(p, "Picnic") == "active")
    wait_until(lambda: len(members(ana)) == 3)
    for person, text in ((ana, "one"), (ben, "two"), (cem, "three")):
        assert person.run("send", "Picnic", text).ok
    for person in (ana, ben, cem):
        wait_until(lambda p=person: p.texts("Picnic") == ["one", "two", "three"])

    ana.stop()
    remove = ("group", "remove", "Picnic", cem.handle)
    kill(ana, lambda: len(members(ana)) == 2, *remove)
    wait_until(lambda: town.status(cem, "Picnic") == "removed")
    assert ben.run("send", "Picnic", "four").ok
    said = ["one", "two", "three", "four"]
    wait_until(lambda: ana.texts("Picnic") == ben.texts("Picnic") == said)
    assert cem.texts("Picnic") == said[:3]
    assert ana.texts(ben.handle) == ben.texts(ana.handle) == ["hello"]
    assert town.kills >= 4


def members(person: Account) -> list:
    return next(c["members"] for c in person.chats() if c["title"] == "Picnic")


def test_two_hundred_messages_arrive_once_in_order_over_six_kills(town):
    """The sender dies three times, the relay twice, the reader once."""
    ana, ben = town.ana, town.ben
    town.befriend(ben, town.leave_alone)
    ana.watch()
    said = [f"message {number}" for number in range(200)]
    kills = {30: ana.kill, 60: town.relay.kill, 90: ana.kill}
    kills |= {120: ben.kill, 150: town.relay.kill, 180: ana.kill}
    done = 0
    while done < len(said):
        done = asyncio.run(send_from(ana, ben.handle, said, done, kills))
        if ana._watching is None:
            ana.watch()
        if town.relay._process is None:
            town.relay.start()
        # A person looks what there is before going on.
        kept = ana.texts(ben.handle)
        assert kept == said[: len(kept)]
        done = len(kept)
    ben.watch()
    assert kills == {}
    wait_until(lambda: len(ben.texts(ana.handle)) == len(said))
    assert ben.texts(ana.handle) == ana.texts(ben.handle) == said
    wait_until(lambda: {m["state"] for m in ana.messages(ben.handle)} == {"sent"})


async def send_from(
    account: Account, chat: str, said: list[str], first: int, kills: dict
) -> int:
    """Send through the process that holds the profile, until somebody is killed."""
    remote = await connect(account.profile)
    assert remote is not None
    try:
        for number in range(first, len(said)):
            asked = params.Send(chat, said[number], wait=0)
            await remote.call("send", asked, lambda _: None)
            if number in kills:
                kills.pop(number)()
                return number + 1
    except ClientError:
        return -1
    finally:
        await remote.close()
    return len(said)


def size_of(*files: Path) -> int:
    return sum(file.stat().st_size for file in files)


@pytest.mark.parametrize("victim", ["client", "relay"])
def test_a_file_goes_on_where_the_kill_stopped_it(town, victim):
    """Once in its upload, once in its download."""
    ana, ben = town.ana, town.ben
    town.befriend(ben, town.leave_alone)
    file = town.home / "plan.bin"
    file.write_bytes(random.Random(5).randbytes(FILE_SIZE))
    blobs = town.relay.data / "blobs"
    before = len([one for one in blobs.rglob("*") if one.is_file()])
    send = ("send", ben.handle, "the plan", "--file", str(file), "--wait", "60")
    process = ana.start(*send)
    wait_until(lambda: size_of(*blobs.rglob("*.part")) > 4_000_000)
    strike(town, victim, process)
    if victim == "client":
        assert process.wait(60) == KILLED
        assert ana.run(*send).ok
    else:
        assert process.wait(60) == 0
    wait_until(lambda: ben.texts(ana.handle) == ["the plan"])
    whole = [one for one in blobs.rglob("*") if one.is_file()]
    assert len(whole) == before + 1

    ben.stop()
    waiting = ben.profile / "transfers"
    to = town.home / f"saved-{victim}.bin"
    process = ben.start("save", ana.handle, "last", "--to", str(to))
    wait_until(lambda: to.exists() or size_of(*waiting.iterdir()) > 1_000_000)
    strike(town, victim, process)
    if victim == "client":
        process.wait(60)
        assert to.exists() or ben.run("save", ana.handle, "last", "--to", str(to)).ok
    else:
        assert process.wait(60) == 0
    assert to.read_bytes() == file.read_bytes()
    assert list(waiting.iterdir()) == []


def strike(town: Town, victim: str, process) -> None:
    """Kill a command, or the relay under it."""
    if victim == "client":
        process.kill()
    else:
        town.relay.kill()
        town.relay.start()
