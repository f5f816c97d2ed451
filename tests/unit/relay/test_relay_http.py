"""Every call, fed what it does not expect: 4xx with a name, never 5xx, no hang."""

import secrets
import sqlite3

import httpx2
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from relay_process import RelayThread, quick_config
from starlette.requests import Request

from privity.identity.ids import id_to_text
from privity.relay.app import _on_bug
from privity.relay.config import CallSettings
from privity.relay.http import STATUS, refuse
from privity.relay.storage.store import is_full
from privity.wire import http, limits
from privity.wire.codes import Code, Refusal

ID = id_to_text(bytes(16))
CALLS = [
    ("POST", "/v1/accounts"),
    ("GET", f"/v1/accounts/{ID}"),
    ("GET", "/v1/accounts/short"),
    ("GET", "/v1/handles/nobody"),
    ("POST", "/v1/claims"),
    ("POST", f"/v1/mailboxes/{ID}"),
    ("POST", "/v1/mailboxes/..%2f..%2fetc"),
    ("PUT", "/v1/device-list"),
    ("POST", "/v1/key-packages"),
    ("PUT", "/v1/mailbox-key"),
    ("PUT", "/v1/self-storage"),
    ("GET", "/v1/self-storage"),
    ("POST", "/v1/tokens"),
    ("POST", "/v1/logs"),
    ("POST", "/v1/blobs"),
    ("PATCH", f"/v1/blobs/{ID}"),
    ("GET", f"/v1/blobs/{ID}"),
    ("DELETE", f"/v1/blobs/{ID}"),
    ("POST", f"/v1/blobs/{ID}/finish"),
    ("GET", "/v1/nowhere"),
    ("DELETE", "/v1/accounts"),
]
BODIES = [b"", b"\x80", b"\xc1", b"{}", b"\xdf\xff\xff\xff\xff", b"\x91" * 5_000]


@pytest.fixture
def client(relay):
    """A plain HTTP client."""
    with httpx2.Client(base_url=relay.url, trust_env=False) as plain:
        yield plain


def test_every_code_has_its_status():
    assert set(STATUS) == set(Code)
    assert {STATUS[code] for code in Code} <= set(range(400, 600))


@pytest.mark.parametrize("kind", ["application/msgpack", "application/json"])
def test_malformed_bodies_are_refused_by_name(client, kind):
    session = {"Authorization": f"Bearer {secrets.token_hex(32)}"}
    for method, path in CALLS:
        for content in BODIES:
            for extra in ({}, session, {"Authorization": "Bearer x"}):
                headers = {"Content-Type": kind, **extra}
                got = client.request(method, path, content=content, headers=headers)
                assert 400 <= got.status_code < 500, (method, path, got)
                failure = http.decode(
                    http.Failure, got.content, json=kind.endswith("json")
                )
                assert failure.code in Code


def test_random_bodies_are_refused_by_name(client):
    @settings(max_examples=60, deadline=None)
    @given(st.sampled_from(CALLS), st.binary(max_size=300))
    def is_refused(call, content):
        got = client.request(*call, content=content)
        assert 400 <= got.status_code < 500

    is_refused()


def test_a_body_beyond_the_limit_is_not_read_to_its_end(client):
    got = client.post("/v1/accounts", content=bytes(limits.HTTP_BODY + 1))
    assert http.decode(http.Failure, got.content).code is Code.TOO_LARGE


def test_an_unknown_field_is_refused(client):
    body = {"kind": "log", "count": 1, "contact": "ben"}
    got = client.post("/v1/claims", content=msgspec.msgpack.encode(body))
    assert http.decode(http.Failure, got.content).code is Code.MALFORMED


def test_json_is_answered_with_json(client):
    got = client.post("/v1/nonce", headers={"Content-Type": "application/json"})
    nonce = msgspec.json.decode(got.content, type=http.Nonce)
    assert len(nonce.nonce) == 32


def test_health_tells_that_it_lives_and_stores(client):
    assert [client.get(path).text for path in ("/healthz", "/readyz")] == ["ok\n"] * 2


def test_no_answer_names_its_software(client):
    assert "server" not in client.get("/healthz").headers


def test_the_wait_is_told_in_the_header_too():
    request = Request({"type": "http", "headers": []})
    response = refuse(request, Refusal(Code.TOO_SOON, "", 1_500))
    assert (response.status_code, response.headers["retry-after"]) == (429, "2")


def test_who_looks_up_too_much_has_to_wait(tmp_path):
    calls = CallSettings(lookups_per_second=1, lookup_burst=3)
    config = msgspec.structs.replace(quick_config(), calls=calls)
    with (
        RelayThread(tmp_path / "relay", config) as relay,
        httpx2.Client(base_url=relay.url, trust_env=False) as client,
    ):
        got = [client.get("/v1/handles/nobody") for _ in range(4)]
    codes = [http.decode(http.Failure, one.content).code for one in got]
    assert codes == [Code.NO_SUCH_ACCOUNT] * 3 + [Code.RATE_LIMITED]
    assert int(got[-1].headers["retry-after"]) == 1


async def test_a_full_database_is_told_as_full_storage_and_a_bug_as_a_bug():
    handler = _on_bug(lambda *_, **__: None)
    request = Request({"type": "http", "headers": []})
    for error, status in ((full_database(), 507), (ValueError("a secret"), 500)):
        answer = await handler(request, error)
        assert answer.status_code == status
        assert b"secret" not in answer.body


@pytest.mark.parametrize("code", ["SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE"])
def test_a_write_that_finds_no_room_is_no_bug(code):
    error = sqlite3.OperationalError("disk I/O error")
    assert not is_full(error)
    error.sqlite_errorcode = getattr(sqlite3, code)
    assert is_full(error)


def full_database():
    """Return what SQLite raises when there is no room."""
    database = sqlite3.connect(":memory:")
    database.execute("PRAGMA max_page_count = 2").fetchall()
    try:
        for number in range(9):
            database.execute(f"CREATE TABLE t{number} (x)")
    except sqlite3.Error as error:
        return error
    finally:
        database.close()
    raise AssertionError
