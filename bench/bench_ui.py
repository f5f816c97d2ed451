"""What a person waits for in the window, in a real browser with a long past.

`python -m bench.bench_ui [--quick]`. The window is what `privity open` serves, the
browser is Debian's Chromium, accounts and chats are at a real relay;
docs/architecture/window.md says how to read the table and what is filled in. Times are
of the clock on the wall, as a person's are, where nothing else is said; what is typed
stands beside the same in a bare page.
"""

import argparse
import asyncio
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.client_pair import UNLIMITED, registered, running_relay
from bench.report import Better, Peer, Row, measured, publish, with_peer
from bench.timing import Samples
from bench.window import measures
from bench.window.browser import FRAME, chromium
from bench.window.newcomer import newcomer
from bench.window.opened import opened
from bench.window.talker import accepting, talking
from bench.window.world import Plan, World, made
from privity.relay.config import TokenSettings

FULL = Plan(100_000, 1_000, 250, repeats=3, typed=200, scrolled=2_000)
QUICK = Plan(3_000, 50, 12, repeats=1, typed=44, scrolled=300)
GOALS = {
    "first screen": 1_000.0,
    "first screen, again": 1_000.0,
    "from `privity open`": 1_000.0,
    "open the largest chat": 1_000.0,
    "first run: all of it": 60.0,
    "type: longest task": FRAME,
    "scroll back: longest task": FRAME,
}
BARE = "bare page: "
UNITS: dict[str, tuple[str, Better]] = {
    "frames dropped": ("%", "less"),
    "long tasks": ("", "less"),
    "longest task": ("CPU-ms", "less"),
    "client's processor": ("CPU-ms", "less"),
    "elements": ("", "less"),
    "rows while typing": ("rows", "more"),
    "elements at most": ("", "less"),
    "heap grows": ("MB", "less"),
    "first run": ("s", "less"),
}
TOKENS = TokenSettings(log=UNLIMITED, request=UNLIMITED, claim=UNLIMITED)


def of_the_past(browser: Any, world: World, plan: Plan) -> Iterator[measures.Figures]:  # noqa: ANN401
    """Yield what is measured of a window that has much behind it."""
    for _ in range(plan.repeats):
        with opened(world.profile, world.passphrase) as window:
            yield measures.from_a_start(browser, window)
    with (
        opened(world.profile, world.passphrase) as window,
        talking(world.ben, world.chat_id) as talker,
    ):
        for _ in range(plan.repeats):
            yield measures.first_screen(browser, window)
            yield measures.opening(browser, window, world)
            yield measures.searching(browser, window)
            yield measures.group_page(browser, window, world)
            yield measures.thousand_members(browser, window, world)
            yield measures.typing(browser, window, world, talker, plan.typed)
            yield measures.typing_in_a_bare_page(browser, plan.typed)
            yield measures.scrolling(browser, window, world, plan.scrolled)


def measure(folder: Path, plan: Plan) -> Samples:
    """Make everything, and measure all of it."""
    samples = Samples()
    with running_relay(folder / "relay", TOKENS) as relay:
        world = made(folder, relay, plan)
        dan = asyncio.run(registered(folder / "Dan", relay))
        # It has a loop of its own from here on, so nothing else runs one.
        with chromium() as browser, accepting(dan) as link:
            for figures in of_the_past(browser, world, plan):
                samples.note(figures)
            for number in range(plan.repeats):
                profile = folder / f"cleo{number}"
                invited = invitation(folder / "relay")
                samples.note(newcomer(browser, profile, invited, link()))
    return samples


def invitation(data: Path) -> str:
    """Return a link that lets one person in."""
    command = [sys.executable, "-m", "privity.relay", "invite", "--data", str(data)]
    done = subprocess.run(
        [*command, "--json"], capture_output=True, text=True, check=True
    )
    return str(json.loads(done.stdout)["data"]["link"])


def rows(samples: Samples, plan: Plan) -> Iterator[Row]:
    """Yield the table: what is in a bare page as well stands beside it."""
    figures = samples.by_name
    for name, values in figures.items():
        part = name.rpartition(": ")[2]
        unit, better = (
            UNITS.get(part)
            or UNITS.get(name.partition(":")[0])
            or (
                "ms",
                "less",
            )
        )
        row = measured(name, plan.messages, unit, better, values)
        bare = figures.get(BARE + name)
        if name in GOALS:
            row = with_peer(row, Peer("goal", GOALS[name], 1.0))
        elif bare and statistics.median(bare):
            row = with_peer(row, Peer("bare page", statistics.median(bare)))
        yield row


def main() -> None:
    """Measure all, print the table and write build/bench/ui.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a shorter past")
    plan = QUICK if parser.parse_args().quick else FULL
    if shutil.which("chromium") is None:
        sys.exit("There is no chromium: tools/browser.sh")
    # A Unix socket's name is short, and so has to be where profiles lie.
    with tempfile.TemporaryDirectory(prefix="privity-ui-") as name:
        samples = measure(Path(name), plan)
    publish("ui", list(rows(samples, plan)))


if __name__ == "__main__":
    main()
