"""What is under way at once on PostgreSQL, and what keeps its order."""

import asyncio

import pytest
from postgres_cluster import new_url

from privity.relay.storage.database import Schema
from privity.relay.storage.postgres.connection import wait
from privity.relay.storage.postgres.locks import bucket_of
from privity.relay.storage.postgres.place import Place
from privity.relay.storage.postgres.shared import PostgresStore
from privity.relay.storage.postgres.tracks import BATCH, TRACKS

SCHEMA = Schema(7, ("CREATE TABLE said (number INTEGER PRIMARY KEY) STRICT",))


def key_of(track, number=0):
    """Return a key of this track, another one for each number."""
    keys = (b"%d" % n for n in range(1 << 20))
    of_track = (key for key in keys if bucket_of(key) % TRACKS == track)
    return next(key for n, key in enumerate(of_track) if n == number)


A, B = key_of(0), key_of(1)


@pytest.fixture
def place():
    return Place.of(new_url(), "logs")


@pytest.fixture
async def store(place):
    store = PostgresStore(place, SCHEMA)
    yield store
    await store.close()


class Notes:
    """Steps that note when they are performed; one that is held stands still."""

    def __init__(self):
        self.order = []
        self.begun = asyncio.Event()
        self.go_on = asyncio.Event()

    def step(self, name):
        def step(db):
            self.order.append(name)
            return name

        return step

    def held(self, name):
        def step(db):
            self.order.append(f"{name} begins")
            self.begun.set()
            wait(self.go_on.wait())
            self.order.append(f"{name} ends")
            return name

        return step


async def test_what_has_nothing_to_do_with_a_held_step_is_durable_before_it(store):
    notes = Notes()
    held = store.submit(notes.held("a"), keys=(A,))
    assert await store.submit(notes.step("b"), keys=(B,)) == "b"
    assert not held.done()
    notes.go_on.set()
    assert await held == "a"
    assert sorted(notes.order) == ["a begins", "a ends", "b"]


async def test_steps_of_one_key_keep_their_order_behind_steps_of_others(store):
    said = []
    futures = [
        store.submit(lambda _, n=n: said.append(n), checks_first=True, keys=(key,))
        for n in range(3 * BATCH)
        for key in [(A, B, key_of(0, 1))[n % 3]]
    ]
    await asyncio.gather(*futures)
    for rest in range(3):
        own = [n for n in said if n % 3 == rest]
        assert own == list(range(rest, 3 * BATCH, 3))


@pytest.mark.parametrize("keys", [(), (A, B)])
async def test_a_step_of_several_tracks_waits_for_all_and_all_behind_it_wait(
    store, keys
):
    notes = Notes()
    before = store.submit(notes.held("a"), keys=(A,))
    futures = [
        store.submit(notes.step("several"), keys=keys),
        store.submit(notes.step("b"), keys=(B,)),
        store.submit(notes.step("none")),
        store.submit(notes.step("last"), keys=(A,)),
    ]
    await notes.begun.wait()
    assert notes.order == ["a begins"]
    notes.go_on.set()
    await asyncio.gather(before, *futures)
    assert notes.order == ["a begins", "a ends", "several", "b", "none", "last"]


async def test_what_comes_behind_a_running_step_of_several_tracks_keeps_its_order(
    store,
):
    notes = Notes()
    held = store.submit(notes.held("several"), keys=(A, B))
    await notes.begun.wait()
    futures = [
        store.submit(notes.step("one"), keys=(A,)),
        store.submit(notes.step("two"), keys=(A, B)),
    ]
    notes.go_on.set()
    await asyncio.gather(held, *futures)
    assert notes.order[2:] == ["one", "two"]


async def test_what_fails_in_one_track_is_undone_there_alone(store):
    notes = Notes()

    def number(n):
        return lambda db: db.execute("INSERT INTO said VALUES (?)", (n,)).rowcount

    def fail(db):
        number(1)(db)
        raise ValueError("no")

    held = store.submit(
        lambda db: (number(2)(db), notes.held("b")(db)), checks_first=True, keys=(B,)
    )
    with pytest.raises(ValueError, match="no"):
        await store.submit(fail, checks_first=True, keys=(A,))
    assert not held.done()
    notes.go_on.set()
    await held
    rows = await store.read(lambda db: db.execute("SELECT * FROM said").fetchall())
    assert rows == [(2,)]


async def test_a_closing_store_ends_with_nothing_under_way(store):
    notes = Notes()
    notes.go_on.set()
    futures = [
        store.submit(notes.held("a"), keys=(A,)),
        store.submit(notes.step("none")),
        store.submit(notes.step("b"), keys=(B,)),
    ]
    await store.close()
    assert [future.result() for future in futures] == ["a", "none", "b"]
