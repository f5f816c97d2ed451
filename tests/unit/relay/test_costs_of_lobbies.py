"""What a lobby costs a relay of many chats: as much as that one lobby holds."""

import secrets

import pytest
from lobby_client import DAY, open_lobby, open_road, pay
from refusing import memory

from privity.relay import lobby, reading, tree
from privity.relay.storage.log_tables import LOG_SCHEMA
from privity.wire import limits

CHATS = 10_000
COMMITS = 2 * limits.ROAD_COMMITS
LAST = 9
STEPS = 20
"""So many steps of SQLite's machine pass between two counts."""


@pytest.fixture(scope="module")
def crowd():
    """A log side of 10,000 chats, each with a plea that was answered and dropped."""
    db = memory(LOG_SCHEMA)
    ids = [(secrets.token_bytes(16), secrets.token_bytes(16)) for _ in range(CHATS)]
    db.execute("BEGIN")
    db.executemany("INSERT INTO pleas VALUES (?, ?, 1, 0, ?, x'01')", with_day(ids))
    db.executemany("INSERT INTO answers VALUES (?, ?, 1, 0, x'01')", ids)
    db.executemany("INSERT INTO dropped_pleas VALUES (?, 0, ?)", ids)
    db.execute("COMMIT")
    return db


@pytest.fixture
def keys(crowd):
    """A chat among them, which nobody else's test has."""
    return open_road(crowd, LAST)


def with_day(ids):
    return [(*both, DAY) for both in ids]


def steps(db, act):
    """Return about how many steps SQLite's machine needed for `act`."""
    count = 0

    def passed():
        nonlocal count
        count += STEPS
        return 0

    db.set_progress_handler(passed, STEPS)
    try:
        act()
    finally:
        db.set_progress_handler(None, 0)
    return count


def fill(db, keys):
    """Fill a lobby: 32 pleas of eight generations, each with eight answers."""
    for number in range(limits.PLEAS_PER_LOG):
        generation = number % 8
        call = keys.plea(pay(db), generation=generation)
        lobby.plead(db, call, DAY)
        for at in range(limits.ANSWERS_PER_PLEA):
            lobby.answer(
                db, keys.answer(call.plea_id, bytes([at + 1]), generation=LAST - 1)
            )
        lobby.drop(db, keys.drop(call.plea_id, generation=generation))
    return call


ACTS = {
    "plead": lambda db, keys, _: lobby.plead(db, keys.plea(pay(db)), DAY),
    "list": lambda db, keys, _: lobby.waiting(db, keys.listing(generation=LAST)),
    "answer": lambda db, keys, plea: lobby.answer(
        db, keys.answer(plea, secrets.token_bytes(9), generation=LAST)
    ),
    "read": lambda db, keys, plea: lobby.answers(db, keys.read(plea, generation=7)),
    "drop": lambda db, keys, plea: lobby.drop(db, keys.drop(plea, generation=LAST)),
    "look": lambda db, keys, _: reading.has_pleas(db, keys.log_id, LAST),
    "inherit": lambda db, keys, _: tree.inherit_drops(db, keys.log_id, 7, 8),
}


@pytest.mark.parametrize("act", ACTS)
def test_a_full_lobby_costs_what_is_in_it_whatever_else_the_relay_holds(
    crowd, keys, act
):
    plea = fill(crowd, keys).plea_id
    assert steps(crowd, lambda: ACTS[act](crowd, keys, plea)) < 6_000


def plans(db, act):
    """Return how SQLite goes about each statement of `act`, line by line."""
    asked = []
    db.set_trace_callback(asked.append)
    try:
        act()
    finally:
        db.set_trace_callback(None)
    return [
        line
        for statement in asked
        for *_, line in db.execute(f"EXPLAIN QUERY PLAN {statement}")
    ]


@pytest.mark.parametrize("act", ACTS)
def test_no_step_of_a_lobby_walks_through_a_table(crowd, keys, act):
    plea = fill(crowd, keys).plea_id
    found = plans(crowd, lambda: ACTS[act](crowd, keys, plea))
    assert any("SEARCH" in line for line in found)
    assert [line for line in found if line.startswith("SCAN")] == []


def test_forgetting_old_pleas_costs_what_is_forgotten(crowd, keys):
    lobby.plead(crowd, keys.plea(pay(crowd)), DAY - 20)
    assert steps(crowd, lambda: lobby.drop_old(crowd, DAY)) < 1_000
    assert lobby.waiting(crowd, keys.listing()) == []
    assert crowd.execute("SELECT count(*) FROM pleas").fetchone()[0] >= CHATS


@pytest.fixture
def road(crowd):
    """A chat with a road of 8,192 commits, half of them in generation 0."""
    keys = open_lobby(crowd)
    crowd.execute("BEGIN")
    for seq in range(1, COMMITS + 1):
        opened = seq if seq > COMMITS // 2 else 0
        tree.add_commit(
            crowd, keys.log_id, (seq, seq - 1), (opened and seq - 1, opened)
        )
    crowd.execute("COMMIT")
    return keys


@pytest.mark.parametrize("generation", [0, COMMITS // 2 + 1, COMMITS])
def test_the_commits_of_a_generation_cost_what_is_told(crowd, road, generation):
    found = []
    asked = road.commits(generation=generation)
    cost = steps(crowd, lambda: found.extend(lobby.commits(crowd, asked)))
    assert cost < 20 * len(found) + 100
