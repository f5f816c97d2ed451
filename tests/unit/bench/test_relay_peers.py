"""Our relay beside other servers: what the table says, and that ours takes part."""

import asyncio
from types import SimpleNamespace

from bench.relay_peers import harness, peer_privity
from bench.relay_peers.runs import Run
from bench.relay_peers.servers import ours
from bench.relay_peers.table import rows_of, told
from bench.report import misses_goal


def run(server, mode, **figures):
    return Run(server, mode, figures)


OURS = run("Privity", "sat", msg_s=9_000, msg_per_srv_cpu_s=10_000)
ON_PG = run("Privity, PostgreSQL", "sat", msg_s=900, msg_per_srv_cpu_s=1_000)


def test_ours_stands_beside_each_other_that_did_the_same():
    runs = [
        OURS,
        run("Privity", "light", p50_ms=2.0, p99_ms=5.0),
        run("bare", "sat", msg_s=18_000, msg_per_srv_cpu_s=40_000),
        run("ejabberd, archive", "sat", msg_s=1_000, msg_per_srv_cpu_s=500),
        run("ejabberd, archive", "light", p50_ms=4.0, p99_ms=2.0),
    ]
    rows = {(row.name, row.peer): row for row in rows_of(runs)}
    assert rows["messages", "bare"].ratio == 0.5
    beside_bare = rows["messages by CPU", "bare"]
    assert (beside_bare.ratio, beside_bare.goal) == (0.25, 0.6)
    assert misses_goal(beside_bare)
    beside_archive = rows["messages by CPU", "ejabberd, archive"]
    assert beside_archive.ratio == 20
    assert not misses_goal(beside_archive)
    assert rows["latency p99", "ejabberd, archive"].ratio == 2.5
    assert len(rows) == 6


def test_a_store_is_compared_with_the_bare_limit_of_the_same_store():
    on_pg = run("bare, PostgreSQL", "sat", msg_s=20_000, msg_per_srv_cpu_s=20_000)
    (row,) = rows_of([OURS, ON_PG, on_pg])
    assert (row.value, row.peer_value, row.ratio) == (1_000, 20_000, 0.05)


def test_a_run_is_a_line():
    line = told(run("Synapse, room", "sat", msg_s=18.2, msg_per_srv_cpu_s=18))
    assert line.split() == ["Synapse,", "room", "sat", "18", "18"]


def test_a_bare_clone_says_in_one_line_what_it_lacks(tmp_path, monkeypatch):
    monkeypatch.setenv("RELAY_PEERS", str(tmp_path))
    assert harness.missing() == (
        f"no harness at {tmp_path} (it is not part of this repository)"
    )


async def heard_of(mode, payload, count):
    """Return what the second device hears, of a chat that the first one writes to."""
    came = asyncio.Queue()
    peer = peer_privity.Peer("")
    await peer.setup(2, mode, SimpleNamespace(pairs=1))
    devices = [
        await peer.connect(number, lambda *told: came.put_nowait(told))
        for number in range(2)
    ]
    if mode == "group":
        devices[0].send_group(payload)
    else:
        devices[0].send(1, payload)
    async with asyncio.timeout(5):
        heard = [await came.get() for _ in range(count)]
    for device in devices:
        device.close()
    return heard


def test_the_harness_sends_through_our_relay(tmp_path, monkeypatch):
    (tmp_path / "run").mkdir()
    monkeypatch.setattr(peer_privity, "_RUN", tmp_path / "run")
    one, two = b"one" * 300, b"two" * 300
    with ours(harness.Harness(tmp_path)):
        assert asyncio.run(heard_of("sat", one, 1)) == [(1, one)]
        # Who follows the same chat from its beginning gets what was there as well.
        assert asyncio.run(heard_of("group", two, 2)) == [(1, one), (1, two)]
