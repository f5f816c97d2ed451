"""Where a run begins: five people who know each other, four of them in a group.

Making accounts and contacts costs more than most runs. So a settled town is made once
in a process, and a run begins with everybody's start from a copy of the disks.
"""

import sqlite3
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, partial
from hashlib import sha256

from town import Killed, Person, Town

from privity.core import engine
from privity.core import inputs as i
from privity.core import requests as r
from privity.core.chat_rules import accounts_of
from privity.core.fetching import MAX_ASKED
from privity.core.state import Pending, State, Status
from privity.relay import reading
from privity.relay.config import LogSettings
from privity.relay.pace import CommitPace
from privity.relay.sequencer import Sequencer
from privity.wire.entry import Header
from privity.wire.frames import Cursor, Entries
from tests.sim.journal import Journal

__all__ = ["NAMES", "Endless", "Side", "World", "begin"]

NAMES = ("Ana", "Ben", "Cem", "Dee", "Eve")
GROUP = "Picnic"
MOST_EFFECTS = 60_000
"""Of everybody, in one run: a few dozen deeds cause some thousands."""


class Endless(AssertionError):
    """People's devices keep each other busy without an end."""


@dataclass
class Side:
    """A relay's logs, as it shows them to some."""

    logs: sqlite3.Connection
    sequencer: Sequencer


@dataclass
class World:
    """A town, what everybody's journal says of it, and what is ill in it."""

    town: Town
    group: bytes
    journal: Journal
    sides: list[Side]
    people: list[Person] = field(default_factory=list)
    side_of: dict[str, int] = field(default_factory=dict)
    names: dict[bytes, str] = field(default_factory=dict)
    held: dict[str, list[tuple[int, r.Answer]]] = field(default_factory=dict)
    """Answers of the relay that are late, by the name of who waits for them."""
    snapshots: dict[str, "Snapshot"] = field(default_factory=dict)
    ghosts: dict[tuple[str, bytes], State] = field(default_factory=dict)
    left_stuck: set[str] = field(default_factory=set)
    """Who left while it could tell nobody: for the others it is a member still."""
    """What somebody knew of a chat in front of the removal."""
    forging: "Forging | None" = None
    hostile: set[str] = field(default_factory=set)
    restored: set[str] = field(default_factory=set)
    lied_to: set[str] = field(default_factory=set)
    moved: set[str] = field(default_factory=set)
    """Who was shown the other of two logs."""
    misled: dict[str, set[bytes]] = field(default_factory=dict)
    """Which logs were shown otherwise to somebody, with nothing behind it yet."""
    begun: dict[bytes, str] = field(default_factory=dict)
    """Which logs were begun in the run, in their order, and by whom."""
    made: dict[bytes, Pending] = field(default_factory=dict)
    """Everybody's own commits, by their headers."""
    read_upto: dict[tuple[str, bytes], int] = field(default_factory=dict)
    """How far somebody read in a log that it left for another one."""
    out_of: dict[bytes, set[str]] = field(default_factory=dict)
    """Who is not to be in a log, unless somebody invites it there."""
    unasked: set[str] = field(default_factory=set)
    """Who was left behind at least once."""
    poisoned: set[str] = field(default_factory=set)
    doubting: set[str] = field(default_factory=set)
    """Who could not accept a call, as it does not know the epoch that it names."""
    wounds: dict[str, tuple[str, int]] = field(default_factory=dict)
    heals: list[tuple[str, int]] = field(default_factory=list)
    """What disturbed somebody, and after how many milliseconds all was well."""
    kills: int = 0

    def name(self, person: Person) -> str:
        """Return what somebody is called."""
        return self.names[person.id]

    def id_of(self, name: str) -> bytes:
        """Return the account id of somebody."""
        return next(id_ for id_, one in self.names.items() if one == name)

    def honest(self) -> list[Person]:
        """Return everybody who keeps to the rules."""
        return [p for p in self.people if self.name(p) not in self.hostile]

    def is_a_member(self, person: Person) -> bool:
        """Tell whether somebody can use the group."""
        chat = person.state.chats.get(self.group)
        return chat is not None and chat.status is Status.ACTIVE

    def head(self, person: Person, log_id: bytes, generation: int) -> int:
        """Return the newest seq that a generation may know, on this person's side."""
        logs = self.sides[self.side_of[self.name(person)]].logs
        return reading.find_generation(logs, log_id, generation).end

    def wound(self, person: Person, cause: str) -> None:
        """Note that something disturbed somebody; the first cause counts."""
        self.wounds.setdefault(self.name(person), (cause, self.town.now_ms))

    def is_whole(self, person: Person) -> bool:
        """Tell whether nothing of somebody waits, and all is read."""
        state = person.state
        if state.jobs or state.pending or any(state.outgoing.values()):
            return False
        usable = [c for c in state.chats.values() if c.status is Status.ACTIVE]
        if any(c.status is Status.STUCK for c in state.chats.values()):
            return False
        return all(
            chat.cursor == self.head(person, chat.log_id, chat.generation)
            for chat in usable
        )

    def waits(self, person: Person) -> bool:
        """Tell whether something of somebody may still come, by itself."""
        state = person.state
        if state.session.plans or not self.is_whole(person):
            return True
        chats = {c.chat_id for c in state.chats.values() if c.status is Status.ACTIVE}
        holes = [
            hole
            for key, tally in state.tallies.items()
            if key[:16] in chats and len(state.groups[key[:16]].members()) > 1
            for hole in tally.holes
        ]
        return any(hole.asked < MAX_ASKED for hole in holes)

    def heal(self, person: Person) -> None:
        """Note that somebody is well again, if so."""
        wound = self.wounds.get(self.name(person))
        if wound is None or not person.online or not self.is_whole(person):
            return
        cause, at_ms = self.wounds.pop(self.name(person))
        self.heals.append((cause, self.town.now_ms - at_ms))

    def kill(self, person: Person) -> None:
        """End somebody's process, and start it again from its disk."""
        self.kills += 1
        person.crash()
        with suppress(Killed):
            person.connect()

    def seat(self, person: Person) -> None:
        """Let somebody see one side of the relay, and the journal what is sent."""
        self.people.append(person)
        self.side_of[self.name(person)] = 0
        for method in ("act", "take", "read"):
            honest = getattr(person, method)
            setattr(person, method, partial(self._on_its_side, person, honest))
        person.perform = partial(self._overhear, person, person.perform)
        person.crash = partial(self._crash, person, person.crash)

    def _on_its_side(self, person, does, *arguments):
        self._show_side(person)
        if self.town.effects > MOST_EFFECTS:
            raise Endless(f"{self.town.effects} effects")
        before = person.state
        event = arguments[0] if arguments else None
        if isinstance(event, i.EntriesArrived):
            self._shown_more(person, event.entries)
        did = does(*arguments)
        self._remember(person, before)
        self._left(person, before)
        if person.state.pending is not before.pending:
            self._made(person)
        if isinstance(event, i.MailboxArrived):
            self.journal.opened.add(sha256(event.entry.body).digest())
        if did is False:
            self.heal(person)
        return did

    def _shown_more(self, person: Person, batch: Entries) -> None:
        """Who was misled can know it when an entry comes behind what was read."""
        chat = person.state.chat_of_log(batch.log_id)
        if chat is not None and batch.entries and batch.entries[-1].seq > chat.cursor:
            self.misled.get(self.name(person), set()).discard(batch.log_id)

    def _show_side(self, person: Person) -> None:
        side = self.sides[self.side_of[self.name(person)]]
        self.town.logs, self.town.sequencer = side.logs, side.sequencer

    def _remember(self, person: Person, before: State) -> None:
        """Keep what somebody who was just removed knew a moment ago."""
        for chat_id, chat in person.state.chats.items():
            old = before.chats.get(chat_id)
            gone = chat.status in (Status.REMOVED, Status.LEFT)
            if gone and old is not None and old.secret:
                self.ghosts[self.name(person), chat_id] = before

    def _left(self, person: Person, before: State) -> None:
        """Note who begins a log, and where it stood in one that it has just left.

        A log that is left again before the relay has made it is known all the same.
        """
        for chat_id, old in before.chats.items():
            chat = person.state.chats.get(chat_id)
            if chat is not None and chat.log_id not in self.journal.chats:
                self._begun(person, chat.log_id)
            if chat is not None and chat.log_id != old.log_id:
                place = (self.name(person), old.log_id)
                self.read_upto[place] = max(self.read_upto.get(place, 0), old.cursor)

    def _begun(self, person: Person, log_id: bytes) -> None:
        chat = person.state.chat_of_log(log_id)
        if chat is None or log_id in self.begun:
            return
        known = self.journal.chats.values()
        name = next(k.name for k in known if k.chat_id == chat.chat_id)
        self.begun[log_id] = self.name(person)
        self.journal.know(chat, name, frozenset({self.name(person)}))
        moved = person.state.moved.get(chat.chat_id)
        left_out = moved.left_out if moved else ()
        self.out_of[log_id] = {self.names[who] for who in left_out}
        self.unasked |= self.out_of[log_id]

    def _overhear(self, person: Person, perform, request: r.Request) -> r.Answer:
        self._show_side(person)
        answer = perform(request)
        if isinstance(request, r.AppendEntry):
            self._made(person)
            self.journal.attempt(self.name(person), request, self.forging is not None)
        if isinstance(request, r.AppendEntry) and isinstance(answer, r.Appended):
            side = self.side_of[self.name(person)]
            roster = None
            if self.forging is not None:
                roster = self.forging.roster
            elif request.header in self.made:
                roster = self._roster(person, self.made[request.header])
            place = (side, answer.seq)
            said = self._content(person, request)
            self.journal.placed(self.name(person), request, place, roster, said)
        if isinstance(request, r.PostSealed) and isinstance(answer, r.Done):
            mailboxes = {p.state.account.mailbox_id: p for p in self.people}
            to = self.name(mailboxes[request.mailbox_id])
            self.journal.letters[sha256(request.body).digest()] = to
        return answer

    def _content(self, person: Person, request: r.AppendEntry) -> bytes:
        """Return what somebody says by an entry, as it stands on the own disk."""
        known = self.journal.chats.get(request.log_id)
        if known is None:
            return b""
        idem = Header.parse(request.header).idem
        again = person.state.outgoing.get(known.chat_id, ())
        first = next((item.idem for item in again if item.entry_idem == idem), idem)
        row = person.rows.get((known.chat_id, first))
        return row.content if row else b""

    def _made(self, person: Person) -> None:
        """Keep what a commit makes: its maker may be in another log at the answer."""
        for pending in person.state.pending.values():
            job = person.state.jobs.get(pending.job)
            if job is not None and isinstance(job.request, r.AppendEntry):
                self.made[job.request.header] = pending

    def _roster(self, person: Person, pending: Pending) -> frozenset[str]:
        """Return who is a member behind a commit, as its committer made it."""
        from privity import mls
        from privity.core.leaves import leaf_identity

        me = leaf_identity(person.state.account)
        after = mls.Group.load(pending.tree, pending.ratchet, me)
        return self.names_of(after)

    def names_of(self, group) -> frozenset[str]:
        """Return the names of a group's members."""
        return frozenset(self.names[a] for a in accounts_of(group.members()))

    def _crash(self, person: Person, crash) -> None:
        """What was handed to the network may arrive: a dead process takes none back."""
        for send in list(person.requests):
            if self.town.random.random() < 0.5:
                break
            person.perform(send.request)
        self.held.pop(self.name(person), None)
        self.wound(person, "killed")
        crash()


@dataclass
class Forging:
    """A commit that breaks a rule: who is a member behind it if it is valid."""

    roster: frozenset[str] | None


@dataclass
class Snapshot:
    """A disk, and the memory of the process that used it."""

    disk: dict
    rows: dict
    tokens: dict
    state: State
    login: int


@cache
def settled() -> tuple[Town, bytes]:
    """Return a town in which everybody knows Ana, and four have a group."""
    town = Town(1)
    ana, *others = people = [town.person(name) for name in NAMES]
    town.run(seconds=1)
    for other in others:
        ana.take(i.RequestByLink(other.take(i.MakeLink())))
        town.run(seconds=1)
        accept_all(other)
        town.run(seconds=1)
    members = tuple(other.id for other in people[1:4])
    group = ana.take(i.CreateGroup(GROUP, members))
    for other in others:
        town.run(seconds=1)
        accept_all(other)
    town.run(seconds=60)
    return town, group


def accept_all(person: Person) -> None:
    """Accept all that somebody is asked."""
    for invite_id, request in list(person.state.requests.items()):
        if request.state == "pending":
            person.take(i.Accept(invite_id))


def copied(database: sqlite3.Connection) -> sqlite3.Connection:
    """Return a database with the same content."""
    other = sqlite3.connect(":memory:", isolation_level=None)
    other.deserialize(database.serialize())
    return other


def side(town: Town, logs: sqlite3.Connection) -> Side:
    """Return a relay process that was just started on these logs."""
    pace = CommitPace(LogSettings(), lambda: town.now_ms / 1_000)
    return Side(logs, Sequencer(town.random.randbytes, pace))


def begin(seed: int) -> World:
    """Return a settled town in which everybody just started."""
    first, group = settled()
    town = Town(seed)
    town.now_ms = first.now_ms + 10_000
    town.accounts = copied(first.accounts)
    world = World(town, group, Journal(), [side(town, copied(first.logs))])
    for name, former in zip(NAMES, first.people, strict=True):
        disk = dict(former.disk)
        state = engine.load((kind, key, body) for (kind, key), body in disk.items())
        person = Person(town, state, disk, dict(former.rows))
        world.names[person.id] = name
        town.people.append(person)
        world.seat(person)
    note_what_is_there(world)
    for person in world.people:
        person.connect()
    return world


def note_what_is_there(world: World) -> None:
    """Tell the journal of each chat: its name, its newest commit, its members."""
    for person in world.people:
        for chat in person.state.chats.values():
            direct = "-".join(sorted(n for n in (world.name(person), "Ana")))
            name = GROUP if chat.chat_id == world.group else direct
            if chat.peer and world.names[chat.peer] != "Ana":
                continue
            group = person.state.groups[chat.chat_id]
            roster = world.names_of(group)
            world.journal.know(chat, name, roster)


def read_as(world: World, person: Person, cursor: Cursor) -> list:
    """Return what the relay gives to a generation's key behind a cursor."""
    logs = world.sides[world.side_of[world.name(person)]].logs
    room = reading.Room(1_000, 1 << 24)
    return [placed.entry for placed in reading.read(logs, cursor, room).entries]
