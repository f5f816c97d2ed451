"""`privity-relay migrate`: from files to a server, whole or not at all."""

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import asyncpg
import msgspec
import pytest
from postgres_cluster import asyncio_run, new_url, statement
from relay_process import quick_config

from privity.errors import UsageError
from privity.relay import admin, heads, moving
from privity.relay.cli import main
from privity.relay.config import DBSettings
from privity.relay.marks import OldCopy, begin_marks
from privity.relay.opening import open_relay
from privity.relay.storage.postgres import moving_in
from privity.relay.storage.postgres.place import Place
from privity.relay.storage.sides import SIDES

SAMPLES = Path(__file__).parents[2] / "vectors" / "relay_tables"
FILES = {"accounts": "accounts.sqlite", "logs": "logs.sqlite"}


@pytest.fixture
def data(tmp_path):
    """A relay on files, with rows in most tables, that has served."""
    made = tmp_path / "relay"
    admin.initialize(made, quick_config())
    for side, schema in SIDES.items():
        (made / FILES[side]).unlink()
        sample = (SAMPLES / f"{side}-{schema.version}.sql").read_text()
        with closing(sqlite3.connect(made / FILES[side])) as file:
            file.execute("PRAGMA journal_mode=WAL").fetchall()
            file.executescript(sample.partition("\n")[2])
            file.execute("DELETE FROM mark")
            file.commit()
        (made / FILES[side]).chmod(0o600)
    serve(made)
    return made


@pytest.fixture
def there():
    """Settings that name an empty server."""
    config = quick_config()
    return msgspec.structs.replace(config, db=DBSettings(url=new_url()))


def serve(data, config=None):
    """Open a relay as `serve` does, count on, and end; returns its head key."""

    async def once():
        opened = open_relay(config or quick_config(), data)
        try:
            begin_marks(data, opened.accounts, opened.logs, os.urandom)
            return opened.logs.begin(lambda db: heads.head_seed(db, os.urandom))
        finally:
            await opened.close()

    return asyncio_run(once())


def in_files(data, ending=""):
    """Return the rows of both sides by table."""
    found = {}
    for side, name in FILES.items():
        with closing(sqlite3.connect(data / (name + ending))) as file:
            tables = file.execute(
                "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')"
            ).fetchall()
            for (table,) in tables:
                found[side, table] = sorted(
                    map(repr, file.execute(f"SELECT * FROM {table}"))
                )
    return found


def on_the_server(config, names):
    async def read():
        found = {}
        for side in SIDES:
            raw = await asyncpg.connect(Place.of(config.db.url, side).dsn)
            for of, table in names:
                if of == side:
                    rows = await raw.fetch(f"SELECT * FROM {table}")
                    found[side, table] = sorted(repr(tuple(row)) for row in rows)
            await raw.close()
        return found

    return asyncio_run(read())


def test_every_row_comes_and_the_relay_goes_on_with_its_key(data, there):
    seed, before = serve(data), in_files(data)
    moved = moving.move(there, data)
    assert on_the_server(there, before) == before
    assert sum(one.rows for one in moved) == sum(
        len(rows) for (_, table), rows in before.items() if table != "entries"
    )
    assert sum(map(bool, before.values())) > 20
    assert serve(data, there) == seed
    assert serve(data, there) == seed


def test_the_files_are_kept_and_served_by_nobody(data, there):
    before = in_files(data)
    moving.move(there, data)
    assert in_files(data, moving.KEPT) == before
    with pytest.raises(UsageError, match="restore"):
        serve(data)


def test_a_server_with_anybodys_rows_is_left_alone(data, there, tmp_path):
    other = tmp_path / "other"
    admin.initialize(other, there)
    serve(other, there)
    before = in_files(data)
    with pytest.raises(UsageError, match="another relay is there"):
        moving.move(there, data)
    assert in_files(data) == before
    serve(other, there)


def test_tables_that_are_not_empty_are_refused_by_name(data, there):
    admin.initialize(data.parent / "made", there)
    put = "INSERT INTO codes VALUES ('\\x01', NULL, 0)"
    asyncio_run(statement(Place.of(there.db.url, "accounts").dsn, put))
    with pytest.raises(UsageError, match="codes is not empty"):
        moving.move(there, data)
    serve(data)


def test_an_old_copy_is_not_moved(data, there):
    (data / "watermark").unlink()
    with pytest.raises(OldCopy):
        moving.move(there, data)


class Killed(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("at", range(4))
def test_killed_anywhere_nobody_serves_half_and_a_second_try_ends_it(
    data, there, at, monkeypatch
):
    """The effects: the commit of each side, and the two renamings."""
    seed, before, done = serve(data), in_files(data), []

    def counted(effect):
        def act(*arguments, **named):
            if len(done) == at:
                raise Killed
            done.append(effect)
            return effect(*arguments, **named)

        return act

    with monkeypatch.context() as patched:
        patched.setattr(moving_in, "move_in", counted(moving_in.move_in))
        patched.setattr(Path, "rename", counted(Path.rename))
        with pytest.raises(Killed):
            moving.move(there, data)
    if at < 2:
        with pytest.raises((OldCopy, UsageError)):
            serve(data, there)
    moving.move(there, data)
    assert on_the_server(there, before) == before
    assert serve(data, there) == seed


def test_files_that_went_on_after_half_a_move_are_not_mixed_with_it(data, there):
    half = Place.of(there.db.url, "accounts")
    moving_in.move_in(half, SIDES["accounts"], data / FILES["accounts"])
    serve(data)
    with pytest.raises(UsageError, match="before it went on with its files"):
        moving.move(there, data)
    serve(data)


def test_a_file_that_is_torn_on_the_way_changes_nothing_there(data, there, monkeypatch):
    before, copy = in_files(data), moving_in._copy

    async def failing(raw, file, table):
        if table == "logs":
            raise sqlite3.DatabaseError("torn")
        return await copy(raw, file, table)

    with monkeypatch.context() as patched:
        patched.setattr(moving_in, "_copy", failing)
        with pytest.raises(UsageError, match="torn; nothing was changed"):
            moving.move(there, data)
    names = [name for name in before if name[0] == "logs" and "messages" not in name[1]]
    assert not any(on_the_server(there, names).values())
    moving.move(there, data)
    assert on_the_server(there, before) == before


def test_the_command_says_how_many_rows_came(data, there, monkeypatch, capsys):
    monkeypatch.setenv("PRIVITY_RELAY__DB__URL", there.db.url)
    assert main(["--data", str(data), "migrate", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["data"]
    assert [one["file"] for one in told] == list(FILES.values())
    assert all(one["rows"] for one in told)
    assert main(["--data", str(data), "migrate", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["data"] == []
