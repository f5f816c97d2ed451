"""Searches what the operator has for what the members said, in every likely form.

A form that is never found proves nothing, so the search is itself put to the test:
`planted` returns one text in each form, and each must be found.
"""

import base64
import gzip
import json
import random
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["RUN", "RUNS", "Finding", "forms", "planted", "runs_of", "search"]

RUNS = 64
RUN = 32
_STREAMS = {
    "zlib": (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda"),
    "gzip": (b"\x1f\x8b\x08",),
}
_PROBE = 1 << 12
_MOST_INFLATED = 1 << 24
_SHORTEST = 6
_BLOCK = 16
_LONG = 2 * _BLOCK - 1
_Needle = tuple[str, str, bytes]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that stands where it must not: in which file, in which form."""

    path: str
    what: str
    form: str


def forms(needle: bytes) -> Iterator[tuple[str, bytes]]:
    """Return a byte string in each form in which it might lie around.

    Base64 depends on what stands in front: of each alignment the part is taken that
    does not depend on the neighbours. Decompressing is the search's own doing.
    """
    yield "raw", needle
    yield "hex", needle.hex().encode()
    yield "HEX", needle.hex().upper().encode()
    for alphabet, encode in (
        ("base64", base64.b64encode),
        ("base64url", base64.urlsafe_b64encode),
    ):
        for shift in range(3):
            inside = encode(bytes(shift) + needle)
            first = 0 if shift == 0 else 4
            last = (len(needle) + shift) // 3 * 4
            yield f"{alphabet}+{shift}", inside[first:last]
    try:
        text = needle.decode()
    except UnicodeDecodeError:
        return
    yield "utf-16-le", text.encode("utf-16-le")
    yield "utf-16-be", text.encode("utf-16-be")
    yield "json", json.dumps(text)[1:-1].encode()


def runs_of(data: bytes, seed: int = 1) -> list[bytes]:
    """Return 64 runs of 32 bytes of a file, from places that a seed chooses."""
    chosen = random.Random(seed)  # noqa: S311  places, not secrets
    room = max(len(data) - RUN, 1)
    found = (
        data[at : at + RUN] for at in (chosen.randrange(room) for _ in range(RUNS))
    )
    return [run for run in found if len(set(run)) > RUN // 4]


def search(
    files: Iterable[Path], texts: Iterable[str], runs: Iterable[bytes]
) -> list[Finding]:
    """Return every place in `files` where a text or a run stands in some form."""
    short = [(t, form, n) for t in texts for form, n in forms(t.encode())]
    long = [(r[:6].hex(), form, n) for r in runs for form, n in forms(r)]
    long += [n for n in short if len(n[2]) >= _LONG]
    short = [n for n in short if _SHORTEST <= len(n[2]) < _LONG]
    blocks = _blocks_of(long)
    found: list[Finding] = []
    for path in files:
        data = path.read_bytes()
        for label, view in (("", data), *_inflated(data)):
            suspects = [*short, *_suspects(view, blocks)]
            found += [
                Finding(str(path), what, label + form)
                for what, form, needle in suspects
                if needle in view
            ]
    return found


def _blocks_of(needles: list[_Needle]) -> dict[bytes, list[_Needle]]:
    """Return which needle each block of 16 bytes is a part of.

    Wherever a needle of 31 bytes or more stands, one aligned block of 16 bytes of
    the file lies wholly inside it: so a file is read once, whatever is looked for.
    """
    found: dict[bytes, list[_Needle]] = {}
    for needle in needles:
        for at in range(len(needle[2]) - _BLOCK + 1):
            found.setdefault(needle[2][at : at + _BLOCK], []).append(needle)
    return found


def _suspects(view: bytes, blocks: dict[bytes, list[_Needle]]) -> list[_Needle]:
    aligned = {view[at : at + _BLOCK] for at in range(0, len(view), _BLOCK)}
    hits = [needle for block in aligned & blocks.keys() for needle in blocks[block]]
    return list(dict.fromkeys(hits))


def _inflated(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Return whatever decompresses, from wherever a stream might begin.

    Two bytes look like the head of a stream in every 64 KiB of noise, so a first
    piece has to decompress before the rest is taken.
    """
    for name, heads in _STREAMS.items():
        for head in heads:
            at = data.find(head)
            while at >= 0:
                out = _inflate(data[at : at + _PROBE])
                if len(out) > _SHORTEST:
                    yield f"{name} ", _inflate(data[at:]) or out
                at = data.find(head, at + 1)


def _inflate(data: bytes) -> bytes:
    try:
        return zlib.decompressobj(wbits=47).decompress(data, _MOST_INFLATED)
    except zlib.error:
        return b""


def planted(text: str) -> dict[str, bytes]:
    """Return a text in every form that the search claims to find, by its name."""
    found = dict(forms(text.encode()))
    found["zlib raw"] = zlib.compress(text.encode() * 4)
    found["gzip raw"] = gzip.compress(text.encode() * 4)
    return found
