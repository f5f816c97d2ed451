"""Our relay as the harness sees a server: `Peer(opt)`, `setup`, `connect`, `send`.

The chats are there already (`ours`); what a chat is called and its access key come from
`run/privity.json`. A sender and its receiver share one; a group is one chat.
"""

import asyncio
import json
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.sockets import BenchSocket
from demo.storm.chat import StormChat
from privity.wire import frames

__all__ = ["Peer"]

_RUN = Path(__file__).absolute().parent / "run"
"""Of the folder of links, not of this file."""
Came = Callable[[int, bytes], None]


class Peer:
    """One server, and which chat each device is in."""

    def __init__(self, opt: str) -> None:  # noqa: ARG002  the harness names it
        place = json.loads((_RUN / "privity.json").read_text())
        self._port = int(place["port"])
        self._chats = [
            StormChat(bytes.fromhex(log_id), bytes.fromhex(seed))
            for log_id, seed in place["chats"]
        ]

    async def setup(self, n: int, mode: str, args: Any) -> None:  # noqa: ANN401, ARG002
        """Learn what is measured: `sat`, `light`, `group` or `idle`."""
        self._pairs = args.pairs if mode in {"sat", "light"} else 0

    async def connect(self, i: int, on_msg: Came) -> "Device":
        """Return a device that is attached to its chat; receivers follow it."""
        is_sender = i < self._pairs if self._pairs else i == 0
        chat = self._chats[i % self._pairs if self._pairs else 0]
        device = Device(i, chat, on_msg)
        loop = asyncio.get_running_loop()
        _, socket = await loop.create_connection(
            lambda: BenchSocket("/v1/anonymous", device.take), "127.0.0.1", self._port
        )
        await device.begin(socket, follows=not is_sender)
        return device


class Device:
    """One connection to one chat."""

    def __init__(self, number: int, chat: StormChat, on_msg: Came) -> None:
        self._number = number
        self._chat = chat
        self._on_msg = on_msg
        self._sent = 10
        self._is_full = False

    async def begin(self, socket: BenchSocket, *, follows: bool) -> None:
        """Prove the chat's access key, and follow the chat from its end."""
        self._socket = socket
        await socket.ask(self._chat.attach(socket.number(), await socket.greeting))
        if follows:
            cursor = self._chat.cursor(0)
            await socket.ask(frames.Subscribe(socket.number(), [cursor]))

    def send(self, _: int, payload: bytes) -> None:
        """Append a message; what is said in one turn of the loop is one container."""
        self._sent += 1
        idem = secrets.token_bytes(16)
        self._socket.put(self._chat.append(self._sent, idem, payload))
        if not self._is_full:
            self._is_full = True
            asyncio.get_running_loop().call_soon(self._flush)

    def send_group(self, payload: bytes) -> None:
        """Append a message for all."""
        self.send(0, payload)

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def take(self, socket: BenchSocket, frame: frames.RelayFrame) -> None:
        """Hand on what came, and open the relay's window again."""
        if isinstance(frame, frames.Entries):
            for entry in frame.entries:
                if isinstance(entry, frames.Entry):
                    self._on_msg(self._number, entry.envelope)
            end = frame.entries[-1].seq
            socket.put(frames.Received(self._chat.log_id, end))
        elif not isinstance(frame, frames.Appended | frames.Synced):
            raise TypeError(f"not expected: {frame}")

    def _flush(self) -> None:
        self._is_full = False
        self._socket.flush()
