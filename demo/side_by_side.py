"""All stories, two at a time, each a process of its own, told in their order.

A story waits for people and processes most of its time. What it prints goes to a file,
and from there to the reader when it is its turn, while it goes on.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from demo.outcome import Outcome

__all__ = ["CANNOT_TELL", "Told", "tell_all"]

CANNOT_TELL = 3
_AT_ONCE = 2
_LOOK_SECONDS = 0.1


class Told:
    """What a story left: its words, and what it came to if it was told to the end."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.words = folder / f"{name}.txt"
        self.result = folder / f"{name}.json"
        self.is_failed = False

    def run(self) -> None:
        """Tell it, in a process of its own."""
        command = [sys.executable, "-m", "demo"]
        own = {"STORY": self.name, "OUTCOME": str(self.result), "PYTHONUNBUFFERED": "1"}
        with self.words.open("wb") as out:
            done = subprocess.run(
                command, env=os.environ | own, stdout=out, stderr=out, check=False
            )
        # Who can't tell a story here says so and leaves no result.
        self.is_failed = done.returncode not in {0, CANNOT_TELL}

    def outcomes(self) -> list[Outcome]:
        """Return what it came to, or nothing if it was not told."""
        if not self.result.exists():
            return []
        return [Outcome(**json.loads(self.result.read_text()))]


def tell_all(names: Sequence[str], folder: Path) -> Iterator[Told]:
    """Tell stories, print each when it is its turn, and yield it when it has ended."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    stories = [Told(name, folder) for name in names]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        running = [pool.submit(story.run) for story in stories]
        for story, future in zip(stories, running, strict=True):
            _print_as_it_comes(story, future)
            future.result()
            yield story


def _print_as_it_comes(story: Told, future: Future[None]) -> None:
    shown = 0
    is_last = False
    while not is_last:
        is_last = future.done()
        text = story.words.read_bytes()[shown:] if story.words.exists() else b""
        # Whole lines only: the end of one may not have been written yet.
        text = text if is_last else text[: text.rfind(b"\n") + 1]
        sys.stdout.write(text.decode(errors="replace"))
        sys.stdout.flush()
        shown += len(text)
        if not is_last:
            time.sleep(_LOOK_SECONDS)
