"""Where each log stands, remembered so that most appends read nothing.

What is remembered was written by the steps before in the same process; when steps
are undone, all of it is forgotten and read again.
"""

from collections import OrderedDict
from typing import Any

import msgspec

from privity.relay.storage.store import Connection, Question
from privity.wire.entry import NO_CHAIN, generation_of

__all__ = ["Tip", "Tips"]

REMEMBERED = 4_096


class Tip(msgspec.Struct, frozen=True, gc=False):
    """The newest entry: its place, chain value and stated generation; and a parent.

    `parent` is one of the commits that have no child, and so take entries, and
    `generation` that of its epoch.
    """

    head: int
    chain: bytes
    last: int
    parent: int
    generation: int


class Tips:
    """The tips of the logs that were written to lately."""

    def __init__(self) -> None:
        self._tips: OrderedDict[bytes, Tip] = OrderedDict()

    def of(self, logs: Connection, log_id: bytes) -> Tip:
        """Return the tip of a log that exists."""
        tip = self._tips.get(log_id)
        return tip if tip is not None else _read(logs, log_id)

    def questions(self, log_ids: list[bytes]) -> list[Question]:
        """Return what has to be asked to know where these logs stand."""
        keys = [(log_id,) for log_id in log_ids]
        return [(_NEWEST, keys), (_COMMIT, keys)]

    def know(self, log_ids: list[bytes], newest: list[Any], commits: list[Any]) -> None:
        """Remember what came of it, and nothing else."""
        self._tips.clear()
        for log_id, entry, commit in zip(log_ids, newest, commits, strict=True):
            # What somebody says about a log that is not there is refused later.
            if commit is not None:
                self.set(log_id, _tip(entry, commit))

    def set(self, log_id: bytes, tip: Tip) -> None:
        """Remember where a log stands now, in the step that brought it there."""
        self._tips[log_id] = tip
        self._tips.move_to_end(log_id)
        if len(self._tips) > REMEMBERED:
            self._tips.popitem(last=False)

    def forget(self) -> None:
        """Remember nothing."""
        self._tips.clear()


_NEWEST = (
    "SELECT seq, chain, header, generation FROM entries WHERE log_id = ?"
    " ORDER BY seq DESC LIMIT 1"
)
# No commit is newer, so none can be its child.
_COMMIT = (
    "SELECT seq, generation FROM commits WHERE log_id = ? ORDER BY seq DESC LIMIT 1"
)


def _read(logs: Connection, log_id: bytes) -> Tip:
    newest = logs.execute(_NEWEST, (log_id,)).fetchone()
    return _tip(newest, logs.execute(_COMMIT, (log_id,)).fetchone())


def _tip(newest: Any, commit: Any) -> Tip:  # noqa: ANN401  rows
    head, chain, header, stated = newest or (0, NO_CHAIN, b"", 0)
    last = generation_of(header) if stated is None else stated
    return Tip(int(head), bytes(chain), last, int(commit[0]), int(commit[1]))
