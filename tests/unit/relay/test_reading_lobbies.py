"""Lobbies are read beside what is written, and so often by one generation's keys."""

import sqlite3

import pytest
from lobby_client import Keys

from privity.relay.lobby_calls import ROAD
from privity.relay.paths import LOGS_NAME
from privity.wire import http
from privity.wire import lobby as wire
from privity.wire.codes import Code, Refusal


@pytest.fixture
async def keys(caller, planes, ana):
    """Return the keys of a log that exists."""
    await caller.register(ana)
    _, logged_in = await planes.log_in(ana)
    caller.session = logged_in.session
    (token,) = await caller.tokens("log")
    caller.session = b""
    keys = Keys()
    await caller.call("POST", "/v1/logs", keys.creation(token))
    return keys


@pytest.fixture
async def nonce(caller):
    return (await caller.call("POST", "/v1/nonce", answer=http.Nonce)).nonce


async def test_a_lobby_is_read_while_the_database_is_written(
    relay, caller, keys, nonce
):
    writer = sqlite3.connect(relay.data / LOGS_NAME, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    try:
        asked = keys.listing(nonce=nonce)
        found = await caller.call(
            "POST", "/v1/lobby/pleas/list", asked, wire.WaitingPleas
        )
        assert found.pleas == []
        asked = keys.commits(nonce=nonce)
        told = await caller.call("POST", "/v1/lobby/commits", asked, wire.Commits)
        assert told.commits == []
        with pytest.raises(Refusal) as refused:
            await caller.call(
                "POST", "/v1/lobby/answers/read", keys.read(bytes(16), nonce=nonce)
            )
        assert refused.value.code is Code.NO_SUCH_PLEA
    finally:
        writer.execute("ROLLBACK")
        writer.close()


async def refused_when_read_often(relay, caller, asked):
    """Read until the relay has enough of it; returns its refusal."""
    calls = relay.config.calls
    enough = 2 * calls.lobby_read_burst // ROAD
    for _ in range(enough):
        try:
            await caller.call("POST", "/v1/lobby/commits", asked, wire.Commits)
        except Refusal as refusal:
            return refusal
    raise AssertionError(f"{enough} reads were answered")


async def test_who_reads_too_often_waits_and_keeps_nobody_else_out(
    relay, caller, keys, nonce
):
    asked = keys.commits(nonce=nonce)
    refused = await refused_when_read_often(relay, caller, asked)
    assert refused.code is Code.RATE_LIMITED
    assert 0 < refused.wait_ms < 2_000
    stranger = Keys()
    stranger.log_id = keys.log_id
    for key, code in ((keys, Code.RATE_LIMITED), (stranger, Code.NOT_AUTHENTIC)):
        with pytest.raises(Refusal) as other:
            await caller.call("POST", "/v1/lobby/pleas/list", key.listing(nonce=nonce))
        assert other.value.code is code


async def test_a_stranger_s_calls_are_not_counted_as_a_generation_s(
    caller, keys, nonce
):
    stranger = Keys()
    stranger.log_id = keys.log_id
    for _ in range(80):
        with pytest.raises(Refusal) as refused:
            await caller.call(
                "POST", "/v1/lobby/commits", stranger.commits(nonce=nonce)
            )
        assert refused.value.code is Code.NOT_AUTHENTIC
    told = await caller.call(
        "POST", "/v1/lobby/commits", keys.commits(nonce=nonce), wire.Commits
    )
    assert told.commits == []
