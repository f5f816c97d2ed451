"""Numbers that SQLite has not, addresses by the billion, bodies that never end."""

import asyncio

import msgspec
import pytest
from starlette.requests import Request

from privity.relay import http
from privity.relay.account_calls import neighbourhood
from privity.wire.codes import Code, Refusal


def packed(**fields):
    return msgspec.msgpack.encode(fields)


HUGE = [1 << 63, (1 << 64) - 1, -1]


@pytest.mark.parametrize("number", HUGE)
async def test_a_number_that_no_database_holds_is_malformed(
    caller, planes, ana, number
):
    await caller.register(ana)
    _, logged_in = await planes.log_in(ana)
    account = ana.account_id
    with pytest.raises(Refusal) as refused:
        await caller.call(
            "POST", "/v1/claims", packed(account_id=account, suite=number)
        )
    assert refused.value.code is Code.MALFORMED
    caller.session = logged_in.session
    with pytest.raises(Refusal) as refused:
        await caller.call(
            "PUT", "/v1/self-storage", packed(version=number, object=b"x")
        )
    assert refused.value.code is Code.MALFORMED


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
    ],
)
def test_a_network_of_one_owner_counts_as_one_address(address, counted):
    assert neighbourhood(address) == counted


async def test_a_body_that_never_ends_is_given_up(monkeypatch):
    monkeypatch.setattr(http, "BODY_SECONDS", 0.05)

    async def receive():
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"x", "more_body": True}

    request = Request({"type": "http", "method": "POST", "headers": []}, receive)
    with pytest.raises(Refusal) as refused:
        await http.raw_body(request, 1000)
    assert refused.value.code is Code.MALFORMED
