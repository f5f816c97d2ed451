"""The story of what breaks and heals, told by what the person concerned is shown.

A long sleep, a poisoned commit, a restored disk, a relay that shows two histories.
"""

import shutil
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from demo.outcome import Outcome
from demo.processes import Account, Failed, Relay
from demo.stage import BUILD, Stage

__all__ = ["tell"]

TITLE = "Mountain hut"
_ASLEEP = 24
_WEEK = 8
_PATIENCE = 60.0
_MANY = 12


@dataclass
class Hut:
    """Three people in one group, the copy of the relay's data, and what was said."""

    stage: Stage
    ana: Account
    ben: Account
    cem: Account
    said: list[str] = field(default_factory=list)
    day: int = 0

    def later(self, days: int, *awake: Account) -> None:
        """Let days pass; then only these people are awake."""
        self.asleep()
        self.stage.relay.stop()
        self.day += days
        self.stage.relay.days = self.day
        self.stage.relay.start()
        for person in self.stage.people:
            person.days = self.day
        self.wake(*awake)

    def asleep(self) -> None:
        """End everybody's process."""
        for person in self.stage.people:
            person.stop()

    def wake(self, *awake: Account) -> None:
        """Start the processes of these people."""
        for person in awake:
            person.watch()

    def say(self, who: Account, text: str) -> None:
        """Let somebody write to the group; it must reach the relay."""
        sent = who("send", TITLE, text, "--wait", "60")["messages"]
        if any(message["state"] != "sent" for message in sent):
            raise Failed(f"{who.name}'s message is not sent")
        self.said.append(text)


def tell() -> Outcome:
    """Play the story; raises Failed where something does not heal."""
    stage = Stage.set(BUILD / "heal")
    began = time.monotonic()
    try:
        hut = _meet(stage)
        _sleep(hut)
        _poison(hut)
        _restore(hut)
        _fork(hut)
        hut.wake(hut.cem)
        _reads(hut.cem, "the same history")
        return _outcome(hut, time.monotonic() - began)
    finally:
        stage.strike()


def _meet(stage: Stage) -> Hut:
    ana = stage.person("Ana", "ana")
    ben = stage.person("Ben", "ben")
    cem = stage.person("Cem", "cem")
    for other in (ben, cem):
        ana("join", other("invite")["link"])
        other.until("accept", "ana", what="the request does not arrive")
        ana.until("history", other.handle, what="the chat does not begin")
    ana("group", "new", TITLE, "ben", "cem")
    for person in (ben, cem):
        person.until("accept", TITLE, what="the invitation does not arrive")
        person.until("history", TITLE, what="the group does not begin")
    hut = Hut(stage, ana, ben, cem)
    hut.say(ana, "Who comes up this winter?")
    for reader in (ben, cem):
        _reads(reader, "this winter")
    _line("Ana, Ben and Cem have a group")
    return hut


def _sleep(hut: Hut) -> None:
    """Cem's phone is off for weeks; then it reads all that was said, in order."""
    _scene(f"a phone asleep for {_ASLEEP} days")
    hut.cem.stop()
    for number in range(_MANY // 2):
        hut.say((hut.ana, hut.ben)[number % 2], f"in autumn, {number}")
    hut.later(_ASLEEP, hut.ana, hut.ben)
    for number in range(_MANY // 2):
        hut.say((hut.ana, hut.ben)[number % 2], f"in winter, {number}")
    began = time.monotonic()
    hut.wake(hut.cem)
    _reads(hut.cem, f"in winter, {_MANY // 2 - 1}")
    took = time.monotonic() - began
    got = [message["text"] for message in hut.cem.texts(TITLE)]
    if got != hut.said:
        raise Failed("Cem's phone does not have what was said, in its order")
    _line(
        f"Cem's phone has all {_MANY} messages, in order, {took:.1f} s after its start"
    )


def _poison(hut: Hut) -> None:
    """Ben's program renews the keys, with garbage where Cem's part belongs."""
    _scene("a commit that one member can't apply")
    hut.ben.victim = hut.cem("account")["account"]
    hut.later(_WEEK, hut.ben)
    hut.say(hut.ben, "Nothing to see here")
    hut.ben.stop()
    hut.ben.victim = ""
    _line("Ben's program was malicious: it renewed the keys for all but Cem")
    hut.wake(hut.cem)
    _stops(hut.cem, "path")
    _shown(hut.cem, "repair", "list")
    began = time.monotonic()
    hut.wake(hut.ana)
    _heals(hut.cem)
    _line(f"Ana's program answered; Cem is back {time.monotonic() - began:.1f} s later")
    hut.say(hut.cem, "I am back")
    _reads(hut.ana, "I am back")
    _shown(hut.cem, "history", TITLE, "--limit", "4")


def _restore(hut: Hut) -> None:
    """Cem's disk dies, and an old copy of the profile is put back."""
    _scene("a restored disk")
    hut.later(2)
    old = hut.stage.home / "old-disk"
    _copy(hut.cem.profile, old)
    hut.wake(hut.cem)
    hut.say(hut.cem, "written after the backup")
    hut.cem.stop()
    _copy(old, hut.cem.profile)
    hut.wake(hut.cem)
    _stops(hut.cem, "rolled_back")
    _shown(hut.cem, "doctor", TITLE)
    began = time.monotonic()
    hut.wake(hut.ana)
    _heals(hut.cem)
    _line(f"Ana's program answered; Cem is back {time.monotonic() - began:.1f} s later")
    hut.say(hut.cem, "my old disk is in again")
    _reads(hut.ana, "my old disk")
    _shown(hut.cem, "history", TITLE, "--limit", "4")


def _fork(hut: Hut) -> None:
    """The relay keeps two copies of all logs, and shows Ben the other one for a while.

    While Ben is shown it, the others are offline: one process plays both relays.
    """
    _scene("a relay that shows two histories")
    hut.asleep()
    data, hidden = hut.stage.relay.data, hut.stage.home / "hidden"
    with _stopped(hut.stage.relay):
        _copy_logs(data, hidden)
    hut.wake(hut.ben)
    hut.say(hut.ben, "I have the key of the hut")
    hut.ben.stop()
    with _stopped(hut.stage.relay):
        _copy_logs(hidden, data)
        # It would notice by itself; whoever lies to others lies to it as well.
        hut.stage.relay.tell("restore", "--nothing-lost")
    hut.wake(hut.ana)
    hut.say(hut.ana, "Does anybody have the key?")
    hut.wake(hut.ben)
    _stops(hut.ben, "equivocation")
    _shown(hut.ben, "repair", "list")
    hut.ben("repair", "ask", TITLE)
    _heals(hut.ben)
    _shown(hut.ben, "history", TITLE, "--limit", "3")
    hut.say(hut.ben, "I am in the same history again")
    _reads(hut.ana, "the same history")
    _line("what was said in the other history stays there: it is not carried over")


@contextmanager
def _stopped(relay: Relay) -> Generator[None, None, None]:
    relay.stop()
    yield
    relay.start()


def _copy_logs(source: Path, target: Path) -> None:
    """Replace the database of all logs by another's; accounts stay as they are."""
    target.mkdir(exist_ok=True)
    for name in ("logs.sqlite", "logs.sqlite-wal", "logs.sqlite-shm"):
        (target / name).unlink(missing_ok=True)
        if (source / name).exists():
            shutil.copy(source / name, target / name)


def _copy(source: Path, target: Path) -> None:
    """Put a copy of a folder in the place of another."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("sock"))


def _chat(person: Account) -> dict[str, object]:
    chats = person("chats")["chats"]
    return next(chat for chat in chats if chat["title"] == TITLE)


def _stops(person: Account, cause: str) -> None:
    """Wait until the group stops at somebody, for this cause."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if _chat(person)["cause"] == cause:
            return
        time.sleep(0.1)
    raise Failed(f"{person.name}'s group does not stop by {cause}: {_chat(person)}")


def _heals(person: Account) -> None:
    """Wait until the group goes on at somebody."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if _chat(person)["status"] == "active":
            return
        time.sleep(0.1)
    raise Failed(f"{person.name}'s group does not go on: {_chat(person)}")


def _reads(reader: Account, words: str) -> None:
    """Wait until a message with these words is there."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if any(words in message["text"] for message in reader.texts(TITLE)):
            return
        time.sleep(0.1)
    raise Failed(f"{reader.name} never gets “{words}”")


def _scene(text: str) -> None:
    print(f"\n  -- {text}", flush=True)


def _line(text: str) -> None:
    print(f"  {text}", flush=True)


def _shown(person: Account, *arguments: str) -> None:
    """Print what somebody sees who types a command."""
    print(f"    {person.name} types: privity {' '.join(arguments)}")
    for line in person.sees(*arguments).splitlines():
        print(f"      {line}", flush=True)


def _outcome(hut: Hut, seconds: float) -> Outcome:
    """Compare what Cem has with what Ana has; what a line names is not lost.

    The relay's second history is left out: what was said there reached nobody else.
    """
    ana, cem = (hut.ana.texts(TITLE), hut.cem.texts(TITLE))
    ids = [message["message"] for message in cem]
    missing = {message["message"] for message in ana} - set(ids)
    lines = hut.cem("history", TITLE, "--limit", "1000")["messages"]
    named = sum(int(line["text"]) for line in lines if line["what"] == "gap")
    lost = max(len(missing) - named, 0)
    twice = len(ids) - len(set(ids))
    _line(f"Cem misses {len(missing)} messages, {named} are named; twice {twice}")
    return Outcome(
        ok=not lost and not twice,
        messages=len(hut.said),
        epochs=hut.stage.epochs(),
        bytes=hut.stage.traffic(),
        seconds=seconds,
        lost=lost,
        duplicated=twice,
    )
