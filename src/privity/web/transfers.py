"""Bytes between page and client: `/upload`, `/media/CHAT/MESSAGE` and `/code`."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from privity.client.codes import MOST_PIXELS
from privity.client.sentences import explain
from privity.client.verbs import params
from privity.content.filenames import safe_filename
from privity.errors import DecodeError
from privity.web.guard import answer, bearer_of, refusal
from privity.web.looking import Unshown
from privity.web.media import respond, type_shown
from privity.web.sessions import Sessions
from privity.web.uploads import UploadRefused
from privity.web.window import Window

__all__ = ["routes"]

_STATUS = {
    "locked": 423,
    "no_session": 401,
    "not_found": 404,
    "no_file": 404,
    "file_gone": 410,
    "storage_full": 507,
    "malformed_input": 400,
    "upload_refused": 400,
    "unreachable": 503,
    **{str(reason): 415 for reason in Unshown},
}
_FRAME_SECONDS = 10.0
_Handler = Callable[[Request], Awaitable[Response]]


def routes(window: Window, sessions: Sessions) -> list[Route]:
    """Return the routes; each wants a session's bearer."""

    def guarded(handler: _Handler) -> _Handler:
        async def checked(request: Request) -> Response:
            if not sessions.knows(bearer_of(request.headers)):
                return refusal(401, "no_session")
            try:
                return await handler(request)
            except ClientDisconnect:
                return Response(status_code=400)
            except Exception as error:  # noqa: BLE001  the top: the page gets an answer
                told = explain(error)
                return answer(_STATUS.get(told.code, 409), told)

        return checked

    async def upload(request: Request) -> Response:
        return await _upload(window, request)

    async def media(request: Request) -> Response:
        return await _media(window, request)

    turn = asyncio.Lock()

    async def code(request: Request) -> Response:
        # A page has one camera: frames that wait are not held in memory.
        async with turn:
            return await _code(window, request)

    return [
        Route("/upload", guarded(upload), methods=["POST"]),
        Route("/code", guarded(code), methods=["POST"]),
        Route("/media/{chat}/{message}", guarded(media), methods=["GET"]),
    ]


async def _upload(window: Window, request: Request) -> Response:
    _ = window.held
    name = safe_filename(request.query_params.get("name", ""))
    # The session is known and the length is announced before a byte is taken.
    length = _length(request)
    return JSONResponse(
        {"upload": await window.uploads.take(name, length, request.stream())}
    )


async def _media(window: Window, request: Request) -> Response:
    path = request.path_params
    asked = msgspec.convert(
        {"chat": path["chat"], "message": path["message"]}, params.Media
    )
    found = await window.media(asked, lambda _: None)
    wanted = request.headers.get("range", "")
    if "shown" not in request.query_params:
        return respond(found, wanted)
    kind = await asyncio.to_thread(type_shown, found)
    return respond(found, wanted, kind)


async def _code(window: Window, request: Request) -> Response:
    _ = window.held
    width, height = (_side(request, name) for name in ("width", "height"))
    if width * height != _length(request) or width * height > MOST_PIXELS:
        raise DecodeError("a frame has a byte for each pixel, and 4,000,000 at most")
    frame = bytearray()
    async with asyncio.timeout(_FRAME_SECONDS):
        async for piece in request.stream():
            frame += piece
    return JSONResponse({"text": await window.codes.read(frame, width, height)})


def _side(request: Request, name: str) -> int:
    text = request.query_params.get(name, "")
    if not text.isascii() or not text.isdigit() or len(text) > 5:
        raise DecodeError(f"a frame without {name}")
    return int(text)


def _length(request: Request) -> int:
    text = request.headers.get("content-length", "")
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise UploadRefused("its length was not said")
    return int(text)
