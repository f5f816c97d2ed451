"""What older relays stored, taken over: from every released version of the tables."""

import asyncio
import json
import secrets
import shutil
import sqlite3
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
from log_plane import Chat, Plane

from privity.errors import UsageError
from privity.relay import admin, mailboxes, migrating, tree
from privity.relay.anonymous import Anonymous
from privity.relay.cli import main
from privity.relay.config import Config
from privity.relay.log_side import open_log_side
from privity.relay.storage import account_steps, ladder
from privity.relay.storage.account_tables import ACCOUNT_SCHEMA
from privity.relay.storage.database import Database
from privity.relay.storage.ladder import climb, version_of
from privity.relay.storage.log_tables import LOG_SCHEMA
from privity.relay.storage.weeks import all_weeks, view_of
from privity.wire.codes import Refusal
from privity.wire.entry import Header, Kind
from privity.wire.http import PostMessage

SAMPLES = Path(__file__).parents[2] / "vectors" / "relay_tables"
SCHEMAS = {"accounts": ACCOUNT_SCHEMA, "logs": LOG_SCHEMA}
ALL = [
    pytest.param(side, version, id=f"{side}-{version}")
    for side, schema in SCHEMAS.items()
    for version in range(schema.oldest, schema.version + 1)
]
OLD = [one for one in ALL if one.values[1] < SCHEMAS[one.values[0]].version]


def sample(side, version):
    """Return what is known of a sample, and its statements."""
    text = (SAMPLES / f"{side}-{version}.sql").read_text()
    first, _, statements = text.partition("\n")
    return json.loads(first.removeprefix("-- ")), statements


def restore(side, version, path):
    """Make the file that this version of the relay left; returns what is known."""
    known, statements = sample(side, version)
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL").fetchall()
    database.executescript(statements)
    database.close()
    path.chmod(0o600)
    return known


def shape(database):
    """Return tables, columns and indexes, however their statements are written."""
    rows = database.execute(
        "SELECT name, type, wr, strict FROM pragma_table_list WHERE schema = 'main'"
        " AND name NOT LIKE 'messages_%' ORDER BY name"
    ).fetchall()
    columns = [
        [name, database.execute(f"PRAGMA table_xinfo({name})").fetchall()]
        for name, *_ in rows
    ]
    indexes = database.execute(
        "SELECT tbl_name, name FROM sqlite_schema WHERE type = 'index' ORDER BY name"
    ).fetchall()
    parts = [
        database.execute(f"PRAGMA index_xinfo({name})").fetchall()
        for _, name in indexes
    ]
    return rows, columns, indexes, parts


def rows_of(path):
    """Return every row of every table that is there, and of the view."""
    database = sqlite3.connect(path)
    names = database.execute(
        "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')"
    ).fetchall()
    found = {
        name: sorted(database.execute(f"SELECT * FROM {name}").fetchall(), key=repr)
        for (name,) in names
    }
    database.close()
    return found


@pytest.mark.parametrize(("side", "version"), ALL)
def test_every_version_that_is_taken_over_has_a_sample_of_it(side, version, tmp_path):
    restore(side, version, tmp_path / side)
    assert version_of(tmp_path / side) == version


@pytest.mark.parametrize(("side", "version"), OLD)
def test_tables_that_were_taken_over_are_those_of_an_empty_file_of_today(
    side, version, tmp_path
):
    path, fresh = tmp_path / side, tmp_path / "fresh"
    restore(side, version, path)
    climb(path, SCHEMAS[side])
    asyncio.run(Database(fresh, SCHEMAS[side]).close())
    taken, new = sqlite3.connect(path), sqlite3.connect(fresh)
    assert shape(taken) == shape(new)
    assert version_of(path) == version_of(fresh)
    if side == "logs":
        view = "SELECT sql FROM sqlite_schema WHERE name = 'entries'"
        found = taken.execute(view).fetchone()[0]
        assert found.split() == view_of(all_weeks(taken)).split()
    taken.close()
    new.close()


@pytest.mark.parametrize(("side", "version"), OLD)
def test_no_row_is_lost_or_changed_by_taking_it_over(side, version, tmp_path):
    path = tmp_path / side
    restore(side, version, path)
    before = rows_of(path)
    climb(path, SCHEMAS[side])
    after = rows_of(path)
    before.pop("mailbox_heads", None)
    for table, rows in before.items():
        if (side, table) == ("logs", "entries"):
            width = len(rows[0])
            assert sorted((row[:8] for row in after[table]), key=repr) == sorted(
                (row[:8] for row in rows), key=repr
            )
            assert width in (8, 10)
        else:
            # A newer version may know more of a row, never less.
            width = len(rows[0]) if rows else 0
            assert [row[:width] for row in after[table]] == rows


def test_mail_that_was_taken_over_waits_and_its_repeat_is_known(tmp_path):
    path, mailbox, idem = tmp_path / "accounts", b"", b"i" * 16
    ana = bytes.fromhex(restore("accounts", 2, path)["ana"])
    message = PostMessage("contacts", b"sealed" * 8, idem, b"key")
    digest = sha256(message.lane.encode() + b"\0" + message.body).digest()
    old = sqlite3.connect(path, isolation_level=None)
    old.execute("UPDATE accounts SET mailbox_key_hash = ?", (sha256(b"key").digest(),))
    (mailbox,) = old.execute(
        "SELECT mailbox_id FROM devices WHERE account_id = ?", (ana,)
    ).fetchone()
    old.execute("UPDATE mailbox_heads SET seq = 7 WHERE mailbox_id = ?", (mailbox,))
    row = (mailbox, 7, "contacts", message.body, 20_000)
    old.execute("INSERT INTO mailbox_entries VALUES (?, ?, ?, ?, ?)", row)
    row = (mailbox, idem, digest, 20_000)
    old.execute("INSERT INTO mailbox_idems VALUES (?, ?, ?, ?)", row)
    old.close()
    climb(path, ACCOUNT_SCHEMA)
    new = sqlite3.connect(path, isolation_level=None)
    mailboxes.post(new, mailbox, message, 20_000)
    assert [entry.seq for entry in mailboxes.read(new, mailbox, 0, 9)] == [7]
    with pytest.raises(Refusal, match="named another message"):
        mailboxes.post(
            new, mailbox, msgspec.structs.replace(message, body=b"other"), 20_000
        )
    mailboxes.post(
        new, mailbox, msgspec.structs.replace(message, idem=b"j" * 16), 20_000
    )
    assert mailboxes.newest(new, mailbox) > 1 << 20
    assert len(mailboxes.read(new, mailbox, 7, 9)) == 1
    new.close()


def test_commits_of_old_are_cut_into_the_branches_that_new_ones_get(tmp_path):
    path, log_id = tmp_path / "logs", b"l" * 16
    restore("logs", 8, path)
    parents = (-1, 0, 1, 2, 1, 4, 0, 2, 5, 4, 3, 6, 1)
    database = sqlite3.connect(path)
    database.executemany(
        "INSERT INTO commits VALUES (?, ?, ?, 0, 0)",
        [(log_id, seq, parent) for seq, parent in enumerate(parents)],
    )
    database.commit()
    database.close()
    climb(path, LOG_SCHEMA)
    database = sqlite3.connect(path)
    for seq, parent in enumerate(parents):
        tree.add_commit(database, b"m" * 16, (seq, parent), (0, 0))
    question = "SELECT branch, further FROM commits WHERE log_id = ? ORDER BY seq"
    old, new = (
        database.execute(question, (one,)).fetchall() for one in (log_id, b"m" * 16)
    )
    database.close()
    assert old == new
    assert old[-5:] == [(4, 1), (9, 2), (0, 0), (6, 1), (12, 1)]


@pytest.mark.parametrize("version", range(LOG_SCHEMA.oldest, LOG_SCHEMA.version + 1))
async def test_a_chat_that_was_taken_over_goes_on(version, tmp_path):
    path = tmp_path / "logs"
    known = restore("logs", version, path)
    climb(path, LOG_SCHEMA)
    database = Database(path, LOG_SCHEMA)

    def clock():
        return known["now"] + 60.0

    side = open_log_side(Config(), database, clock, secrets.token_bytes, clock)
    faults = []
    seeds = {int(name): bytes.fromhex(seed) for name, seed in known["seeds"].items()}
    chat = Chat(bytes.fromhex(known["log_id"]), seeds)
    rows = await database.read(
        lambda db: db.execute(
            "SELECT seq, header, envelope FROM entries WHERE log_id = ? ORDER BY seq",
            (chat.log_id,),
        ).fetchall()
    )
    kinds = [Header.parse(header).kind for _, header, _ in rows]
    assert [seq for seq, *_ in rows] == list(range(1, 14))
    assert kinds == [Kind.APP] * 9 + [
        Kind.PROPOSAL,
        Kind.COMMIT,
        Kind.COMMIT,
        Kind.APP,
    ]
    assert [row[2] for row in rows if row[2].startswith(b"message")] == [
        b"message %d" % number for number in range(10)
    ]
    async with Plane(Anonymous(side, faults.append)) as plane:
        await plane.ask(chat.attach(plane.greeting, 12))
        stored = await plane.ask(chat.app(parent=12, generation=12))
    assert (stored.seq, faults) == (14, [])
    await database.close()


@pytest.mark.parametrize(("side", "version"), OLD)
def test_a_relay_killed_while_it_takes_a_file_over_left_it_old_or_new(
    side, version, tmp_path, monkeypatch
):
    path = tmp_path / side
    restore(side, version, path)
    before, copies = rows_of(path), []

    def keep(_statement):
        copy = tmp_path / f"killed-{len(copies)}"
        copies.append(copy)
        for suffix in ("", "-wal"):
            source = path.with_name(path.name + suffix)
            if source.exists():
                shutil.copyfile(source, copy.with_name(copy.name + suffix))

    connect = sqlite3.connect

    def watched(*arguments, **options):
        database = connect(*arguments, **options)
        if options.get("isolation_level", "") is None:
            database.set_trace_callback(keep)
            # What does not fit the cache is written before the commit.
            database.execute("PRAGMA cache_size=1")
            database.execute("PRAGMA cache_spill=1")
        return database

    monkeypatch.setattr(account_steps.secrets, "randbelow", lambda _: 1_000)
    with monkeypatch.context() as patched:
        patched.setattr(ladder.sqlite3, "connect", watched)
        climb(path, SCHEMAS[side])
    after = rows_of(path)
    left = {version: 0, SCHEMAS[side].version: 0}
    for copy in copies:
        found = version_of(copy)
        assert rows_of(copy) == (before if found == version else after)
        left[found] += 1
        climb(copy, SCHEMAS[side])
        assert rows_of(copy) == after
    assert all(left.values())


@pytest.fixture
def data(tmp_path, capsys):
    """A relay that an older version made, its newest settings beside it."""
    assert main(["--data", str(tmp_path / "relay"), "init"]) == 0
    for side, schema in SCHEMAS.items():
        path = tmp_path / "relay" / f"{side}.sqlite"
        path.unlink()
        restore(side, schema.oldest, path)
    capsys.readouterr()
    return tmp_path / "relay"


def told(capsys):
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("command", [["serve"], ["purge"], ["user", "list"]])
def test_what_an_older_version_stored_is_not_opened_and_the_remedy_is_named(
    data, command, capsys
):
    before = {path: path.read_bytes() for path in data.glob("*.sqlite")}
    assert main([*command, "--data", str(data)]) == 2
    assert "`privity-relay migrate`" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in data.glob("*.sqlite")} == before


def test_a_migration_asks_for_a_copy_before_it_changes_anything(data, capsys):
    before = rows_of(data / "logs.sqlite")
    assert main(["migrate", "--data", str(data), "--json"]) == 2
    assert "--backup DIR" in told(capsys)["error"]["message"]
    assert rows_of(data / "logs.sqlite") == before


def test_a_migration_makes_the_copy_and_takes_both_sides_over(data, tmp_path, capsys):
    copy = tmp_path / "copy"
    before = rows_of(data / "logs.sqlite")
    arguments = ["--data", str(data), "--json"]
    assert main(["migrate", "--backup", str(copy), *arguments]) == 0
    assert told(capsys)["data"] == [
        {
            "file": f"{side}.sqlite",
            "before": schema.oldest,
            "after": schema.version,
        }
        for side, schema in SCHEMAS.items()
    ]
    assert rows_of(copy / "logs.sqlite") == before
    assert main(["doctor", *arguments]) == 0
    assert told(capsys)["ok"]
    assert len(admin.list_users(data)) == 2
    assert main(["migrate", *arguments]) == 0
    assert told(capsys)["data"] == []


def test_a_migration_does_not_begin_where_the_copy_fails(data, tmp_path, capsys):
    (tmp_path / "copy").mkdir()
    before = rows_of(data / "accounts.sqlite")
    arguments = ["migrate", "--backup", str(tmp_path / "copy"), "--data", str(data)]
    assert main(arguments) == 2
    assert "there already" in capsys.readouterr().err
    assert rows_of(data / "accounts.sqlite") == before


def test_a_migration_waits_for_no_relay_that_serves(data, capsys):
    with admin.hold(data):
        assert main(["migrate", "--no-backup", "--data", str(data)]) == 2
    assert "another relay serves" in capsys.readouterr().err


@pytest.mark.parametrize("side", SCHEMAS)
@pytest.mark.parametrize("which", ["newer", "too old"])
def test_neither_side_is_changed_where_one_is_of_an_unknown_version(data, side, which):
    schema = SCHEMAS[side]
    version = schema.version + 1 if which == "newer" else schema.oldest - 1
    database = sqlite3.connect(data / f"{side}.sqlite")
    database.execute(f"PRAGMA user_version={version}")
    database.close()
    before = [rows_of(data / f"{name}.sqlite") for name in SCHEMAS]
    with pytest.raises(UsageError, match=r"install that one|run that one"):
        migrating.migrate(data, None, without_copy=True)
    with pytest.raises(UsageError, match="nothing was changed"):
        climb(data / f"{side}.sqlite", schema)
    assert [rows_of(data / f"{name}.sqlite") for name in SCHEMAS] == before


def test_a_migration_without_room_changes_nothing(data, monkeypatch):
    usage = shutil.disk_usage(data)
    monkeypatch.setattr(
        ladder.shutil, "disk_usage", lambda _: usage._replace(free=10_000)
    )
    before = rows_of(data / "logs.sqlite")
    with pytest.raises(UsageError, match=r"MB of room; nothing was changed"):
        climb(data / "logs.sqlite", LOG_SCHEMA)
    assert rows_of(data / "logs.sqlite") == before
