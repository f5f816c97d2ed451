"""`privity-relay migrate`: the two databases of an older relay, taken over.

Each is taken over as a whole, one after the other; killed between them, the command is
given again. A copy is made first, or the operator says that there is one; of databases
on a server the operator makes it.
"""

from dataclasses import dataclass
from pathlib import Path

from privity.errors import UsageError
from privity.relay.backup import back_up
from privity.relay.config import Config
from privity.relay.paths import ACCOUNTS_NAME, LOGS_NAME
from privity.relay.storage.account_tables import ACCOUNT_SCHEMA
from privity.relay.storage.database import Schema
from privity.relay.storage.ladder import climb, version_of
from privity.relay.storage.log_tables import LOG_SCHEMA
from privity.relay.storage.sides import SIDES

__all__ = ["Migrated", "check_versions", "migrate", "migrate_there"]

_SIDES = ((ACCOUNTS_NAME, ACCOUNT_SCHEMA), (LOGS_NAME, LOG_SCHEMA))


@dataclass(frozen=True, slots=True)
class Migrated:
    """A file or a server's database, which tables it had and which it has."""

    file: str
    before: int
    after: int


def migrate(data: Path, copy: Path | None, *, without_copy: bool) -> list[Migrated]:
    """Give both databases in `data` the tables of today; returns what changed.

    Nobody serves meanwhile. `copy` is a new directory for a backup. Raises UsageError,
    before anything is changed, where neither that nor `without_copy` is given, and
    where a file is none that this version takes over.
    """
    due = check_versions(data)
    if not due:
        return []
    if copy is None and not without_copy:
        raise UsageError(
            "an older privity-relay can't read what this makes: name a place for a copy"
            " with --backup DIR, or say --no-backup where you have one"
        )
    if copy is not None:
        back_up(data, copy)
    for name, schema in _SIDES:
        climb(data / name, schema)
    return due


def migrate_there(config: Config, *, without_copy: bool) -> list[Migrated]:
    """Give both databases on the server the tables of today; returns what changed.

    Nobody serves meanwhile. Raises UsageError, before anything is changed, where there
    is something to do and `without_copy` is not given, and as `climb_there` does.
    """
    from privity.relay.storage.postgres.climbing import (  # noqa: PLC0415
        climb_there,
        due_there,
    )
    from privity.relay.storage.postgres.place import Place  # noqa: PLC0415

    places = {side: Place.of(config.db.url, side) for side in SIDES}
    versions = {side: due_there(places[side], SIDES[side]) for side in SIDES}
    due = [
        Migrated(side, before, SIDES[side].version)
        for side, before in versions.items()
        if before is not None
    ]
    if due and not without_copy:
        raise UsageError(
            "an older privity-relay can't read what this makes: copy both databases"
            " with `pg_dump -Fc`, then say --no-backup; nothing was changed"
        )
    for one in due:
        climb_there(places[one.file], SIDES[one.file])
    return due


def check_versions(data: Path) -> list[Migrated]:
    """Return which databases have tables of an older version.

    Raises UsageError where one is none that this version takes over.
    """
    return [one for name, schema in _SIDES if (one := _due(data / name, schema))]


def _due(path: Path, schema: Schema) -> Migrated | None:
    version = version_of(path)
    if version == schema.version:
        return None
    if not schema.oldest <= version < schema.version:
        stated = f"tables of version {version}, not {schema.version}"
        raise UsageError(f"{path}: {stated}; {schema.remedy(version)}")
    return Migrated(path.name, version, schema.version)
