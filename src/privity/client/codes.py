"""QR codes that somebody shows, read from a camera's frames or from a picture.

The native decoder runs in a process of its own (ADR 44), which gets bounded frames one
at a time, and a few seconds for each. What it answers is a text from a stranger.
"""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Final

from privity.client import code_reading
from privity.client.code_reading import HEAD, LENGTH
from privity.client.errors import ClientError

__all__ = ["MOST_PIXELS", "CodeReader", "CodeUnread", "read_picture"]

MOST_PIXELS: Final = 4_000_000
"""Of a frame; a camera's have fewer than a million."""
SECONDS: Final = 10.0
"""For one frame; the first of them waits for the process as well."""
REST_SECONDS: Final = 15.0
"""How long the process stays when nobody asks."""

_MOST_FILE = 32 * 1024 * 1024
_MOST_TEXT = 8192
_COMMAND = (sys.executable, "-I", code_reading.__file__)
_NO_VARIABLES: Final[dict[str, str]] = {}


class CodeUnread(ClientError):
    """No code was seen, or what looks for it gave up."""

    code = "code_unread"


class CodeReader:
    """Reads one frame at a time, by a process that begins with the first of them."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._rest: asyncio.TimerHandle | None = None
        self._ending: set[asyncio.Task[int]] = set()

    async def read(self, grey: bytes | bytearray, width: int, height: int) -> str:
        """Return the text of a code in these grey pixels, "" where there is none.

        Raises CodeUnread where the process failed at it; the next frame has a new one.
        """
        if len(grey) != width * height or not 0 < len(grey) <= MOST_PIXELS:
            raise CodeUnread("a frame of another size than it says")
        self._stay()
        try:
            async with asyncio.timeout(SECONDS):
                return await self._ask(HEAD.pack(b"g", width, height, len(grey)), grey)
        except (TimeoutError, OSError, asyncio.IncompleteReadError, ValueError):
            raise CodeUnread("the process that reads codes ended") from None
        finally:
            self._rest = asyncio.get_running_loop().call_later(REST_SECONDS, self.end)

    def end(self) -> None:
        """End the process, if there is one."""
        self._stay()
        process, self._process = self._process, None
        if process is not None:
            self._kill(process)

    async def close(self) -> None:
        """End the process and wait until it is gone."""
        self.end()
        await asyncio.gather(*self._ending)

    def _stay(self) -> None:
        if self._rest is not None:
            self._rest.cancel()
            self._rest = None

    async def _ask(self, head: bytes, grey: bytes | bytearray) -> str:
        process = self._process or await _started()
        # Whoever stops in the middle of an answer leaves the rest of it in the pipe.
        self._process = None
        try:
            text = await _answer(process, head, grey)
        except BaseException:
            self._kill(process)
            raise
        self._process = process
        return text

    def _kill(self, process: asyncio.subprocess.Process) -> None:
        if process.returncode is None:
            process.kill()
        # Nobody waits for it but the loop, which keeps no reference to a task.
        ending = asyncio.create_task(process.wait())
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)


def read_picture(path: Path) -> str:
    """Return the text of the QR code in a picture (JPEG, PNG, WebP); CodeUnread.

    Raises OSError where the file can't be read.
    """
    with path.open("rb") as file:
        data = file.read(_MOST_FILE + 1)
    if len(data) > _MOST_FILE:
        raise CodeUnread("the picture is larger than 32 MiB")
    try:
        done = subprocess.run(  # noqa: S603  our own file, by our own Python
            _COMMAND,
            input=HEAD.pack(b"p", 0, 0, len(data)) + data,
            capture_output=True,
            env=_NO_VARIABLES,
            timeout=SECONDS,
            check=True,
        )
        text = done.stdout[LENGTH.size :].decode()
    except (subprocess.SubprocessError, UnicodeDecodeError):
        raise CodeUnread("the picture can't be read") from None
    if not text:
        raise CodeUnread
    return text


async def _started() -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *_COMMAND,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=_NO_VARIABLES,
    )


async def _answer(
    process: asyncio.subprocess.Process, head: bytes, grey: bytes | bytearray
) -> str:
    if process.stdin is None or process.stdout is None:
        raise OSError
    process.stdin.write(head)
    process.stdin.write(grey)
    await process.stdin.drain()
    (length,) = LENGTH.unpack(await process.stdout.readexactly(LENGTH.size))
    if length > _MOST_TEXT:
        raise ValueError
    return (await process.stdout.readexactly(length)).decode()
