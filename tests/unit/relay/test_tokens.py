"""Tokens: a daily number for each device and kind, each good once and for days."""

import secrets

import pytest
from log_plane import Chat
from minted import minted
from refusing import memory, refuses

from privity.client.blinding import Blinding
from privity.relay import bearers, token_keys, tokens
from privity.relay.config import TokenSettings
from privity.relay.storage.log_tables import LOG_SCHEMA
from privity.wire import http
from privity.wire.codes import Code, Refusal
from privity.wire.tokens import (
    Scheme,
    SignedTokenKeys,
    Token,
    TokenKind,
    function_input,
)

DEVICE = (b"a" * 16, b"d" * 16)
TODAY = 20_000


def dump(db):
    return "".join(db.iterdump()).lower()


def count(db, number, day=TODAY, device=DEVICE, kind=TokenKind.LOG):
    tokens.count_issued(db, device, kind, day * 86_400 + 1, (number, 10))


def test_a_device_takes_its_daily_number_and_no_more(accounts_db):
    count(accounts_db, 7)
    count(accounts_db, 3)
    with refuses(Code.RATE_LIMITED, accounts_db):
        count(accounts_db, 1)


def test_a_device_that_took_all_is_told_to_come_tomorrow(accounts_db):
    now = TODAY * 86_400 + 86_000
    count(accounts_db, 10)
    with pytest.raises(Refusal) as refused:
        tokens.count_issued(accounts_db, DEVICE, TokenKind.LOG, now, (1, 10))
    assert refused.value.wait_ms == 400_000


def test_new_devices_do_not_multiply_an_account_s_tokens(accounts_db):
    for number in range(16):
        count(accounts_db, 10, device=(b"a" * 16, bytes([number]) * 16))
    with refuses(Code.RATE_LIMITED, accounts_db):
        count(accounts_db, 1, device=(b"a" * 16, b"z" * 16))
    count(accounts_db, 1, device=(b"b" * 16, b"z" * 16))


def test_kinds_devices_and_days_are_counted_apart(accounts_db):
    count(accounts_db, 10)
    count(accounts_db, 10, kind=TokenKind.BLOB)
    count(accounts_db, 10, device=(b"a" * 16, b"e" * 16))
    count(accounts_db, 10, day=TODAY + 1)


def test_counts_of_earlier_days_are_forgotten(accounts_db):
    count(accounts_db, 10)
    tokens.drop_counts(accounts_db, TODAY + 1)
    assert accounts_db.execute("SELECT * FROM tokens_issued").fetchall() == []


def test_the_log_side_keeps_nothing_of_a_token_but_its_nonce_once_spent(logs_db):
    token = minted(logs_db, TokenKind.BLOB)
    shown = Token.decode(token)
    assert shown.nonce.hex() not in dump(logs_db)
    tokens.spend(logs_db, TokenKind.BLOB, token)
    assert shown.nonce.hex() in dump(logs_db)
    assert shown.output.hex() not in dump(logs_db)
    assert "blob" not in "".join(
        line for line in logs_db.iterdump() if line.startswith("INSERT")
    )


@pytest.mark.parametrize("scheme", Scheme)
def test_a_token_is_good_once(logs_db, scheme):
    token = minted(logs_db, TokenKind.LOG, scheme=scheme)
    tokens.spend(logs_db, TokenKind.LOG, token)
    with refuses(Code.TOKEN_SPENT, logs_db):
        tokens.spend(logs_db, TokenKind.LOG, token)


@pytest.mark.parametrize("scheme", Scheme)
def test_a_token_is_good_for_its_kind_and_week_alone(logs_db, scheme):
    token = minted(logs_db, TokenKind.LOG, 7, scheme=scheme)
    for kind in set(TokenKind) - {TokenKind.LOG}:
        with refuses(Code.TOKEN_SPENT, logs_db):
            tokens.spend(logs_db, kind, token)
    minted(logs_db, TokenKind.LOG, 8)
    shown = Token.decode(token)
    for week in (6, 8, 9, 1 << 31):
        moved = Token(week, shown.nonce, shown.output).encode()
        with refuses(Code.TOKEN_SPENT, logs_db):
            tokens.spend(logs_db, TokenKind.LOG, moved)
    tokens.spend(logs_db, TokenKind.LOG, token)


@pytest.mark.parametrize("scheme", Scheme)
def test_whatever_differs_from_a_token_buys_nothing(logs_db, scheme):
    token = minted(logs_db, TokenKind.LOG, scheme=scheme)
    others = [token[:-1], token + b"x", bytes(84), b"x"]
    others += [token[:at] + bytes([token[at] ^ 1]) + token[at + 1 :] for at in (4, 83)]
    for other in others:
        with refuses(Code.TOKEN_SPENT, logs_db):
            tokens.spend(logs_db, TokenKind.LOG, other)
    tokens.spend(logs_db, TokenKind.LOG, token)


def test_a_week_that_is_over_has_no_keys_and_nothing_that_was_spent(logs_db):
    old, fresh = (minted(logs_db, TokenKind.LOG, week) for week in (7, 9))
    tokens.spend(logs_db, TokenKind.LOG, old)
    token_keys.drop_before(logs_db, 8)
    assert logs_db.execute("SELECT * FROM spent_tokens").fetchall() == []
    with refuses(Code.TOKEN_SPENT, logs_db):
        tokens.spend(logs_db, TokenKind.LOG, old)
    tokens.spend(logs_db, TokenKind.LOG, fresh)


def test_a_restored_relay_has_the_keys_that_it_stated(logs_db):
    token_keys.keep_weeks(logs_db, 7, Scheme.BLIND, secrets.token_bytes)
    old = token_keys.stated_weeks(logs_db, 7)
    seed = logs_db.execute("SELECT seed FROM token_seed").fetchone()[0]
    restored = memory(LOG_SCHEMA)
    token_keys.keep_weeks(restored, 1, Scheme.BLIND, lambda _: seed)
    token_keys.keep_weeks(restored, 7, Scheme.BLIND, secrets.token_bytes)
    assert token_keys.stated_weeks(restored, 7) == old


def test_a_week_stays_as_it_was_stated_whatever_the_settings_say_later(logs_db):
    token_keys.keep_weeks(logs_db, 7, Scheme.BLIND, secrets.token_bytes)
    token_keys.keep_weeks(logs_db, 8, Scheme.IDENTIFIED, secrets.token_bytes)
    stated = token_keys.stated_weeks(logs_db, 8)
    assert [week.scheme for week in stated] == [Scheme.BLIND, Scheme.IDENTIFIED]
    assert [len(set(week.keys)) for week in stated] == [len(TokenKind), 0]
    assert not set(stated[0].keys) & set(token_keys.stated_weeks(logs_db, 7)[0].keys)


def test_no_token_is_not_a_spent_one(logs_db):
    with refuses(Code.TOKEN_NEEDED, logs_db):
        tokens.spend(logs_db, TokenKind.LOG, b"")


def test_every_kind_has_its_daily_number():
    settings = TokenSettings(log=1, blob=2, request=3, claim=4, child=5, plea=6)
    daily = [tokens.daily_number(kind, settings) for kind in TokenKind]
    assert daily == [1, 2, 3, 4, 5, 6]


@pytest.fixture
async def device(caller, planes, ana):
    """Ana's device, logged in."""
    await caller.register(ana)
    _, logged_in = await planes.log_in(ana)
    caller.session = logged_in.session
    return caller


async def test_more_than_the_day_allows_is_refused_over_http(device):
    await device.tokens("log", 50)
    with pytest.raises(Refusal) as refused:
        await device.tokens("log", 1)
    assert refused.value.code is Code.RATE_LIMITED


async def test_what_can_not_be_answered_is_refused_and_not_counted(device, relay):
    week = (await device.token_week()).week
    good = Blinding(b"input").element
    wrong = [
        ("gold", week, [good]),
        ("log", week, []),
        ("log", week, [good] * 51),
        ("log", week, [good, bytes(32)]),
        ("log", week, [b"\xff" * 32]),
        ("log", week, [good[:16]]),
        ("log", week, [good + b"x"]),
        ("log", week + 1, [good]),
        ("log", week - 2, [good]),
        ("log", 1 << 32, [good]),
    ]
    for asked in wrong:
        with pytest.raises(Refusal) as refused:
            await device.ask_tokens(*asked)
        assert refused.value.code is Code.MALFORMED, asked
    assert len(await device.ask_tokens("log", week, [good] * 50)) == 50


async def test_who_keeps_both_databases_can_not_join_a_token_to_its_taker(
    device, relay
):
    """What was asked and answered is nowhere; what is spent was never seen before."""
    week = await device.token_week()
    nonce = secrets.token_bytes(16)
    blinding = Blinding(function_input(TokenKind.LOG, week.week, nonce))
    (made,) = await device.ask_tokens("log", week.week, [blinding.element])
    output = blinding.output(week.key(TokenKind.LOG), made)
    stored = b"".join(path.read_bytes() for path in relay.data.glob("*.sqlite*"))
    for secret in (blinding.element, made[64:], made[:64], nonce, output):
        assert secret not in stored
    token = Token(week.week, nonce, output).encode()
    await device.call("POST", "/v1/logs", Chat().creation(token))
    stored = b"".join(path.read_bytes() for path in relay.data.glob("logs.sqlite*"))
    assert nonce in stored
    accounts = relay.data.glob("accounts.sqlite*")
    assert nonce not in b"".join(path.read_bytes() for path in accounts)


async def test_the_same_element_is_answered_alike_whoever_asks(device):
    """The answer is a function of the key alone: there is no room for a mark."""
    week = (await device.token_week()).week
    element = Blinding(b"input").element
    first, second = await device.ask_tokens("plea", week, [element] * 2)
    assert first[64:] == second[64:]


async def test_everybody_gets_the_same_signed_keys(caller, planes):
    _, greeting = await planes.open()
    said = [
        await caller.call("GET", "/v1/token-keys", answer=http.StatedTokenKeys)
        for _ in range(2)
    ]
    assert said[0] == said[1]
    signed = SignedTokenKeys.decode(said[0].statement)
    assert [week.scheme for week in signed.keys.weeks] == [Scheme.BLIND] * 2
    assert signed.keys.host == greeting.host.encode()


async def test_a_day_s_tokens_stay_counted_where_nothing_was_given(device, monkeypatch):
    """A crash between the two costs tokens; it never grants them."""
    week = (await device.token_week()).week
    asked = [Blinding(b"input").element] * 30

    def crash(*_):
        raise Refusal(Code.INTERNAL)

    with monkeypatch.context() as patch:
        patch.setattr("privity.relay.oprf.Function.evaluate", crash)
        with pytest.raises(Refusal, match="internal"):
            await device.ask_tokens("log", week, asked)
    with pytest.raises(Refusal, match="20 log tokens are left"):
        await device.ask_tokens("log", week, asked)


async def test_tokens_are_for_those_who_logged_in(caller):
    caller.session = secrets.token_bytes(bearers.SIZE)
    with pytest.raises(Refusal) as refused:
        await caller.tokens("log")
    assert refused.value.code is Code.NOT_LOGGED_IN
