"""`config check` and `config show`."""

import argparse
import os
from dataclasses import asdict
from typing import Any

import msgspec

from privity.relay.commands.outcome import Outcome, data_directory
from privity.relay.config_sources import DEFAULT, list_settings

__all__ = ["add_config"]


def add_config(commands: Any, common: argparse.ArgumentParser) -> None:  # noqa: ANN401
    """Declare the commands."""
    config = commands.add_parser("config", help="look at the settings")
    acts = config.add_subparsers(required=True, metavar="ACT")
    check = acts.add_parser("check", parents=[common], help="would `serve` take them?")
    check.set_defaults(act=_check)
    show = acts.add_parser("show", parents=[common], help="each, and who set it")
    show.set_defaults(act=_show)


def _check(asked: argparse.Namespace) -> Outcome:
    found = list_settings(data_directory(asked), os.environ)
    changed = sum(one.origin != DEFAULT for one in found)
    return Outcome(
        f"in order; {changed} of {len(found)} settings are set",
        {"settings": len(found), "set": changed},
    )


def _show(asked: argparse.Namespace) -> Outcome:
    """Lines are TOML, so that one can be copied into the file."""
    found = list_settings(data_directory(asked), os.environ)
    values = [
        f"{one.name} = {msgspec.json.encode(one.value).decode()}" for one in found
    ]
    width = max(map(len, values))
    lines = [
        f"{value:<{width}}  # {one.origin}"
        for value, one in zip(values, found, strict=True)
    ]
    return Outcome("\n".join(lines), [asdict(one) for one in found])
