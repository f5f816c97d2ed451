"""Who makes room in a full lobby: no generation keeps the others out of it."""

import pytest
from lobby_client import DAY, open_lobby, pay
from refusing import refuses

from privity.relay import lobby, tree
from privity.wire import limits
from privity.wire.codes import Code


@pytest.fixture
def keys(logs_db):
    return open_lobby(logs_db)


def plead(db, keys, generation=0):
    call = keys.plea(pay(db), generation=generation)
    lobby.plead(db, call, DAY)
    return call.plea_id


def fill(db, keys, generations=range(8)):
    return [
        plead(db, keys, generation)
        for generation in generations
        for _ in range(limits.PLEAS_PER_GENERATION)
    ]


def seen(db, keys, generation=99):
    return [
        one.plea_id for one in lobby.waiting(db, keys.listing(generation=generation))
    ]


def test_four_pleas_of_a_generation_wait_and_the_newest_stay(logs_db, keys):
    first, *others = fill(logs_db, keys, [0])
    other_branch = plead(logs_db, keys, 7)
    last = plead(logs_db, keys)
    assert seen(logs_db, keys) == [*others, other_branch, last]
    with refuses(Code.NO_SUCH_PLEA, logs_db):
        lobby.answers(logs_db, keys.read(first))


@pytest.mark.parametrize("deed", ["answer", "drop"])
def test_a_plea_that_was_answered_or_dropped_waits_no_more(logs_db, keys, deed):
    first = plead(logs_db, keys)
    {"answer": lobby.answer, "drop": lobby.drop}[deed](
        logs_db, getattr(keys, deed)(first)
    )
    others = fill(logs_db, keys, [0])
    assert seen(logs_db, keys) == [first, *others]


@pytest.mark.parametrize(
    ("token", "code"),
    [(b"", Code.TOKEN_NEEDED), (bytes(84), Code.TOKEN_SPENT)],
)
def test_nobody_makes_room_for_a_plea_that_is_not_paid_for(logs_db, keys, token, code):
    fill(logs_db, keys)
    with refuses(code, logs_db):
        lobby.plead(logs_db, keys.plea(token), DAY)


def test_in_a_lobby_of_thirty_two_what_was_dropped_goes_first(logs_db, keys):
    pleas = fill(logs_db, keys)
    lobby.answer(logs_db, keys.answer(pleas[9]))
    lobby.drop(logs_db, keys.drop(pleas[9], generation=8))
    late = plead(logs_db, keys, 8)
    assert seen(logs_db, keys) == [*pleas[:9], *pleas[10:], late]
    for table in ("answers", "dropped_pleas"):
        rows = logs_db.execute(f"SELECT count(*) FROM {table}")
        assert rows.fetchone() == (0,)


def test_in_a_lobby_of_thirty_two_the_generation_with_the_most_makes_room(
    logs_db, keys
):
    pleas = fill(logs_db, keys)
    others = [plead(logs_db, keys, generation) for generation in range(8, 12)]
    gone = [pleas[at] for at in (0, 4, 8, 12)]
    kept = [one for one in pleas if one not in gone]
    assert seen(logs_db, keys) == kept + others


def test_another_log_s_lobby_makes_no_room(logs_db, keys):
    other = open_lobby(logs_db)
    pleas = fill(logs_db, other)
    fill(logs_db, keys)
    plead(logs_db, keys, 8)
    assert seen(logs_db, other) == pleas


def fill_answers(db, keys, plea, generation, count=limits.ANSWERS_PER_PLEA):
    bodies = [bytes([generation, at + 1]) for at in range(count)]
    for body in bodies:
        lobby.answer(db, keys.answer(plea, body, generation=generation))
    return bodies


def test_a_plea_has_eight_answers_and_a_repeat_is_none(logs_db, keys):
    plea = plead(logs_db, keys)
    bodies = fill_answers(logs_db, keys, plea, 0)
    lobby.answer(logs_db, keys.answer(plea, bodies[0]))
    with refuses(Code.LOBBY_FULL, logs_db):
        lobby.answer(logs_db, keys.answer(plea, b"one more"))
    assert lobby.answers(logs_db, keys.read(plea)) == bodies


def test_a_dead_branch_leaves_half_of_the_answers_to_a_live_one(logs_db, keys):
    plea = plead(logs_db, keys)
    junk = fill_answers(logs_db, keys, plea, 5)
    good = fill_answers(logs_db, keys, plea, 9, 4)
    assert lobby.answers(logs_db, keys.read(plea)) == junk[:4] + good
    for generation in (5, 9):
        answer = keys.answer(plea, b"one more", generation=generation)
        with refuses(Code.LOBBY_FULL, logs_db):
            lobby.answer(logs_db, answer)


def test_what_was_displaced_does_not_come_back(logs_db, keys):
    plea = plead(logs_db, keys)
    junk = fill_answers(logs_db, keys, plea, 5)
    fill_answers(logs_db, keys, plea, 9, 1)
    with refuses(Code.LOBBY_FULL, logs_db):
        lobby.answer(logs_db, keys.answer(plea, junk[7], generation=5))


def test_the_drops_of_so_many_generations_are_kept(logs_db, keys):
    pleas = fill(logs_db, keys, [0])
    for plea in pleas:
        lobby.drop(logs_db, keys.drop(plea))
    newest = 2 * limits.GENERATIONS_THAT_DROP
    for generation in range(newest):
        tree.inherit_drops(logs_db, keys.log_id, generation, generation + 1)
    assert seen(logs_db, keys, newest) == []
    rows = logs_db.execute("SELECT count(DISTINCT generation) FROM dropped_pleas")
    assert rows.fetchone() == (limits.GENERATIONS_THAT_DROP,)
