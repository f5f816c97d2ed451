"""All states of a chat, breadth first, and what must be true of each of them.

Ann and Ben are interchangeable, so of two states that differ in their names only one is
looked at (not while a relay forks: it shows the other log to Ben). A broken property
comes with a shortest story.
"""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tests.model.chat_actions import following, keys_of_mal, told
from tests.model.chat_model import (
    GONE,
    HONEST,
    NAMES,
    ON,
    OWN,
    SLOT,
    Bounds,
    Commit,
    M,
    Member,
    Rules,
    State,
    World,
    children,
    road,
    start,
)

AGREEMENT = "members with the same log are on one road"
NO_ROAD_BACK = "who was removed does not come back"
NO_KEY = "who was removed has no key of what follows"
TOGETHER = "honest members come together again"
ALL = (AGREEMENT, NO_ROAD_BACK, NO_KEY, TOGETHER)


@dataclass(frozen=True, slots=True)
class Found:
    """How many states and steps there are, and what is broken: its shortest story."""

    states: int
    steps: int
    broken: str = ""
    story: tuple[str, ...] = ()


def explore(rules: Rules, bounds: Bounds, watched: Sequence[str] = ALL) -> Found:
    """Visit every state; stop at the first that breaks a property that is watched."""
    search = _Search(World(rules, bounds), frozenset(watched))
    broken = search.run()
    if not broken and not bounds.forks and TOGETHER in watched:
        broken = search.find_lost()
    name, number = broken or ("", 0)
    story = tuple(search.story(number)) if name else ()
    return Found(len(search.states), len(search.fair) // 2, name, story)


@dataclass
class _Search:
    world: World
    watched: frozenset[str]
    states: list[State] = field(default_factory=list)
    numbers: dict[State, int] = field(default_factory=dict)
    came_from: "array[int]" = field(default_factory=lambda: array("l"))
    fair: "array[int]" = field(default_factory=lambda: array("l"))
    """Pairs of numbers, from and to, one behind the other."""

    def run(self) -> tuple[str, int] | None:
        """Number all states; returns what is broken first, and where."""
        self._number(start(self.world.bounds), -1)
        for number, state in enumerate(self.states):
            for broken in unsafe(self.world, state):
                if broken in self.watched:
                    return broken, number
            for is_fair, _, after in following(self.world, state):
                reached = self._number(self._one_of_two(after), number)
                if is_fair:
                    self.fair.extend((number, reached))
        return None

    def _number(self, state: State, source: int) -> int:
        known = self.numbers.get(state)
        if known is None:
            known = self.numbers[state] = len(self.states)
            self.states.append(state)
            self.came_from.append(source)
        return known

    def _one_of_two(self, state: State) -> State:
        return state if self.world.bounds.forks else min(state, mirrored(state))

    def find_lost(self) -> tuple[str, int] | None:
        """Return the first state from which fair steps don't bring members together.

        Walks back from all states in which they are together.
        """
        sources: list[list[int]] = [[] for _ in self.states]
        for at in range(0, len(self.fair), 2):
            sources[self.fair[at + 1]].append(self.fair[at])
        waiting = [n for n, s in enumerate(self.states) if is_together(s)]
        saved = bytearray(len(self.states))
        while waiting:
            number = waiting.pop()
            if not saved[number]:
                saved[number] = 1
                waiting.extend(sources[number])
        lost = saved.find(0)
        return (TOGETHER, lost) if lost >= 0 else None

    def story(self, number: int) -> Iterator[str]:
        """Tell how a state is reached, under the names of the beginning."""
        path = []
        while number >= 0:
            path.append(self.states[number])
            number = self.came_from[number]
        state = start(self.world.bounds)
        for wanted in path[-2::-1]:
            label, state = next(
                (label, after)
                for _, label, after in following(self.world, state)
                if self._one_of_two(after) == wanted
            )
            yield told(label)
        yield "; ".join(stands(who, state.members[who]) for who in HONEST)


def stands(who: int, member: Member) -> str:
    """Return where a member is."""
    words = ("at", "stopped at", "rolled back at", "replaced at", "halted at")
    return f"{NAMES[who]} {words[member.status]} {member.at}"


def mirrored(state: State) -> State:
    """Return the state in which Ann and Ben have changed their names."""
    ann, ben = state.members
    return state._replace(
        logs=tuple(tuple(map(_renamed, log)) for log in state.logs),
        members=(_other(ben), _other(ann)),
        flown=tuple(sorted(map(_renamed, state.flown))),
    )


def _renamed(commit: Commit) -> Commit:
    parent, by, kind, mark = commit
    if by == M:
        return Commit(parent, by, kind, (0, 2, 1)[mark]) if mark else commit
    return Commit(parent, 1 - by, kind, mark)


def _other(member: Member) -> Member:
    sent, disk = member.sent, member.disk
    if sent:
        sent = sent._replace(commit=_renamed(sent.commit))
    if disk:
        disk = (_other(disk[0]),)
    return member._replace(sent=sent, disk=disk) if sent or disk else member


def unsafe(world: World, state: State) -> Iterator[str]:
    """Yield the properties that a state breaks."""
    if not agrees(world, state):
        yield AGREEMENT
    keys = keys_of_mal(world, state)
    for member in state.members:
        log = state.logs[member.side]
        facts = world.facts(log)
        behind = facts[member.at]
        if behind.has_mal:
            if not all(facts[seq].has_mal for seq in road(log, member.at)):
                yield NO_ROAD_BACK
        elif member.status == ON and log[: behind.generation] in keys:
            yield NO_KEY


def agrees(world: World, state: State) -> bool:
    """Whether two who read the same so far, by the chain value there, are on one road.

    So they are in any case, or comparing two heads shows that the relay forked.
    """
    ann, ben = state.members
    length = min(ann.cursor, ben.cursor)
    mine, theirs = state.logs[ann.side], state.logs[ben.side]
    if world.rules.compares_heads and mine[:length] != theirs[:length]:
        return True
    one = [(s, mine[s - 1]) for s in road(mine, ann.at) if s <= length]
    other = [(s, theirs[s - 1]) for s in road(theirs, ben.at) if s <= length]
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


def is_together(state: State) -> bool:
    """Whether all honest members follow, stand in one epoch, and can speak there.

    Who was told that its place was taken is out. If nobody is left who could answer,
    the chat has to be founded anew.
    """
    here = [m for m in state.members if m.status != GONE]
    if all(m.status in (SLOT, OWN) for m in here):
        return True
    log = state.logs[0]
    return (
        all(m.status == ON and m.cursor == len(log) and not m.sent for m in here)
        and len({m.at for m in here}) == 1
        and not children(log, here[0].at)
    )
