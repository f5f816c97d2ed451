"""Try mutants: each in a process of its own, in which some tests must fail.

The process is forked from one that has imported pytest and the libraries already, so
that a mutant costs little more than the tests that find it.
"""

import os
import resource
import signal
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from importlib.abc import Loader, MetaPathFinder  # noqa: TID251  no product
from importlib.machinery import ModuleSpec  # noqa: TID251
from types import ModuleType

import pytest
from hypothesis import Phase, settings

from tools.mutation.operators import Mutant

__all__ = ["Ending", "Limits", "Trial", "endings", "passes"]

AT_ONCE = 2
_SURVIVED = 0
_BYTES = 2 << 30
_PROFILE = "mutation"


@dataclass(frozen=True, slots=True)
class Trial:
    """A mutant of a module, and the tests that it faces, the likeliest first."""

    module: str
    mutant: Mutant
    tests: tuple[str, ...]


class Ending(Enum):
    """How a trial ends. A slow machine may stop what would have survived."""

    SURVIVED = "survived"
    FOUND = "found"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Limits:
    """When a mutant is stopped, though no test has failed yet.

    `processor` and `wall` are seconds that its tests may take. `until` is a moment of
    `time.monotonic` at which all trials end; those under way then are not counted.
    """

    processor: int
    wall: float
    until: float


class _Changed(MetaPathFinder, Loader):
    """Lets one module be imported from a text instead of its file."""

    def __init__(self, module: str, text: str) -> None:
        self.module, self.text = module, text

    def find_spec(
        self, name: str, path: object = None, target: object = None
    ) -> ModuleSpec | None:
        """Answer for that one module."""
        del path, target
        return ModuleSpec(name, self) if name == self.module else None

    def exec_module(self, module: ModuleType) -> None:
        """Run the text as the module."""
        # In angle brackets: who measures coverage looks for no file of this name.
        name = f"<{self.module}>"
        code = compile(self.text, name, "exec", dont_inherit=True)
        exec(code, module.__dict__)  # noqa: S102  it is our own text


def passes(tests: Sequence[str]) -> tuple[bool, float]:
    """Say whether tests pass as the code is, and how many seconds they compute."""
    begun = resource.getrusage(resource.RUSAGE_CHILDREN)
    child = _begin(None, tests, None)
    _, status = os.waitpid(child, 0)
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    took = ended.ru_utime - begun.ru_utime + ended.ru_stime - begun.ru_stime
    return os.waitstatus_to_exitcode(status) == _SURVIVED, took


def endings(trials: Iterable[Trial], limits: Limits) -> Iterator[tuple[Trial, Ending]]:
    """Yield each trial and how it ended, as they end."""
    running: dict[int, tuple[Trial, float]] = {}
    trying = iter(trials)
    while time.monotonic() < limits.until:
        trial = next(trying, None) if len(running) < AT_ONCE else None
        if trial is not None:
            changed = _Changed(trial.module, trial.mutant.text)
            child = _begin(changed, trial.tests, limits.processor)
            running[child] = trial, time.monotonic()
        elif running:
            yield from _ended(running, limits.wall)
        else:
            break
    for child in running:
        _stop(child)


def _begin(
    changed: _Changed | None, tests: Sequence[str], processor: int | None
) -> int:
    sys.stdout.flush()
    child = os.fork()
    if child:
        return child
    if changed is not None:
        _forget(changed.module.partition(".")[0])
        sys.meta_path.insert(0, changed)
    if processor is not None:
        # A mutant that loops is stopped before it fills the memory.
        resource.setrlimit(resource.RLIMIT_CPU, (processor, processor))
        resource.setrlimit(resource.RLIMIT_AS, (_BYTES, _BYTES))
    os._exit(_face(tests))


def _forget(package: str) -> None:
    """Let a package be imported anew, if whoever called us has used it already."""
    for name in list(sys.modules):
        if name.partition(".")[0] == package:
            del sys.modules[name]


def _face(tests: Sequence[str]) -> int:
    """Run the tests in a process that ends with this; the first failure is enough."""
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2):
        os.dup2(null, stream)
    # Nobody reads which example was the smallest.
    phases = (Phase.explicit, Phase.generate)
    settings.register_profile(
        _PROFILE, deadline=None, phases=phases, derandomize=True, database=None
    )
    options = (
        f"--hypothesis-profile={_PROFILE}",
        # hypothesis was imported before pytest could watch it.
        "-Wignore::pytest.PytestAssertRewriteWarning",
        *("-x", "-q", "-p", "no:cacheprovider"),
    )
    try:
        return int(pytest.main([*options, *tests]))
    except BaseException:  # noqa: BLE001  whatever it is, the mutant is found out
        return 1


def _ended(
    running: dict[int, tuple[Trial, float]], wall: float
) -> Iterator[tuple[Trial, Ending]]:
    """Wait a little, and yield what has ended meanwhile."""
    time.sleep(0.02)
    for child, (trial, begun) in list(running.items()):
        done, status = os.waitpid(child, os.WNOHANG)
        if not done and time.monotonic() - begun > wall:
            done, status = _stop(child)
        if done:
            del running[child]
            yield trial, _ending(os.waitstatus_to_exitcode(status))


def _stop(child: int) -> tuple[int, int]:
    os.kill(child, signal.SIGKILL)
    return os.waitpid(child, 0)


def _ending(code: int) -> Ending:
    if code in (-signal.SIGKILL, -signal.SIGXCPU):
        return Ending.STOPPED
    return Ending.SURVIVED if code == _SURVIVED else Ending.FOUND
