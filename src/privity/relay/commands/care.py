"""`doctor`, `stats`, `purge`: how the relay fares, what it need not hold."""

import argparse
import asyncio
import os
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from privity.relay.commands.outcome import ERROR, OK, Outcome, data_directory
from privity.relay.config import Config
from privity.relay.config_sources import load_config
from privity.relay.doctor import examine
from privity.relay.opening import open_relay
from privity.relay.ops.upkeep import sweep
from privity.relay.stats import count_all

__all__ = ["add_care"]


def add_care(commands: Any, common: argparse.ArgumentParser) -> None:  # noqa: ANN401
    """Declare the commands."""
    doctor = commands.add_parser("doctor", parents=[common], help="is it in order?")
    doctor.set_defaults(act=_doctor)
    stats = commands.add_parser("stats", parents=[common], help="how much is here?")
    stats.set_defaults(act=_stats)
    purge = commands.add_parser(
        "purge", parents=[common], help="forget now what has expired"
    )
    purge.set_defaults(act=_purge)


def _doctor(asked: argparse.Namespace) -> Outcome:
    data = data_directory(asked)
    found = examine(data, load_config(data, os.environ), time.time())
    lines = [
        f"{'ok ' if one.ok else 'BAD'} {one.name}: {one.detail}"
        + (f"\n    {one.next}" if one.next else "")
        for one in found
    ]
    code = OK if all(one.ok for one in found) else ERROR
    return Outcome(
        "\n".join(lines), [{**asdict(one), "ok": one.ok} for one in found], code
    )


def _stats(asked: argparse.Namespace) -> Outcome:
    data = data_directory(asked)
    found = count_all(data, load_config(data, os.environ))
    return Outcome("\n".join(f"{name} {found[name]}" for name in found), found)


def _purge(asked: argparse.Namespace) -> Outcome:
    data = data_directory(asked)
    config = load_config(data, os.environ)
    gone = asyncio.run(_sweep(config, data))
    lines = [f"{name} {count}" for name, count in gone.items() if count]
    return Outcome("\n".join(lines) or "nothing has expired", gone)


async def _sweep(config: Config, data: Path) -> dict[str, int]:
    opened = open_relay(config, data)
    try:
        return await sweep(opened.services)
    finally:
        await opened.close()
