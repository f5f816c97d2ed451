"""HTTP of the relay: bodies in, answers out, and a status for every refusal.

Bodies are msgpack, or JSON where the content type says so; the answer comes in the
same form. Nothing is read beyond the limit, and no failure tells more than its
code: what the server did not expect is 500 `internal` and a log line without data.
Format: docs/spec/http.md.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import msgspec
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from privity.errors import DecodeError
from privity.identity.ids import id_from_text
from privity.wire import http, limits
from privity.wire.calls import CALLS
from privity.wire.codes import Code, Refusal

__all__ = [
    "EXCEPTION_HANDLERS",
    "JSON",
    "MSGPACK",
    "STATUS",
    "answer",
    "body",
    "key_in",
    "names_somebody",
    "nothing",
    "path_id",
    "raw_body",
    "refuse",
    "route",
]

BODY_SECONDS = 600
"""A part of 4 MiB at 56 kbit/s; a body that takes longer holds memory for nothing."""
JSON = "application/json"
MSGPACK = "application/msgpack"

STATUS: Mapping[Code, int] = {
    Code.MALFORMED: 400,
    Code.TOO_LARGE: 413,
    Code.NOT_AUTHENTIC: 403,
    Code.NOT_LOGGED_IN: 401,
    Code.NOT_ATTACHED: 403,
    Code.NO_SUCH_LOG: 404,
    Code.LOG_EXISTS: 409,
    Code.STALE: 409,
    Code.AFTER_REFUSED: 409,
    Code.WRONG_GENERATION: 409,
    Code.GONE: 410,
    Code.TOO_SOON: 429,
    Code.RATE_LIMITED: 429,
    Code.TOKEN_NEEDED: 403,
    Code.TOKEN_SPENT: 403,
    Code.HANDLE_TAKEN: 409,
    Code.BAD_HANDLE: 400,
    Code.CODE_NEEDED: 403,
    Code.CODE_INVALID: 403,
    Code.CODE_USED: 403,
    Code.CODE_EXPIRED: 403,
    Code.ACCOUNT_EXISTS: 409,
    Code.ACCOUNT_DISABLED: 403,
    Code.NO_SUCH_ACCOUNT: 404,
    Code.NO_SUCH_MAILBOX: 404,
    Code.ACCESS_KEY_NEEDED: 403,
    Code.MAILBOX_FULL: 409,
    Code.WORK_NEEDED: 403,
    Code.REQUESTS_CLOSED: 403,
    Code.LOBBY_FULL: 409,
    Code.NO_SUCH_PLEA: 404,
    Code.NO_KEY_PACKAGE: 404,
    Code.BAD_DEVICE_LIST: 400,
    Code.ROLLED_BACK: 409,
    Code.NO_SUCH_BLOB: 404,
    Code.BLOB_IN_USE: 409,
    Code.WRONG_OFFSET: 409,
    Code.WRONG_HASH: 409,
    Code.STORAGE_FULL: 507,
    Code.SHUTTING_DOWN: 503,
    Code.NOT_FOUND: 404,
    Code.INTERNAL: 500,
}

_B = TypeVar("_B", bound=msgspec.Struct)

Endpoint = Callable[[Request], Awaitable[Response]]


def route(method: str, path: str, endpoint: Endpoint) -> Route:
    """Return the route of a call that is in the table; raises KeyError for others."""
    for call in CALLS:
        if (call.method, call.path) == (method, path):
            served = endpoint if call.is_identified else _unnamed(endpoint)
            return Route(path, served, methods=[method])
    raise KeyError(f"{method} {path} is not in wire.calls")


def _unnamed(endpoint: Endpoint) -> Endpoint:
    """Refuse who says who they are where nobody shall know: a client's mistake.

    Answered, it would stay unseen while it tells the relay who reads which log.
    """

    async def call(request: Request) -> Response:
        if names_somebody(request.headers):
            raise Refusal(Code.MALFORMED, "this call is made without a name")
        return await endpoint(request)

    return call


def names_somebody(headers: Headers) -> bool:
    """Tell whether headers carry a session or anything else that marks a client."""
    return "authorization" in headers or "cookie" in headers


async def body(request: Request, kind: type[_B], limit: int = limits.HTTP_BODY) -> _B:
    """Return the strictly decoded body; raises DecodeError, Refusal (TOO_LARGE)."""
    data = await raw_body(request, limit)
    return http.decode(kind, data, json=_is_json(request))


async def raw_body(request: Request, limit: int) -> bytes:
    """Return the body's bytes; stops reading at `limit` with TOO_LARGE.

    A body that comes more slowly than any network of today is given up (MALFORMED).
    """
    data = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                data += chunk
                if len(data) > limit:
                    raise Refusal(Code.TOO_LARGE, f"more than {limit} bytes")
    except TimeoutError:
        raise Refusal(Code.MALFORMED, "the body comes too slowly") from None
    return bytes(data)


def answer(request: Request, value: msgspec.Struct, status: int = 200) -> Response:
    """Return `value` in the form in which the request came."""
    if _is_json(request):
        return Response(msgspec.json.encode(value), status, media_type=JSON)
    return Response(msgspec.msgpack.encode(value), status, media_type=MSGPACK)


def nothing() -> Response:
    """Return the answer to what was done and has no more to tell."""
    return Response(status_code=204)


def path_id(request: Request) -> bytes:
    """Return the id in the path; raises DecodeError."""
    return id_from_text(request.path_params["id"])


def key_in(request: Request, header: str, size: int = 32, scheme: str = "") -> bytes:
    """Return the `size` bytes that a header shows in hex, or b"" without one.

    Raises DecodeError for anything else.
    """
    text = request.headers.get(header, "")
    if not text:
        return b""
    text = text.removeprefix(scheme)
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != size or key.hex() != text:
        raise DecodeError(f"{header} carries {size} bytes in lowercase hex")
    return key


def refuse(request: Request, refusal: Refusal) -> Response:
    """Return a refusal as an answer with its status."""
    failure = http.Failure(refusal.code, refusal.detail, refusal.wait_ms)
    response = answer(request, failure, STATUS[refusal.code])
    if refusal.wait_ms:
        response.headers["Retry-After"] = str(-(-refusal.wait_ms // 1_000))
    return response


async def _on_refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)  # noqa: S101  registered for this class only
    return refuse(request, error)


async def _on_decode_error(request: Request, error: Exception) -> Response:
    return refuse(request, Refusal(Code.MALFORMED, str(error)))


async def _on_http_error(request: Request, error: Exception) -> Response:
    """Answer for starlette: an unknown path, or a method that a path has not."""
    assert isinstance(error, HTTPException)  # noqa: S101
    code = Code.NOT_FOUND if error.status_code == 404 else Code.MALFORMED
    response = refuse(request, Refusal(code, str(error.detail)))
    response.status_code = error.status_code
    response.headers.update(error.headers or {})
    return response


async def _on_disconnect(request: Request, error: Exception) -> Response:
    del error
    return refuse(request, Refusal(Code.MALFORMED, "the body ends too early"))


Handler = Callable[[Request, Exception], Awaitable[Response]]

EXCEPTION_HANDLERS: Mapping[Any, Handler] = {
    Refusal: _on_refusal,
    DecodeError: _on_decode_error,
    HTTPException: _on_http_error,
    ClientDisconnect: _on_disconnect,
}
"""For the application; what is not listed becomes 500 at its outermost layer."""


def _is_json(request: Request) -> bool:
    form = request.headers.get("content-type") or request.headers.get("accept", "")
    return form.partition(";")[0].strip() == JSON
