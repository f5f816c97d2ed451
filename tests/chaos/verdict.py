"""What must be so at the end, by a journal of the test's own and all clients' reports.

The journal has what was acknowledged to whoever spoke: by account and chat the highest
number, since a number is said only when the one before was kept. A report is what
`report` reads from a store. A chat's residents never leave it; what one of them said
has to be with all the others. Guests come and go: they have what was said while they
were in, and of their own words what left.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["AGREE", "LOST", "ORDER", "READ", "REST", "TWICE", "Place", "broken"]

Fault = tuple[str, str]
LOST = "nothing acknowledged is lost"
TWICE = "nothing is there twice"
ORDER = "one order for all, and what one says in the order it was said"
AGREE = "all members are in one epoch at one place of one log"
READ = "nothing is undecryptable"
REST = "all comes to rest"

_BAD_LINES = {"stuck", "gap", "missing", "forked", "differs", "elsewhere"}
Report = Mapping[str, Any]


@dataclass(frozen=True)
class Place:
    """A chat: who stays in it, who comes and goes; by their names."""

    chat: str
    residents: tuple[str, ...]
    guests: tuple[str, ...] = ()


def broken(
    places: list[Place],
    kept: Mapping[tuple[str, str], int],
    reports: Mapping[str, Report],
) -> Iterator[Fault]:
    """Yield every promise that is broken, and how; `kept` is by name and chat."""
    for place in places:
        yield from _of_chat(place, kept, reports)


def _of_chat(
    place: Place,
    kept: Mapping[tuple[str, str], int],
    reports: Mapping[str, Report],
) -> Iterator[Fault]:
    mine = {n: reports[n]["chats"].get(place.chat) for n in place.residents}
    for name, chat in mine.items():
        if chat is None or chat["status"] != "active":
            stands = chat and f"{chat['status']} {chat['cause']}"
            yield AGREE, f"{name} can't use {place.chat[:8]}: {stands}"
            return
        if chat["waiting"]:
            yield REST, f"{name} has {chat['waiting']} unsent in {place.chat[:8]}"
        for seq, what, _ in chat["lines"]:
            if what in _BAD_LINES:
                yield READ, f"{name} is told of {what} at {place.chat[:8]} {seq}"
    first, *others = mine
    yield from _agreement(place, mine)
    for name in others:
        yield from _differences(place, first, mine[first], name, mine[name])
    names = {reports[n]["account"]: n for n in reports}
    yield from _numbers(place, mine[first], kept, names)
    for guest in place.guests:
        chat = reports[guest]["chats"].get(place.chat)
        if chat is not None:
            yield from _of_guest(place, guest, chat, mine[first], reports)


def _agreement(place: Place, mine: Mapping[str, Any]) -> Iterator[Fault]:
    for what in ("cursor", "chain", "authenticator"):
        seen = {chat[what] for chat in mine.values()}
        if len(seen) > 1:
            yield AGREE, f"{len(seen)} values of {what} in {place.chat[:8]}"


def _heard(chat: Report) -> list[tuple[int, str, str]]:
    return [(seq, who, text) for seq, who, text, _ in chat["said"]]


def _differences(
    place: Place, one: str, ones: Report, other: str, others: Report
) -> Iterator[Fault]:
    ours, theirs = _heard(ones), _heard(others)
    if ours == theirs:
        return
    where = f"of {place.chat[:8]}"
    for lacks, has, name in ((theirs, ours, other), (ours, theirs, one)):
        missing = {x[1:] for x in has} - {x[1:] for x in lacks}
        if missing:
            yield LOST, f"{name} lacks {len(missing)} {where}: {min(missing)[1]}"
        if len({x[1:] for x in lacks}) < len(lacks):
            yield TWICE, f"{name} has something twice {where}"
    if sorted(x[1:] for x in ours) == sorted(x[1:] for x in theirs):
        yield ORDER, f"{one} and {other} have two orders {where}"


def _numbers(
    place: Place,
    chat: Report,
    kept: Mapping[tuple[str, str], int],
    names: Mapping[str, str],
) -> Iterator[Fault]:
    """Hold what one resident has against what was acknowledged to each speaker."""
    heard: dict[str, list[int]] = {name: [] for name in place.residents + place.guests}
    for _, account, text in _heard(chat):
        name, where, number = text.split()
        if names.get(account) != name or where != place.chat[:8]:
            yield READ, f"{text!r} is shown in {place.chat[:8]} as {account}'s"
            continue
        heard[name].append(int(number))
    for name, numbers in heard.items():
        where = f"{name}'s in {place.chat[:8]}"
        if len(set(numbers)) < len(numbers):
            yield TWICE, f"{len(numbers) - len(set(numbers))} of {where}"
        if numbers != sorted(numbers):
            yield ORDER, f"{where} are not in the order in which they were said"
        said = range(1, kept.get((name, place.chat), 0) + 1)
        lacking = set(said) - set(numbers)
        if lacking and name in place.residents:
            yield LOST, f"{len(lacking)} of {where}, the first is {min(lacking)}"


def _of_guest(
    place: Place,
    guest: str,
    chat: Report,
    common: Report,
    reports: Mapping[str, Report],
) -> Iterator[Fault]:
    """Compare a guest with the spans in which the residents had it as a member."""
    account = reports[guest]["account"]
    spans = _spans(common["lines"], account)
    wanted = [x for x in _heard(common) if any(a < x[0] < b for a, b in spans)]
    has = [x for x in _heard(chat) if x[0]]
    sent = [row for row in chat["said"] if row[3] in {"sent", "received"}]
    if has == wanted:
        return
    where = f"the guest {guest} of {place.chat[:8]}"
    if lacking := set(wanted) - set(has):
        yield LOST, f"{where} lacks {len(lacking)}, the first at {min(lacking)[0]}"
    if strange := {tuple(r[:3]) for r in sent} - set(wanted):
        yield READ, f"{where} has {len(strange)} of others' time: {min(strange)}"
    if len(set(has)) < len(has):
        yield TWICE, f"{where} has something twice"
    if set(has) == set(wanted) and len(has) == len(wanted):
        yield ORDER, f"{where} has another order"


def _spans(lines: list[Any], account: str) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    since = 0
    is_in = False
    for seq, what, who in lines:
        if who != account:
            continue
        if what == "added" and not is_in:
            since, is_in = seq, True
        if what in {"removed", "left"} and is_in:
            spans.append((since, seq))
            is_in = False
    return [*spans, (since, 1 << 62)] if is_in else spans
