"""`backup`, `restore`, `migrate`: what is there, copied, taken back or taken over."""

import argparse
import os
import secrets
from dataclasses import asdict
from pathlib import Path
from typing import Any

from privity.errors import UsageError
from privity.relay import admin
from privity.relay.backup import back_up
from privity.relay.commands.outcome import Outcome, data_directory
from privity.relay.config import Config
from privity.relay.config_sources import load_config
from privity.relay.migrating import migrate, migrate_there
from privity.relay.moving import KEPT, has_files, move
from privity.relay.restoring import fill, settle

__all__ = ["add_copies"]

_LOST = """\
What was stored since the copy was made is lost, and nobody knows what that was:
* Chats that went on since stop on the devices that saw more; their people begin them
  anew (`privity repair refound`). Mail of that time, invitations above all, is gone.
* Accounts and handles of that time are gone; those that were removed are back, and so
  are files. Disable and remove again whom you did. Blocked contacts reach whoever
  blocked them until that device sets its mailbox key again.
* All invite links are void, and devices bring new key packages when they log in. An old
  copy of a device is not noticed at its next login.
* Tokens that were spent since can be spent once more, until their weeks are over."""


def add_copies(commands: Any, common: argparse.ArgumentParser) -> None:  # noqa: ANN401
    """Declare the commands."""
    backup = commands.add_parser(
        "backup", parents=[common], help="copy everything while the relay serves"
    )
    backup.add_argument("target", metavar="DIR", type=Path, help="a new directory")
    backup.set_defaults(act=_back_up)
    back = commands.add_parser(
        "restore", parents=[common], help="go on from a copy, told what is lost"
    )
    back.add_argument(
        "source",
        metavar="DIR",
        type=Path,
        nargs="?",
        help="a backup; without one, what is in the data directory",
    )
    loss = back.add_mutually_exclusive_group(required=True)
    loss.add_argument(
        "--accept-loss", action="store_true", help="it may be old: forget what was used"
    )
    loss.add_argument(
        "--nothing-lost", action="store_true", help="nothing was stored since"
    )
    back.set_defaults(act=_restore)
    taking = commands.add_parser(
        "migrate", parents=[common], help="take over what an older version stored"
    )
    copy = taking.add_mutually_exclusive_group()
    copy.add_argument("--backup", metavar="DIR", type=Path, help="copy it there before")
    copy.add_argument("--no-backup", action="store_true", help="there is a copy")
    taking.set_defaults(act=_migrate)


def _back_up(asked: argparse.Namespace) -> Outcome:
    data, target = data_directory(asked), asked.target.absolute()
    _check_files(load_config(data, os.environ), _COPY)
    copied = back_up(data, target)
    return Outcome(f"{copied} bytes in {target}", {"bytes": copied})


def _restore(asked: argparse.Namespace) -> Outcome:
    data, is_lossy = data_directory(asked), bool(asked.accept_loss)
    if asked.source is None:
        _check_files(load_config(data, os.environ), _RESTORE)
        with admin.hold(data):
            settle(data, secrets.token_bytes, is_lossy=is_lossy)
    else:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        with admin.hold(data):
            fill(asked.source, data, secrets.token_bytes, is_lossy=is_lossy)
    told = _LOST if is_lossy else "the relay goes on as if it had never stopped"
    return Outcome(
        f"{data} can be served again\n{told}", {"data": str(data), "lossy": is_lossy}
    )


def _check_files(config: Config, instead: str) -> None:
    """A server's databases are its own tools' to copy, and nothing older is there."""
    if config.db.url:
        name = config.db.url.partition("?")[0].rpartition("/")[2]
        both = f"{name}_accounts and {name}_logs"
        raise UsageError(f"the databases are on PostgreSQL: {instead.format(both)}")


_COPY = "copy {} with `pg_dump -Fc`, and relay.toml, tls/ and blobs/ as files"
_RESTORE = (
    "stop all processes, fill {} with `pg_restore`, remove `watermark` in each data"
    " directory, and serve again (docs/operator/running.md says what is lost)"
)


def _migrate(asked: argparse.Namespace) -> Outcome:
    data = data_directory(asked)
    config = load_config(data, os.environ)
    if config.db.url and has_files(data):
        return _move(config, data)
    copy = asked.backup and asked.backup.absolute()
    if copy is not None:
        _check_files(config, _COPY)
    with admin.hold(data):
        if config.db.url:
            done = migrate_there(config, without_copy=asked.no_backup)
        else:
            done = migrate(data, copy, without_copy=asked.no_backup)
    lines = [
        f"{one.file}: tables of version {one.before} → {one.after}" for one in done
    ]
    return Outcome(
        "\n".join(lines) or "nothing to do: the tables are those of this version",
        [asdict(one) for one in done],
    )


def _move(config: Config, data: Path) -> Outcome:
    with admin.hold(data):
        done = move(config, data)
    lines = [f"{one.file}: {one.rows} rows came to the server" for one in done]
    kept = f"The files are kept as *{KEPT}: remove them once the relay serves."
    return Outcome("\n".join([*lines, kept]), [asdict(one) for one in done])
