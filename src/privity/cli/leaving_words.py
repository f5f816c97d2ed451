"""What people are told of what left this device."""

import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from privity.cli.terminal import one_line
from privity.client.verbs.ledger_results import (
    Connections,
    LedgerLine,
    LedgerPage,
    Plane,
)
from privity.client.verbs.result import Result

__all__ = ["LEAVING"]


def _page(page: LedgerPage) -> str:
    if not page.lines:
        return "Nothing has left this device."
    more = f"\nOlder: privity ledger --before {page.lines[-1].number}"
    return "\n".join(map(_line, page.lines)) + (more if page.more else "")


def _line(line: LedgerLine) -> str:
    minute = time.strftime("%Y-%m-%d %H:%M", time.localtime(line.time))
    about = f" {line.cause[:6]}" if line.cause else ""
    where = one_line(f"{line.plane} {line.endpoint}")
    return f"{minute} {line.size:>9} B  {line.reason}{about}: {line.what} by {where}"


def _connections(found: Connections) -> str:
    return "\n".join(map(_plane, found.planes))


def _plane(plane: Plane) -> str:
    state = "connected" if plane.online else "not connected"
    head = f"{one_line(plane.host)} ({one_line(plane.url)}), {plane.plane}: {state}"
    sent = f"  {plane.count} sent, {plane.size} bytes. {plane.purpose}"
    shares = [f"    {one.reason}: {one.count}, {one.size} B" for one in plane.reasons]
    return "\n".join((head, sent, *shares))


LEAVING: Mapping[type[Result], Callable[[Any], str]] = MappingProxyType(
    {LedgerPage: _page, Connections: _connections}
)
"""The words for the answers of `ledger` and `connections`."""
