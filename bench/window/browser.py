"""Chromium, and pages that are measured from within."""

import json
import os
import shutil
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

__all__ = ["FRAME", "Counted", "Page", "chromium", "quantile"]

_GAUGES = Path(__file__).with_name("gauges.js").read_text()
_SIZE = {"width": 1180, "height": 780}
_PATIENCE = 60_000
FRAME = 1000 / 60
_LATE = 1.5 * FRAME
_TASK = "RunTask"
_TRACED = ["devtools.timeline", "disabled-by-default-devtools.timeline"]


@contextmanager
def chromium() -> Iterator[Any]:
    """Run Debian's Chromium until the block ends."""
    from playwright.sync_api import (  # noqa: PLC0415  it is not in every venv
        sync_playwright,
    )

    # As root, and in containers, Chromium's own sandbox can't be set up.
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=flags
        )
        try:
            yield browser
        finally:
            browser.close()


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted: gaps between frames, waits for keys, long tasks, all tasks."""

    gaps: list[float]
    keys: list[float]
    tasks: list[float]
    work: list[float]
    """Milliseconds of the processor, of each task of the page's main thread."""

    @property
    def dropped(self) -> float:
        """Frames of a hundred that were not drawn in their time."""
        lost = sum(round(gap / FRAME) - 1 for gap in self.gaps if gap > _LATE)
        return 100 * lost / max(1, lost + len(self.gaps))

    @property
    def longest(self) -> float:
        """The longest time without a frame."""
        return max(self.gaps, default=0.0)


class Page:
    """A page of a context of its own: nothing is cached."""

    def __init__(self, browser: Any) -> None:  # noqa: ANN401  typed where Playwright is
        self._browser = browser
        self.page = browser.new_context(viewport=_SIZE).new_page()
        self.page.set_default_timeout(_PATIENCE)
        self.page.add_init_script(_GAUGES)

    def close(self) -> None:
        """Close it."""
        self.page.context.close()

    def goto(self, link: str) -> float:
        """Go to a window; return when its list of chats is painted."""
        self.page.goto(link)
        return float(self.page.evaluate("gauges.first"))

    def go(self, hash_: str, selector: str, text: str = "") -> float:
        """Go to a screen; return how long it took until something was painted."""
        wanted = {"selector": selector, "text": text}
        asked = "([hash, wanted]) => gauges.go(hash, wanted)"
        return float(self.page.evaluate(asked, [hash_, wanted]))

    def arm(self, selector: str, text: str = "") -> None:
        """Wait for something from now on."""
        wanted = {"selector": selector, "text": text}
        self.page.evaluate("(wanted) => gauges.arm(wanted)", wanted)

    def got(self) -> float:
        """Return how long after the last press it was painted."""
        return float(self.page.evaluate("gauges.got()"))

    def count(self) -> None:
        """Count frames, keys and long tasks from now on."""
        self._browser.start_tracing(page=self.page, categories=_TRACED)
        self.page.evaluate("gauges.count()")

    def counted(self) -> Counted:
        """Return what was counted."""
        told = self.page.evaluate("gauges.counted()")
        frames = told["frames"]
        gaps = [b - a for a, b in pairwise(frames)]
        work = _main_thread(json.loads(self._browser.stop_tracing()))
        return Counted(gaps, told["keys"], told["tasks"], work)

    def nodes(self) -> int:
        """Return how many elements the page has."""
        return int(self.page.evaluate("document.querySelectorAll('*').length"))

    def heap(self) -> float:
        """Return the megabytes that its scripts hold after a collection."""
        session = self.page.context.new_cdp_session(self.page)
        session.send("HeapProfiler.collectGarbage")
        told = session.send("Runtime.getHeapUsage")
        session.detach()
        return float(told["usedSize"]) / 1e6


def _main_thread(trace: dict[str, Any]) -> list[float]:
    """Return the processor's milliseconds of each task of the threads that draw pages.

    What else runs on the machine does not count, unlike in the time between frames.
    """
    events = trace["traceEvents"]
    drawing = {
        (one["pid"], one["tid"])
        for one in events
        if one["name"] == "thread_name" and one["args"]["name"] == "CrRendererMain"
    }
    return [
        one.get("tdur", 0) / 1e3
        for one in events
        if one["name"] == _TASK and (one["pid"], one["tid"]) in drawing
    ]


def quantile(values: list[float], percent: int) -> float:
    """Return the value below which so many of a hundred are."""
    return statistics.quantiles(values, n=100)[percent - 1]
