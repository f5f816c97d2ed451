"""`backup` and `migrate`: what is there, copied or taken over."""

import argparse
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from privity.relay import admin
from privity.relay.backup import back_up
from privity.relay.commands.outcome import Outcome, data_directory
from privity.relay.config_sources import load_config
from privity.relay.migrating import migrate

__all__ = ["add_copies"]


def add_copies(commands: Any, common: argparse.ArgumentParser) -> None:  # noqa: ANN401
    """Declare the commands."""
    backup = commands.add_parser(
        "backup", parents=[common], help="copy everything while the relay serves"
    )
    backup.add_argument("target", metavar="DIR", type=Path, help="a new directory")
    backup.set_defaults(act=_back_up)
    taking = commands.add_parser(
        "migrate", parents=[common], help="take over what an older version stored"
    )
    copy = taking.add_mutually_exclusive_group()
    copy.add_argument("--backup", metavar="DIR", type=Path, help="copy it there before")
    copy.add_argument("--no-backup", action="store_true", help="there is a copy")
    taking.set_defaults(act=_migrate)


def _back_up(asked: argparse.Namespace) -> Outcome:
    data, target = data_directory(asked), asked.target.absolute()
    load_config(data, os.environ)
    copied = back_up(data, target)
    return Outcome(f"{copied} bytes in {target}", {"bytes": copied})


def _migrate(asked: argparse.Namespace) -> Outcome:
    data = data_directory(asked)
    load_config(data, os.environ)
    copy = asked.backup and asked.backup.absolute()
    with admin.hold(data):
        done = migrate(data, copy, without_copy=asked.no_backup)
    lines = [
        f"{one.file}: tables of version {one.before} → {one.after}" for one in done
    ]
    return Outcome(
        "\n".join(lines) or "nothing to do: the tables are those of this version",
        [asdict(one) for one in done],
    )
