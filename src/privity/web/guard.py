"""Who may ask at all: the page that this process served, and nothing else.

Any web site that its owner visits can make their browser send requests to 127.0.0.1,
and can have a name of its own resolve to it. So each request must name exactly this
host and port, and what the browser says of its origin must be our own page. Loading
the page itself, which says nothing of anybody, is allowed from anywhere.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from privity.client.sentences import Failure, failure

__all__ = ["Guard", "answer", "bearer_of", "refusal", "session_of"]

_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-embedder-policy": "require-corp",
        "cross-origin-resource-policy": "same-origin",
        "referrer-policy": "no-referrer",
        # On plain http, browsers look up the names in links as soon as they are shown;
        # whoever sent a link with a name of their own would learn of it.
        "x-dns-prefetch-control": "off",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "cache-control": "no-store",
        "permissions-policy": (
            "accelerometer=(), autoplay=(self), camera=(self), display-capture=(),"
            " fullscreen=(self), geolocation=(), gyroscope=(), hid=(), magnetometer=(),"
            " microphone=(self), midi=(), payment=(), publickey-credentials-get=(),"
            " serial=(), usb=(), xr-spatial-tracking=()"
        ),
    }
)


def refusal(status: int, code: str, detail: str = "") -> JSONResponse:
    """Return an answer that says why there is none."""
    return answer(status, failure(code, detail))


def answer(status: int, told: Failure) -> JSONResponse:
    """Return a failure as an answer."""
    body = {"code": told.code, "message": told.message, "next": told.next}
    return JSONResponse({"error": body}, status)


class Guard:
    """Refuses what does not come from our page, and adds headers to the rest."""

    def __init__(self, app: ASGIApp, host: str, policy: str) -> None:
        self._app = app
        self._host = host
        self._origin = f"http://{host}"
        self._headers = {**_HEADERS, "content-security-policy": policy}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or a WebSocket."""
        if scope["type"] not in {"http", "websocket"}:
            return

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
            await send(message)

        status = self._refused(scope)
        if not status:
            await self._app(scope, receive, sealed)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await refusal(status, "not_our_page")(scope, receive, sealed)

    def _refused(self, scope: Scope) -> int:
        """Return the status with which a request is refused; 0 lets it in."""
        headers = Headers(scope=scope)
        if headers.getlist("host") != [self._host]:
            return 421
        asks = scope["type"] == "websocket" or scope["method"] not in {"GET", "HEAD"}
        origins = headers.getlist("origin")
        if origins != [self._origin] and (asks or origins):
            return 403
        return 0 if self._is_near(scope, headers) else 403

    def _is_near(self, scope: Scope, headers: Headers) -> bool:
        """Whether the browser says that our page asks, or a person at its address.

        Browsers before 2023 don't say it; the bearer and the origin stand alone then.
        """
        site = headers.get("sec-fetch-site")
        if site in {None, "same-origin"}:
            return True
        opens_page = scope["type"] == "http" and scope["path"] == "/"
        kind = headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest")
        return opens_page and kind == ("navigate", "document")


def bearer_of(headers: Headers) -> str:
    """Return the session that a request shows, or nothing."""
    values = headers.getlist("authorization")
    kind, _, token = values[0].partition(" ") if len(values) == 1 else ("", "", "")
    return token if kind.lower() == "bearer" else ""


def session_of(subprotocols: Iterable[str]) -> str:
    """Return the session that a WebSocket shows among its subprotocols, or nothing."""
    shown = [one[8:] for one in subprotocols if one.startswith("session.")]
    return shown[0] if len(shown) == 1 else ""
