"""The lobby of a log: who may plead, answer and tidy, and how much fits."""

import pytest
from lobby_client import DAY, Keys, open_lobby, pay
from refusing import refuses

from privity.errors import DecodeError
from privity.identity.signing import public_of
from privity.relay import lobby, logs, reading, tree
from privity.relay.tokens import TokenKind
from privity.wire import http, limits
from privity.wire import lobby as wire
from privity.wire.codes import Code, Refusal

MINUTE = DAY * 24 * 60


@pytest.fixture
def keys(logs_db):
    return open_lobby(logs_db)


def plead(db, keys, **changes):
    call = keys.plea(pay(db), **changes)
    lobby.check_claim(db, keys.host, call, MINUTE)
    lobby.plead(db, call, DAY)
    return call


def open_next(db, keys, generation, *, minute=MINUTE):
    """Close the newest generation with an opening that was stored at `minute`."""
    (before,) = db.execute("SELECT max(generation) FROM generations").fetchone()
    db.execute(
        "UPDATE generations SET closed_by = ? WHERE generation = ?",
        (generation, before),
    )
    db.execute(
        "INSERT INTO handshakes VALUES (?, ?, ?, 1, ?, ?, ?, ?)",
        (keys.log_id, generation, minute, *4 * [b""]),
    )
    key = public_of(keys.access), public_of(keys.lobby)
    logs.open_generation(db, keys.log_id, generation, key)
    (parent,) = db.execute("SELECT max(seq) FROM commits").fetchone()
    if parent < generation:
        tree.add_commit(db, keys.log_id, (generation, parent), (before, generation))


def check(db, keys, call, minute=MINUTE):
    lobby.check_claim(db, keys.host, call, minute)


def test_a_plea_is_listed_answered_and_the_answer_is_read(logs_db, keys):
    plea = plead(logs_db, keys)
    (waiting,) = lobby.waiting(logs_db, keys.listing())
    assert waiting == wire.WaitingPlea(plea.plea_id, 0, plea.body, 0)
    lobby.answer(logs_db, keys.answer(plea.plea_id, b"one"))
    lobby.answer(logs_db, keys.answer(plea.plea_id, b"two"))
    assert lobby.answers(logs_db, keys.read(plea.plea_id)) == [b"one", b"two"]
    assert lobby.waiting(logs_db, keys.listing())[0].answers == 2


def test_the_same_plea_again_costs_nothing_and_is_stored_once(logs_db, keys):
    plea = plead(logs_db, keys)
    assert not lobby.plead(logs_db, plea, DAY)
    assert len(lobby.waiting(logs_db, keys.listing())) == 1


@pytest.mark.parametrize("changes", [{"body": b"other"}, {"generation": 7}])
def test_an_id_names_one_plea(logs_db, keys, changes):
    plea = plead(logs_db, keys)
    fields = {"plea_id": plea.plea_id, "body": plea.body} | changes
    again = keys.plea(pay(logs_db), **fields)
    with refuses(Code.MALFORMED, logs_db):
        lobby.plead(logs_db, again, DAY)


@pytest.mark.parametrize(
    ("token", "code"),
    [(b"", Code.TOKEN_NEEDED), (bytes(84), Code.TOKEN_SPENT)],
)
def test_a_plea_costs_a_token(logs_db, keys, token, code):
    with refuses(code, logs_db):
        lobby.plead(logs_db, keys.plea(token), DAY)


def test_a_token_of_another_kind_does_not_pay_for_a_plea(logs_db, keys):
    with refuses(Code.TOKEN_SPENT, logs_db):
        lobby.plead(logs_db, keys.plea(pay(logs_db, TokenKind.BLOB)), DAY)


def test_there_is_no_answer_to_a_plea_that_is_not_there(logs_db, keys):
    with refuses(Code.NO_SUCH_PLEA, logs_db):
        lobby.answer(logs_db, keys.answer(bytes(16)))
    with refuses(Code.NO_SUCH_PLEA, logs_db):
        lobby.answers(logs_db, keys.read(bytes(16)))


def test_answers_are_read_with_the_lobby_key_of_the_plea(logs_db, keys):
    plea = plead(logs_db, keys)
    open_next(logs_db, keys, 1)
    lobby.answer(logs_db, keys.answer(plea.plea_id, generation=1))
    with refuses(Code.NO_SUCH_PLEA, logs_db):
        lobby.answers(logs_db, keys.read(plea.plea_id, generation=1))
    assert lobby.answers(logs_db, keys.read(plea.plea_id)) == [b"sealed answer"]


def test_a_dropped_plea_is_hidden_from_that_generation_alone(logs_db, keys):
    plea = plead(logs_db, keys)
    open_next(logs_db, keys, 1)
    logs_db.execute("UPDATE generations SET closed_by = 0")
    lobby.answer(logs_db, keys.answer(plea.plea_id))
    for _ in range(2):
        lobby.drop(logs_db, keys.drop(plea.plea_id, generation=1))
    assert lobby.waiting(logs_db, keys.listing(generation=1)) == []
    assert not reading.has_pleas(logs_db, keys.log_id, 1)
    (seen,) = lobby.waiting(logs_db, keys.listing())
    assert (seen.plea_id, seen.answers) == (plea.plea_id, 1)
    assert reading.has_pleas(logs_db, keys.log_id, 0)
    assert lobby.answers(logs_db, keys.read(plea.plea_id)) == [b"sealed answer"]


def test_a_drop_holds_in_the_generations_that_follow_it(logs_db, keys):
    plea = plead(logs_db, keys)
    lobby.drop(logs_db, keys.drop(plea.plea_id))
    open_next(logs_db, keys, 1)
    tree.inherit_drops(logs_db, keys.log_id, 0, 1)
    assert lobby.waiting(logs_db, keys.listing(generation=1)) == []


def test_who_pleaded_hears_of_a_drop_until_somebody_answers(logs_db, keys):
    plea = plead(logs_db, keys)
    lobby.drop(logs_db, keys.drop(plea.plea_id))
    with refuses(Code.NO_SUCH_PLEA, logs_db):
        lobby.answers(logs_db, keys.read(plea.plea_id))
    lobby.answer(logs_db, keys.answer(plea.plea_id))
    assert lobby.answers(logs_db, keys.read(plea.plea_id)) == [b"sealed answer"]


def test_a_drop_of_a_plea_that_is_not_there_leaves_nothing(logs_db, keys):
    lobby.drop(logs_db, keys.drop(bytes(16)))
    rows = logs_db.execute("SELECT count(*) FROM dropped_pleas")
    assert rows.fetchone() == (0,)


def add(db, keys, *commits):
    for seq, parent, generation in commits:
        (stated,) = db.execute(
            "SELECT generation FROM commits WHERE log_id = ? AND seq = ?",
            (keys.log_id, parent),
        ).fetchone()
        tree.add_commit(db, keys.log_id, (seq, parent), (stated, generation))


def test_a_generation_s_commits_are_told_with_those_that_close_it(logs_db, keys):
    add(logs_db, keys, (2, 0, 0), (5, 2, 0), (6, 2, 6), (8, 5, 8), (9, 6, 6))
    open_next(logs_db, keys, 6)
    told = lobby.commits(logs_db, keys.commits())
    assert told == [(2, 0), (5, 2), (6, 2), (8, 5)]
    assert lobby.commits(logs_db, keys.commits(generation=6)) == [(9, 6)]


def test_no_more_commits_are_told_than_a_road_may_have(logs_db, keys, monkeypatch):
    monkeypatch.setattr(limits, "ROAD_COMMITS", 3)
    add(logs_db, keys, *((seq, seq - 1, 0) for seq in range(1, 9)))
    assert lobby.commits(logs_db, keys.commits()) == [(1, 0), (2, 1), (3, 2)]


def test_a_plea_and_its_answers_live_for_fourteen_days(logs_db, keys):
    plea = plead(logs_db, keys)
    lobby.answer(logs_db, keys.answer(plea.plea_id))
    lobby.drop_old(logs_db, DAY + 13)
    assert lobby.answers(logs_db, keys.read(plea.plea_id))
    lobby.drop_old(logs_db, DAY + 14)
    assert lobby.waiting(logs_db, keys.listing()) == []
    assert logs_db.execute("SELECT count(*) FROM answers").fetchone() == (0,)


def test_the_keys_have_their_acts_and_no_others(logs_db, keys):
    plea = plead(logs_db, keys)
    for call in (keys.plea(), keys.read(plea.plea_id), keys.commits()):
        check(logs_db, keys, call)
    for call in (keys.listing(), keys.answer(plea.plea_id), keys.drop(plea.plea_id)):
        check(logs_db, keys, call)
    swapped = Keys()
    swapped.log_id = keys.log_id
    swapped.access, swapped.lobby = keys.lobby, keys.access
    for call in (
        swapped.plea(),
        swapped.read(plea.plea_id),
        swapped.commits(),
        swapped.listing(),
        swapped.answer(plea.plea_id),
        swapped.drop(plea.plea_id),
    ):
        with refuses(Code.NOT_AUTHENTIC, logs_db):
            check(logs_db, keys, call)


@pytest.mark.parametrize(
    "changes",
    [
        {"act": wire.Act.READ},
        {"host": "other.example"},
        {"log_id": bytes(16)},
        {"after": {"body": b"exchanged"}},
        {"after": {"nonce": b"n" * 32}},
        {"after": {"plea_id": bytes(16)}},
    ],
)
def test_a_signature_is_for_one_call_alone(logs_db, keys, changes):
    from msgspec import structs

    other = Keys(changes.get("host", keys.host))
    other.log_id = changes.get("log_id", keys.log_id)
    other.lobby = keys.lobby
    act = changes.get("act")
    call = other.plea(act=act) if act else other.plea()
    call = structs.replace(call, log_id=keys.log_id, **changes.get("after", {}))
    with refuses(Code.NOT_AUTHENTIC, logs_db):
        check(logs_db, keys, call)


def test_who_has_the_access_key_of_a_closed_generation_only_pleads(logs_db, keys):
    plea = plead(logs_db, keys)
    open_next(logs_db, keys, 1)
    check(logs_db, keys, keys.plea())
    for call in (keys.listing(), keys.answer(plea.plea_id), keys.drop(plea.plea_id)):
        with refuses(Code.WRONG_GENERATION, logs_db):
            check(logs_db, keys, call)


def test_a_lobby_key_serves_for_400_days_after_its_generation(logs_db, keys):
    open_next(logs_db, keys, 1)
    days = limits.LOBBY_KEY_DAYS
    for call in (keys.plea(), keys.commits()):
        check(logs_db, keys, call, MINUTE + days * 1440)
        with refuses(Code.GONE, logs_db):
            check(logs_db, keys, call, MINUTE + days * 1440 + 1)
    check(logs_db, keys, keys.plea(generation=1), MINUTE + 2 * days * 1440)


def test_there_is_no_lobby_without_a_log_or_a_generation(logs_db, keys):
    with refuses(Code.WRONG_GENERATION, logs_db):
        check(logs_db, keys, keys.plea(generation=3))
    with refuses(Code.NO_SUCH_LOG, logs_db):
        check(logs_db, Keys(), Keys().plea())


@pytest.mark.parametrize(
    "body", [b"", bytes(limits.PLEA + 1)], ids=["empty", "too large"]
)
def test_a_plea_of_another_size_is_malformed(body):
    with pytest.raises(DecodeError):
        http.decode(wire.PostPlea, http.encode(Keys().plea(body=body)))


async def test_a_lobby_over_http(caller, planes, ana):
    await caller.register(ana)
    _, logged_in = await planes.log_in(ana)
    caller.session = logged_in.session
    (log_token,), (token,) = await caller.tokens("log"), await caller.tokens("plea")
    caller.session = b""
    keys = Keys()
    await caller.call("POST", "/v1/logs", keys.creation(log_token))
    nonce = (await caller.call("POST", "/v1/nonce", answer=http.Nonce)).nonce
    plea = keys.plea(token, nonce=nonce)
    await caller.call("POST", "/v1/lobby/pleas", plea)
    asked = keys.listing(nonce=nonce)
    found = await caller.call("POST", "/v1/lobby/pleas/list", asked, wire.WaitingPleas)
    assert [one.body for one in found.pleas] == [plea.body]
    answer = keys.answer(plea.plea_id, nonce=nonce)
    await caller.call("POST", "/v1/lobby/answers", answer)
    read = keys.read(plea.plea_id, nonce=nonce)
    got = await caller.call("POST", "/v1/lobby/answers/read", read, wire.Answers)
    assert got.answers == [b"sealed answer"]
    await caller.call(
        "POST", "/v1/lobby/pleas/drop", keys.drop(plea.plea_id, nonce=nonce)
    )
    found = await caller.call("POST", "/v1/lobby/pleas/list", asked, wire.WaitingPleas)
    assert found.pleas == []
    asked = keys.commits(nonce=nonce)
    told = await caller.call("POST", "/v1/lobby/commits", asked, wire.Commits)
    assert told.commits == []
    read = keys.read(bytes(16), nonce=nonce)
    with pytest.raises(Refusal) as refused:
        await caller.call("POST", "/v1/lobby/answers/read", read)
    assert refused.value.code is Code.NO_SUCH_PLEA


async def test_a_call_without_a_fresh_nonce_is_refused(caller):
    with pytest.raises(Refusal) as refused:
        await caller.call("POST", "/v1/lobby/pleas", Keys().plea(bytes(32)))
    assert refused.value.code is Code.NOT_AUTHENTIC
