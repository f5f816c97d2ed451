"""Accounts and devices for tests of the relay: they sign what a real client signs."""

import re
import secrets
import ssl
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, TypeVar

import httpx2
import msgspec
from websockets.asyncio.client import ClientConnection, connect

from privity.client.blinding import Blinding
from privity.identity import labels
from privity.identity.certificates import DeviceClaim, certify
from privity.identity.device_list import Device, DeviceList, sign_device_list
from privity.identity.ids import id_to_text
from privity.identity.signing import public_of, sign_with_label
from privity.wire import frames, http, limits
from privity.wire.calls import CALLS, OFFSET_HEADER, Call
from privity.wire.codes import Refusal
from privity.wire.tokens import (
    NONCE_SIZE,
    SignedTokenKeys,
    Token,
    TokenKind,
    TokenWeek,
    function_input,
)

__all__ = [
    "Caller",
    "IdentifiedPlane",
    "Planes",
    "TestAccount",
    "TestDevice",
    "anonymous",
    "concrete",
    "declared",
    "login_frame",
    "mailbox_path",
]

SUITES = (0xF5A1, 1)
S = TypeVar("S", bound=msgspec.Struct)


@dataclass(frozen=True)
class TestDevice:
    """The secrets of one device."""

    __test__ = False

    device_id: bytes
    signature_seed: bytes
    login_seed: bytes
    mailbox_id: bytes

    @classmethod
    def new(cls) -> "TestDevice":
        """Return a device with fresh keys."""
        return cls(*(secrets.token_bytes(size) for size in (16, 32, 32, 16)))


@dataclass(frozen=True)
class TestAccount:
    """The secrets of one account with its devices."""

    __test__ = False

    account_id: bytes
    identity_seed: bytes
    mailbox_key: bytes
    devices: tuple[TestDevice, ...]
    list_version: int = 1

    @classmethod
    def new(cls) -> "TestAccount":
        """Return an account with one device."""
        secret = [secrets.token_bytes(size) for size in (16, 32, 32)]
        return cls(*secret, devices=(TestDevice.new(),))

    @property
    def device(self) -> TestDevice:
        """The first device."""
        return self.devices[0]

    def with_devices(self, *devices: TestDevice) -> "TestAccount":
        """Return the account with these devices, under the next list version."""
        return replace(self, devices=devices, list_version=self.list_version + 1)

    def signed_list(self) -> bytes:
        """Return the signed device list, encoded."""
        own = DeviceList(
            version=1,
            account_id=self.account_id,
            identity_key=public_of(self.identity_seed),
            list_version=self.list_version,
            suites=SUITES,
            min_suite=1,
            next_key_hash=b"",
            self_storage_hash=b"",
            devices=tuple(self._listed(device) for device in self.devices),
        )
        return sign_device_list(self.identity_seed, own).encode()

    def registration(
        self, nonce: bytes, host: str = "localhost", handle: str = "", code: str = ""
    ) -> http.Register:
        """Return a signed registration."""
        request = http.Register(
            account_id=self.account_id,
            identity_key=public_of(self.identity_seed),
            device_list=self.signed_list(),
            first_next=sha256(self.account_id).digest(),
            mailbox_key_hash=sha256(self.mailbox_key).digest(),
            nonce=nonce,
            signature=bytes(64),
            handle=handle,
            code=code,
        )
        claim = http.RegisterClaim(
            version=1,
            host=host.encode(),
            relay_nonce=nonce,
            account_id=request.account_id,
            identity_key=request.identity_key,
            device_list_hash=sha256(request.device_list).digest(),
            handle=handle.encode(),
            code=code.encode(),
            first_next=request.first_next,
            mailbox_key_hash=request.mailbox_key_hash,
        )
        signature = sign_with_label(self.identity_seed, labels.REGISTER, claim.encode())
        return msgspec.structs.replace(request, signature=signature)

    def _listed(self, device: TestDevice) -> Device:
        claim = DeviceClaim(
            version=1,
            account_id=self.account_id,
            identity_key=public_of(self.identity_seed),
            signature_key=public_of(device.signature_seed),
            device_id=device.device_id,
            list_version=1,
            replaces=None,
        )
        return Device(
            device_id=device.device_id,
            signature_key=public_of(device.signature_seed),
            login_key=public_of(device.login_seed),
            mailbox_id=device.mailbox_id,
            certificate=certify(self.identity_seed, claim),
        )


def login_frame(
    account: TestAccount,
    device: TestDevice,
    relay_nonce: bytes,
    *,
    prev: bytes | None = None,
    next: bytes = b"",  # noqa: A002  the protocol's name
    proposed: bytes | None = None,
    host: str = "localhost",
    returns: bool = False,
) -> frames.Login:
    """Return a signed login; `prev` is by default what registration stored."""
    label = labels.RELAY_RETURN if returns else labels.RELAY_LOGIN
    claim = http.LoginClaim(
        version=1,
        host=host.encode(),
        relay_nonce=relay_nonce,
        client_nonce=secrets.token_bytes(32),
        account_id=account.account_id,
        device_id=device.device_id,
        prev=sha256(account.account_id).digest() if prev is None else prev,
        next=next,
        proposed=proposed or secrets.token_bytes(32),
    )
    return frames.Login(
        id=1,
        account_id=claim.account_id,
        device_id=claim.device_id,
        nonce=claim.client_nonce,
        prev=claim.prev,
        next=claim.next,
        proposed=claim.proposed,
        signature=sign_with_label(device.login_seed, label, claim.encode()),
        returns=returns,
    )


class Caller:
    """The HTTPS calls, anonymous until `session` is set; refusals are raised."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self.client = client
        self.session = b""

    async def register(
        self, account: TestAccount, handle: str = "", code: str = ""
    ) -> None:
        """Register an account."""
        nonce = (await self.call("POST", "/v1/nonce", answer=http.Nonce)).nonce
        request = account.registration(nonce, handle=handle, code=code)
        await self.call("POST", "/v1/accounts", request)

    async def tokens(self, kind: str, count: int = 1) -> list[bytes]:
        """Take tokens (identified), as whoever trusts the relay's keys does."""
        found = TokenKind(kind)
        week = await self.token_week()
        nonces = [secrets.token_bytes(NONCE_SIZE) for _ in range(count)]
        inputs = [function_input(found, week.week, nonce) for nonce in nonces]
        blindings = [Blinding(one) for one in inputs]
        made = await self.ask_tokens(kind, week.week, [b.element for b in blindings])
        outputs = [
            one.output(week.key(found), got)
            for one, got in zip(blindings, made, strict=True)
        ]
        return [
            Token(week.week, nonce, output).encode()
            for nonce, output in zip(nonces, outputs, strict=True)
        ]

    async def token_week(self) -> TokenWeek:
        """Return the keys of the running week."""
        path = "/v1/token-keys"
        stated = await self.call("GET", path, answer=http.StatedTokenKeys)
        return SignedTokenKeys.decode(stated.statement).keys.weeks[0]

    async def ask_tokens(self, kind: str, week: int, asked: list[bytes]) -> list[bytes]:
        """Ask for whatever `asked` is, and return the answers (identified)."""
        body = http.TokenRequest(kind, week, asked)
        got = await self.call("POST", "/v1/tokens", body, answer=http.TokenBatch)
        return got.made

    async def call(
        self,
        method: str,
        path: str,
        body: msgspec.Struct | bytes = b"",
        answer: type[Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Any:
        """Make one call and return its decoded answer, or raise the Refusal."""
        data = body if isinstance(body, bytes) else msgspec.msgpack.encode(body)
        got = await self._request(method, path, data, headers or {})
        if got.status_code >= 400:
            failure = http.decode(http.Failure, got.content)
            assert failure.code in declared(method, path).refusals, (path, failure)
            raise Refusal(failure.code, failure.detail, failure.wait_ms)
        if answer is None:
            return got
        return http.decode(answer, got.content)

    async def raw(
        self, method: str, path: str, data: bytes, headers: tuple[str, ...] = ()
    ) -> httpx2.Response:
        """Make one call with any bytes, well-formed headers beside, as it answers."""
        shown = {
            name: "0" if name == OFFSET_HEADER else bytes(32).hex() for name in headers
        }
        return await self._request(method, path, data, shown)

    async def _request(
        self, method: str, path: str, data: bytes, headers: dict[str, str]
    ) -> httpx2.Response:
        sent = {"Content-Type": "application/msgpack", **headers}
        if self.session and is_named(method, path):
            sent["Authorization"] = f"Bearer {self.session.hex()}"
        return await self.client.request(method, path, content=data, headers=sent)


def concrete(call: Call) -> str:
    """Return the call's path with an id or a name that nobody has."""
    return call.path.format(id=id_to_text(bytes(16)), name="nobody")


def declared(method: str, path: str) -> Call:
    """Return what the table of calls says of a path."""
    for call in CALLS:
        pattern = re.sub(r"\{\w+\}", "[^/]+", call.path)
        if call.method == method and re.fullmatch(pattern, path):
            return call
    raise LookupError(f"{method} {path}")


def is_named(method: str, path: str) -> bool:
    """Tell whether a path is a call's that asks for a session."""
    try:
        return declared(method, path).is_identified
    except LookupError:
        return False


class IdentifiedPlane:
    """One WebSocket of the identified plane."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self._waiting: list[frames.RelayFrame] = []

    async def send(self, *sent: frames.ClientFrame) -> None:
        """Send one container."""
        await self.socket.send(frames.encode(list(sent)))

    async def receive(self) -> frames.RelayFrame:
        """Return the next frame."""
        while not self._waiting:
            data = await self.socket.recv(decode=False)
            self._waiting = frames.decode_relay(data)
        return self._waiting.pop(0)


def mailbox_path(device: TestDevice) -> str:
    """Return where messages to a device are posted."""
    return f"/v1/mailboxes/{id_to_text(device.mailbox_id)}"


@asynccontextmanager
async def anonymous(relay):
    """Yield a WebSocket of the anonymous plane, and the relay's greeting."""
    url = relay.url.replace("http", "ws") + "/v1/anonymous"
    async with connect(url, max_size=limits.FRAME, proxy=None) as socket:
        plane = IdentifiedPlane(socket)
        yield plane, await plane.receive()


class Planes:
    """Connections to the identified plane of one relay, closed together."""

    def __init__(self, url: str, tls: ssl.SSLContext | None = None) -> None:
        self._address = url.replace("http", "ws", 1) + "/v1/identified"
        self._tls = tls
        self._opened: list[IdentifiedPlane] = []

    async def open(self) -> tuple[IdentifiedPlane, frames.Greeting]:
        """Connect and return the plane with the relay's greeting."""
        socket = await connect(
            self._address, ssl=self._tls, compression=None, max_size=None, proxy=None
        )
        plane = IdentifiedPlane(socket)
        self._opened.append(plane)
        greeting = await plane.receive()
        assert isinstance(greeting, frames.Greeting)
        return plane, greeting

    async def log_in(
        self, account: TestAccount, device: TestDevice | None = None, **values: Any
    ) -> tuple[IdentifiedPlane, frames.LoggedIn]:
        """Connect and log in; `values` go to `login_frame`."""
        plane, greeting = await self.open()
        device = device or account.device
        await plane.send(login_frame(account, device, greeting.nonce, **values))
        answer = await plane.receive()
        assert isinstance(answer, frames.LoggedIn), answer
        return plane, answer

    async def close(self) -> None:
        """Close all that were opened."""
        for plane in self._opened:
            await plane.socket.close()
