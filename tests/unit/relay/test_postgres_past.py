"""What a server's own log still says behind a sweep, and who may end that."""

import json
import secrets
import time
from secrets import token_hex

import pytest
from postgres_cluster import Cluster, asyncio_run, need_bin_folder, new_url, statement
from relay_clients import TestAccount
from relay_process import quick_config

from privity.relay import accounts
from privity.relay.cli import main
from privity.relay.ops.upkeep import sweep
from privity.relay.services import Services
from privity.relay.shared_keys import derive_keys
from privity.relay.storage.account_tables import ACCOUNT_SCHEMA
from privity.relay.storage.blob_files import BlobFiles
from privity.relay.storage.database import Schema
from privity.relay.storage.log_tables import LOG_SCHEMA
from privity.relay.storage.postgres.place import Place
from privity.relay.storage.postgres.shared import PostgresStore
from privity.relay.storage.store import StoreError

SCHEMA = Schema(
    1, ("CREATE TABLE things (name BLOB PRIMARY KEY) STRICT, WITHOUT ROWID",)
)
NAME = bytes(range(0x30, 0x50))
ALLOWED = (
    "GRANT pg_checkpoint TO privity",
    "GRANT EXECUTE ON FUNCTION pg_switch_wal() TO privity",
)
SIDES = ("accounts", "logs")


@pytest.fixture(scope="module")
def server():
    """A server that keeps no segment of its log for later use."""
    server = Cluster(need_bin_folder(), options={"wal_recycle": "off"})
    asyncio_run(statement(server.url, "CREATE ROLE privity LOGIN"))
    yield server
    server.stop()


@pytest.fixture(params=["trusted", "plain"])
def address(server, request):
    """Two databases whose owner may end the server's log, or may not."""
    name = f"t_{request.param}_{token_hex(4)}"
    for side in SIDES:
        database = f"{name}_{side}"
        make = f"CREATE DATABASE {database} OWNER privity"
        asyncio_run(statement(server.url, make))
        if request.param == "trusted":
            own = server.url.replace("/postgres", f"/{database}")
            asyncio_run(statement(own, *ALLOWED))
        else:
            asyncio_run(statement(server.url, "REVOKE pg_checkpoint FROM privity"))
    return f"postgresql://privity@/{name}?host={server.folder}"


def own_log(server):
    files = (server.folder / "data" / "pg_wal").glob("0*")
    return b"".join(path.read_bytes() for path in sorted(files))


async def test_a_sweep_ends_the_server_s_own_log_where_the_relay_may(server, address):
    store = PostgresStore(Place.of(address, "logs"), SCHEMA)
    await store.write(lambda db: db.execute("INSERT INTO things VALUES (?)", (NAME,)))
    assert NAME in own_log(server)
    await store.compact()
    assert (NAME in own_log(server)) is ("plain" in address)
    found = await store.read(lambda db: db.execute("SELECT * FROM things").fetchall())
    assert found == [(NAME,)]
    await store.close()


def test_the_doctor_says_how_far_the_server_s_own_log_can_go_back(
    address, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("PRIVITY_RELAY__DB__URL", address)
    data = tmp_path / "relay"
    assert main(["--data", str(data), "init"]) == 0
    capsys.readouterr()
    main(["doctor", "--data", str(data), "--json"])
    told = json.loads(capsys.readouterr().out)["data"]
    past = [one for one in told if one["name"].startswith("past of")]
    assert [one["ok"] for one in past] == ["trusted" in address] * 2
    if "plain" in address:
        assert past[0]["detail"] == "no right to end pg_wal"
        assert "who is in which chat" in past[0]["next"]


@pytest.fixture
def talkative():
    """A server that keeps what a sweep drops, in each way that has a name."""
    kept = {"wal_keep_size": "16MB", "log_statement": "mod"}
    kept |= {"log_min_duration_statement": "0", "wal_recycle": "off"}
    server = Cluster(need_bin_folder(), options=kept)
    slot = "SELECT pg_create_physical_replication_slot('copy')"
    for side in SIDES:
        asyncio_run(statement(server.url, f"CREATE DATABASE t_{side}"))
    asyncio_run(statement(server.url, slot))
    yield f"postgresql://relay@/t?host={server.folder}"
    server.stop()


def test_the_doctor_names_what_else_of_a_server_remembers(
    talkative, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("PRIVITY_RELAY__DB__URL", talkative)
    data = tmp_path / "relay"
    assert main(["--data", str(data), "init"]) == 0
    capsys.readouterr()
    main(["doctor", "--data", str(data), "--json"])
    told = json.loads(capsys.readouterr().out)["data"]
    past = [one["detail"] for one in told if one["name"].startswith("past of")]
    assert past == [
        "wal_keep_size, log_statement, log_min_duration_statement, replication slots: 1"
    ] * len(SIDES)


@pytest.fixture(params=SIDES)
def hindering(request):
    """Both databases of a server that fails to end its own log on one side."""
    url = f"{new_url()}%2Cpg_catalog"
    places = {side: Place.of(url, side) for side in SIDES}
    fails = "CREATE FUNCTION pg_switch_wal() RETURNS pg_lsn LANGUAGE plpgsql AS"
    fails += " $$ BEGIN RAISE 'the disk is slow'; END $$"
    asyncio_run(statement(places[request.param].dsn, fails))
    return places


@pytest.fixture
async def hindered(hindering, tmp_path):
    """The services of a relay there."""
    own = Services(
        config=quick_config(),
        accounts=PostgresStore(hindering["accounts"], ACCOUNT_SCHEMA),
        logs=PostgresStore(hindering["logs"], LOG_SCHEMA),
        files=BlobFiles(tmp_path / "blobs"),
        clock=time.time,
        random=secrets.token_bytes,
        keys=derive_keys(bytes(32)),
    )
    yield own
    await own.accounts.close()
    await own.logs.close()


async def test_a_server_that_fails_to_end_its_log_hinders_nothing_else_of_a_sweep(
    hindered,
):
    for _ in range(2):
        asked = TestAccount.new().registration(bytes(32))
        verified = accounts.verify_registration("localhost", asked)
        await hindered.accounts.write(
            lambda db, who=verified: accounts.register(
                db, who, hindered.now(), is_open=True
            )
        )
    hindered.files.write_part(bytes(16), 0, b"of no row")
    with pytest.raises(StoreError, match="the disk is slow"):
        await sweep(hindered, anew=True)
    written = "SELECT count(DISTINCT xmin::text), count(*) FROM accounts"
    told = await hindered.accounts.read(lambda db: db.execute(written).fetchone())
    assert tuple(told) == (1, 2)
    assert not list(hindered.files.ids())
