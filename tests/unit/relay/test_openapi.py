"""The table of calls, the routes and the document say the same."""

import json

import httpx2
import jsonschema
import msgspec
import pytest
from relay_clients import concrete
from starlette.routing import Route

from privity.relay import http as relay_http
from privity.relay.app import create_app
from privity.relay.openapi import PATH, document
from privity.wire import http
from privity.wire.calls import CALLS
from privity.wire.codes import Code
from tools.openapi import PAGE, render

WITH_BODY = [call for call in CALLS if call.body not in {None, bytes}]


def name_of(call):
    return f"{call.method} {call.path}"


@pytest.fixture
def client(relay):
    with httpx2.Client(base_url=relay.url, trust_env=False) as plain:
        yield plain


def test_the_committed_document_is_the_one_that_is_made():
    assert PAGE.read_text() == render(), "run tools/openapi.py"


def test_every_relay_serves_the_document(client):
    assert client.get(PATH).json() == document()


def test_the_routes_are_those_of_the_table(relay):
    app = create_app(relay.config, relay.data, lambda *_, **__: None)
    routes = [it for it in app.calls.routes if isinstance(it, Route)]
    served = {
        (method, route.path)
        for route in routes
        if route.path not in {PATH, "/healthz", "/readyz"}
        for method in route.methods - {"HEAD"}
    }
    assert served == {(call.method, call.path) for call in CALLS}


def test_a_route_that_the_table_has_not_is_refused():
    with pytest.raises(KeyError):
        relay_http.route("POST", "/v1/backdoor", lambda _: None)


def test_the_document_is_valid_and_every_reference_leads_somewhere():
    made = document()
    for schema in made["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    text = json.dumps(made)
    for part in text.split('"$ref": "')[1:]:
        _, kind, name = part.split('"')[0].removeprefix("#").rsplit("/", 2)
        assert name in made["components"][kind]


def test_every_structure_that_crosses_refuses_what_it_does_not_know():
    schemas = document()["components"]["schemas"].values()
    objects = [schema for schema in schemas if schema.get("type") == "object"]
    assert len(objects) > 20
    assert [
        it["title"] for it in objects if it["additionalProperties"] is not False
    ] == []


@pytest.mark.parametrize("call", WITH_BODY, ids=name_of)
async def test_a_call_reads_the_body_that_the_table_names(caller, planes, ana, call):
    if call.is_identified:
        await caller.register(ana)
        _, logged_in = await planes.log_in(ana)
        caller.session = logged_in.session
    for data in (b"\x80", msgspec.msgpack.encode({"contact": "ben"})):
        got = await caller.raw(call.method, concrete(call), data, call.headers)
        failure = http.decode(http.Failure, got.content)
        expected = (Code.MALFORMED, f"not a {call.body.__name__}")
        if failure.code is not Code.NO_SUCH_BLOB:
            assert (failure.code, failure.detail.partition(":")[0]) == expected


def test_a_session_is_asked_for_where_the_table_says_so(client):
    for call in CALLS:
        got = client.request(call.method, concrete(call))
        is_refused = (
            got.status_code == 401
            and http.decode(http.Failure, got.content).code is Code.NOT_LOGGED_IN
        )
        assert is_refused == call.is_identified, call


IDENTIFIED = [call for call in CALLS if call.is_identified]


@pytest.mark.parametrize("shown", ["Bearer x", "Basic YTpi", "x", bytes(32).hex()])
@pytest.mark.parametrize("call", IDENTIFIED, ids=name_of)
def test_whatever_is_no_session_is_not_logged_in(client, call, shown):
    got = client.request(call.method, concrete(call), headers={"Authorization": shown})
    assert got.status_code == 401
