"""Who makes room in a full lobby: no generation keeps the others out of it."""

from contextlib import suppress

import pytest
from lobby_client import DAY, open_generation, open_lobby, open_road, pay
from refusing import refuses

from privity.relay import lobby, reading
from privity.wire import limits
from privity.wire.codes import Code, Refusal

LAST = 12


@pytest.fixture
def keys(logs_db):
    return open_road(logs_db, LAST)


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


def seen(db, keys, generation=LAST):
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
    lobby.answer(logs_db, keys.answer(pleas[9], generation=LAST))
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
    other = open_road(logs_db, LAST)
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


def fork(db, keys, parent, count=1):
    """Pay for a branch behind a commit, of so many openings; returns their seqs."""
    (head,) = db.execute(
        "SELECT max(seq) FROM commits WHERE log_id = ?", (keys.log_id,)
    ).fetchone()
    found = list(range(head + 1, head + 1 + count))
    for seq in found:
        open_generation(db, keys, seq, parent)
        parent = seq
    return found


def test_a_chain_of_dead_openings_takes_no_more_answers_than_one(logs_db, keys):
    plea = plead(logs_db, keys)
    for generation in fork(logs_db, keys, 1, count=20):
        for at in range(limits.ANSWERS_PER_PLEA):
            body = bytes([generation, at])
            with suppress(Refusal):
                call = keys.answer(plea, body, generation=generation)
                lobby.answer(logs_db, call)
    good = fill_answers(logs_db, keys, plea, LAST, 4)
    assert set(good) < set(lobby.answers(logs_db, keys.read(plea)))


def test_dead_branches_that_were_paid_for_leave_four_places_whatever_their_number(
    logs_db, keys
):
    plea = plead(logs_db, keys)
    good = fill_answers(logs_db, keys, plea, LAST, 4)
    for (generation,) in (fork(logs_db, keys, at) for at in range(10)):
        with suppress(Refusal):
            fill_answers(logs_db, keys, plea, generation)
    assert set(good) < set(lobby.answers(logs_db, keys.read(plea)))


@pytest.mark.parametrize("count", [1, 9])
def test_a_branch_that_the_chat_had_to_go_round_takes_no_more_than_three_quarters(
    logs_db, count
):
    """A member made it before its removal, so the chat has paid and it has not."""
    keys = open_lobby(logs_db)
    plea = plead(logs_db, keys)
    junk = fork(logs_db, keys, 0, count=count)
    (live,) = fork(logs_db, keys, 0)
    for generation in junk:
        with suppress(Refusal):
            fill_answers(logs_db, keys, plea, generation)
    good = fill_answers(logs_db, keys, plea, live, 2)
    for generation in junk:
        with suppress(Refusal):
            fill_answers(logs_db, keys, plea, generation)
    assert set(good) < set(lobby.answers(logs_db, keys.read(plea)))


def test_a_branch_hears_nothing_of_who_stood_behind_its_fork(logs_db, keys):
    plea = plead(logs_db, keys, 5)
    dead, *_, newest = fork(logs_db, keys, 4, count=3)
    assert seen(logs_db, keys) == seen(logs_db, keys, 5) == [plea]
    assert reading.has_pleas(logs_db, keys.log_id, LAST)
    for generation in (4, dead, newest):
        assert seen(logs_db, keys, generation) == []
        assert not reading.has_pleas(logs_db, keys.log_id, generation)
        lobby.drop(logs_db, keys.drop(plea, generation=generation))
        with refuses(Code.NO_SUCH_PLEA, logs_db):
            lobby.answer(logs_db, keys.answer(plea, generation=generation))
    assert lobby.answers(logs_db, keys.read(plea, generation=5)) == []
    told = lobby.plead(logs_db, keys.plea(pay(logs_db), generation=5), DAY)
    assert told == [LAST]


def test_a_branch_hears_who_stood_in_front_of_its_fork(logs_db, keys):
    plea = plead(logs_db, keys, 3)
    first, second = fork(logs_db, keys, 4, count=2)
    (inner,) = fork(logs_db, keys, first)
    assert seen(logs_db, keys, second) == seen(logs_db, keys, inner) == [plea]
    at_first = plead(logs_db, keys, first)
    assert seen(logs_db, keys, inner) == [plea, at_first]
    assert seen(logs_db, keys) == [plea]


def test_the_drops_of_so_many_generations_are_kept(logs_db, keys):
    pleas = fill(logs_db, keys, [0])
    for plea in pleas:
        lobby.drop(logs_db, keys.drop(plea, generation=LAST))
    newest = fork(logs_db, keys, LAST, 2 * limits.GENERATIONS_THAT_DROP)[-1]
    assert seen(logs_db, keys, newest) == []
    rows = logs_db.execute("SELECT count(DISTINCT generation) FROM dropped_pleas")
    assert rows.fetchone() == (limits.GENERATIONS_THAT_DROP,)


def test_dead_openings_wipe_no_drops_but_their_own(logs_db, keys):
    pleas = fill(logs_db, keys, [0])
    for plea in pleas:
        lobby.drop(logs_db, keys.drop(plea, generation=LAST))
    (dead,) = fork(logs_db, keys, 3)
    for plea in pleas:
        lobby.drop(logs_db, keys.drop(plea, generation=dead))
    fork(logs_db, keys, dead, 2 * limits.GENERATIONS_THAT_DROP)
    assert seen(logs_db, keys) == []
