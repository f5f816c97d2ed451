"""Search all fuzzing targets for faults: ``python -m tools.fuzz [TARGET...]``.

Two targets at a time, from the inputs that are kept in ``tests/fuzz/corpus``; what a
search learns stays in ``build/fuzz``. Before it says that nothing was found, it shows
that faults which were planted are found.
"""

import argparse
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
BUILD = Path("build/fuzz")
KEPT = Path("tests/fuzz/corpus")
AT_ONCE = 2
SECONDS_AN_INPUT = 10
MEGABYTES = 1024
PLANTED = ("foreign", "claimed", "endless", "spoilt", "unheard")
SECONDS_FOR_PLANTED = 180
"""A search ends when it finds something: only a busy machine takes that long."""


class Found(NamedTuple):
    """What one search came to: its output, and the inputs that do harm."""

    target: str
    status: int
    output: str
    harmful: tuple[Path, ...]
    seconds: float


def main(arguments: list[str]) -> int:
    """Run the searches and return the exit status."""
    options = _parsed(arguments)
    names = options.targets or sorted(path.stem for path in KEPT.glob("*.hex"))
    if not _planted_faults_are_found():
        return 1
    rounds = -(-len(names) // AT_ONCE)
    seconds = max(1, options.seconds // rounds)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        searches = pool.map(lambda name: _search(name, seconds), names)
        faults = sum(_told(found) for found in searches)
    print(f"{faults} of {len(names)} targets have faults")
    return 1 if faults else 0


def _parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET")
    parser.add_argument(
        "--seconds",
        type=_seconds,
        default=240,
        help="for all targets together; 1h is an hour",
    )
    return parser.parse_args(arguments)


def _seconds(text: str) -> int:
    return round(float(text[:-1]) * 3600) if text.endswith("h") else int(text)


def _planted_faults_are_found() -> bool:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        searches = pool.map(_search_planted, PLANTED)
        missed = [found.target for found in searches if not found.harmful]
    for name in missed:
        print(f"{name}: the fault in it was not found; nothing here can be believed")
    if not missed:
        print(f"{len(PLANTED)} planted faults were found")
    return not missed


def _search_planted(name: str) -> Found:
    place = BUILD / f"planted_{name}"
    shutil.rmtree(place, ignore_errors=True)
    return _search(f"planted_{name}", SECONDS_FOR_PLANTED, "-timeout=2")


def _search(name: str, seconds: int, *options: str) -> Found:
    place = BUILD / name
    corpus = place / "corpus"
    _unpack(_kept(name), corpus)
    before = set(place.glob("*-*"))
    started = time.monotonic()
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.fuzz", name, "--search"),
            f"-max_total_time={seconds}",
            f"-timeout={SECONDS_AN_INPUT}",
            f"-rss_limit_mb={MEGABYTES}",
            f"-artifact_prefix={place}/",
            "-print_final_stats=1",
            *options,
            str(corpus),
        ],
        capture_output=True,
        check=False,
        cwd=ROOT,
        text=True,
        errors="replace",
    )
    harmful = tuple(sorted(set(place.glob("*-*")) - before))
    took = time.monotonic() - started
    return Found(name, done.returncode, done.stdout + done.stderr, harmful, took)


def _kept(name: str) -> Iterable[bytes]:
    file = KEPT / f"{name}.hex"
    lines = file.read_text().splitlines() if file.exists() else []
    return (bytes.fromhex(line) for line in lines if not line.startswith("#"))


def _unpack(inputs: Iterable[bytes], place: Path) -> None:
    place.mkdir(parents=True, exist_ok=True)
    for data in inputs:
        (place / sha256(data).hexdigest()[:20]).write_bytes(data)


def _told(found: Found) -> bool:
    """Print what a search came to, and say whether it found a fault."""
    runs = re.search(r"number_of_executed_units: *(\d+)", found.output)
    known = len(list((BUILD / found.target / "corpus").iterdir()))
    is_faulty = bool(found.status or found.harmful)
    print(
        f"{found.target:<12}{runs[1] if runs else '?':>9} inputs,"
        f" {known:>5} kept, {found.seconds:5.1f} s{'  FAULT' * is_faulty}"
    )
    if is_faulty:
        print(_end_of(found.output))
    for file in found.harmful:
        print(f"{file}\n  again: {sys.executable} -m tests.fuzz {found.target} {file}")
    return is_faulty


def _end_of(output: str) -> str:
    """Return the trace of a fault, or the last lines where there is none."""
    _, _, trace = output.rpartition("=== Uncaught Python exception: ===\n")
    return trace.split("\n\n")[0] if trace else "\n".join(output.splitlines()[-20:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
