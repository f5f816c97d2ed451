"""A chat in the abstract: what the log holds, where members stand, which rules hold.

A separate description, not the product: commits, generations and who is in the tree are
all that is left; there are no bytes, keys or messages. Two honest members, who may both
remove, and one malicious one. Everything is a tuple, so that states can be compared.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

A, B, M = 0, 1, 2
NAMES = ("Ann", "Ben", "Mal")
HONEST = (A, B)

PATH, REMOVE, REJOIN, JUNK, OPEN, TAG = range(6)
"""Kinds of commits. `REMOVE`, `REJOIN` and `OPEN` open a generation. Nobody follows
`JUNK`; nor `TAG`, whose fault is seen only by those whose slot it did not poison."""

ON, SLOT, OWN, GONE, HALT = range(5)
"""How a member stands: it follows; it can't open its slot; its log has what it did not
write; it was told that its place was taken; it stopped for good."""


class Commit(NamedTuple):
    """A commit: the seq of its parent, who made it, and whose slot is poisoned (+ 1).

    Of an honest member, `mark` is the life of its disk in which it was made.
    """

    parent: int
    by: int
    kind: int
    mark: int = 0


Log = tuple[Commit, ...]
"""The entry with seq 1 first; 0 is the creation, which stands in no entry."""
Empty = tuple[()]


class Sent(NamedTuple):
    """A commit on its way: behind which sibling it goes at most, and in which log."""

    commit: Commit
    after: int
    side: int


class Member(NamedTuple):
    """An honest member: in whose epoch it stands, and how far it has read, where."""

    status: int = ON
    at: int = 0
    cursor: int = 0
    stuck: int = 0
    side: int = 0
    sent: Sent | Empty = ()
    disk: tuple[Any, ...] = ()
    lives: int = 0


class State(NamedTuple):
    """All there is. `flown` are commits that a relay holds back, `given` are secrets
    that an answer gave away; the last two are what may still be done."""

    logs: tuple[Log, ...]
    members: tuple[Member, ...]
    flown: tuple[Commit, ...]
    given: tuple[Log, ...]
    attacks: int
    wishes: int


class Fact(NamedTuple):
    """What follows from a commit: whether it counts for those who stand at its parent,
    whether Mal is in the tree behind it, and the generation there."""

    is_valid: bool
    has_mal: bool
    generation: int


Keys = frozenset[Log]
"""Generations whose secret somebody has, each named by the log up to its opening."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of the protocol; each of them can be dropped."""

    skips_invalid: bool = True
    takes_the_lowest: bool = True
    holds_before_a_poisoned_slot: bool = True
    judges_before_it_stops: bool = True
    applies_what_it_read: bool = True
    goes_on_behind_invalid: bool = True
    pleads: bool = True
    waits_for_an_answer: bool = True
    rejoins_first_or_not: bool = True
    answers_members_only: bool = True
    removal_opens: bool = True
    rejoin_keeps_its_place: bool = True
    compares_heads: bool = True


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much may happen, and which further attacks there are."""

    attacks: int = 2
    wishes: int = 2
    restores: bool = False
    """A disk is copied and put back, once."""
    forks: bool = False
    """The relay shows Ben another log from some place on; then nothing is promised
    about coming together."""
    breaks_order: bool = False
    """The relay stores what its own rules refuse, and what it held back."""
    tags: bool = False
    """Commits whose fault is seen by all but those whose slot is poisoned; a person
    then says where to go."""
    liars: str = ""
    """Mal answers pleas, with any place of its own choice: `any` time, or only once the
    others have `removed` it."""
    lone: str = "any"
    """Which answers of a single account are believed: `any`; those whose road takes the
    `first` child everywhere; those which also have an open `end`, without children; or
    those on whose road no commit has a `sibling`, with an open end."""


def start(bounds: Bounds) -> State:
    """Return a chat of three in its first epoch."""
    return State(((),), (Member(), Member()), (), (), bounds.attacks, bounds.wishes)


class World:
    """Rules and bounds, and what follows from them for each log that was seen."""

    def __init__(self, rules: Rules, bounds: Bounds) -> None:
        self.rules = rules
        self.bounds = bounds
        self._facts: dict[Log, tuple[Fact, ...]] = {
            (): (Fact(is_valid=True, has_mal=True, generation=0),)
        }
        self._keys: dict[Log, Keys] = {}

    def facts(self, log: Log) -> tuple[Fact, ...]:
        """Return what follows from each commit of a log, the creation first."""
        known = self._facts.get(log)
        if known is None:
            before = self.facts(log[:-1])
            known = (*before, self._fact(log[-1], len(log), before))
            self._facts[log] = known
        return known

    def keys(self, log: Log) -> Keys:
        """Return the generations of a log which Mal was in, in any epoch."""
        known = self._keys.get(log)
        if known is None:
            known = self._keys[log] = frozenset(
                log[: fact.generation]
                for fact in self.facts(log)
                if fact.is_valid and fact.has_mal
            )
        return known

    def _fact(self, commit: Commit, seq: int, before: tuple[Fact, ...]) -> Fact:
        behind = before[commit.parent]
        opens = commit.kind in (REJOIN, OPEN) or (
            commit.kind == REMOVE and self.rules.removal_opens
        )
        has_mal = behind.has_mal and commit.kind != REMOVE
        valid = behind.is_valid and commit.kind not in (JUNK, TAG)
        if commit.by == M and not behind.has_mal:
            comes_back = commit.kind == REJOIN and not self.rules.rejoin_keeps_its_place
            valid, has_mal = valid and comes_back, comes_back
        return Fact(valid, has_mal, seq if opens else behind.generation)


def road(log: Log, at: int) -> tuple[int, ...]:
    """Return the commits from the creation to `at`, without the creation."""
    back = []
    while at:
        back.append(at)
        at = log[at - 1].parent
    return tuple(reversed(back))


def children(log: Log, parent: int, behind: int = 0) -> list[int]:
    """Return the seqs of a commit's children behind a seq, in their order."""
    return [
        seq
        for seq, commit in enumerate(log[behind:], behind + 1)
        if commit.parent == parent
    ]
