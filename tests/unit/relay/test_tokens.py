"""Tokens: a daily number for each device and kind, each good once and for days."""

import secrets

import pytest
from refusing import refuses

from privity.relay import tokens
from privity.relay.config import TokenSettings
from privity.relay.tokens import TokenKind
from privity.wire.codes import Code, Refusal

DEVICE = (b"a" * 16, b"d" * 16)
TODAY = 20_000


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


def test_the_log_side_holds_hashes_only(logs_db):
    token = secrets.token_bytes(32)
    tokens.store(logs_db, TokenKind.BLOB, [token], TODAY)
    assert token.hex() not in "".join(logs_db.iterdump()).lower()


def test_a_token_is_good_for_its_days(logs_db):
    old, fresh = secrets.token_bytes(32), secrets.token_bytes(32)
    tokens.store(logs_db, TokenKind.LOG, [old], TODAY)
    tokens.store(logs_db, TokenKind.LOG, [fresh], TODAY + 1)
    tokens.drop_expired(logs_db, TODAY + 3, 3)
    with refuses(Code.TOKEN_SPENT, logs_db):
        tokens.spend(logs_db, TokenKind.LOG, old)
    tokens.spend(logs_db, TokenKind.LOG, fresh)


def test_no_token_is_not_a_spent_one(logs_db):
    with refuses(Code.TOKEN_NEEDED, logs_db):
        tokens.spend(logs_db, TokenKind.LOG, b"")


def test_every_kind_has_its_daily_number():
    settings = TokenSettings(log=1, blob=2, request=3, claim=4, child=5, plea=6)
    assert [kind.daily(settings) for kind in TokenKind] == [1, 2, 3, 4, 5, 6]


async def test_more_than_the_day_allows_is_refused_over_http(caller, planes, ana):
    await caller.register(ana)
    _, logged_in = await planes.log_in(ana)
    caller.session = logged_in.session
    await caller.tokens("log", 50)
    for kind, code in (("log", Code.RATE_LIMITED), ("gold", Code.MALFORMED)):
        with pytest.raises(Refusal) as refused:
            await caller.tokens(kind, 1)
        assert refused.value.code is code


async def test_tokens_are_for_those_who_logged_in(caller):
    caller.session = secrets.token_bytes(32)
    with pytest.raises(Refusal) as refused:
        await caller.tokens("log")
    assert refused.value.code is Code.NOT_LOGGED_IN
