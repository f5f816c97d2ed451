"""`privity-relay`: the operator's commands. docs/operator/running.md shows them.

Each command prints for people, or with `--json` one object: `{"v":1,"ok":true,
"data":…}` or `{"v":1,"ok":false,"error":{"code","message","next"}}`. Exit codes:
0 ok, 1 error, 2 usage, 3 not found.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from privity import __version__
from privity.errors import PrivityError, UsageError
from privity.relay import admin
from privity.relay.commands.care import add_care
from privity.relay.commands.copies import add_copies
from privity.relay.commands.outcome import (
    ERROR,
    NOT_FOUND,
    OK,
    USAGE,
    Outcome,
    data_directory,
)
from privity.relay.commands.people import add_invite, add_user
from privity.relay.commands.settings import add_config
from privity.relay.config import (
    ENV_PREFIX,
    Config,
    DBSettings,
    TLSSettings,
    check_config,
    resolve_url,
)
from privity.relay.config_sources import load_config, read_config
from privity.relay.marks import OldCopy
from privity.wire.codes import Code, Refusal

__all__ = ["main"]

DB_VARIABLE = ENV_PREFIX + "DB__URL"


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
    data = data_directory(asked)
    if asked.uds and not asked.tls and not asked.cert:
        asked.tls = "none"
    config = _with_options(Config(host=asked.host), asked)
    config = msgspec.structs.replace(config, url=resolve_url(config, asked.url))
    check_config(config)
    admin.initialize(data, config, _databases_of(os.environ))
    address = admin.address_of(data, config)
    fingerprint = address.fingerprint.hex()
    told = {"data": str(data), "url": config.url, "fingerprint": fingerprint}
    text = f"made {data}\nhost {config.host}\nurl {config.url}"
    if fingerprint:
        text += f"\nfingerprint {fingerprint}"
    return Outcome(text, {"host": config.host, **told})


def _databases_of(environ: Mapping[str, str]) -> DBSettings:
    """Return where the environment puts the databases; it is not written down."""
    own = {name: value for name, value in environ.items() if name == DB_VARIABLE}
    return read_config("", own).db


def _serve(asked: argparse.Namespace) -> Outcome:
    """Import what serves only here: the other commands start without it."""
    from privity.relay.running import run  # noqa: PLC0415

    data = data_directory(asked)
    config = _with_options(load_config(data, os.environ), asked)
    check_config(config)
    with admin.hold(data):
        run(data, config)
    return Outcome("", None)


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
    if isinstance(error, OldCopy):
        code, advice = "old_copy", "privity-relay restore --help"
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
    for add in (add_config, add_invite, add_user, add_care, add_copies):
        add(commands, common)
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
