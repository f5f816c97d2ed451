import asyncio
import sqlite3
import stat

import pytest

from privity.errors import UsageError
from privity.relay.storage.database import BATCH, Database, Schema

SCHEMA = Schema(
    7, ("CREATE TABLE things (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID",)
)


@pytest.fixture
async def database(tmp_path):
    database = Database(tmp_path / "things.sqlite", SCHEMA)
    yield database
    await database.close()


def add(name):
    def step(db):
        db.execute("INSERT INTO things VALUES (?)", (name,))
        return name

    return step


def add_and_fail(name):
    def step(db):
        add(name)(db)
        raise ValueError(name)

    return step


def names(db):
    return [row[0] for row in db.execute("SELECT name FROM things ORDER BY name")]


async def test_a_step_s_result_comes_when_others_can_read_it(database):
    assert await database.write(add("a")) == "a"
    assert await database.read(names) == ["a"]


async def test_steps_that_are_queued_together_are_committed_together(database):
    commits = []
    database._writer.set_trace_callback(
        lambda sql: commits.append(sql) if sql == "COMMIT" else None
    )
    futures = [database.submit(add(f"{n:03}")) for n in range(3 * BATCH)]
    await asyncio.gather(*futures)
    assert len(commits) == 3
    assert len(await database.read(names)) == 3 * BATCH


async def test_a_step_that_fails_leaves_nothing_and_harms_nobody(database):
    steps = [add("a"), add_and_fail("b"), add("c"), add("a"), add("d")]
    futures = [database.submit(step) for step in steps]
    outcomes = await asyncio.gather(*futures, return_exceptions=True)
    assert [type(it).__name__ for it in outcomes] == [
        "str",
        "ValueError",
        "str",
        "IntegrityError",
        "str",
    ]
    assert await database.read(names) == ["a", "c", "d"]


def refuse(db):
    names(db)
    raise ValueError("refused")


async def test_a_step_that_checks_first_may_refuse_without_a_savepoint(database):
    steps = [add("a"), refuse, add("c")]
    futures = [database.submit(step, checks_first=True) for step in steps]
    outcomes = await asyncio.gather(*futures, return_exceptions=True)
    assert [type(it).__name__ for it in outcomes] == ["str", "ValueError", "str"]
    assert await database.read(names) == ["a", "c"]


async def test_a_step_that_breaks_its_word_fails_its_batch_and_is_forgotten(database):
    forgotten = []
    database.when_rolled_back(lambda: forgotten.append(True))
    futures = [
        database.submit(add("a")),
        database.submit(add_and_fail("b"), checks_first=True),
        database.submit(add("c")),
    ]
    outcomes = await asyncio.gather(*futures, return_exceptions=True)
    assert [type(it) for it in outcomes] == [ValueError] * 3
    assert await database.read(names) == []
    assert forgotten == [True]


async def test_nobody_is_answered_when_the_commit_fails(database, monkeypatch):
    def full():
        database._roll_back()
        return sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(database, "_commit", full)
    futures = [database.submit(add("a")), database.submit(add("b"))]
    outcomes = await asyncio.gather(*futures, return_exceptions=True)
    assert all(isinstance(it, sqlite3.OperationalError) for it in outcomes)
    monkeypatch.undo()
    assert await database.write(add("a")) == "a"
    assert await database.read(names) == ["a"]


async def test_a_full_disk_fails_the_batch_and_the_file_stays_sound(database):
    database._writer.execute("PRAGMA max_page_count=8").fetchall()
    futures = [database.submit(add("x" * 6_000 + str(n))) for n in range(20)]
    outcomes = await asyncio.gather(*futures, return_exceptions=True)
    failed = [it for it in outcomes if isinstance(it, sqlite3.OperationalError)]
    assert failed
    stored = await database.read(names)
    assert sorted(set(outcomes) - set(failed)) == stored
    database._writer.execute("PRAGMA max_page_count=1000000").fetchall()
    await database.write(add("a"))
    assert "a" in await database.read(names)


async def test_who_gave_up_waiting_stops_nobody(database):
    given_up = database.submit(add("a"))
    given_up.cancel()
    assert await database.write(add("b")) == "b"
    assert await database.read(names) == ["a", "b"]


async def test_a_reader_can_t_write(database):
    with pytest.raises(sqlite3.OperationalError):
        await database.read(add("a"))


async def test_what_was_queued_is_stored_before_the_file_closes(tmp_path):
    path = tmp_path / "closing.sqlite"
    database = Database(path, SCHEMA)
    future = database.submit(add("a"))
    await database.close()
    await database.close()
    assert future.result() == "a"
    with pytest.raises(UsageError):
        database.submit(add("b"))
    again = Database(path, SCHEMA)
    assert await again.read(names) == ["a"]
    await again.close()


@pytest.mark.parametrize(
    ("known", "says"),
    [
        (8, "version 7, not 8; an older .* run"),
        (6, "version 7, not 6; a newer .* inst"),
    ],
)
async def test_a_file_of_another_version_is_refused_by_name_with_a_remedy(
    tmp_path, known, says
):
    path = tmp_path / "old.sqlite"
    await Database(path, SCHEMA).close()
    with sqlite3.connect(path) as file:
        file.execute("PRAGMA journal_mode=DELETE")
    before = path.read_bytes()
    with pytest.raises(UsageError, match=f"{path}: tables of {says}"):
        Database(path, Schema(known, SCHEMA.statements))
    assert path.read_bytes() == before, "nor did it change how the file is kept"


async def test_only_the_relay_s_user_reads_the_file(database):
    assert stat.S_IMODE(database.path.stat().st_mode) == 0o600


async def test_an_answer_waits_for_the_disk(database):
    settings = [
        database._writer.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "secure_delete")
    ]
    assert settings == ["wal", 2, 1]


async def test_who_waits_for_a_failed_batch_hears_of_it_before_the_next(
    database, monkeypatch
):
    monkeypatch.setattr("privity.relay.storage.database.BATCH", 1)
    commit, failures = database._commit, [sqlite3.OperationalError("disk I/O error")]

    def fail_once():
        if failures:
            database._roll_back()
            return failures.pop()
        return commit()

    monkeypatch.setattr(database, "_commit", fail_once)
    heard = []
    first = database.submit(add("a"))
    first.add_done_callback(lambda future: heard.append(future.exception()))
    second = database.submit(lambda _: list(heard))
    assert len(await second) == 1


async def test_steps_that_come_while_a_file_is_compacted_wait_and_are_done(database):
    await database.write(add("a"))
    compacting = asyncio.create_task(database.compact())
    await asyncio.sleep(0)
    futures = [database.submit(add(f"{n:03}")) for n in range(20)]
    await asyncio.gather(compacting, *futures)
    assert len(await database.read(names)) == 21


async def test_compacting_that_is_given_up_takes_no_step_with_it(database):
    future = database.submit(add("a"))
    compacting = asyncio.create_task(database.compact())
    await asyncio.sleep(0)
    compacting.cancel()
    async with asyncio.timeout(5):
        assert await future == "a"


async def test_what_was_deleted_is_gone_from_every_file(database, tmp_path):
    secret = "a name that nobody keeps"
    await database.write(add(secret))
    await database.write(lambda db: db.execute("DELETE FROM things").rowcount)
    await database.compact()
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert secret.encode() not in kept


def in_page_order(tmp_path, names):
    """Order names by where they stand in the file, the first that came in first."""
    data = (tmp_path / "things.sqlite").read_bytes()
    return sorted(names, key=lambda name: -data.find(name.encode()))


async def test_a_file_that_is_written_anew_tells_no_order_of_coming(database, tmp_path):
    came = ["name-2", "name-3", "name-1"]
    for name in came:
        await database.write(add(name))
    await database.compact()
    assert in_page_order(tmp_path, came) == came
    await database.compact(anew=True)
    assert in_page_order(tmp_path, came) == sorted(came)
    assert await database.read(names) == sorted(came)


async def test_a_file_that_can_not_be_written_anew_is_as_before(database, tmp_path):
    await database.write(add("a"))
    database._writer.execute("PRAGMA query_only=ON")
    with pytest.raises(sqlite3.Error):
        await database.compact(anew=True)
    database._writer.execute("PRAGMA query_only=OFF")
    await database.write(add("b"))
    assert await database.read(names) == ["a", "b"]
