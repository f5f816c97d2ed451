"""`doctor`: how the relay fares."""

import argparse
import os
import time
from dataclasses import asdict
from typing import Any

from privity.relay.commands.outcome import ERROR, OK, Outcome, data_directory
from privity.relay.config_sources import load_config
from privity.relay.doctor import examine

__all__ = ["add_care"]


def add_care(commands: Any, common: argparse.ArgumentParser) -> None:  # noqa: ANN401
    """Declare the commands."""
    doctor = commands.add_parser("doctor", parents=[common], help="is it in order?")
    doctor.set_defaults(act=_doctor)


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
