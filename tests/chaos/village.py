"""Eight people and a relay: how they meet, how they talk, how they rest.

Ana knows everybody; some others know each other. There is a direct chat for each two
who do, and three groups, of three, of four, and of all. Some members of the groups are
guests: they are removed and invited again all the time.
"""

import asyncio
import json
import random
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from tests.chaos.processes import PATIENCE, Dead, Person, Relay
from tests.chaos.verdict import Fault, Place, broken
from tests.chaos.wires import Wires
from tests.harness.relay_process import free_port

__all__ = ["NAMES", "Village"]

NAMES = ("Ana", "Ben", "Cem", "Dua", "Eva", "Fay", "Gus", "Hal")
MEETINGS = ((1, 2), (3, 4), (5, 6))
GROUPS = (((0, 1, 2), ()), ((0, 3, 4), (5,)), ((0, 1, 2, 3, 4, 5), (6, 7)))
"""Who stays in it, and its guests."""
LOOK = 0.05
FULL_OUTBOX = 60


class Village:
    """Everything that runs, and the journal."""

    def __init__(self, home: Path, rng: random.Random, people: int = 8) -> None:
        self.home = home
        self.rng = rng
        self.began = time.monotonic()
        self.faults: list[Fault] = []
        self.journal = (home / "journal.jsonl").open("a")
        port, relay_port = free_port(), free_port()
        self.wires = Wires(port, relay_port, random.Random(rng.random()))
        self.url = f"https://localhost:{port}"
        self.relay = Relay(home, relay_port, self.url)
        self.people = [Person(home, n, self.note) for n in NAMES[:people]]
        self.places: list[Place] = []
        self.quiet = False

    async def __aenter__(self) -> Self:
        await self.relay.init()
        await self.relay.start()
        await self.wires.start()
        await asyncio.gather(*map(self.start, self.people))
        return self

    async def __aexit__(self, *_: object) -> None:
        for process in (*self.people, self.relay):
            await process.kill()
        await self.wires.stop()
        self.journal.close()

    def note(self, **what: Any) -> None:
        """Write a line of the journal; no power fails here, so a write is enough."""
        if "fault" in what:
            promise = {"twice": "nothing is shown twice", "lost": "kept words are kept"}
            said = f"{what['who']}: {what['detail']}"
            self.faults.append((promise[what["fault"]], said))
        at = round(time.monotonic() - self.began, 3)
        self.journal.write(json.dumps({"at": at, **what}) + "\n")

    async def start(self, person: Person) -> None:
        """Start somebody's client; one that does not start breaks a promise."""
        try:
            await person.start(self.url, self.relay.pin)
        except (Dead, TimeoutError) as error:
            self.faults.append(("no client fails", str(error) or person.name))

    async def until(
        self, reached: Callable[[], Any], seconds: float = PATIENCE
    ) -> bool:
        """Wait until something is so; return whether it came to that."""
        until = time.monotonic() + seconds
        while not reached():
            if time.monotonic() > until:
                return False
            await asyncio.sleep(LOOK)
        return True

    @property
    def said(self) -> int:
        """How many messages were kept by who said them."""
        return sum(sum(person.kept.values()) for person in self.people)

    async def meet(self) -> None:
        """Let them get to know each other and make their groups."""
        pairs = [(0, n) for n in range(1, len(self.people))]
        pairs += [p for p in MEETINGS if max(p) < len(self.people)]
        people = self.people
        meetings = (self._befriend(people[one], people[other]) for one, other in pairs)
        await asyncio.gather(*meetings)
        groups = [g for g in GROUPS if max(g[0] + g[1]) < len(people)]
        await asyncio.gather(*(self._gather(*group) for group in groups))

    async def _befriend(self, one: Person, other: Person) -> None:
        link = await one.ask("link")
        await other.ask("ask", link=link)

        def chats() -> list[str]:
            found = other.status.get("chats", {}).items()
            return [c for c, s in found if s["peer"] == one.account and s["members"]]

        def both() -> bool:
            ours = one.status.get("chats", {})
            return any(ours.get(c, {}).get("members") == 2 for c in chats())

        if not await self.until(both):
            raise Dead(f"{one.name} and {other.name} don't meet")
        self.places.append(Place(chats()[0], (one.name, other.name)))

    async def _gather(
        self, residents: tuple[int, ...], guests: tuple[int, ...]
    ) -> None:
        everybody = [self.people[n] for n in residents + guests]
        members = [person.account for person in everybody[1:]]
        chat = await everybody[0].ask("group", title="Picnic", members=members)

        def all_in() -> bool:
            there = [p.status.get("chats", {}).get(chat, {}) for p in everybody]
            return all(c.get("members") == len(everybody) for c in there)

        if not await self.until(all_in):
            raise Dead("a group does not come together")
        names = [person.name for person in everybody]
        count = len(residents)
        self.places.append(Place(chat, tuple(names[:count]), tuple(names[count:])))

    async def talk(self, person: Person, may_speak: Callable[[], bool]) -> None:
        """Say something in one chat after the other, as long as the run goes."""
        rng = random.Random(f"{person.name} {self.rng.random()}")
        places = [p for p in self.places if person.name in p.residents + p.guests]
        weights = [1 / len(p.residents) for p in places]
        while not self.quiet:
            place = rng.choices(places, weights)[0]
            chat = person.status.get("chats", {}).get(place.chat, {})
            full = chat.get("unsent", 0) > FULL_OUTBOX
            if not may_speak() or not person.lives or not chat or full:
                await asyncio.sleep(LOOK)
                continue
            with suppress(Dead):
                said = await person.ask(
                    "say", chat=place.chat, count=rng.randint(1, 12)
                )
                if said:
                    await asyncio.sleep(LOOK * 4)

    async def change(self) -> None:
        """Let groups change: their titles, and their guests; Ana began them all."""
        rng = random.Random(f"changes {self.rng.random()}")
        groups = [p for p in self.places if len(p.residents) > 2]
        while groups and not self.quiet:
            await asyncio.sleep(rng.uniform(0.5, 2.5))
            place = rng.choice(groups)
            owner = self.people[0]
            with suppress(Dead):
                if rng.random() < 0.3 or not place.guests:
                    title = f"Picnic {rng.randrange(99)}"
                    await owner.ask("title", chat=place.chat, title=title)
                else:
                    guest = self.person(rng.choice(place.guests))
                    account = guest.account
                    done = await owner.ask("toggle", chat=place.chat, account=account)
                    self.note(change=done, guest=guest.name, chat=place.chat)

    def person(self, name: str) -> Person:
        """Return somebody by name."""
        return next(p for p in self.people if p.name == name)

    async def rest(self, seconds: float = 180) -> None:
        """Wait until nothing moves any more, for two seconds."""
        until = time.monotonic() + seconds
        seen: object = None
        since = time.monotonic()
        while time.monotonic() < until:
            now = [p.looks for p in self.people], self._is_at_rest()
            if now != seen or not now[1]:
                seen, since = now, time.monotonic()
            elif time.monotonic() - since > 2:
                return
            await asyncio.sleep(LOOK)
        self.faults.append(("all comes to rest", f"not within {seconds} s"))

    def _is_at_rest(self) -> bool:
        for place in self.places:
            there = [self.person(n).status for n in place.residents]
            if not all(s.get("online") for s in there):
                return False
            chats = [s["chats"].get(place.chat, {}) for s in there]
            if any(c.get("unsent") or not c.get("synced") for c in chats):
                return False
            if len({c.get("cursor") for c in chats}) > 1:
                return False
        return True

    async def judge(self) -> list[Fault]:
        """Read all that everybody has and return which promises are broken."""
        reports = {}
        for person in self.people:
            path = self.home / f"{person.name}.report.json"
            try:
                await person.ask("report", to=str(path))
                reports[person.name] = json.loads(path.read_text())
            except Dead:
                self.faults.append(("no client fails", person.name))
        if len(reports) < len(self.people):
            return self.faults
        kept = {(p.name, c): n for p in self.people for c, n in p.kept.items()}
        return [*self.faults, *broken(self.places, kept, reports)]
