"""Change the code a little, and see that a test notices: ``python -m tools.mutate``.

``tests/mutation/survivors.toml`` lists the changes that no test can notice, each with
the reason. Any other survivor fails, and so does a listed one that is gone or found.
"""

import argparse
import random
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from tools.mutation.operators import Mutant, mutants_of
from tools.mutation.trial import Ending, Limits, Trial, endings, passes

ROOT = Path(__file__).parents[1]
PACKAGE = "privity.mls"
PLACE = "src/privity/mls"
LIST = Path("tests/mutation/survivors.toml")
PATIENCE = 3
"""How many times longer than the code as it is a mutant may compute."""
WALL = 120.0
SECONDS_FOR_ALL = 3_600.0
SECONDS_FOR_CHANGED = 270.0
SECONDS_FOR_SHARE = 120.0
"""For some mutants of one module, where nothing has changed."""
COMMITS_OF_MAIN = 10
"""How far back the main branch itself is compared."""

_UNIT = "tests/unit/mls/test_{}.py"
_VECTORS = "tests/vectors/test_own_mls_vectors.py::test_every_stored_case_holds[{}]"
_SECRETS = (
    _UNIT.format("secret_tree"),
    _VECTORS.format("secret-tree"),
    _UNIT.format("hostile_sizes_and_keys"),
    _UNIT.format("message_rules"),
)
_LISTS = tuple(
    _UNIT.format(name)
    for name in (
        "proposal_list_rules",
        "self_removal",
        "unknown_proposals",
        "external_commits",
        "proposals_that_wait",
        "senders_from_outside",
        "credentials_and_extensions",
        "groups_agree",
    )
)
TESTS: dict[str, tuple[str, ...]] = {
    "tree_math": tuple(map(_UNIT.format, ("tree_math", "tree_draft", "tree_rules"))),
    "secret_tree": _SECRETS,
    "sender_ratchet": _SECRETS,
    "proposal_list": _LISTS,
    "framing": (
        _UNIT.format("framing"),
        _VECTORS.format("message-protection"),
        _VECTORS.format("messages"),
        _UNIT.format("message_rules"),
        _UNIT.format("senders_from_outside"),
    ),
}
"""For each module, the tests that must notice; the likeliest first."""


class Name(NamedTuple):
    """What a survivor is called in the list."""

    module: str
    place: str
    before: str
    after: str


def main(arguments: list[str]) -> int:
    """Try mutants and return the exit status."""
    begun = time.monotonic()
    options = _parsed(arguments)
    known = _listed()
    if options.changed and not _base():
        print("NO_HISTORY: git can't tell what has changed here, so nothing was tried")
        return 1
    modules = options.modules or TESTS
    trials = list(_trials(modules, changed=options.changed))
    if options.changed and not trials:
        # Not for secrets: another share each time, so that all come up.
        one = random.sample(list(modules), 1)
        print(f"no line of these modules has changed: a share of {one[0]} instead")
        trials = list(_trials(one, changed=False))
        random.shuffle(trials)
        options.seconds = min(options.seconds, SECONDS_FOR_SHARE)
    fine, seconds = passes(sorted({test for trial in trials for test in trial.tests}))
    if not fine:
        print("the tests fail as the code is: mutants would say nothing")
        return 1
    until = begun + options.seconds
    ended = _tried(trials, Limits(round(5 + PATIENCE * seconds), WALL, until))
    alive = _names(ended, Ending.SURVIVED)
    stale = known & _names(ended, Ending.FOUND)
    if not (options.changed or options.modules):
        stale |= known - {_name(trial) for trial in trials}
    _tell(alive - known, stale)
    print(
        f"{len(ended)} of {len(trials)} mutants tried:"
        f" {len(_names(ended, Ending.FOUND))} found,"
        f" {len(_names(ended, Ending.STOPPED))} stopped,"
        f" {len(alive & known)} listed, {len(alive - known)} not listed"
    )
    if trials and not ended:
        print("NO_TIME: not one mutant was tried to its end")
    return 1 if alive - known or stale or (trials and not ended) else 0


def _tell(unknown: set[Name], stale: set[Name]) -> None:
    for name in sorted(unknown):
        print(f"SURVIVED {name.module} {name.place}\n  {name.before}\n  {name.after}")
    for name in sorted(stale):
        print(f"LISTED, BUT NO SURVIVOR {name.module} {name.place}\n  {name.after}")


def _parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="mutate", description=__doc__)
    parser.add_argument("modules", nargs="*", choices=[[], *TESTS])
    parser.add_argument("--changed", action="store_true", help="only changed lines")
    parser.add_argument("--seconds", type=float)
    options = parser.parse_args(arguments)
    if options.seconds is None:
        options.seconds = SECONDS_FOR_CHANGED if options.changed else SECONDS_FOR_ALL
    return options


def _listed() -> set[Name]:
    rows = tomllib.loads((ROOT / LIST).read_text()).get("survivor", [])
    return {
        Name(row["module"], row["place"], row["before"], row["after"]) for row in rows
    }


def _trials(modules: Iterable[str], *, changed: bool) -> Iterator[Trial]:
    for module in modules:
        path = f"{PLACE}/{module}.py"
        lines = _changed_lines(path) if changed else None
        for mutant in mutants_of((ROOT / path).read_text()):
            if lines is None or mutant.line in lines:
                yield Trial(f"{PACKAGE}.{module}", mutant, TESTS[module])


def _changed_lines(path: str) -> set[int]:
    """Return the lines of a file that the main branch does not have."""
    found: set[int] = set()
    for line in _git("diff", "-U0", _base(), "--", path).splitlines():
        if line.startswith("@@"):
            start, _, count = line.split("+")[1].split(" ")[0].partition(",")
            found |= set(range(int(start), int(start) + int(count or 1)))
    return found


def _base() -> str:
    """Return the commit that changes are counted from; empty without a history."""
    head = _git("rev-parse", "HEAD")
    for main in ("main", "origin/main"):
        base = _git("merge-base", "HEAD", main)
        if base not in ("", head):
            return base
    count = int(_git("rev-list", "--count", "--first-parent", "HEAD") or 1)
    return head and f"HEAD~{min(COMMITS_OF_MAIN, count - 1)}"


def _git(*command: str) -> str:
    """Return what git says; nothing where it fails, as in a copy without history."""
    done = subprocess.run(
        ["git", *command], cwd=ROOT, check=False, capture_output=True, text=True
    )
    return done.stdout.strip() if done.returncode == 0 else ""


def _tried(trials: list[Trial], limits: Limits) -> list[tuple[Trial, Ending]]:
    ended: list[tuple[Trial, Ending]] = []
    for one in endings(trials, limits):
        ended.append(one)
        if len(ended) % 50 == 0:
            alive = len(_names(ended, Ending.SURVIVED))
            print(f"{len(ended)} of {len(trials)}, {alive} alive", flush=True)
    return ended


def _names(ended: list[tuple[Trial, Ending]], how: Ending) -> set[Name]:
    return {_name(trial) for trial, ending in ended if ending is how}


def _name(trial: Trial) -> Name:
    mutant: Mutant = trial.mutant
    module = trial.module.rpartition(".")[2]
    return Name(module, mutant.place, mutant.before, mutant.after)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
