"""`privity-relay`: the operator's commands. docs/operator/running.md shows them.

Each command prints for people, or with `--json` one object: `{"v":1,"ok":true,
"data":…}` or `{"v":1,"ok":false,"error":{"code","message","next"}}`. Exit codes:
0 ok, 1 error, 2 usage, 3 not found.
"""

import argparse
import json
import os
import re
import secrets
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import msgspec

from privity import __version__
from privity.errors import PrivityError, UsageError
from privity.relay import admin
from privity.relay.config import (
    Config,
    TLSSettings,
    check_config,
    load_config,
    resolve_url,
)
from privity.relay.doctor import examine
from privity.wire.codes import Code, Refusal

__all__ = ["main"]

OK, ERROR, USAGE, NOT_FOUND = 0, 1, 2, 3

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command found: `text` for people, `data` for programs."""

    text: str
    data: Any
    code: int = OK


def main(arguments: Sequence[str] | None = None) -> int:
    """Perform one command and return its exit code."""
    asked = _parser().parse_args(arguments)
    as_json = getattr(asked, "json", False)
    try:
        outcome: Outcome = asked.act(asked)
    except PrivityError as error:
        return _fail(error, as_json=as_json)
    if as_json and outcome.data is not None:
        ok = outcome.code == OK
        print(json.dumps({"v": 1, "ok": ok, "data": outcome.data}))  # noqa: T201
    elif outcome.text:
        print(outcome.text)  # noqa: T201
    return outcome.code


def _init(asked: argparse.Namespace) -> Outcome:
    data = _data(asked)
    if asked.uds and not asked.tls and not asked.cert:
        asked.tls = "none"
    config = _with_options(Config(host=asked.host), asked)
    config = msgspec.structs.replace(config, url=resolve_url(config, asked.url))
    check_config(config)
    admin.initialize(data, config)
    address = admin.address_of(data, config)
    fingerprint = address.fingerprint.hex()
    told = {"data": str(data), "url": config.url, "fingerprint": fingerprint}
    text = f"made {data}\nhost {config.host}\nurl {config.url}"
    if fingerprint:
        text += f"\nfingerprint {fingerprint}"
    return Outcome(text, {"host": config.host, **told})


def _serve(asked: argparse.Namespace) -> Outcome:
    """Import what serves only here: the other commands start without it."""
    from privity.relay.running import run  # noqa: PLC0415

    data = _data(asked)
    config = _with_options(load_config(data, os.environ), asked)
    check_config(config)
    with admin.hold(data):
        run(data, config)
    return Outcome("", None)


def _invite(asked: argparse.Namespace) -> Outcome:
    data = _data(asked)
    config = load_config(data, os.environ)
    expires = int(time.time()) + asked.expires if asked.expires else 0
    made = admin.create_invite(data, config, asked.uses, expires, secrets.token_bytes)
    return Outcome(made.link, asdict(made))


def _user_list(asked: argparse.Namespace) -> Outcome:
    found = admin.list_users(_data(asked))
    lines = [_line(user) for user in found] or ["nobody has registered yet"]
    return Outcome("\n".join(lines), [asdict(user) for user in found])


def _user_show(asked: argparse.Namespace) -> Outcome:
    found = asdict(admin.find_user(_data(asked), asked.who))
    return Outcome("\n".join(f"{name} {found[name]}" for name in found), found)


def _user_remove(asked: argparse.Namespace) -> Outcome:
    removed = admin.remove_user(_data(asked), asked.who)
    return Outcome(f"removed {_line(removed)}", asdict(removed))


def _doctor(asked: argparse.Namespace) -> Outcome:
    data = _data(asked)
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


def _line(user: admin.User) -> str:
    name = user.handle or "(no handle)"
    return f"{user.account_id}  {name}  {user.devices} devices, {user.waiting} waiting"


def _data(asked: argparse.Namespace) -> Path:
    named = getattr(asked, "data", None) or os.environ.get("PRIVITY_RELAY_DATA")
    return Path(named or "relay-data").absolute()


def _with_options(config: Config, asked: argparse.Namespace) -> Config:
    """Return `config` under the options of the command line."""
    changes: dict[str, Any] = {}
    if asked.listen:
        changes["listen"] = asked.listen
    if asked.uds:
        changes["uds"] = str(Path(asked.uds).absolute())
    if asked.open:
        changes["open"] = True
    if asked.cert or asked.key:
        if not (asked.cert and asked.key):
            raise UsageError("--cert and --key come together")
        cert, key = (str(Path(path).absolute()) for path in (asked.cert, asked.key))
        changes["tls"] = TLSSettings(mode="files", cert=cert, key=key)
    elif asked.tls:
        changes["tls"] = TLSSettings(mode=asked.tls)
    return msgspec.structs.replace(config, **changes)


def _fail(error: PrivityError, *, as_json: bool) -> int:
    code, exit_code, advice = "error", ERROR, ""
    if isinstance(error, UsageError):
        code, exit_code, advice = "usage", USAGE, "privity-relay --help"
    if isinstance(error, Refusal):
        code = error.code.value
    if code == Code.NO_SUCH_ACCOUNT:
        exit_code, advice = NOT_FOUND, "privity-relay user list"
    if as_json:
        told = {"code": code, "message": str(error), "next": advice}
        print(json.dumps({"v": 1, "ok": False, "error": told}))  # noqa: T201
    else:
        print(f"privity-relay: {error}", file=sys.stderr)  # noqa: T201
    return exit_code


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


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--data", metavar="DIR", default=argparse.SUPPRESS, help="data directory"
    )
    common.add_argument(
        "--json", action="store_true", default=argparse.SUPPRESS, help="for programs"
    )
    parser = argparse.ArgumentParser(
        prog="privity-relay", description="A blind relay.", parents=[common]
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_serving(commands, common)
    invite = commands.add_parser(
        "invite", parents=[common], help="make a link that registers an account"
    )
    invite.add_argument("--uses", type=_count, default=1, help="0: any number (1)")
    invite.add_argument(
        "--expires", type=_duration, default="7d", help="90m, 12h, 7d (default), never"
    )
    invite.set_defaults(act=_invite)
    doctor = commands.add_parser("doctor", parents=[common], help="is it in order?")
    doctor.set_defaults(act=_doctor)
    _add_user(commands, common)
    return parser


def _add_serving(commands: Any, common: argparse.ArgumentParser) -> None:  # noqa: ANN401
    serving = argparse.ArgumentParser(add_help=False, parents=[common])
    serving.add_argument("--listen", metavar="ADDRESS:PORT")
    serving.add_argument("--uds", metavar="PATH", help="a Unix socket instead")
    serving.add_argument("--tls", choices=("self", "none"), help="self: made by init")
    serving.add_argument("--cert", metavar="FILE", help="reloaded when it changes")
    serving.add_argument("--key", metavar="FILE")
    serving.add_argument("--open", action="store_true", help="anybody may register")
    init = commands.add_parser("init", parents=[serving], help="make a relay")
    init.add_argument("--host", default="localhost", help="its name for ever")
    init.add_argument("--url", default="", help="where clients connect")
    init.set_defaults(act=_init)
    serve = commands.add_parser("serve", parents=[serving], help="run the relay")
    serve.set_defaults(act=_serve)


def _add_user(commands: Any, common: argparse.ArgumentParser) -> None:  # noqa: ANN401
    user = commands.add_parser("user", help="look after accounts")
    acts = user.add_subparsers(required=True, metavar="ACT")
    acts.add_parser("list", parents=[common]).set_defaults(act=_user_list)
    for name, act in (("show", _user_show), ("remove", _user_remove)):
        one = acts.add_parser(name, parents=[common])
        one.add_argument("who", help="handle or account id")
        one.set_defaults(act=act)
