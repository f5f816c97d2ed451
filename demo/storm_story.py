"""The story of a storm: relays are killed -9 while people write; nothing is lost."""

import asyncio
import shutil
import tempfile
import time
from pathlib import Path

from demo.outcome import Outcome
from demo.stage import BUILD
from demo.storm.fleet import can_be_many, muster
from demo.storm.journal import Journal
from demo.storm.raging import Plan, Storm
from demo.storm.table import Table, closing_lines

__all__ = ["tell"]

_SECONDS = 20.0
_CHATS = 6
_RELAYS = 3


def tell() -> Outcome:
    """Play the story, on as many relays as can run here."""
    missing = can_be_many()
    relays = 1 if missing else _RELAYS
    if missing:
        print(
            f"  Several relay processes need PostgreSQL and NATS: {missing}.\n  So this"
            " is the default install: one process on SQLite, killed -9 and restarted.\n"
        )
    else:
        print(
            f"  {relays} relay processes on one PostgreSQL and one NATS; every few"
            " seconds one is\n  killed -9 and restarted. Its clients go to another.\n"
        )
    home = Path(tempfile.mkdtemp(prefix="privity-storm-"))
    began = time.monotonic()
    try:
        return _rage(home, relays, began)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _rage(home: Path, relays: int, began: float) -> Outcome:
    journal = Journal(BUILD / "storm" / "journal.jsonl")
    fleet = muster(home, relays, _CHATS)
    try:
        fleet.start()
        plan = Plan(
            _SECONDS, services=False, freezes=False, pause=(1.0, 3.0), per_second=10
        )
        storm = Storm(fleet, plan, journal)
        told = asyncio.run(storm.rage(Table().show))
    finally:
        fleet.end()
        journal.close()
    print("\n".join(["", *closing_lines(storm, told)]))
    print(f"  the journal: {BUILD / 'storm' / 'journal.jsonl'}")
    return Outcome(
        ok=told.ok,
        messages=told.acknowledged,
        epochs=0,
        bytes=0,
        seconds=time.monotonic() - began,
        lost=told.lost,
        duplicated=told.twice,
    )
