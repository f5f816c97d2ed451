"""`invite` and `user`: who may have an account here, and who has one."""

import argparse
import os
import re
import secrets
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from privity.relay import admin
from privity.relay.commands.outcome import Outcome, data_directory
from privity.relay.config import Config
from privity.relay.config_sources import load_config

__all__ = ["add_invite", "add_user"]

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


def add_invite(commands: Any, common: argparse.ArgumentParser) -> None:  # noqa: ANN401
    """Declare `invite`."""
    invite = commands.add_parser(
        "invite", parents=[common], help="make a link that registers an account"
    )
    invite.add_argument("--uses", type=_count, default=1, help="0: any number (1)")
    invite.add_argument(
        "--expires", type=_duration, default="7d", help="90m, 12h, 7d (default), never"
    )
    invite.set_defaults(act=_invite)


def add_user(commands: Any, common: argparse.ArgumentParser) -> None:  # noqa: ANN401
    """Declare `user` with its acts."""
    user = commands.add_parser("user", help="look after accounts")
    acts = user.add_subparsers(required=True, metavar="ACT")
    acts.add_parser("list", parents=[common]).set_defaults(act=_list)
    for name, act, told in _ACTS:
        one = acts.add_parser(name, parents=[common], help=told)
        one.add_argument("who", help="handle or account id")
        one.set_defaults(act=act)


def _invite(asked: argparse.Namespace) -> Outcome:
    data = data_directory(asked)
    config = load_config(data, os.environ)
    expires = int(time.time()) + asked.expires if asked.expires else 0
    made = admin.create_invite(data, config, asked.uses, expires, secrets.token_bytes)
    return Outcome(made.link, asdict(made))


def _list(asked: argparse.Namespace) -> Outcome:
    data = data_directory(asked)
    found = admin.list_users(data, load_config(data, os.environ))
    lines = [_line(user) for user in found] or ["nobody has registered yet"]
    return Outcome("\n".join(lines), [asdict(user) for user in found])


def _show(asked: argparse.Namespace) -> Outcome:
    found = asdict(admin.find_user(*_named(asked)))
    return Outcome("\n".join(f"{name} {found[name]}" for name in found), found)


def _remove(asked: argparse.Namespace) -> Outcome:
    removed = admin.remove_user(*_named(asked))
    return Outcome(f"removed {_line(removed)}", asdict(removed))


def _disable(asked: argparse.Namespace) -> Outcome:
    disabled = admin.disable_user(*_named(asked))
    return Outcome(f"disabled {_line(disabled)}", asdict(disabled))


def _enable(asked: argparse.Namespace) -> Outcome:
    enabled = admin.enable_user(*_named(asked))
    return Outcome(f"enabled {_line(enabled)}", asdict(enabled))


def _named(asked: argparse.Namespace) -> tuple[Path, str, Config]:
    data = data_directory(asked)
    return data, asked.who, load_config(data, os.environ)


def _line(user: admin.User) -> str:
    name = user.handle or "(no handle)"
    shown = f"{user.account_id}  {name}  {user.devices} devices, {user.waiting} waiting"
    return shown + ("  (disabled)" if user.disabled else "")


_ACTS = (
    ("show", _show, "what the relay holds about it"),
    ("disable", _disable, "no device of it logs in"),
    ("enable", _enable, "they may again"),
    ("remove", _remove, "forget it; its handle is never given again"),
)


def _duration(text: str) -> int:
    """Return the seconds in `90m`, `12h`, `7d`; 0 for `never`."""
    if text == "never":
        return 0
    found = re.fullmatch(r"([1-9][0-9]{0,5})([smhdw])", text)
    if found is None:
        raise argparse.ArgumentTypeError("a duration looks like 90m, 12h, 7d or never")
    return int(found[1]) * _UNITS[found[2]]


def _count(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", text):
        raise argparse.ArgumentTypeError("a number, 0 for any number of times")
    return int(text)
