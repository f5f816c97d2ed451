"""What is odd about the links of a message, as lines below its text."""

from collections.abc import Iterable, Iterator

from privity.cli.terminal import one_line
from privity.client.link_warnings import WORDS, Warn
from privity.client.verbs import results

__all__ = ["link_lines"]

_SHOWN = 60
"""Characters of a link that name it; the host stands there whole."""


def link_lines(links: Iterable[results.Link]) -> Iterator[str]:
    """Yield a line for each link that a person should look at twice."""
    for link in links:
        if link.warnings:
            said = "; ".join(WORDS[Warn(warning)] for warning in link.warnings)
            yield f"! {_named(link)}: {said}"


def _named(link: results.Link) -> str:
    shown = one_line(link.shown)
    cut = shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 1]}…"
    where = one_line(link.host or link.target[:_SHOWN])
    return cut if where in cut else f"{cut} → {where}"
