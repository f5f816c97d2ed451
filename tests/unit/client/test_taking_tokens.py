"""Tokens are blind, proven, and under the keys that everybody was told of."""

import secrets
import sqlite3
import time
from contextlib import closing

import pytest
from msgspec import structs

from privity.client.blinding import Blinding
from privity.client.errors import Misbehaved
from privity.client.transport.token_calls import TokenDesk
from privity.client.wallet import Wallet
from privity.core.effects import Cause
from privity.errors import NotAuthentic
from privity.identity.signing import Signer
from privity.relay.oprf import Function, blinded
from privity.relay.token_keys import keep_weeks, stated_weeks
from privity.relay.tokens import spend
from privity.wire import http
from privity.wire.codes import Code, Refusal
from privity.wire.tokens import (
    Scheme,
    SignedTokenKeys,
    Token,
    TokenKind,
    sign_token_keys,
    week_of,
)

WHY = Cause("test")
DATA = b"an input"


def test_an_output_is_what_the_relay_computes_and_the_relay_never_saw_it():
    function = Function(bytes(32), b"info")
    first, second = Blinding(DATA), Blinding(DATA)
    assert first.element != second.element
    answer = function.evaluate(blinded(first.element))
    assert first.output(function.public, answer) == function.output(DATA)
    assert function.output(DATA) not in answer
    assert Function(bytes(32), b"other").output(DATA) != function.output(DATA)


def test_what_does_not_prove_the_stated_key_is_refused():
    function, other = Function(bytes(32), b"info"), Function(bytes(32), b"other")
    blinding = Blinding(DATA)
    answer = function.evaluate(blinded(blinding.element))
    foreign = function.evaluate(blinded(Blinding(DATA).element))
    wrong = [
        (other.public, answer),
        (function.public, other.evaluate(blinded(blinding.element))),
        (function.public, foreign),
        (function.public, foreign[:64] + answer[64:]),
        (function.public, answer[:64] + foreign[64:]),
        (function.public, answer[:-1]),
        (function.public, answer + b"x"),
        (function.public, bytes(96)),
        (bytes(32), answer),
        (b"", answer),
    ]
    for public, given in wrong:
        with pytest.raises(NotAuthentic):
            blinding.output(public, given)
    for at in range(0, 96, 5):
        bent = answer[:at] + bytes([answer[at] ^ 1]) + answer[at + 1 :]
        with pytest.raises(NotAuthentic):
            blinding.output(function.public, bent)
    assert blinding.output(function.public, answer) == function.output(DATA)


def test_secrets_of_tokens_do_not_print():
    token = Token(1, bytes(16), b"\x77" * 64)
    assert [repr(one) for one in (token, Blinding(DATA), Function(bytes(32), b""))] == [
        "<token>",
        "<blinding>",
        "<function>",
    ]


class Bent:
    """A plane whose answers somebody changes."""

    def __init__(self, plane, change):
        self._plane, self._change = plane, change

    async def ask(self, asked, kind):
        return self._change(await self._plane.ask(asked, kind))


class World:
    """Ana's planes over a real relay, and what the relay could say instead."""

    def __init__(self, person, relay):
        planes = person.driver.network.connection
        self.session, self.chats = planes.session, planes.chats
        self.identified, self.anonymous = planes.identified, planes.anonymous
        self.wallet = Wallet(person.driver.store.database)
        self.desk = TokenDesk(self, self.wallet)
        self._relay = relay

    def signer(self):
        with closing(sqlite3.connect(self._relay.data / "logs.sqlite")) as db:
            return Signer(db.execute("SELECT seed FROM head_key").fetchone()[0])

    def state(self, change, signer=None, host="localhost"):
        def changed(answer):
            weeks = change(SignedTokenKeys.decode(answer.statement).keys.weeks)
            signed = sign_token_keys(signer or self.signer(), host, weeks)
            return http.StatedTokenKeys(signed)

        self.anonymous = Bent(self.anonymous, changed)

    def pinned(self):
        return self.wallet._database.read(
            lambda db: db.execute("SELECT * FROM token_weeks").fetchall()
        )


@pytest.fixture
async def world(make_person, relay):
    return World(await make_person("ana"), relay)


def spendable(relay, kind, token):
    with closing(sqlite3.connect(relay.data / "logs.sqlite")) as db:
        spend(db, TokenKind(kind), token)
        db.rollback()


async def test_tokens_are_good_and_each_another(world, relay):
    taken = await world.desk.take("plea", 5, WHY)
    assert len({Token.decode(one).nonce for one in taken}) == 5
    for one in taken:
        spendable(relay, "plea", one)
        with pytest.raises(Refusal, match="token_spent"):
            spendable(relay, "log", one)


def other_keys(weeks):
    made = sqlite3.connect(":memory:")
    made.execute("CREATE TABLE token_seed (one INTEGER PRIMARY KEY, seed BLOB)")
    made.execute("CREATE TABLE token_weeks (week INTEGER PRIMARY KEY, scheme INTEGER)")
    keep_weeks(made, weeks[0].week, Scheme.BLIND, secrets.token_bytes)
    return stated_weeks(made, weeks[0].week)


async def test_keys_of_its_own_for_somebody_who_has_seen_the_others_are_refused(world):
    await world.desk.take("plea", 1, WHY)
    before = world.pinned()
    world.state(other_keys)
    with pytest.raises(Misbehaved, match="other token keys"):
        await world.desk.take("plea", 1, WHY)
    assert world.pinned() == before


async def test_the_next_week_is_pinned_before_it_begins(world):
    await world.desk.take("plea", 1, WHY)
    world.state(lambda weeks: (weeks[0], other_keys(weeks)[1]))
    with pytest.raises(Misbehaved, match="other token keys"):
        await world.desk.take("plea", 1, WHY)


async def test_a_week_does_not_stop_being_blind(world):
    await world.desk.take("plea", 1, WHY)
    world.state(
        lambda weeks: (
            structs_of(weeks[0], Scheme.IDENTIFIED),
            structs_of(weeks[1], Scheme.IDENTIFIED),
        )
    )
    with pytest.raises(Misbehaved, match="other token keys"):
        await world.desk.take("plea", 1, WHY)


def structs_of(week, scheme):
    return type(week)(week.week, scheme, ())


async def test_tokens_under_other_keys_than_stated_are_refused(world):
    world.state(other_keys)
    with pytest.raises(Misbehaved, match="other keys than it stated"):
        await world.desk.take("plea", 1, WHY)
    assert world.wallet.count("plea") == 0


@pytest.mark.parametrize("days", [-9, 9, 700])
async def test_a_week_that_would_tell_its_tokens_from_others_is_refused(world, days):
    world.desk = TokenDesk(world, world.wallet, lambda: time.time() + days * 86_400)
    with pytest.raises(Misbehaved, match="another week"):
        await world.desk.take("plea", 1, WHY)
    assert world.pinned() == []


async def test_a_statement_of_another_key_or_host_or_shape_is_none(world):
    plane, signer = world.anonymous, Signer(bytes(32))
    changes = [
        {"change": lambda weeks: weeks, "signer": signer},
        {"change": lambda weeks: weeks, "host": "elsewhere.example"},
        {"change": lambda weeks: weeks[:1]},
        {"change": lambda _: ()},
        {"change": lambda weeks: (weeks[1], weeks[0])},
        {"change": lambda weeks: (structs_of(weeks[0], Scheme.BLIND), weeks[1])},
    ]
    for change in changes:
        world.anonymous = plane
        world.state(**change)
        with pytest.raises(Misbehaved, match="no token keys"):
            await world.desk.take("plea", 1, WHY)
    assert world.pinned() == []


async def test_fewer_answers_than_were_asked_are_refused(world):
    world.identified = Bent(
        world.identified, lambda got: structs.replace(got, made=got.made[1:])
    )
    with pytest.raises(Misbehaved, match="1 tokens for 2"):
        await world.desk.take("plea", 2, WHY)


async def test_what_nobody_may_take_is_a_refusal(world):
    with pytest.raises(Refusal) as refused:
        await world.desk.take("plea", 21, WHY)
    assert refused.value.code is Code.RATE_LIMITED


def test_weeks_have_seven_days():
    assert [week_of(day * 86_400) for day in (0, 6, 7, 20_000)] == [0, 0, 1, 2857]
