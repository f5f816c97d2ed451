"""What a command prints: for people, or as JSON for programs."""

import sys
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from privity.cli.terminal import one_line
from privity.client.sentences import Failure
from privity.client.verbs.results import Progress, Result

__all__ = ["VERSION", "Mode", "Output"]

VERSION = 1
"""The `v` of the JSON envelope."""


class Mode(StrEnum):
    """How results are printed."""

    HUMAN = "human"
    JSON = "json"
    JSONL = "jsonl"


@dataclass(frozen=True, slots=True)
class Output:
    """Where a command's results, errors and progress go."""

    mode: Mode

    @property
    def for_people(self) -> bool:
        """Whether a person reads this."""
        return self.mode is Mode.HUMAN

    def result(self, result: Result) -> None:
        """Print a result, on one line as JSON."""
        self._emit({"v": VERSION, "ok": True, "data": result})

    def lines(self, text: str) -> None:
        """Print text for a person; it is harmless already."""
        sys.stdout.write(text + "\n")
        sys.stdout.flush()

    def note(self, text: str) -> None:
        """Say something to a person beside the result."""
        sys.stderr.write(text if text.endswith("\n") else text + "\n")
        sys.stderr.flush()

    def failure(self, failed: Failure) -> None:
        """Print what went wrong: as JSON on stdout, for people on stderr."""
        if not self.for_people:
            self._emit({"v": VERSION, "ok": False, "error": failed})
            return
        advice = f"\n{one_line(failed.next)}" if failed.next else ""
        sys.stderr.write(f"{one_line(failed.message)}{advice}\n")

    def progress(self, progress: Progress) -> None:
        """Draw how far a transfer is, where somebody looks."""
        if not self.for_people or not sys.stderr.isatty() or not progress.total:
            return
        share = progress.done / progress.total
        bar = "█" * int(share * 24)
        name = one_line(progress.name)
        end = "\n" if progress.done >= progress.total else ""
        sys.stderr.write(f"\r{name} {bar:░<24} {share:4.0%}{end}")
        sys.stderr.flush()

    def _emit(self, envelope: dict[str, object]) -> None:
        sys.stdout.buffer.write(msgspec.json.encode(envelope) + b"\n")
        sys.stdout.buffer.flush()
