"""The one-shot calls of one plane over HTTPS: a body out, a body or a refusal in.

Proxies and settings of the environment are not used, redirects are not followed,
cookies are not kept. Answers are read up to the limit of the wire and no further.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import httpx2
import msgspec

from privity.client.errors import Misbehaved, Unreachable
from privity.client.transport.address import Address
from privity.client.transport.failures import named_failures
from privity.client.transport.outbound import Outbound
from privity.core.effects import Cause
from privity.errors import DecodeError
from privity.wire import http, limits
from privity.wire.codes import Refusal

__all__ = ["Call", "HttpPlane", "call"]

_MSGPACK = "application/msgpack"
_TIMEOUT = httpx2.Timeout(30.0, connect=10.0)
_CONNECTIONS = httpx2.Limits(max_connections=8, max_keepalive_connections=4)
_T = TypeVar("_T", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `route` is the path with its ids left out, for the ledger."""

    method: str
    path: str
    route: str
    cause: Cause
    body: bytes = field(default=b"", repr=False)
    what: str = ""
    headers: dict[str, str] = field(default_factory=dict, repr=False)

    def with_header(self, name: str, value: str) -> "Call":
        """Return the call with one more header."""
        return replace(self, headers={**self.headers, name: value})


def call(
    method: str, path: str, body: msgspec.Struct, cause: Cause, *, route: str = ""
) -> Call:
    """Return a call with a body of the wire's; `route` where the path has an id."""
    return Call(
        method=method,
        path=path,
        route=route or path,
        cause=cause,
        body=msgspec.msgpack.encode(body),
        what=type(body).__name__,
    )


class HttpPlane:
    """The HTTPS connections of one plane."""

    def __init__(self, address: Address, outbound: Outbound) -> None:
        socket = address.socket
        self._outbound = outbound
        self._client = httpx2.AsyncClient(
            base_url=address.http,
            transport=httpx2.AsyncHTTPTransport(
                verify=address.tls() or False,
                trust_env=False,
                limits=_CONNECTIONS,
                uds=str(socket) if socket else None,
            ),
            headers={
                "user-agent": "privity",
                "accept": _MSGPACK,
                "accept-encoding": "identity",
            },
            timeout=_TIMEOUT,
            trust_env=False,
            follow_redirects=False,
        )

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def ask(self, request: Call, kind: type[_T]) -> _T:
        """Return the answer's body; raises Refusal, Unreachable, Misbehaved."""
        data = await self._bytes_of(request)
        try:
            return msgspec.msgpack.decode(data, type=kind)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            raise Misbehaved(f"no {kind.__name__}: {error}") from None

    async def tell(self, request: Call) -> None:
        """Send what has no answer but yes; raises Refusal, Unreachable, Misbehaved."""
        await self._bytes_of(request)

    async def _bytes_of(self, request: Call) -> bytes:
        async with self.stream(request) as response:
            with named_failures():
                return await _read(response)

    @asynccontextmanager
    async def stream(self, request: Call) -> AsyncGenerator[httpx2.Response, None]:
        """Give the answer unread, once its status is good.

        Raises Refusal (whatever the relay says), Unreachable, Misbehaved.
        """
        headers = dict(request.headers)
        if request.body:
            headers.setdefault("content-type", _MSGPACK)
        self._outbound.sent(
            f"{request.method} {request.route}",
            request.what,
            len(request.body),
            request.cause,
        )
        built: Any = self._client.build_request(
            request.method,
            request.path,
            content=request.body or None,
            headers=headers,
        )
        if self._client.is_closed:
            raise Unreachable("the connection ended")
        with named_failures():
            response = await self._client.send(built, stream=True)
        try:
            if not response.is_success:
                with named_failures():
                    raise _refusal(response.status_code, await _read(response))
            yield response
        finally:
            with named_failures():
                await response.aclose()


async def _read(response: httpx2.Response) -> bytes:
    data = bytearray()
    async for chunk in response.aiter_raw():
        data += chunk
        if len(data) > limits.HTTP_BODY:
            raise DecodeError("an answer beyond the limit")
    return bytes(data)


def _refusal(status: int, data: bytes) -> Refusal:
    try:
        failure = http.decode(http.Failure, data)
    except DecodeError:
        raise DecodeError(f"status {status} without our body") from None
    return Refusal(failure.code, failure.detail, failure.wait_ms)
