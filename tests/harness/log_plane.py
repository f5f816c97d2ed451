"""A client of the anonymous plane for tests: headers, claims and frames by hand.

`Plane` drives the ASGI endpoint itself, without a socket, and speaks the real frames;
`Chat` knows the keys of a log's generations. Nothing here belongs to the product.
"""

import asyncio
import itertools
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256

from msgspec import structs

from privity.identity import labels
from privity.identity.signing import public_of, sign_with_label
from privity.wire import frames
from privity.wire.entry import NO_TAG, AttachClaim, Header, Kind, Rights
from privity.wire.http import CreateLog

CHECKPOINT = b"a sealed checkpoint"


@dataclass(slots=True)
class Chat:
    """A log as its members know it: an access seed for each generation."""

    log_id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    seeds: dict = field(default_factory=lambda: {0: secrets.token_bytes(32)})

    def creation(self, token: bytes, **changes) -> CreateLog:
        fields = {
            "log_id": self.log_id,
            "access_pk": public_of(self.seeds[0]),
            "lobby_pk": bytes(32),
            "checkpoint": CHECKPOINT,
            "token": token,
        }
        return CreateLog(**(fields | changes))

    def header(self, kind=Kind.APP, parent=0, generation=0, **changes) -> Header:
        fields = {
            "version": 1,
            "log_id": self.log_id,
            "kind": kind,
            "parent": parent,
            "generation": generation,
            "idem": secrets.token_bytes(16),
            "tag": NO_TAG if kind is not Kind.APP else b"\x07" * 32,
            "opens": False,
            "next_access_pk": None,
            "next_lobby_pk": None,
            "welcome_hash": None,
            "checkpoint_hash": None,
        }
        return Header(**(fields | changes))

    def app(self, parent=0, generation=0, envelope=b"sealed", **changes):
        """Return the Append of a message, without its request id."""
        header = self.header(Kind.APP, parent, generation, **changes)
        return frames.Append(0, header.encode(), envelope)

    def commit(self, parent=0, generation=0, envelope=b"sealed commit", **changes):
        kind = changes.pop("kind", Kind.COMMIT)
        header = self.header(kind, parent, generation, **changes)
        return frames.Append(0, header.encode(), envelope)

    def opening(self, parent=0, generation=0, welcome=b"", checkpoint=CHECKPOINT):
        """Return an opening commit and the seed of the generation it opens."""
        seed = secrets.token_bytes(32)
        header = self.header(
            Kind.COMMIT,
            parent,
            generation,
            opens=True,
            next_access_pk=public_of(seed),
            next_lobby_pk=bytes(32),
            welcome_hash=sha256(welcome).digest() if welcome else None,
            checkpoint_hash=sha256(checkpoint).digest(),
        ).encode()
        signature = sign_with_label(seed, labels.OPENING, header)
        append = frames.Append(
            0, header, b"sealed opening", welcome, checkpoint, signature
        )
        return append, seed

    def attach(self, greeting, generation=0, rights=Rights.BOTH, seed=None):
        nonce = secrets.token_bytes(32)
        claim = AttachClaim(
            version=1,
            host=greeting.host.encode(),
            relay_nonce=greeting.nonce,
            client_nonce=nonce,
            log_id=self.log_id,
            generation=generation,
            rights=rights,
        )
        signature = sign_with_label(
            seed or self.seeds[generation], labels.ATTACH, claim.encode()
        )
        return frames.Attach(0, self.log_id, generation, int(rights), nonce, signature)

    def cursor(self, after=0, generation=0):
        return frames.Cursor(self.log_id, generation, after)


class Closed(Exception):
    """The relay closed the connection; `code` says how."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


class Plane:
    """One connection to an ASGI endpoint."""

    def __init__(self, endpoint):
        self._endpoint = endpoint
        self._to_relay = asyncio.Queue()
        self._from_relay = asyncio.Queue()
        self._frames = []
        self._numbers = itertools.count(1)
        self.containers = 0
        self.may_send = asyncio.Event()
        self.may_send.set()

    async def __aenter__(self):
        self._to_relay.put_nowait({"type": "websocket.connect"})
        scope = {"type": "websocket", "headers": []}
        self._task = asyncio.create_task(
            self._endpoint(scope, self._to_relay.get, self._send)
        )
        self.greeting = await self.frame()
        return self

    async def __aexit__(self, *_):
        self.may_send.set()
        self._to_relay.put_nowait({"type": "websocket.disconnect", "code": 1000})
        with suppress(asyncio.CancelledError):
            await self._task

    async def _send(self, message):
        await self.may_send.wait()
        if message["type"] != "websocket.accept":
            self._from_relay.put_nowait(message)

    def put(self, *asked):
        """Send frames in one container; returns their request ids."""
        numbered = [self._numbered(frame) for frame in asked]
        self.put_bytes(frames.encode(numbered))
        return [getattr(frame, "id", None) for frame in numbered]

    def _numbered(self, frame):
        if not hasattr(frame, "id"):
            return frame
        return structs.replace(frame, id=next(self._numbers))

    def put_bytes(self, data):
        self._to_relay.put_nowait({"type": "websocket.receive", "bytes": data})

    def put_text(self, text):
        self._to_relay.put_nowait({"type": "websocket.receive", "text": text})

    async def frame(self):
        """Return the next frame; raises Closed."""
        while not self._frames:
            async with asyncio.timeout(60):
                message = await self._from_relay.get()
            if message["type"] == "websocket.close":
                raise Closed(message["code"])
            self.containers += 1
            self._frames = frames.decode_relay(message["bytes"])
        return self._frames.pop(0)

    async def close_code(self):
        """Return how the relay closes; what comes before are refusals and answers."""
        try:
            while True:
                await self.frame()
        except Closed as closed:
            return closed.code

    async def quiet(self):
        """Whether nothing comes for a moment."""
        with suppress(TimeoutError):
            async with asyncio.timeout(0.05):
                frame = await self.frame()
                self._frames.insert(0, frame)
                return False
        return True

    async def ask(self, asked):
        """Send one frame and return its answer; entries before it are kept aside."""
        (answer,) = await self.ask_all(asked)
        return answer

    async def ask_all(self, *asked):
        """Send frames in one container; returns their answers in the same order."""
        numbers = self.put(*asked)
        answers, aside = {}, []
        while len(answers) < len(numbers):
            frame = await self.frame()
            if getattr(frame, "id", None) in numbers:
                answers[frame.id] = frame
            else:
                aside.append(frame)
        self._frames = aside + self._frames
        return [answers[number] for number in numbers]

    async def entries(self, count):
        """Return the next `count` entries that come, and their frames."""
        found, came = [], []
        while len(found) < count:
            frame = await self.frame()
            if isinstance(frame, frames.Entries):
                came.append(frame)
                found += frame.entries
        return found, came
