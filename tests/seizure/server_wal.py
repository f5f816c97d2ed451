"""PostgreSQL's own log as raw bytes: what stands in which record, in their order.

Segments that the server renamed for later use still hold their old pages, and each page
says where in the log it belongs; so whatever was not overwritten is put in order again.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from struct import unpack_from

from tests.seizure.server_records import said

__all__ = ["Record", "records_naming"]

PAGE = 8_192
_LONG = 0x0002
_LONG_HEAD, _SHORT_HEAD = 40, 24
_RECORD_HEAD = 24
_LONGEST = 1 << 24


@dataclass
class Record:
    """A record that names somebody: where it stands, and of which transaction it is."""

    place: int
    xid: int
    data: bytes
    names: set[bytes] = field(default_factory=set)


@dataclass
class _Run:
    """Pages that follow each other, without their heads."""

    begin: int
    data: bytearray = field(default_factory=bytearray)
    pages: list[int] = field(default_factory=list)
    """Where in `data` each page begins."""
    rests: list[int] = field(default_factory=list)
    """How many bytes of each page end a record of the page before."""


def records_naming(segments: Iterable[bytes], ids: Iterable[bytes]) -> list[Record]:
    """Return all records in which one of `ids` stands, in the order of the log."""
    wanted, found = list(ids), []
    for run in _runs(segments):
        starts = list(_records(run))
        named: dict[int, set[bytes]] = defaultdict(set)
        for one in wanted:
            for at in _all_places(run.data, one):
                behind = bisect_right(starts, (at, 1 << 62)) - 1
                if behind >= 0 and at < sum(starts[behind]):
                    named[behind].add(one)
        for number in sorted(named):
            begin, size = starts[number]
            (xid,) = unpack_from("<I", run.data, begin + 4)
            data = said(bytes(run.data[begin : begin + size]))
            names = {one for one in named[number] if one in data}
            if names:
                found.append(Record(run.begin + begin, xid, data, names))
    return found


def _runs(segments: Iterable[bytes]) -> list[_Run]:
    pages = {}
    magic = None
    for segment in segments:
        for at in range(0, len(segment), PAGE):
            its_magic, _, _, address = unpack_from("<HHIQ", segment, at)
            magic = magic or its_magic
            if its_magic == magic and its_magic and address % PAGE == 0:
                pages[address] = segment[at : at + PAGE]
    runs: list[_Run] = []
    last = None
    for address in sorted(pages):
        if last is None or address != last + PAGE:
            runs.append(_Run(address))
        page, run = pages[address], runs[-1]
        (info,) = unpack_from("<H", page, 2)
        (rest,) = unpack_from("<I", page, 16)
        run.pages.append(len(run.data))
        run.rests.append(rest)
        run.data += page[_LONG_HEAD if info & _LONG else _SHORT_HEAD :]
        last = address
    return runs


def _records(run: _Run) -> Iterator[tuple[int, int]]:
    """Yield where each record begins and how long it is."""
    at = _first_of(run, 0)
    while at + _RECORD_HEAD <= len(run.data):
        (size,) = unpack_from("<I", run.data, at)
        if _RECORD_HEAD <= size < _LONGEST:
            yield at, size
            at = _aligned(at + size)
            continue
        # Behind a switch the rest of its segment is empty.
        page = bisect_right(run.pages, at)
        if page >= len(run.pages):
            return
        at = _first_of(run, page)


def _first_of(run: _Run, page: int) -> int:
    return run.pages[page] + _aligned(run.rests[page])


def _aligned(at: int) -> int:
    return -(-at // 8) * 8


def _all_places(data: bytearray, needle: bytes) -> Iterator[int]:
    at = data.find(needle)
    while at >= 0:
        yield at
        at = data.find(needle, at + 1)
