"""Any bytes as what a client sends on a plane: the relay's own decoder and dispatch.

The first byte says which plane, and whether the connection has proven itself before;
the rest is one message. A connection ends as its plane says and leaves nothing behind;
nothing is a fault of the relay's own.
"""

import asyncio
import itertools
import tempfile
from functools import cache
from pathlib import Path

from filled import filled
from log_plane import Chat
from minted import minted
from msgspec import structs
from relay_clients import TestAccount, TestDevice, login_frame

from privity.relay import accounts, logs
from privity.relay.anonymous import Anonymous
from privity.relay.config import Config
from privity.relay.identified import Identified
from privity.relay.log_side import open_log_side
from privity.relay.services import Services
from privity.relay.shared_keys import derive_keys
from privity.relay.storage.account_tables import ACCOUNT_SCHEMA
from privity.relay.storage.blob_files import BlobFiles
from privity.relay.storage.database import Database
from privity.relay.storage.log_tables import LOG_SCHEMA
from privity.wire import frames
from privity.wire.tokens import TokenKind
from tests.fuzz.target import Fault, Target

__all__ = ["TARGET"]

NOON = 1_800_000_000
SECONDS = 5
ANONYMOUS, ATTACHED, IDENTIFIED, LOGGED_IN = range(4)
GREETING = frames.Greeting(1, "localhost", b"\x42" * 32, NOON // 60)
CHAT = Chat(b"\x43" * 16, {0: b"\x44" * 32})
ACCOUNT = TestAccount(
    b"\x45" * 16,
    b"\x46" * 32,
    b"\x47" * 32,
    (TestDevice(b"\x48" * 16, b"\x49" * 32, b"\x4a" * 32, b"\x4b" * 16),),
)


def run(data: bytes) -> None:
    """Send a message to a relay and hang up."""
    if data:
        _relay().hear(data[0] % 4, data[1:])


class _Relay:
    """Both planes on real databases; its random bytes are always the same.

    So what was signed for one connection proves itself on all, and an input means the
    same whenever it comes.
    """

    def __init__(self, folder: Path) -> None:
        self._loop = asyncio.new_event_loop()
        self._ticks = itertools.count(NOON)
        self._failures: list[BaseException] = []
        self._loop.run_until_complete(self._open(folder))

    async def _open(self, folder: Path) -> None:
        self._logs = Database(folder / "logs", LOG_SCHEMA)
        self._accounts = Database(folder / "accounts", ACCOUNT_SCHEMA)
        self._side = open_log_side(
            Config(), self._logs, lambda: float(NOON), _always, self._tick
        )
        self._anonymous = Anonymous(self._side, self._failures.append)
        token = await self._logs.write(
            lambda db: minted(db, TokenKind.LOG, random=_always)
        )
        await self._logs.write(lambda db: logs.create(db, CHAT.creation(token)))
        asked = ACCOUNT.registration(GREETING.nonce)
        registration = accounts.verify_registration("localhost", asked)
        await self._accounts.write(
            lambda db: accounts.register(db, registration, NOON, is_open=True)
        )
        self._services = Services(
            config=Config(),
            accounts=self._accounts,
            logs=self._logs,
            files=BlobFiles(folder / "blobs"),
            clock=self._tick,
            random=_always,
            keys=derive_keys(bytes(32)),
        )
        self._identified = Identified(self._services, self._failures.append)

    def hear(self, plane: int, message: bytes) -> None:
        """Serve one connection; raises Fault."""
        self._loop.run_until_complete(self._serve(plane, message))
        if self._failures:
            raise self._failures.pop()
        if len(self._side.bus):
            raise Fault("a connection that ended is told of entries")

    async def _serve(self, plane: int, message: bytes) -> None:
        coming = asyncio.Queue[dict[str, object]]()
        coming.put_nowait({"type": "websocket.connect"})
        for data in (*_proof(plane), message):
            coming.put_nowait({"type": "websocket.receive", "bytes": data})
        coming.put_nowait({"type": "websocket.disconnect", "code": 1005})
        sent: list[dict[str, object]] = []

        async def send(event: dict[str, object]) -> None:
            sent.append(event)

        scope = {"type": "websocket", "headers": []}
        async with asyncio.timeout(SECONDS):
            if plane in {ANONYMOUS, ATTACHED}:
                await self._anonymous(scope, coming.get, send)
            else:
                await self._identified(scope, coming.get, send)
            await self._logs.write(lambda db: None)
        self._check(sent)

    def _check(self, sent: list[dict[str, object]]) -> None:
        for event in sent:
            if event["type"] == "websocket.close" and event["code"] != 1008:
                raise Fault(f"closed with {event['code']}")
            if event["type"] == "websocket.send":
                frames.decode_relay(event["bytes"])  # type: ignore[arg-type]

    def _tick(self) -> float:
        return float(next(self._ticks))


def _always(size: int) -> bytes:
    return b"\x42" * size


@cache
def _relay() -> _Relay:
    return _Relay(Path(tempfile.mkdtemp(prefix="privity-fuzz-")))


@cache
def _proof(plane: int) -> tuple[bytes, ...]:
    """Return what makes a connection attached, or logged in."""
    if plane == ATTACHED:
        return (frames.encode([_attach()]),)
    return (frames.encode([_login()]),) if plane == LOGGED_IN else ()


def _attach() -> frames.Attach:
    return CHAT.attach(GREETING)


def _login() -> frames.Login:
    return login_frame(
        ACCOUNT, ACCOUNT.device, GREETING.nonce, proposed=b"\x4c" * 32, returns=True
    )


def seeds() -> list[bytes]:
    """Return each frame on each plane, and those that this chat and mailbox know."""
    found = [
        bytes([plane]) + frames.encode([filled(kind)])
        for plane in range(4)
        for kind in frames.ClientFrame.__args__
    ]
    cursor, append = CHAT.cursor(), CHAT.app(idem=b"\x4d" * 16)
    known = (
        append,
        structs.replace(append, id=2),
        frames.Sync(3, [cursor]),
        frames.Subscribe(4, [cursor]),
        frames.Fetch(5, CHAT.log_id, 0, 0, "checkpoint"),
        frames.Lease(6, CHAT.log_id, 0, 0),
        frames.Signal(CHAT.log_id, 0, bytes(128)),
        frames.Received(CHAT.log_id, 1),
        frames.Detach(CHAT.log_id),
    )
    found += [bytes([ATTACHED]) + frames.encode([one]) for one in known]
    mail = (frames.MailboxOpen(1, 0), frames.MailboxAck(0), frames.Renew(2, bytes(32)))
    return [
        *found,
        bytes([ATTACHED]) + frames.encode(list(known)),
        bytes([LOGGED_IN]) + frames.encode(list(mail)),
        *(bytes([plane, 0xC1]) for plane in range(4)),
    ]


TARGET = Target("planes", run, seeds)
