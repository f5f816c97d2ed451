"""The window's routes: its files, the launch, and the WebSocket."""

import asyncio
from dataclasses import dataclass

import msgspec
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp

from privity.web import transfers
from privity.web.guard import Guard, refusal
from privity.web.rpc import Talk
from privity.web.sessions import LaunchRefused, Sessions
from privity.web.site import Site
from privity.web.window import Window

__all__ = ["Built", "build_app"]

_BODY = 1024
_BODY_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Built:
    """The application, and the WebSockets that have to be told when it ends."""

    app: ASGIApp
    talk: Talk


class _Launch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    token: str


def build_app(site: Site, window: Window, sessions: Sessions, host: str) -> Built:
    """Return the window's application; `host` is where it is served: 127.0.0.1:PORT."""
    talk = Talk(window, sessions)

    async def launch(request: Request) -> Response:
        if request.headers.get("content-type") != "application/json":
            return refusal(415, "malformed_input")
        try:
            async with asyncio.timeout(_BODY_SECONDS):
                body = await _small(request)
            asked = msgspec.json.decode(body, type=_Launch)
            handed = sessions.handed(asked.token)
            session = sessions.redeem(asked.token)
            sign = sessions.countersign(session)
            answer = {"session": session, "countersign": sign, "link": handed}
            return JSONResponse(answer)
        except LaunchRefused:
            return refusal(403, "launch_refused")
        except TimeoutError:
            return refusal(408, "timed_out")
        except (msgspec.MsgspecError, UnicodeError, ClientDisconnect):
            return refusal(400, "malformed_input")

    async def file(request: Request) -> Response:
        # A look-up in a dictionary: there is no path that a trick could lead out of.
        found = site.files.get(request.scope["path"])
        if found is None:
            return refusal(404, "not_found")
        return Response(found.body, media_type=found.media_type)

    routes = [
        Route("/launch", launch, methods=["POST"]),
        WebSocketRoute("/rpc", talk.serve),
        *transfers.routes(window, sessions),
        Route("/{path:path}", file, methods=["GET", "HEAD"]),
    ]
    return Built(Guard(Starlette(routes=routes), host, site.policy), talk)


async def _small(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _BODY:
            raise msgspec.DecodeError("the body is too long")
    return body
