"""The attacker reads a real server's own log as it is: rows, order, transactions."""

import pytest
from postgres_cluster import Cluster, asyncio_run, need_bin_folder, statement

from tests.seizure.server_wal import records_naming

NAMES = [bytes([number]) * 16 for number in range(1, 5)]


@pytest.fixture(scope="module")
def server():
    """A server that writes whole pages behind a checkpoint, as any does."""
    server = Cluster(need_bin_folder(), options={"wal_recycle": "on"})
    yield server
    server.stop()


def put(name):
    return f"INSERT INTO things VALUES ('\\x{name.hex()}')"


def test_rows_are_read_in_their_order_also_out_of_whole_pages_and_kept_segments(server):
    statements = ["CREATE TABLE things (name BYTEA)"]
    for name in NAMES:
        statements += [put(name), "CHECKPOINT"]
    statements.insert(5, "SELECT pg_switch_wal()")
    for one in statements:
        asyncio_run(statement(server.url, one))
    files = sorted((server.folder / "data" / "pg_wal").glob("0*"))
    found = records_naming([path.read_bytes() for path in files], NAMES)
    seen = [record for record in found if len(record.names) == 1]
    order = [next(iter(record.names)) for record in seen]
    assert order == sorted(order)
    assert set(order) == set(NAMES)
    assert len({record.xid for record in seen if record.xid}) == len(NAMES)
