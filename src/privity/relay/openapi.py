"""The OpenAPI 3.1 document of all HTTPS calls, made from the table of calls.

What it leaves out: the two WebSockets, whose frames docs/spec/frames.md describes, and
`/healthz` and `/readyz`, which are the operator's. A copy is docs/spec/openapi.json.
"""

from collections.abc import Iterable, Mapping
from inspect import cleandoc
from itertools import groupby
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from privity.identity.ids import ID_TEXT_SIZE
from privity.relay.http import JSON, MSGPACK, STATUS
from privity.wire import http
from privity.wire.calls import CALLS, OFFSET_HEADER, Call, Shape
from privity.wire.codes import Code

__all__ = ["PATH", "document", "document_route"]

PATH = "/v1/openapi.json"
_SCHEMAS = "#/components/schemas/{name}"
_RESPONSES = "#/components/responses/{name}"
_BYTES = "application/octet-stream"
_KEY = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_OFFSET = {"type": "string", "pattern": "^(0|[1-9][0-9]{0,11})$"}
_PATHS = {
    "id": {"type": "string", "pattern": f"^[a-z2-7]{{{ID_TEXT_SIZE}}}$"},
    "name": {"type": "string", "minLength": 1},
}

Part = dict[str, Any]


def document() -> Part:
    """Return the document as JSON's values."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Privity relay",
            "version": "1",
            "description": "Bodies are msgpack or JSON, byte strings in JSON base64."
            " An unknown field is refused.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": {call.path: _path(call.path) for call in CALLS},
        "components": {
            "schemas": _schemas(),
            "responses": {
                _name(codes): _refusals(codes)
                for call in CALLS
                for codes in _by_status(call)
            },
            "securitySchemes": {"session": {"type": "http", "scheme": "bearer"}},
        },
    }


def document_route() -> Route:
    """Return the route that serves the document to anybody."""
    encoded = msgspec.json.encode(document())

    async def serve(request: Request) -> Response:
        del request
        return Response(encoded, media_type=JSON)

    return Route(PATH, serve)


def _schemas() -> Part:
    kinds = [http.Failure, *_structures(CALLS)]
    _, schemas = msgspec.json.schema_components(kinds, ref_template=_SCHEMAS)
    for schema in schemas.values():
        if "description" in schema:
            schema["description"] = cleandoc(schema["description"])
    return schemas


def _structures(calls: Iterable[Call]) -> list[type[msgspec.Struct]]:
    """Return all structures of calls, each once, in the order of the table."""
    shapes = [shape for call in calls for shape in (call.body, call.answer)]
    found = dict.fromkeys(shape for shape in shapes if shape is not None)
    return [shape for shape in found if issubclass(shape, msgspec.Struct)]


def _path(path: str) -> Part:
    return {
        call.method.lower(): _operation(call) for call in CALLS if call.path == path
    }


def _operation(call: Call) -> Part:
    made: Part = {
        "summary": call.says,
        "parameters": _parameters(call),
        "responses": _responses(call),
    }
    if call.body is not None:
        made["requestBody"] = {"required": True, "content": _content(call.body)}
    if call.is_identified:
        made["security"] = [{"session": []}]
    return made


def _parameters(call: Call) -> list[Part]:
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": schema}
        for name, schema in _PATHS.items()
        if f"{{{name}}}" in call.path
    ]
    headers = [
        {
            "name": name,
            "in": "header",
            "required": True,
            "schema": _OFFSET if name == OFFSET_HEADER else _KEY,
        }
        for name in call.headers
    ]
    return [*in_path, *headers]


def _responses(call: Call) -> Part:
    made: Part = {}
    if call.answer is None:
        made["204"] = {"description": "Done."}
    else:
        made["200"] = {"description": "The answer.", "content": _content(call.answer)}
    if call.answer is bytes:
        made["206"] = {"description": "The range.", "content": _content(bytes)}
    for codes in _by_status(call):
        made[str(STATUS[codes[0]])] = {"$ref": _RESPONSES.format(name=_name(codes))}
    return made


def _by_status(call: Call) -> list[list[Code]]:
    """Return the codes that a call is refused with, those of one status together."""
    ordered = sorted(call.refusals, key=lambda code: (STATUS[code], code.value))
    return [list(codes) for _, codes in groupby(ordered, key=STATUS.__getitem__)]


def _name(codes: list[Code]) -> str:
    return ".".join(code.value for code in codes)


def _refusals(codes: list[Code]) -> Part:
    """Return the answer that carries one of these codes."""
    names = [code.value for code in codes]
    schema: Mapping[str, Any] = {
        "allOf": [
            {"$ref": _SCHEMAS.format(name=http.Failure.__name__)},
            {"properties": {"code": {"enum": names}}},
        ]
    }
    return {"description": f"Refused: {', '.join(names)}.", "content": _forms(schema)}


def _content(shape: Shape) -> Part:
    if shape is None or shape is bytes:
        return {_BYTES: {"schema": {"type": "string", "format": "binary"}}}
    return _forms({"$ref": _SCHEMAS.format(name=shape.__name__)})


def _forms(schema: Mapping[str, Any]) -> Part:
    return {MSGPACK: {"schema": schema}, JSON: {"schema": schema}}
