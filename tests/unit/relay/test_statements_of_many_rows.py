"""Statements for many rows at once, and rows that are inserted later."""

import asyncio

import pytest
from postgres_cluster import new_url

from privity.relay.storage.database import Schema
from privity.relay.storage.postgres.place import Place
from privity.relay.storage.postgres.shared import PostgresStore
from privity.relay.storage.postgres.spelling import spelled_for_rows
from privity.relay.storage.store import StoreError

SCHEMA = Schema(
    7, ("CREATE TABLE things (name TEXT PRIMARY KEY, size INTEGER) STRICT",)
)
INSERT = "INSERT INTO things (name, size) VALUES (?, ?)"
NEWEST = "SELECT size, name FROM things WHERE name = ? AND size >= ?"


@pytest.fixture
def place():
    return Place.of(new_url(), "logs")


@pytest.fixture
async def store(place):
    store = PostgresStore(place, SCHEMA)
    yield store
    await store.close()


def later(*names):
    def step(db):
        for name in names:
            db.later(INSERT, (name, len(name)))
        return names

    return step


def later_and_fail(db):
    later("lost")(db)
    raise ValueError("refused")


def names(db):
    return [row[0] for row in db.execute("SELECT name FROM things ORDER BY name")]


async def test_each_row_of_values_finds_its_own_first_row_or_none(store):
    await store.write(later("aa", "b"))
    asked = [("b", 0), ("c", 0), ("aa", 3), ("aa", 2), ("b", 1)]
    found = await store.read(lambda db: db.find_each((NEWEST, asked)))
    assert found == [[(1, "b"), None, None, (2, "aa"), (1, "b")]]


async def test_questions_of_different_kinds_are_asked_in_one_journey(store):
    await store.write(later("aa", "b"))
    name = "SELECT name FROM things WHERE size = ?"
    journeys = []

    def ask(db):
        count = db._perform
        db._perform = lambda *it: journeys.append(it) or count(*it)
        try:
            return db.find_each((NEWEST, [("b", 0)]), (name, []), (name, [(2,), (9,)]))
        finally:
            del db._perform

    assert await store.read(ask) == [[(1, "b")], [], [("aa",), None]]
    assert len(journeys) == 1
    assert await store.read(lambda db: db.find_each((name, []))) == [[]]


async def test_what_is_inserted_later_into_several_tables_is_one_journey(store):
    await store.write(lambda db: db.execute("CREATE TABLE marks (mark INTEGER)"))

    def step(db):
        later("a", "b")(db)
        db.later("INSERT INTO marks (mark) VALUES (?)", (7,))
        db.flush()

    await store.write(step)
    commands = await store.read(
        lambda db: db.execute(
            "SELECT count(DISTINCT cmin::text) FROM"
            " (SELECT cmin FROM things UNION ALL SELECT cmin FROM marks) AS all_rows"
        ).fetchone()
    )
    assert commands == (1,)


async def test_what_is_inserted_later_is_seen_by_the_next_statement(store):
    def step(db):
        later("a", "b")(db)
        return names(db), db.total_changes

    assert await store.write(step) == (["a", "b"], 2)


async def test_rows_of_steps_that_are_committed_together_are_one_statement(store):
    steps = [later(f"{n:03}") for n in range(100)]
    await asyncio.gather(*(store.submit(it, checks_first=True) for it in steps))
    commands = await store.read(
        lambda db: db.execute(
            "SELECT count(*), count(DISTINCT cmin::text) FROM things"
        ).fetchone()
    )
    assert commands == (100, 1)


async def test_what_a_step_that_failed_wanted_to_insert_is_not_inserted(store):
    steps = [later("a"), later_and_fail, later("c")]
    futures = [store.submit(step) for step in steps]
    outcomes = await asyncio.gather(*futures, return_exceptions=True)
    assert [type(it).__name__ for it in outcomes] == ["tuple", "ValueError", "tuple"]
    with pytest.raises(ValueError, match="refused"):
        await store.write(later_and_fail)
    assert await store.read(names) == ["a", "c"]


async def test_a_row_that_can_t_be_inserted_fails_all_that_were_with_it(store):
    forgotten = []
    store.when_rolled_back(lambda: forgotten.append(True))
    steps = [later("a"), later("b"), later("a")]
    futures = [store.submit(step, checks_first=True) for step in steps]
    outcomes = await asyncio.gather(*futures, return_exceptions=True)
    assert [type(it) for it in outcomes] == [StoreError] * 3
    assert forgotten == [True]
    assert await store.write(names) == []


async def test_a_step_that_inserts_later_and_refuses_breaks_its_word(store):
    futures = [
        store.submit(later("a"), checks_first=True),
        store.submit(later_and_fail, checks_first=True),
    ]
    outcomes = await asyncio.gather(*futures, return_exceptions=True)
    assert [type(it) for it in outcomes] == [ValueError] * 2
    assert await store.write(names) == []


def test_an_insert_with_anything_but_plain_values_can_t_be_one_of_many():
    for statement in (
        "INSERT INTO things (name, size) VALUES (?, 1)",
        f"{INSERT} ON CONFLICT DO NOTHING",
        "DELETE FROM things WHERE name = ?",
    ):
        with pytest.raises(ValueError, match="plain values"):
            spelled_for_rows((statement, ("text", "bigint")))
