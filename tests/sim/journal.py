"""What an onlooker writes down: who said what, what the relay took, who was a member.

Nothing here comes from what a receiver's engine believes: texts come from those who
say them, places from the relay's answers, members from whoever makes a commit. What
people have in the end is compared with it.
"""

from dataclasses import dataclass, field

from privity.core.requests import AppendEntry
from privity.core.state import Chat
from privity.wire.entry import Header, Kind, digest

__all__ = ["Journal", "Known", "Place", "Said"]

SALT = 32


@dataclass(frozen=True)
class Said:
    """A text, which is said once by one person in one chat."""

    who: str
    chat: str
    done: bool
    """False where the process died before it said whether it was taken."""


@dataclass(frozen=True)
class Place:
    """An entry that the relay acknowledged; `roster` are the members behind a commit.

    A commit without a roster breaks a rule, and all skip it.
    """

    seq: int
    kind: Kind
    parent: int
    idem: bytes
    sender: str
    roster: frozenset[str] | None
    content: bytes = b""
    """What is said in it, as its sender has it."""

    @property
    def forged(self) -> bool:
        """Whether this is a commit that breaks a rule."""
        return self.kind is Kind.COMMIT and self.roster is None


@dataclass(frozen=True)
class Known:
    """A chat that was there when the run began: its name, its tip, its members."""

    chat_id: bytes
    name: str
    tip: int
    roster: frozenset[str]


@dataclass
class Journal:
    """What was seen, and which promises were seen to be broken meanwhile."""

    lines: list[str] = field(default_factory=list)
    faults: list[tuple[str, str]] = field(default_factory=list)
    said: dict[str, Said] = field(default_factory=dict)
    chats: dict[bytes, Known] = field(default_factory=dict)
    """By log id."""
    places: dict[tuple[int, bytes], list[Place]] = field(default_factory=dict)
    """By side of the relay and log id, in the order of the log."""
    letters: dict[bytes, str] = field(default_factory=dict)
    """To whom each letter goes that the relay took, by its hash."""
    opened: set[bytes] = field(default_factory=set)
    """The letters that a device has dealt with."""
    leaving: set[str] = field(default_factory=set)
    """Who wants to leave the group; if all do, no commit says so."""
    salts: dict[bytes, bytes] = field(default_factory=dict)

    def note(self, line: str) -> None:
        """Write a line that is the same whenever the seed is."""
        self.lines.append(line)

    def fault(self, promise: str, detail: str) -> None:
        """Note a promise that was broken."""
        self.faults.append((promise, detail))

    def know(self, chat: Chat, name: str, roster: frozenset[str]) -> None:
        """Note a chat that is there at the start, as its newest member sees it."""
        former = self.chats.get(chat.log_id)
        if former is None or former.tip < chat.parent:
            self.chats[chat.log_id] = Known(chat.chat_id, name, chat.parent, roster)

    def attempt(self, who: str, request: AppendEntry, forged: bool) -> None:
        """Note bytes that leave a device: a salt serves one envelope."""
        bytes_ = digest(request.header, request.envelope)
        known = self.salts.setdefault(request.envelope[:SALT], bytes_)
        if known != bytes_ and not forged:
            self.fault("no salt is used twice", f"{who} seals two envelopes with one")

    def placed(
        self,
        who: str,
        request: AppendEntry,
        place: tuple[int, int],
        roster: frozenset[str] | None,
        content: bytes,
    ) -> None:
        """Note what the relay acknowledged, and where; a repeat changes nothing."""
        side, seq = place
        header = Header.parse(request.header)
        places = self.places.setdefault((side, request.log_id), [])
        old = next((p for p in places if p.seq == seq), None)
        if old is not None:
            if old.idem != header.idem:
                self.fault("nothing acknowledged is lost", f"{seq} was given twice")
            return
        new = Place(seq, header.kind, header.parent, header.idem, who, roster, content)
        places.append(new)
        places.sort(key=lambda p: p.seq)
        known = self.chats.get(request.log_id)
        name = known.name if known else "a new chat"
        self.note(f"  relay: {name} {seq} is {who}'s {header.kind.name.lower()}")

    def fork(self, of: int, side: int) -> None:
        """Let a new side of the relay begin with what another has."""
        for (one, log_id), places in list(self.places.items()):
            if one == of:
                self.places[side, log_id] = list(places)

    def road(self, side: int, log_id: bytes) -> list[tuple[Place, frozenset[str]]]:
        """Return the entries that count, each with who was to read it."""
        known = self.chats[log_id]
        places = self.places.get((side, log_id), [])
        road, tip, roster = [], known.tip, known.roster
        child = _children(places)
        end = child.get(tip)
        for place in places:
            while end is not None and place.seq > end.seq:
                tip, roster = end.seq, end.roster
                end = child.get(tip)
            if place.parent == tip and (place.kind is not Kind.COMMIT or place is end):
                road.append((place, roster))
        return road

    def roster(self, side: int, log_id: bytes) -> frozenset[str]:
        """Return who is a member in the end."""
        commits = [p for p, _ in self.road(side, log_id) if p.kind is Kind.COMMIT]
        return commits[-1].roster if commits else self.chats[log_id].roster

    def members(self, side: int, log_id: bytes) -> frozenset[str]:
        """Return who is or ever was a member."""
        commits = [p.roster for p, _ in self.road(side, log_id) if p.roster]
        return self.chats[log_id].roster.union(*commits)


def _children(places: list[Place]) -> dict[int, Place]:
    """Return the valid child of each parent with the lowest seq."""
    found: dict[int, Place] = {}
    for place in places:
        if place.kind is Kind.COMMIT and not place.forged:
            found.setdefault(place.parent, place)
    return found
