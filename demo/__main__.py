"""Tells the stories: all of them, or the one that STORY names."""

import json
import os
import sys
import time

from demo import first_words
from demo.first_words import Figures
from demo.processes import Failed
from demo.stage import BUILD, Stage

STORIES = {"first-words": first_words.tell}


def main() -> int:
    """Tell the stories; returns the exit code."""
    wanted = os.environ.get("STORY", "")
    if wanted and wanted not in STORIES:
        print(f"there is no story {wanted!r}; there are: {', '.join(STORIES)}")
        return 2
    for name in [wanted] if wanted else STORIES:
        print(f"Story: {name}\n")
        if not _tell(name):
            return 1
    return 0


def _tell(name: str) -> bool:
    stage = Stage.set()
    try:
        figures = STORIES[name](stage)
        good = _report(figures)
        if os.environ.get("KEEP"):
            _keep(stage)
        return good
    except Failed as error:
        print(f"\nthe story fails: {error}", file=sys.stderr)
        return False
    finally:
        stage.strike()


def _report(figures: Figures) -> bool:
    removed = figures.removed
    good = (
        not (figures.lost or figures.duplicated or figures.canaries_found)
        and figures.forms_found == figures.forms
        and removed is not None
        and removed.later > 0 == removed.opened
        and removed.earlier > 0
    )
    summary = {
        "v": 1,
        "ok": good,
        "messages": figures.messages,
        "epochs": figures.epochs,
        "bytes": figures.bytes,
        "seconds": round(figures.seconds, 1),
        "lost": figures.lost,
        "duplicated": figures.duplicated,
        "canaries_found": figures.canaries_found,
    }
    (BUILD / "summary.json").write_text(json.dumps(summary) + "\n")
    print(
        f"\n{figures.messages} messages, {figures.epochs} epochs,"
        f" {figures.bytes / 1e6:.1f} MB on the wire, {figures.seconds:.1f} s;"
        f" lost {figures.lost}, twice {figures.duplicated}"
    )
    print(
        f"searched the relay's databases, files and traffic: {figures.canaries_found}"
        f" findings; of {figures.forms} planted forms {figures.forms_found} were found"
    )
    if removed is not None:
        print(
            f"Cem's old keys opened {removed.opened} of {removed.later} later entries"
            f" (and {removed.earlier} of Cem's own time)"
        )
    print("what the operator has: build/demo/operator/")
    return good


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


if __name__ == "__main__":
    sys.exit(main())
