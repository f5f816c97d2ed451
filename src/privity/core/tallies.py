"""What this device has heard of each sender of a chat, by the sender's own count.

Every application message of a device has the next number, inside the encryption. So
who misses some knows how many, and of whom. docs/spec/transcript.md.
"""

from collections.abc import Iterator, Mapping

from msgspec import structs

from privity.core.values import Value

__all__ = [
    "MAX_COUNTER",
    "MAX_HOLES",
    "Epoch",
    "Fetch",
    "Hole",
    "Tally",
    "Transcript",
    "find_hole",
    "heard",
    "missing",
    "missing_by_account",
    "number_of",
]

MAX_HOLES = 32
"""Holes that are kept of one sender; more of them cost the oldest."""
MAX_COUNTER = 1 << 53
"""No device counts so far; a number from here on is not counted at all."""


class Hole(Value, frozen=True):
    """Messages of one sender, `first` to `last` by its count, that are not here.

    They stand in the log behind the seq `above` and before `below`. `asked` counts
    how often the members were asked for them; 0 also means that no line tells of it.
    """

    first: int
    last: int
    above: int
    below: int
    asked: int = 0


class Tally(Value, frozen=True):
    """One device in one chat, as this one heard it.

    `key` is its leaf's signature key, empty until it was heard. `since` is the seq of
    the commit from which this device knows it as a member without a break. `next` is
    the number that it uses next (0: unknown), `seq` where its newest message stands, or
    where it came in if none was heard since (0: it was there when this device came).
    `agreed` is the newest seq up to which its transcript was shown to be mine;
    `differs` and `elsewhere` are the seqs where its transcript, or its log, was not.
    """

    key: bytes = b""
    since: int = 0
    next: int = 0
    seq: int = 0
    holes: tuple[Hole, ...] = ()
    agreed: int = 0
    differs: int = 0
    elsewhere: int = 0


class Epoch(Value, frozen=True):
    """The encoded GroupContext of an epoch, which its signatures cover."""

    context: bytes


class Transcript(Value, frozen=True):
    """What was read of a chat since the commit at `first`, in one value.

    `value` is empty where this device did not read all of it; `count` counts its
    messages. `places` are u64 seq, chain value and transcript behind each of the last
    entries.
    """

    first: int
    value: bytes
    count: int = 0
    places: bytes = b""


class Fetch(Value, frozen=True):
    """My newest request for missing messages; `private` opens what is handed on.

    It was made at `at_ms` (Unix milliseconds). `earlier` are (ask id, private key) of
    those before it, newest last: who reads two at once answers the older one.
    """

    ask_id: bytes
    private: bytes
    at_ms: int = 0
    earlier: tuple[tuple[bytes, bytes], ...] = ()

    def private_of(self, ask_id: bytes) -> bytes:
        """Return what opens the answers to a request, empty for an unknown one."""
        keys = {**dict(self.earlier), self.ask_id: self.private}
        return keys.get(ask_id, b"")


def missing(tally: Tally) -> int:
    """Return how many of a sender's messages are not here."""
    return sum(hole.last - hole.first + 1 for hole in tally.holes)


def missing_by_account(
    tallies: Mapping[bytes, Tally], chat_id: bytes
) -> dict[bytes, int]:
    """Return how many messages of each account are not here, in one chat."""
    found: dict[bytes, int] = {}
    for key in sorted(tallies):
        if key.startswith(chat_id) and tallies[key].holes:
            who = key[16:32]
            found[who] = found.get(who, 0) + missing(tallies[key])
    return found


def number_of(counter: int) -> int:
    """Return the number under which a message is kept: 0 where it does not count."""
    return counter if counter < MAX_COUNTER else 0


def find_hole(tally: Tally, counter: int) -> Hole | None:
    """Return the hole in which a number lies."""
    return next((h for h in tally.holes if h.first <= counter <= h.last), None)


def heard(tally: Tally, counter: int, seq: int) -> Tally:
    """Return the tally after a message came, at its place in the log or handed on.

    A number that was heard before changes nothing: an older copy of a disk may use
    some again.
    """
    if counter >= MAX_COUNTER:
        return tally
    if not tally.next or counter == tally.next:
        return structs.replace(tally, next=counter + 1, seq=seq)
    if counter > tally.next:
        holes, first = tally.holes, _first_missed(tally, counter, seq)
        if first < counter:
            holes = (*holes, Hole(first, counter - 1, tally.seq, seq))[-MAX_HOLES:]
        return structs.replace(tally, next=counter + 1, seq=seq, holes=holes)
    holes = tuple(part for hole in tally.holes for part in _without(hole, counter))
    return structs.replace(tally, holes=holes[-MAX_HOLES:])


def _first_missed(tally: Tally, counter: int, seq: int) -> int:
    """Return the first number that is missed in front of `counter`, at `seq`.

    Who came unseen may have come with a number from before: more than what stood in
    between it has not said here.
    """
    if tally.next > 1:
        return tally.next
    return max(tally.next, counter - max(0, seq - tally.seq - 1))


def _without(hole: Hole, counter: int) -> Iterator[Hole]:
    """Give what is left of a hole when one number of it was heard."""
    if not hole.first <= counter <= hole.last:
        yield hole
        return
    if hole.first < counter:
        yield structs.replace(hole, last=counter - 1)
    if counter < hole.last:
        yield structs.replace(hole, first=counter + 1)
