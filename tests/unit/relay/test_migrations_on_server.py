"""What older relays stored on a server, taken over from each version one ever had."""

import asyncio
import json
import os
import secrets
import signal
from pathlib import Path
from secrets import token_hex

import asyncpg
import pytest
from log_plane import Chat, Plane
from postgres_cluster import (
    Cluster,
    asyncio_run,
    cluster,
    need_bin_folder,
    statement,
)

from privity.errors import UsageError
from privity.relay.anonymous import Anonymous
from privity.relay.cli import main
from privity.relay.config import Config, DBSettings
from privity.relay.log_side import open_log_side
from privity.relay.storage.database import Schema
from privity.relay.storage.postgres.climbing import climb_there, due_there
from privity.relay.storage.postgres.place import Place
from privity.relay.storage.postgres.shared import PostgresStore
from privity.relay.storage.sides import SIDES, open_accounts, open_logs

SAMPLES = Path(__file__).parents[2] / "vectors" / "relay_tables"
ALL = [
    pytest.param(side, version, id=f"{side}-{version}")
    for side, schema in SIDES.items()
    for version in range(schema.first_on_server, schema.version + 1)
]
OLD = [one for one in ALL if one.values[1] < SIDES[one.values[0]].version]


def new_databases(server=None):
    """Return what `db.url` may be, of two databases that are empty."""
    url, name = (server or cluster()).url, f"m{token_hex(4)}"
    for side in SIDES:
        asyncio_run(statement(url, f"CREATE DATABASE {name}_{side}"))
    return url.replace("/postgres", f"/{name}")


def restore(side, version, url):
    """Fill a side with what this version left there; returns what is known of it."""
    text = (SAMPLES / f"postgres-{side}-{version}.sql").read_text()
    first, _, statements = text.partition("\n")
    asyncio_run(statement(Place.of(url, side).dsn, statements))
    return json.loads(first.removeprefix("-- "))


def ask(place, *queries):
    async def asking():
        raw = await asyncpg.connect(place.dsn)
        found = [await raw.fetch(query) for query in queries]
        await raw.close()
        return [[tuple(row) for row in rows] for rows in found]

    return asyncio_run(asking())


def shape(place):
    """Return tables, columns, keys and indexes, but for the tables of weeks."""
    return ask(
        place,
        "SELECT table_name, column_name, data_type, is_nullable, column_default"
        " FROM information_schema.columns WHERE table_schema = 'public'"
        " AND table_name NOT LIKE 'messages!_%' ESCAPE '!'"
        " ORDER BY table_name, ordinal_position",
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'"
        " AND tablename NOT LIKE 'messages!_%' ESCAPE '!' ORDER BY indexdef",
        "SELECT * FROM schema_version",
    )


def rows_of(place):
    (names,) = ask(
        place,
        "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
    )
    rows = ask(place, *(f"SELECT * FROM {name}" for (name,) in names))
    found = zip(names, rows, strict=True)
    return {name: sorted(some, key=repr) for (name,), some in found}


@pytest.mark.parametrize(("side", "version"), ALL)
def test_every_version_that_a_server_ever_had_has_a_sample_of_it(side, version):
    url = new_databases()
    restore(side, version, url)
    place = Place.of(url, side)
    assert ask(place, "SELECT version FROM schema_version") == [[(version,)]]
    assert any(
        rows for name, rows in rows_of(place).items() if name != "schema_version"
    )


@pytest.mark.parametrize(("side", "version"), OLD)
def test_tables_that_were_taken_over_are_those_of_an_empty_side_and_lost_no_row(
    side, version
):
    url, fresh = new_databases(), new_databases()
    restore(side, version, url)
    place, new = Place.of(url, side), Place.of(fresh, side)
    before = rows_of(place)
    assert due_there(place, SIDES[side]) == version
    climb_there(place, SIDES[side])
    asyncio_run(_close(PostgresStore(new, SIDES[side])))
    assert shape(place) == shape(new)
    after = rows_of(place)
    before.pop("schema_version")
    for table, rows in before.items():
        width = len(rows[0]) if rows else 0
        assert [row[:width] for row in after[table]] == rows
    assert due_there(place, SIDES[side]) is None
    climb_there(place, SIDES[side])
    assert rows_of(place) == after


async def _close(store):
    await store.close()


@pytest.mark.parametrize(
    "version", range(SIDES["logs"].first_on_server, SIDES["logs"].version + 1)
)
async def test_a_chat_that_was_taken_over_goes_on(version, tmp_path):
    url = new_databases()
    known = restore("logs", version, url)
    await asyncio.to_thread(climb_there, Place.of(url, "logs"), SIDES["logs"])
    store = open_logs(Config(db=DBSettings(url=url)), tmp_path)

    def clock():
        return known["now"] + 60.0

    side = open_log_side(Config(), store, clock, secrets.token_bytes, clock)
    faults = []
    seeds = {int(name): bytes.fromhex(seed) for name, seed in known["seeds"].items()}
    chat = Chat(bytes.fromhex(known["log_id"]), seeds)
    async with Plane(Anonymous(side, faults.append)) as plane:
        await plane.ask(chat.attach(plane.greeting, 12))
        stored = await plane.ask(chat.app(parent=12, generation=12))
    assert (stored.seq, faults) == (14, [])
    await store.close()


@pytest.mark.parametrize(("side", "version"), OLD)
@pytest.mark.parametrize("how", ["the server", "the command"])
def test_killed_before_the_commit_a_side_has_its_old_tables(side, version, how):
    server = Cluster(need_bin_folder(), fsync=True)
    try:
        url = new_databases(server)
        restore(side, version, url)
        place, schema = Place.of(url, side), SIDES[side]
        before = rows_of(place)

        def end(database):
            if how == "the server":
                server.halt(signal.SIGQUIT)
            else:
                raise Killed
            database.execute("SELECT 1")

        dying = Schema(
            schema.version, (), (*schema.steps[:-1], both(schema.steps[-1], end)), 1
        )
        with pytest.raises((UsageError, Killed)):
            climb_there(place, dying)
        if how == "the server":
            server.start()
        assert rows_of(place) == before
        climb_there(place, schema)
        assert due_there(place, schema) is None
    finally:
        server.stop()


class Killed(BaseException):
    """The process is gone."""


def both(step, then):
    def doing(database):
        step(database)
        then(database)

    return doing


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("which", ["newer", "too old"])
def test_tables_that_nobody_knows_are_refused_by_name_and_left_alone(side, which):
    schema, url = SIDES[side], new_databases()
    restore(side, schema.version, url)
    place = Place.of(url, side)
    version = schema.version + 1 if which == "newer" else schema.first_on_server - 1
    change = f"UPDATE schema_version SET version = {version}"
    asyncio_run(statement(place.dsn, change))
    before = rows_of(place)
    says = "install that one" if which == "newer" else "run that one"
    for attempt in (climb_there, due_there, PostgresStore):
        with pytest.raises(UsageError, match=f"version {version}, not .*{says}"):
            attempt(place, schema)
    assert rows_of(place) == before


@pytest.fixture
def data(tmp_path, monkeypatch, capsys):
    """A relay whose databases an older version made."""
    url = new_databases()
    monkeypatch.setenv("PRIVITY_RELAY__DB__URL", url)
    assert main(["--data", str(tmp_path / "relay"), "init"]) == 0
    for side, schema in SIDES.items():
        asyncio_run(
            statement(
                Place.of(url, side).dsn,
                "DROP SCHEMA public CASCADE; CREATE SCHEMA public",
            )
        )
        restore(side, schema.first_on_server, url)
    capsys.readouterr()
    return tmp_path / "relay"


def told(capsys):
    return json.loads(capsys.readouterr().out)


def places():
    url = os.environ["PRIVITY_RELAY__DB__URL"]
    return {side: Place.of(url, side) for side in SIDES}


def everything():
    return {side: rows_of(place) for side, place in places().items()}


@pytest.mark.parametrize("command", [["serve"], ["purge"], ["user", "list"]])
def test_what_an_older_version_stored_is_not_opened_and_the_remedy_is_named(
    data, command, capsys
):
    before = everything()
    assert main([*command, "--data", str(data)]) == 2
    assert "`privity-relay migrate`" in capsys.readouterr().err
    assert everything() == before


def test_a_migration_waits_for_the_operator_s_word_that_there_is_a_copy(data, capsys):
    before = everything()
    for asked, says in (([], "--no-backup"), (["--backup", "copy"], "`pg_dump -Fc`")):
        assert main(["migrate", *asked, "--data", str(data), "--json"]) == 2
        assert says in told(capsys)["error"]["message"]
    assert everything() == before


def test_a_migration_takes_over_what_is_old_and_a_second_one_finds_nothing(
    data, capsys
):
    arguments = ["migrate", "--no-backup", "--data", str(data), "--json"]
    assert main(arguments) == 0
    assert told(capsys)["data"] == [
        {"file": side, "before": schema.first_on_server, "after": schema.version}
        for side, schema in SIDES.items()
        if schema.first_on_server < schema.version
    ]
    assert main(arguments) == 0
    assert told(capsys)["data"] == []
    assert main(["user", "list", "--data", str(data), "--json"]) == 0
    assert len(told(capsys)["data"]) == 2


def test_nothing_is_taken_over_under_a_relay_that_is_connected(data, tmp_path, capsys):
    place, schema = places()["accounts"], SIDES["accounts"]
    older = Schema(schema.first_on_server, ())
    store = PostgresStore(place, older)
    before = rows_of(place)

    async def trying():
        await store.write(lambda db: db.execute("SELECT 1"))
        try:
            arguments = ["migrate", "--no-backup", "--data", str(data)]
            return await asyncio.to_thread(main, arguments)
        finally:
            await store.close()

    assert asyncio_run(trying()) == 2
    assert "connections of relays are open" in capsys.readouterr().err
    assert rows_of(place) == before
    with pytest.raises(UsageError, match="migrate"):
        open_accounts(
            Config(db=DBSettings(url=os.environ["PRIVITY_RELAY__DB__URL"])), tmp_path
        )
