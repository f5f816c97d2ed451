"""Who a relay is to a NATS server that knows keys: an NKey, with or without a JWT.

The file is one of the two that NATS's own tools write: a seed (`SU…`), or a user's JWT
and seed between lines of dashes (`.creds`). The server sends a nonce, the key signs it,
and no secret travels. What the library does by itself needs a package without wheels.
"""

import base64
import binascii
import re
from dataclasses import dataclass, field
from pathlib import Path

from nacl import bindings
from nats.aio.client import Client

from privity.errors import UsageError
from privity.identity.signing import SEED_SIZE, public_of

__all__ = ["BusKey", "KnownClient", "read_key"]

_SEED_OF_A_USER = b"\x95\x00"
"""An `S`, then a `U`, in five bits each."""
_USER = b"\xa0"
_MOST = 64 * 1024
_JWT = re.compile(rb"-+BEGIN NATS USER JWT-+\s+([\w.-]+)\s+-+END NATS USER JWT-+")
_SEED = re.compile(rb"-+BEGIN USER NKEY SEED-+\s+(\w+)\s+-+END USER NKEY SEED-+")


@dataclass(frozen=True, slots=True)
class BusKey:
    """A user's key pair and, where an account vouches for it, its JWT."""

    seed: bytes = field(repr=False)
    jwt: bytes = field(default=b"", repr=False)

    @property
    def name(self) -> str:
        """Return the public key as NATS writes it, `U…`."""
        body = _USER + public_of(self.seed)
        return base64.b32encode(body + _checksum(body)).rstrip(b"=").decode()

    def sign(self, nonce: str) -> bytes:
        """Return the signature of a server's nonce, in base64."""
        _, private = bindings.crypto_sign_seed_keypair(self.seed)
        signed = bindings.crypto_sign(nonce.encode(), private)
        return base64.b64encode(signed[: bindings.crypto_sign_BYTES])


class KnownClient(Client):
    """The library's client, which shows a key where there is one."""

    def __init__(self, key: BusKey | None) -> None:
        super().__init__()
        if key is not None:
            # It looks at these two, and sets them only by way of that package.
            self._auth_configured = True
            self._public_nkey = key.name


def read_key(path: Path) -> BusKey:
    """Return the key in a file; raises UsageError, which repeats nothing of it."""
    try:
        with path.open("rb") as file:
            text = file.read(_MOST)
    except OSError as error:
        raise UsageError(f"bus.credentials: {path}: {error.strerror}") from None
    jwt, seed = _JWT.search(text), _SEED.search(text)
    if jwt is not None and seed is not None:
        return BusKey(_seed_in(seed[1], path), jwt[1])
    return BusKey(_seed_in(text.strip(), path))


def _seed_in(text: bytes, path: Path) -> bytes:
    try:
        data = base64.b32decode(text + b"=" * (-len(text) % 8))
    except binascii.Error:
        data = b""
    body, checksum = data[:-2], data[-2:]
    is_user = body.startswith(_SEED_OF_A_USER) and len(body) == 2 + SEED_SIZE
    if not is_user or checksum != _checksum(body):
        raise UsageError(f"bus.credentials: {path} holds no seed of a NATS user")
    return body[2:]


def _checksum(body: bytes) -> bytes:
    return binascii.crc_hqx(body, 0).to_bytes(2, "little")
