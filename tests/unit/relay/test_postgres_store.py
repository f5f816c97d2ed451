"""What only a store on PostgreSQL has to stand: others beside it, and a server."""

import asyncio
import socket
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlsplit, urlunsplit

import pytest
from postgres_cluster import asyncio_run, new_url, statement

from privity.errors import UsageError
from privity.relay.storage.database import Schema
from privity.relay.storage.postgres.command import one_transaction
from privity.relay.storage.postgres.connection import PostgresConnection
from privity.relay.storage.postgres.place import Place, connect
from privity.relay.storage.postgres.shared import PostgresStore
from privity.relay.storage.postgres.spelling import spelled
from privity.relay.storage.postgres.tracks import BATCH, TRACKS
from privity.relay.storage.store import StoreBusy, StoreError

SCHEMA = Schema(
    7, ("CREATE TABLE things (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID",)
)


@pytest.fixture
def place():
    return Place.of(new_url(), "logs")


@pytest.fixture
async def store(place):
    store = PostgresStore(place, SCHEMA)
    yield store
    await store.close()


@pytest.fixture
async def other(place, store):
    """The store of another relay, on the same database."""
    other = PostgresStore(place, SCHEMA)
    yield other
    await other.close()


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


def refuse(db):
    names(db)
    raise ValueError("refused")


def names(db):
    return [row[0] for row in db.execute("SELECT name FROM things ORDER BY name")]


def backend(db):
    return db.execute("SELECT pg_backend_pid()").fetchone()[0]


async def end_backend(place, pid):
    """End a connection from the server's side, as a crash of its process does."""
    await asyncio.to_thread(
        asyncio_run, statement(place.dsn, f"SELECT pg_terminate_backend({pid}, 5000)")
    )


async def test_steps_that_are_queued_together_are_committed_together(store):
    futures = [
        store.submit(add(f"{n:04}"), checks_first=True, keys=(bytes([n % 7]),))
        for n in range(3 * BATCH)
    ]
    await asyncio.gather(*futures)
    assert len(await store.read(names)) == 3 * BATCH
    written = await store.read(
        lambda db: db.execute(
            "SELECT count(DISTINCT xmin::text) FROM things"
        ).fetchone()[0]
    )
    assert written <= 3 + TRACKS


async def test_a_step_that_fails_leaves_nothing_and_harms_nobody(store):
    steps = [add("a"), add_and_fail("b"), add("c"), add("a"), add("d")]
    futures = [store.submit(step) for step in steps]
    outcomes = await asyncio.gather(*futures, return_exceptions=True)
    kinds = [type(it).__name__ for it in outcomes]
    assert kinds == ["str", "ValueError", "str", "StoreError", "str"]
    assert await store.read(names) == ["a", "c", "d"]


async def test_a_step_that_fails_alone_leaves_nothing(store):
    with pytest.raises(ValueError, match="b"):
        await store.write(add_and_fail("b"))
    assert await store.read(names) == []


async def test_a_step_that_checks_first_may_refuse_without_a_savepoint(store):
    steps = [add("a"), refuse, add("c")]
    futures = [store.submit(step, checks_first=True) for step in steps]
    outcomes = await asyncio.gather(*futures, return_exceptions=True)
    assert [type(it).__name__ for it in outcomes] == ["str", "ValueError", "str"]
    assert await store.read(names) == ["a", "c"]


async def test_a_step_that_breaks_its_word_fails_its_batch_and_is_forgotten(store):
    forgotten = []
    store.when_rolled_back(lambda: forgotten.append(True))
    futures = [
        store.submit(add("a")),
        store.submit(add_and_fail("b"), checks_first=True),
        store.submit(add("c")),
    ]
    outcomes = await asyncio.gather(*futures, return_exceptions=True)
    assert [type(it) for it in outcomes] == [ValueError] * 3
    assert await store.read(names) == []
    assert forgotten == [True]


async def test_a_reader_can_t_write(store):
    with pytest.raises(StoreError, match="read-only"):
        await store.read(add("a"))


async def test_who_gave_up_reading_leaves_a_connection_that_reads(store):
    for _ in range(6):
        task = asyncio.create_task(
            store.read(lambda db: db.execute("SELECT pg_sleep(9)").fetchone())
        )
        await asyncio.sleep(0.02)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert await store.read(names) == []


async def test_what_was_queued_is_stored_before_the_store_closes(place, store):
    future = store.submit(add("a"))
    await store.close()
    assert future.result() == "a"
    with pytest.raises(UsageError):
        store.submit(add("b"))


async def test_before_each_batch_what_others_may_have_written_is_forgotten(store):
    begun = []
    store.when_begun(lambda _db, asked: begun.append(asked))
    await asyncio.gather(store.submit(add("a")), store.submit(add("b")))
    await store.write(add("c"))
    assert len(begun) == 2


async def test_steps_with_one_key_never_run_beside_each_other(store, other):
    def count(db):
        before = len(names(db))
        db.execute("SELECT pg_sleep(0.001)")
        add(f"{before:03}")(db)

    each = [one.submit(count, keys=(b"k",)) for one in 20 * (store, other)]
    await asyncio.gather(*each)
    assert await store.read(names) == [f"{n:03}" for n in range(40)]


async def test_steps_with_other_keys_do_not_wait_for_each_other(store, other):
    slow = asyncio.create_task(
        store.write(lambda db: db.execute("SELECT pg_sleep(1)").rowcount, keys=(b"a",))
    )
    await asyncio.sleep(0.1)
    async with asyncio.timeout(0.8):
        assert await other.write(add("b"), keys=(b"b",)) == "b"
    assert not slow.done()
    await slow


async def test_a_step_without_keys_has_the_store_for_itself(store, other):
    slow = asyncio.create_task(
        store.write(
            lambda db: (db.execute("SELECT pg_sleep(0.3)"), add("first")(db)),
            keys=(b"a",),
        )
    )
    await asyncio.sleep(0.1)
    assert await other.write(names) == ["first"]
    await slow


async def test_a_batch_whose_connection_is_cut_is_undone_and_the_next_one_stored(
    place, store
):
    forgotten = []
    store.when_rolled_back(lambda: forgotten.append(True))
    pid = await store.write(backend)

    def cut(db):
        add("lost")(db)
        asyncio_run(statement(place.dsn, f"SELECT pg_terminate_backend({pid}, 5000)"))
        add("never")(db)

    first = store.submit(add("a"))
    second = store.submit(cut)
    outcomes = await asyncio.gather(first, second, return_exceptions=True)
    assert [type(it) for it in outcomes] == [StoreBusy, StoreBusy]
    assert forgotten
    assert await store.write(add("b")) == "b"
    assert await store.read(names) == ["b"]


async def test_a_connection_that_was_cut_while_idle_is_not_noticed(place, store):
    pid = await store.write(backend)
    reader = await store.read(backend)
    for one in (pid, reader):
        await end_backend(place, one)
    assert await store.write(add("a")) == "a"
    assert await store.read(names) == ["a"]


async def test_a_server_that_falls_silent_is_given_up_within_seconds(place):
    """Over TCP; what a cut network does is in `tests.chaos.cuts`."""
    async with _over_tcp(place) as elsewhere:
        connection = await connect(elsewhere)
        pipe = connection._transport.get_extra_info("socket")
        here = pipe.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
        assert pipe.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        told = await connection.fetchval("SHOW idle_in_transaction_session_timeout")
        connection.be_patient()
        patient = pipe.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
        assert pipe.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        await connection.close()
    assert (here, patient) == (5_000, 0)
    assert told == "5s"


@asynccontextmanager
async def _over_tcp(place):
    """Let the server's socket be reached by a port of this machine."""
    path = f"{parse_qs(urlsplit(place.dsn).query)['host'][0]}/.s.PGSQL.5432"

    async def pass_on(reader, writer):
        there, server = await asyncio.open_unix_connection(path)
        await asyncio.gather(_pump(reader, server), _pump(there, writer))

    async with await asyncio.start_server(pass_on, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        parts = urlsplit(place.dsn)
        query = [it for it in parts.query.split("&") if not it.startswith("host=")]
        here = parts._replace(netloc=f"relay@127.0.0.1:{port}", query="&".join(query))
        yield Place(urlunsplit(here), place.name)


async def _pump(reader, writer):
    while data := await reader.read(65_536):
        writer.write(data)
    writer.close()


async def test_who_stands_in_the_way_for_too_long_is_named_and_nothing_is_done(
    place, store
):
    blocking = PostgresConnection(await connect(place))
    await blocking.say("BEGIN; LOCK TABLE things")

    def impatient(db):
        db.execute("SET LOCAL lock_timeout = '100ms'")
        add("a")(db)

    with pytest.raises(StoreBusy, match="55P03"):
        await store.write(impatient)
    await blocking.close()
    assert await store.read(names) == []
    assert await store.write(add("b")) == "b"


async def test_several_relays_may_make_the_tables_at_once(place):
    made = await asyncio.gather(
        *(asyncio.to_thread(PostgresStore, place, SCHEMA) for _ in range(4))
    )
    assert await made[0].write(add("a")) == "a"
    for one in made:
        await one.close()


@pytest.mark.parametrize(
    ("known", "says"), [(8, "version 7, not 8; an older"), (6, "not 6; a newer")]
)
async def test_tables_of_another_version_are_refused_by_name(place, store, known, says):
    with pytest.raises(UsageError, match=says):
        PostgresStore(place, Schema(known, SCHEMA.statements))
    assert await store.write(add("a")) == "a"


async def test_rows_that_are_written_anew_stand_by_their_keys_of_one_time(store):
    for name in ("2", "3", "1"):
        await store.write(add(name))
    await store.write(lambda db: db.execute("DELETE FROM things WHERE name = '3'"))
    await store.compact()
    await store.compact(anew=True)
    rows = await store.read(
        lambda db: db.execute(
            "SELECT name, xmin::text FROM things ORDER BY ctid"
        ).fetchall()
    )
    assert [name for name, _ in rows] == ["1", "2"]
    assert len({xmin for _, xmin in rows}) == 1


async def test_a_reader_of_before_finds_all_rows_behind_a_rewriting(place, store):
    """As `pg_dump` does, which takes its snapshot first and reads for hours."""
    await store.write(add("a"))
    reader = PostgresConnection(await connect(place))
    await reader.say(
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT 1 FROM pg_class"
    )
    await store.compact(anew=True)
    assert [tuple(row) for row in await reader.raw.fetch("SELECT * FROM things")] == [
        ("a",)
    ]
    await reader.close()
    assert await store.read(names) == ["a"]


def test_who_only_reads_makes_no_tables_and_says_that_there_are_none(place):
    with (
        pytest.raises(UsageError, match="`privity-relay init` fills it"),
        one_transaction(place, SCHEMA, reads=True),
    ):
        pass
    with one_transaction(place, SCHEMA) as made:
        add("a")(made)
    with one_transaction(place, SCHEMA, reads=True) as found:
        assert names(found) == ["a"]


async def test_what_a_column_cannot_have_is_named_without_quoting_it(store):
    with pytest.raises(StoreError) as caught:
        await store.write(add("hush\0"))
    assert "none that a column can have" in str(caught.value)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["postgresql://u:p[hush]c@host/a", "postgresql://u:hush@host:1x/a"]
)
def test_what_is_to_be_encoded_in_an_address_is_said_without_quoting_it(url):
    with pytest.raises(UsageError, match="percent-encoded") as caught:
        Place.of(url, "logs")
    assert "hush" not in str(caught.value)


def test_a_server_that_is_not_there_is_said_in_one_line_without_the_password():
    url = "postgresql://relay:hush@127.0.0.1:1/privity"
    with pytest.raises(UsageError) as caught:
        PostgresStore(Place.of(url, "logs"), SCHEMA)
    said = str(caught.value)
    assert said.startswith("PostgreSQL database privity_logs at 127.0.0.1: ")
    assert "\n" not in said
    assert "hush" not in said + repr(Place.of(url, "logs"))


@pytest.mark.parametrize(
    "url", ["", "mysql://a/b", "postgresql://host", "postgresql://host/"]
)
def test_what_is_no_address_of_a_database_is_refused(url):
    with pytest.raises(UsageError, match=r"db\.url"):
        Place.of(url, "logs")


@pytest.mark.parametrize(
    ("url", "query"),
    [
        ("postgresql://relay@db.example/privity", "sslmode=verify-full"),
        ("postgresql:///p?host=db.example", "host=db.example&sslmode=verify-full"),
        ("postgresql://db.example/p?sslmode=disable", "sslmode=disable"),
        ("postgresql://127.0.0.1:5432/p", ""),
        ("postgresql:///p?host=/run/postgresql", "host=/run/postgresql"),
    ],
)
def test_a_server_elsewhere_shows_a_certificate_unless_told_otherwise(url, query):
    parts = urlsplit(Place.of(url, "accounts").dsn)
    assert parts.query == query
    assert parts.path.endswith("_accounts")


def test_statements_and_tables_are_spelled_as_the_server_reads_them():
    assert spelled("SELECT a FROM t WHERE b = ? AND c < ?") == (
        "SELECT a FROM t WHERE b = $1 AND c < $2"
    )
    made = spelled("CREATE TABLE t (a BLOB, offset INTEGER) STRICT, WITHOUT ROWID")
    assert made == 'CREATE TABLE t (a BYTEA, "offset" BIGINT)'
