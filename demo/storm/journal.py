"""The journal: what was acknowledged to whom, and what came of it in the end.

It is written line by line as answers come, before the next message is sent, and never
by a relay. `account` compares it with what the logs hold and what the readers got.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

__all__ = ["Account", "Acknowledged", "Journal", "Read", "account"]


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A relay said that a message is durable at this place."""

    log_id: bytes
    seq: int
    idem: bytes
    digest: bytes


@dataclass(frozen=True, slots=True)
class Read:
    """What stands at a place of a log when all is over."""

    seq: int
    idem: bytes
    digest: bytes


class Journal:
    """Acknowledgements in memory, and in a file as they come."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: TextIO = path.open("w", encoding="ascii")
        self.acknowledged: list[Acknowledged] = []

    def note(self, one: Acknowledged) -> None:
        """Write an acknowledgement down."""
        self.acknowledged.append(one)
        place = [one.log_id.hex(), one.seq, one.idem.hex(), one.digest.hex()]
        self._file.write(json.dumps(place) + "\n")

    def tell(self, **told: object) -> None:
        """Write down what happened to a process."""
        self._file.write(json.dumps(told) + "\n")
        self._file.flush()

    def close(self) -> None:
        """Write what is left."""
        self._file.close()


@dataclass(slots=True)
class Account:
    """What was lost, came twice or stands elsewhere; empty is well."""

    acknowledged: int = 0
    lost: int = 0
    twice: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether every promise was kept."""
        return not self.lost and not self.twice and not self.wrong


def account(
    acknowledged: Sequence[Acknowledged],
    logs: Mapping[bytes, Sequence[Read]],
    heard: Sequence[tuple[bytes, Sequence[int]]],
) -> Account:
    """Account for every acknowledged message.

    `heard` are the seqs that each reader got of a log, in the order in which they came.
    """
    told = Account(len(acknowledged))
    for log_id, entries in logs.items():
        _account_for_log(told, log_id, entries)
    stands = {(log_id, one.seq): one for log_id, all_ in logs.items() for one in all_}
    for one in acknowledged:
        found = stands.get((one.log_id, one.seq))
        if found is None or (found.idem, found.digest) != (one.idem, one.digest):
            told.lost += 1
    for log_id, seqs in heard:
        _account_for_reader(told, len(logs[log_id]), seqs)
    return told


def _account_for_log(told: Account, log_id: bytes, entries: Sequence[Read]) -> None:
    if [one.seq for one in entries] != list(range(1, len(entries) + 1)):
        told.wrong.append(f"log {log_id.hex()[:8]} has a gap")
    idems = Counter(one.idem for one in entries)
    told.twice += sum(idems.values()) - len(idems)


def _account_for_reader(told: Account, end: int, seqs: Sequence[int]) -> None:
    told.twice += len(seqs) - len(set(seqs))
    told.lost += len(set(range(1, end + 1)) - set(seqs))
    if list(seqs) != sorted(seqs):
        told.wrong.append("a reader got entries out of order")
