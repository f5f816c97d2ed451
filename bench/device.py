"""A device of an account of its own, that logs in and opens its mailbox."""

import asyncio
import secrets
from dataclasses import astuple, dataclass, field
from functools import partial
from hashlib import sha256

from bench.sockets import BenchSocket, connect
from privity.identity import labels
from privity.identity.certificates import DeviceClaim, certify
from privity.identity.device_list import Device, DeviceList
from privity.identity.signing import public_of, sign_with_label
from privity.relay import accounts
from privity.relay.storage.store import Connection
from privity.wire import frames, http

__all__ = ["BenchDevice"]

_SUITE = 0xF5A1
random32 = partial(secrets.token_bytes, 32)


@dataclass(frozen=True, slots=True)
class BenchDevice:
    """What it takes to log in; the login value is the account's first."""

    account_id: bytes = field(default_factory=partial(secrets.token_bytes, 16))
    device_id: bytes = field(default_factory=partial(secrets.token_bytes, 16))
    seed: bytes = field(default_factory=random32)

    def secrets(self) -> tuple[bytes, ...]:
        """Return the fields, in their order."""
        return astuple(self)

    def register(self, database: Connection, now: int) -> None:
        """Put the account where a registration would; one seed is all its keys."""
        claim = DeviceClaim(
            version=1,
            account_id=self.account_id,
            identity_key=public_of(self.seed),
            signature_key=public_of(self.seed),
            device_id=self.device_id,
            list_version=1,
            replaces=None,
        )
        device = Device(
            device_id=self.device_id,
            signature_key=claim.signature_key,
            login_key=public_of(self.seed),
            mailbox_id=secrets.token_bytes(16),
            certificate=certify(self.seed, claim),
        )
        listed = DeviceList(
            version=1,
            account_id=self.account_id,
            identity_key=public_of(self.seed),
            list_version=1,
            suites=(_SUITE,),
            min_suite=1,
            next_key_hash=b"",
            self_storage_hash=b"",
            devices=(device,),
        )
        request = http.Register(
            account_id=self.account_id,
            identity_key=public_of(self.seed),
            device_list=listed.encode(),
            first_next=self._first_value,
            mailbox_key_hash=bytes(32),
            nonce=bytes(32),
            signature=bytes(64),
        )
        made = accounts.Registration(request, listed, secrets.token_bytes(32))
        accounts.register(database, made, now, is_open=True)

    async def log_in(self, uds: str) -> BenchSocket:
        """Return a connection whose mailbox is open, and empty."""
        came: asyncio.Future[frames.RelayFrame]
        came = asyncio.get_running_loop().create_future()

        def take(_socket: BenchSocket, frame: frames.RelayFrame) -> None:
            if not came.done():
                came.set_result(frame)

        socket = await connect(uds, "/v1/identified", take)
        await socket.ask(self._login(socket.greeting.result(), socket.number()))
        socket.put(frames.MailboxOpen(socket.number(), 0))
        socket.flush()
        await came
        return socket

    def _login(self, greeting: frames.Greeting, number: int) -> frames.Login:
        claim = http.LoginClaim(
            version=1,
            host=greeting.host.encode(),
            relay_nonce=greeting.nonce,
            client_nonce=secrets.token_bytes(32),
            account_id=self.account_id,
            device_id=self.device_id,
            prev=self._first_value,
            next=b"",
            # The same one again: so the device can come as often as it is asked to.
            proposed=self._first_value,
        )
        return frames.Login(
            id=number,
            account_id=claim.account_id,
            device_id=claim.device_id,
            nonce=claim.client_nonce,
            prev=claim.prev,
            next=claim.next,
            proposed=claim.proposed,
            signature=sign_with_label(self.seed, labels.RELAY_LOGIN, claim.encode()),
        )

    @property
    def _first_value(self) -> bytes:
        return sha256(self.account_id).digest()
