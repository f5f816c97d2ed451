"""Tells the stories: all of them, or the one that STORY names."""

import os
import sys
import time
from collections.abc import Callable

from demo import first_words, heal, storm_story, three_implementations
from demo.outcome import CannotTell, Outcome, write_summary
from demo.processes import Failed
from demo.stage import BUILD, Stage


def main() -> int:
    """Tell the stories; returns the exit code."""
    wanted = os.environ.get("STORY", "")
    if wanted and wanted not in STORIES:
        print(f"there is no story {wanted!r}; there are: {', '.join(STORIES)}")
        return 2
    told: list[Outcome] = []
    for name in [wanted] if wanted else STORIES:
        print(f"\nStory: {name}\n", flush=True)
        try:
            told.append(STORIES[name]())
        except CannotTell as error:
            print(f"  not told here: {error}")
            if wanted:
                return 1
        except Failed as error:
            print(f"\nthe story fails: {error}", file=sys.stderr)
            return 1
    write_summary(told, BUILD / "summary.json")
    return 0 if all(outcome.ok for outcome in told) else 1


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
    print("\nCtrl-C ends it.")
    try:
        while True:
            time.sleep(1)
    except KeyboardInterrupt:
        print()


STORIES: dict[str, Callable[[], Outcome]] = {
    "first-words": _first_words,
    "heal": heal.tell,
    "interop": three_implementations.tell,
    "storm": storm_story.tell,
}


if __name__ == "__main__":
    sys.exit(main())
