"""Tells the stories: all of them, or the one that STORY names."""

import json
import os
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from demo import (
    first_words,
    heal,
    requests_story,
    storm_story,
    three_implementations,
    windows,
)
from demo.outcome import FAILED, CannotTell, Outcome, write_summary
from demo.processes import Failed
from demo.side_by_side import CANNOT_TELL, tell_all
from demo.stage import BUILD, Stage


def main() -> int:
    """Tell the stories; returns the exit code."""
    wanted = os.environ.get("STORY", "")
    if wanted and wanted not in STORIES:
        print(f"there is no story {wanted!r}; there are: {', '.join(STORIES)}")
        return 2
    if wanted or os.environ.get("KEEP"):
        return _tell_one(wanted or next(iter(STORIES)))
    shutil.rmtree(BUILD, ignore_errors=True)
    told = list(tell_all(list(STORIES), BUILD / "told"))
    came_to = [outcome for story in told for outcome in story.outcomes()]
    came_to += [FAILED for story in told if story.is_failed and not story.outcomes()]
    write_summary(came_to, BUILD / "summary.json")
    return 0 if all(outcome.ok for outcome in came_to) else 1


def _tell_one(name: str) -> int:
    """Tell a story; what it came to is for who tells all, or else is the summary."""
    for_all = os.environ.get("OUTCOME")
    print(f"\nStory: {name}\n", flush=True)
    try:
        outcome = STORIES[name]()
    except CannotTell as error:
        print(f"  not told here: {error}")
        return CANNOT_TELL if for_all else 1
    except Failed as error:
        print(f"\nthe story fails: {error}", file=sys.stderr)
        return 1
    if for_all:
        Path(for_all).write_text(json.dumps(asdict(outcome)) + "\n")
    else:
        write_summary([outcome], BUILD / "summary.json")
    return 0 if outcome.ok else 1


def _first_words() -> Outcome:
    stage = Stage.set()
    try:
        figures = first_words.tell(stage)
        first_words.report(figures)
        if os.environ.get("KEEP"):
            _keep(stage)
        return figures.outcome()
    finally:
        stage.strike()


def _keep(stage: Stage) -> None:
    """Start everything again and say how to go on by hand."""
    stage.relay.start()
    stage.go_on()
    print("\nEverything runs. In another terminal, for example:\n")
    for person in stage.people:
        print(
            f"  .venv/bin/privity --profile {person.profile}"
            f" --passphrase-file {person.passphrase} chats"
        )
    print("\nTheir windows, each link for one browser, once, within a minute:\n")
    for person in stage.people[:2]:
        print(f"  {person.name}: {person.open_window()}")
    print("\nAnother link: privity --profile … open --no-browser. Ctrl-C ends it.")
    try:
        while True:
            time.sleep(1)
    except KeyboardInterrupt:
        print()


STORIES: dict[str, Callable[[], Outcome]] = {
    "first-words": _first_words,
    "heal": heal.tell,
    "interop": three_implementations.tell,
    "requests": requests_story.tell,
    "storm": storm_story.tell,
    "web": windows.tell,
}


if __name__ == "__main__":
    sys.exit(main())
