"""What can happen next in a chat: members, Mal and the relay, each action a function.

Each yields (is fair, label, next state). *Fair* is what honest members do by themselves
and a relay that serves: from every state these alone must bring the chat together. The
rest are wishes and attacks. When, in which order and whether at all anything happens is
the relay's choice: it withholds and delays by choosing other actions.
"""

from collections.abc import Callable, Iterator
from typing import Any

from tests.model.chat_model import (
    GONE,
    HALT,
    HONEST,
    JUNK,
    NAMES,
    ON,
    OPEN,
    OWN,
    PATH,
    REJOIN,
    REMOVE,
    SLOT,
    TAG,
    Commit,
    Empty,
    Keys,
    Log,
    M,
    Member,
    Sent,
    State,
    World,
    children,
    road,
)

Next = tuple[bool, tuple[Any, ...], State]
FAIR, FREE = True, False


def following(world: World, state: State) -> Iterator[Next]:
    """Yield everything that can happen in a state."""
    for who in HONEST:
        member = state.members[who]
        if member.status == ON:
            yield from reads(world, state, who)
            yield from commits(world, state, who)
        elif member.status in (SLOT, OWN):
            yield from is_answered(world, state, who)
            yield from walks(world, state, who)
        yield from is_stored(world, state, who)
        if world.bounds.restores:
            yield from is_restored(state, who)
    yield from attacks(world, state)
    if world.bounds.breaks_order:
        yield from comes_late(state)
    if world.bounds.forks and len(state.logs) == 1:
        yield from forks(state)


def changed(state: State, who: int, member: Member) -> State:
    members = list(state.members)
    members[who] = member
    return state._replace(members=tuple(members))


def left_lying(state: State, sent: Sent | Empty, *, keeps: bool) -> tuple[Commit, ...]:
    """Return what the relay holds when a member no longer stands by what it sent."""
    if not sent or not keeps or sent.commit in state.logs[sent.side]:
        return state.flown
    return tuple(sorted({*state.flown, sent.commit}))


def reads(world: World, state: State, who: int) -> Iterator[Next]:
    """A member reads on: validity.md, "Which child counts", 1 and 6.

    Everybody follows, at each parent, the valid child with the lowest seq.
    """
    me = state.members[who]
    log = state.logs[me.side]
    if not world.rules.takes_the_lowest:
        yield from reads_a_batch(world, state, who)
    elif me.cursor < len(log):
        seq = me.cursor + 1
        after = judged(world, me._replace(cursor=seq), who, log, seq)
        moved = changed(state, who, after)
        if me.sent and not after.sent:
            held = left_lying(state, me.sent, keeps=world.bounds.breaks_order)
            moved = moved._replace(flown=held)
        yield FAIR, ("reads", who, seq), moved


def judged(world: World, me: Member, who: int, log: Log, seq: int) -> Member:
    """Return the member behind one entry: applied, skipped, or stopped by name."""
    commit, fact = log[seq - 1], world.facts(log)[seq]
    if commit.parent != me.at:
        return me
    poisoned = commit.mark == who + 1 and commit.by == M
    if commit.by == who and not (me.sent and me.sent.commit == commit):
        # Another life of this device wrote it: rolled back, or replaced by a rejoin.
        status = GONE if commit.kind == REJOIN else OWN
        return me._replace(status=status, stuck=seq, sent=())
    looks_valid = fact.is_valid or commit.kind == TAG
    if poisoned and (looks_valid or not world.rules.judges_before_it_stops):
        holds = world.rules.holds_before_a_poisoned_slot
        return me._replace(status=SLOT, stuck=seq, sent=()) if holds else me
    if fact.is_valid:
        return me._replace(at=seq, sent=())
    return me if world.rules.skips_invalid else me._replace(status=HALT, sent=())


def reads_a_batch(world: World, state: State, who: int) -> Iterator[Next]:
    """The dropped rule: of the children in one batch, the highest is followed."""
    me = state.members[who]
    log = state.logs[me.side]
    facts = world.facts(log)
    for end in range(me.cursor + 1, len(log) + 1):
        at, behind = me.at, me.cursor
        while found := [
            seq for seq in children(log[:end], at, behind) if facts[seq].is_valid
        ]:
            at = behind = max(found)
        sent = me.sent if at == me.at else ()
        moved = me._replace(at=at, cursor=end, sent=sent)
        yield FAIR, ("reads", who, end), changed(state, who, moved)


def commits(world: World, state: State, who: int) -> Iterator[Next]:
    """A member commits: because it wishes to, or to go on behind invalid children.

    validity.md, "Which child counts", 2 and 3; generation.md, rule 1.
    """
    me = state.members[who]
    log = state.logs[me.side]
    known = [seq for seq in children(log, me.at) if seq <= me.cursor]
    newest = max(known, default=0)
    if me.sent:
        if known and newest > me.sent.after and world.rules.goes_on_behind_invalid:
            paid = me.sent._replace(after=newest)
            yield FAIR, ("pays", who), changed(state, who, me._replace(sent=paid))
        return
    if known and not world.rules.goes_on_behind_invalid:
        return
    wishes = (PATH,) if known else (PATH, REMOVE) if state.wishes else ()
    for kind in wishes:
        if kind == REMOVE and not world.facts(log)[me.at].has_mal:
            continue
        sent = Sent(Commit(me.at, who, kind, me.lives), newest, me.side)
        made = changed(state, who, me._replace(sent=sent))
        if not known:
            made = made._replace(wishes=state.wishes - 1)
        yield bool(known), ("commits", who, kind, me.at), made


def is_stored(world: World, state: State, who: int) -> Iterator[Next]:
    """The relay stores what a member sent: entry.md, "Order", 3.

    A first child, or one that goes behind the newest child that its sender knows. A
    relay that breaks its own rule stores it anyway.
    """
    me = state.members[who]
    if not me.sent:
        return
    commit, after, side = me.sent
    log = state.logs[side]
    is_stale = max(children(log, commit.parent), default=0) > after
    if commit in log or (is_stale and not world.bounds.breaks_order):
        return
    log = (*log, commit)
    stored = with_log(state, side, log)
    if not world.rules.applies_what_it_read and me.status == ON:
        stored = changed(stored, who, me._replace(at=len(log), sent=()))
    label = ("is stored", who, commit.kind, commit.parent, len(log))
    yield not is_stale, label, stored


def with_log(state: State, side: int, log: Log) -> State:
    logs = list(state.logs)
    logs[side] = log
    return state._replace(logs=tuple(logs))


def is_answered(world: World, state: State, who: int) -> Iterator[Next]:
    """A member that can't follow gets an answer and makes its rejoin from it: plea.md.

    A leaf of the answerer's tree is answered, nobody else ("Who answers"); where its
    slot was poisoned, it goes by that commit and no other unless a person confirms.
    """
    me = state.members[who]
    if me.sent or not world.rules.pleads:
        return
    for other in HONEST:
        there = state.members[other]
        if other == who or there.status != ON:
            continue
        if me.status == SLOT and there.side == me.side:
            way = [s for s in road(state.logs[me.side], there.at) if s > me.at]
            needs_person = bool(way) and way[0] != me.stuck
            if needs_person and not world.bounds.tags:
                continue
        rejoin = Commit(there.at, who, REJOIN, me.lives)
        sent = Sent(rejoin, there.cursor, there.side)
        yield FAIR, ("answers", other, who, there.at), with_rejoin(state, who, sent)
    yield from is_misled(world, state, who)


def is_misled(world: World, state: State, who: int) -> Iterator[Next]:
    """Mal, if it lies, sends it to an epoch of its own; without a rule, anywhere.

    A commit of Mal's that others skip for its tag is an epoch of Mal's too.
    """
    me = state.members[who]
    log = state.logs[me.side]
    facts, liars = world.facts(log), world.bounds.liars
    lies = liars == "any" or (liars and not facts[live(world, log)].has_mal)
    for seq, fact in enumerate(facts):
        mine = (fact.is_valid and fact.has_mal) or (seq and log[seq - 1].kind == TAG)
        lie = lies and mine and is_believed(world, log, me.at, seq)
        if lie or (fact.is_valid and not world.rules.waits_for_an_answer):
            sent = Sent(Commit(seq, who, REJOIN, me.lives), len(log), me.side)
            yield FREE, ("is led", who, seq), with_rejoin(state, who, sent)


def live(world: World, log: Log) -> int:
    """Return where a log leads who applies the rules to all of it."""
    at, facts = 0, world.facts(log)
    while found := [seq for seq in children(log, at) if facts[seq].is_valid]:
        at = found[0]
    return at


def is_believed(world: World, log: Log, at: int, seq: int) -> bool:
    """Whether who stands at `at` goes to `seq` on the word of a single account."""
    way = road(log, seq)
    if at and at not in way:
        return False
    way = (at, *(s for s in way if s > at))
    turns = [children(log, parent) for parent in way[:-1]]
    if world.bounds.lone == "any":
        return True
    if any(turn[0] != taken for turn, taken in zip(turns, way[1:], strict=True)):
        return False
    if world.bounds.lone != "first" and children(log, way[-1]):
        return False
    return world.bounds.lone != "sibling" or all(len(turn) == 1 for turn in turns)


def with_rejoin(state: State, who: int, sent: Sent) -> State:
    return changed(state, who, state.members[who]._replace(sent=sent))


def walks(world: World, state: State, who: int) -> Iterator[Next]:
    """A rejoiner reads what stands there: plea.md, "Coming back", 3.

    It is back with its own commit, if that is the first child that its answerer did not
    know; else it waits for another answer.
    """
    me = state.members[who]
    if not me.sent:
        return
    commit, after, side = me.sent
    log = state.logs[side]
    found = children(log, commit.parent, after)
    if not found:
        return
    mine = [seq for seq in found if log[seq - 1] == commit]
    if mine and (mine[0] == found[0] or not world.rules.rejoins_first_or_not):
        back = me._replace(
            status=ON, at=mine[0], cursor=mine[0], stuck=0, side=side, sent=()
        )
        yield FAIR, ("is back", who, mine[0]), changed(state, who, back)
        return
    held = left_lying(state, me.sent, keeps=world.bounds.breaks_order)
    again = changed(state, who, me._replace(sent=()))._replace(flown=held)
    yield FAIR, ("waits again", who, commit.parent), again


def is_restored(state: State, who: int) -> Iterator[Next]:
    """A disk is copied, and later put back: once, and the relay may say so or not.

    A relay can name it at login: http.md, "Login", 2.
    """
    me = state.members[who]
    is_first = not any(m.disk or m.lives for m in state.members)
    if is_first and me.status == ON:
        yield (
            FREE,
            ("copies", who),
            changed(state, who, me._replace(disk=(me,))),
        )
    if me.disk:
        old = me.disk[0]._replace(disk=(), lives=1)
        yield FREE, ("goes back", who), changed(state, who, old)
        told = old._replace(status=OWN, sent=())
        yield FREE, ("is told", who), changed(state, who, told)


def keys_of_mal(world: World, state: State) -> Keys:
    """Return the generations whose secret Mal has, as a member or from an answer."""
    keys = world.keys(state.logs[0]).union(state.given)
    return keys if len(state.logs) == 1 else keys | world.keys(state.logs[1])


def attacks(world: World, state: State) -> Iterator[Next]:
    """Mal appends under any parent whose generation it has, pays, and asks for answers.

    entry.md, "Generations", 1: the key of a generation appends under its parents only.
    """
    if not world.rules.answers_members_only:
        yield from begs(world, state)
    if not state.attacks:
        return
    keys = keys_of_mal(world, state)
    for side, log in enumerate(state.logs):
        for parent, fact in enumerate(world.facts(log)):
            if not fact.is_valid or log[: fact.generation] not in keys:
                continue
            for kind, mark in means(world, has_mal=fact.has_mal):
                commit = Commit(parent, M, kind, mark)
                spoilt = with_log(state, side, (*log, commit))
                yield (
                    FREE,
                    ("appends", M, kind, parent, len(log) + 1, mark),
                    (spoilt._replace(attacks=state.attacks - 1)),
                )


def means(world: World, *, has_mal: bool) -> Iterator[tuple[int, int]]:
    """Yield what Mal can append where it is a member, or is not any more."""
    slots = [who + 1 for who in HONEST]
    if world.rules.judges_before_it_stops:
        yield JUNK, 0
    else:
        yield from ((JUNK, slot) for slot in slots)
    if not has_mal:
        yield REJOIN, 0
        return
    yield OPEN, 0
    yield from ((OPEN, slot) for slot in slots)
    if world.bounds.liars:
        yield TAG, 0
    if world.bounds.tags:
        yield from ((TAG, slot) for slot in slots)


def begs(world: World, state: State) -> Iterator[Next]:
    """The dropped rule: Mal pleads and is answered, member or not."""
    for who in HONEST:
        member = state.members[who]
        log = state.logs[member.side]
        secret = log[: world.facts(log)[member.at].generation]
        if member.status == ON and secret not in state.given:
            given = tuple(sorted((*state.given, secret)))
            yield FREE, ("answers", who, M, member.at), state._replace(given=given)


def comes_late(state: State) -> Iterator[Next]:
    """The relay stores what it held back, against its own rules."""
    for commit in state.flown:
        log = (*state.logs[0], commit)
        rest = tuple(c for c in state.flown if c != commit)
        late = with_log(state, 0, log)._replace(flown=rest)
        yield (
            FREE,
            ("comes late", commit.by, commit.kind, commit.parent, len(log)),
            late,
        )


def forks(state: State) -> Iterator[Next]:
    """The relay shows Ben another log from here on."""
    ann, ben = state.members
    # A rejoin goes where its answer came from.
    sent = ben.sent._replace(side=1) if ben.sent and ben.status == ON else ben.sent
    members = (ann, ben._replace(side=1, sent=sent))
    for length in range(ben.cursor, len(state.logs[0]) + 1):
        logs = (state.logs[0], state.logs[0][:length])
        forked = state._replace(logs=logs, members=members)
        yield FREE, ("forks", length), forked


KINDS = ("a path", "the removal of Mal", "a rejoin", "junk", "an opening", "a bad tag")


def what(who: int, kind: int, parent: int) -> str:
    """Return which commit it is."""
    return f"{KINDS[kind]} of {NAMES[who]} behind {parent}"


STEPS: dict[str, Callable[..., str]] = {
    "reads": lambda who, seq: f"{NAMES[who]} reads {seq}",
    "commits": lambda who, kind, at: f"{NAMES[who]} commits {KINDS[kind]} behind {at}",
    "pays": lambda who: f"{NAMES[who]} sends its commit again, as a further child",
    "is stored": lambda who, kind, parent, seq: (
        f"the relay stores {what(who, kind, parent)} as {seq}"
    ),
    "comes late": lambda who, kind, parent, seq: (
        f"the relay stores, late, {what(who, kind, parent)} as {seq}"
    ),
    "answers": lambda who, whom, at: f"{NAMES[who]}, at {at}, answers {NAMES[whom]}",
    "is led": lambda who, seq: (
        f"{NAMES[who]} makes its rejoin behind {seq}, where no honest member sent it"
    ),
    "is back": lambda who, seq: f"{NAMES[who]} is back, at {seq}",
    "waits again": lambda who, at: (
        f"{NAMES[who]} finds another child of {at} and waits for another answer"
    ),
    "appends": lambda who, kind, parent, seq, mark: (
        f"the relay stores {what(who, kind, parent)} as {seq}"
        + (f", poisoned for {NAMES[mark - 1]}" if mark else "")
    ),
    "copies": lambda who: f"{NAMES[who]}'s disk is copied",
    "goes back": lambda who: f"{NAMES[who]}'s disk goes back",
    "is told": lambda who: f"{NAMES[who]}'s disk goes back, and the relay says so",
    "forks": lambda length: f"the relay shows Ben another log behind {length}",
}


def told(label: tuple[Any, ...]) -> str:
    """Return a step as a sentence."""
    step, *values = label
    return STEPS[step](*values)
