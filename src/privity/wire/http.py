"""The bodies of the HTTPS calls, and the structures that are signed in them.

Bodies are msgpack (`application/msgpack`) or JSON, decoded strictly: an unknown
field is refused. Those of lobbies are in `lobby`; which call takes which body, and what
it is refused for, says docs/spec/http.md.
"""

from dataclasses import dataclass
from typing import Annotated, TypeVar

import msgspec

from privity.codec import U8, Bytes, Fixed, Opaque, Struct
from privity.errors import DecodeError
from privity.wire import limits
from privity.wire.codes import Code

__all__ = [
    "BlobOffset",
    "BlobOpened",
    "Claim",
    "Claimed",
    "ClaimedPackage",
    "CreateLog",
    "DeleteAccount",
    "DeleteClaim",
    "Directory",
    "Failure",
    "FinishBlob",
    "Info",
    "LoginClaim",
    "Nonce",
    "OpenBlob",
    "PostMessage",
    "PublishKeyPackages",
    "PublishList",
    "Register",
    "RegisterClaim",
    "SelfStorage",
    "SetMailboxKey",
    "SetRequestsLane",
    "StatedTokenKeys",
    "TokenBatch",
    "TokenRequest",
    "WorkAsked",
    "decode",
    "encode",
]

Id = Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]
Hash = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
Signature = Annotated[bytes, msgspec.Meta(min_length=64, max_length=64)]
List = Annotated[bytes, msgspec.Meta(max_length=limits.DEVICE_LIST)]
Package = Annotated[bytes, msgspec.Meta(max_length=limits.KEY_PACKAGE)]
Handle = Annotated[str, msgspec.Meta(max_length=32)]
Suite = Annotated[int, msgspec.Meta(ge=0, le=0xFFFF)]
Token = Annotated[bytes, msgspec.Meta(min_length=limits.TOKEN, max_length=limits.TOKEN)]
AnyToken = Annotated[bytes, msgspec.Meta(max_length=limits.TOKEN)]
Asked = Annotated[bytes, msgspec.Meta(min_length=16, max_length=32)]
Made = Annotated[bytes, msgspec.Meta(min_length=64, max_length=96)]
Number = Annotated[int, msgspec.Meta(ge=0, le=(1 << 63) - 1)]
"""What a database holds as one integer."""


@dataclass(frozen=True, slots=True)
class LoginClaim(Struct):
    """What the login key signs ("Privity 1.0 relay-login", or "… relay-return").

    The latter is of a device whose disk went back, and that has dropped its keys.
    """

    version: U8
    host: Opaque
    relay_nonce: Annotated[bytes, Fixed(32)]
    client_nonce: Annotated[bytes, Fixed(32)]
    account_id: Annotated[bytes, Fixed(16)]
    device_id: Annotated[bytes, Fixed(16)]
    prev: Annotated[bytes, Bytes(32)]
    next: Annotated[bytes, Bytes(32)]
    proposed: Annotated[bytes, Fixed(32)]


@dataclass(frozen=True, slots=True)
class RegisterClaim(Struct):
    """What the identity key signs to register ("Privity 1.0 register")."""

    version: U8
    host: Opaque
    relay_nonce: Annotated[bytes, Fixed(32)]
    account_id: Annotated[bytes, Fixed(16)]
    identity_key: Annotated[bytes, Fixed(32)]
    device_list_hash: Annotated[bytes, Fixed(32)]
    handle: Opaque
    code: Opaque
    first_next: Annotated[bytes, Fixed(32)]
    mailbox_key_hash: Annotated[bytes, Fixed(32)]


@dataclass(frozen=True, slots=True)
class DeleteClaim(Struct):
    """What the identity key signs to be forgotten ("Privity 1.0 delete-account")."""

    version: U8
    host: Opaque
    relay_nonce: Annotated[bytes, Fixed(32)]
    account_id: Annotated[bytes, Fixed(16)]


class _Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class Failure(_Body, frozen=True):
    """The body of every 4xx and 5xx answer."""

    code: Code
    detail: str = ""
    wait_ms: int = 0


class Info(_Body, frozen=True):
    """GET /v1/info: what anybody may know of a relay."""

    protocol: int
    host: str
    version: str
    open: bool
    """Registration needs no code."""
    suites: tuple[int, ...]


class Nonce(_Body, frozen=True):
    """POST /v1/nonce: for registrations and calls to lobbies, for five minutes."""

    nonce: Hash


class Register(_Body, frozen=True):
    """POST /v1/accounts (anonymous): idempotent for the same bytes but the nonce."""

    account_id: Id
    identity_key: Hash
    device_list: List
    """An encoded `identity.SignedDeviceList` of version 1."""
    first_next: Hash
    mailbox_key_hash: Hash
    """SHA-256 of the mailbox access key."""
    nonce: Hash
    signature: Signature
    handle: Handle = ""
    code: Annotated[str, msgspec.Meta(max_length=64)] = ""


class DeleteAccount(_Body, frozen=True):
    """POST /v1/account-deletions (anonymous): account, devices and mailboxes."""

    account_id: Id
    nonce: Hash
    signature: Signature


class PublishList(_Body, frozen=True):
    """PUT /v1/device-list (identified): a successor of the stored list."""

    device_list: List


class Directory(_Body, frozen=True):
    """GET /v1/handles/{name} and GET /v1/accounts/{id} (anonymous)."""

    account_id: Id
    device_list: List
    proof: bytes = b""
    """Of the transparency log; empty until there is one."""


class PublishKeyPackages(_Body, frozen=True):
    """POST /v1/key-packages (identified): adds one-time packages of this device.

    A `last_resort` replaces the stored one. All expire at `not_after`.
    """

    suite: Suite
    packages: Annotated[
        list[Package], msgspec.Meta(max_length=limits.KEY_PACKAGES_ONE_TIME)
    ]
    not_after: Number
    last_resort: Package = b""


class Claim(_Body, frozen=True):
    """POST /v1/claims (anonymous): one key package for each device of an account.

    Holders of the mailbox access key get one-time packages; a stranger pays a
    token and gets the last resort once the unreserved ones are gone.
    """

    account_id: Id
    suite: Suite
    mailbox_key: Annotated[bytes, msgspec.Meta(max_length=32)] = b""
    token: AnyToken = b""


class ClaimedPackage(_Body, frozen=True):
    """One device's package."""

    device_id: Id
    package: Package
    last_resort: bool


class Claimed(_Body, frozen=True):
    """The answer to a claim: the account's signed device list and the packages."""

    device_list: List
    packages: list[ClaimedPackage]
    proof: bytes = b""


class PostMessage(_Body, frozen=True):
    """POST /v1/mailboxes/{id} (anonymous): lane "contacts" or "requests".

    `contacts` needs the mailbox access key, `requests` a token and work, and where
    it is closed a door too. The same `idem` again is stored once.
    """

    lane: str
    body: Annotated[
        bytes,
        msgspec.Meta(
            min_length=limits.MAILBOX_MESSAGE, max_length=limits.MAILBOX_MESSAGE
        ),
    ]
    idem: Id
    mailbox_key: Annotated[bytes, msgspec.Meta(max_length=32)] = b""
    token: AnyToken = b""
    work: Annotated[bytes, msgspec.Meta(max_length=limits.WORK)] = b""
    """An encoded `wire.work.Work`."""
    door: Annotated[bytes, msgspec.Meta(max_length=32)] = b""


class WorkAsked(_Body, frozen=True):
    """GET /v1/work (anonymous): how many zero bits are asked for, on which day."""

    bits: Annotated[int, msgspec.Meta(ge=0, le=32)]
    day: Annotated[int, msgspec.Meta(ge=0, le=(1 << 32) - 1)]


class SetRequestsLane(_Body, frozen=True):
    """PUT /v1/requests-lane (identified): closed but for some doors, or open.

    In place of what was set before.
    """

    closed: bool
    doors: Annotated[list[Hash], msgspec.Meta(max_length=limits.MAILBOX_DOORS)] = []
    """SHA-256 of each key that lets a stranger in; none where it is open."""


class SetMailboxKey(_Body, frozen=True):
    """PUT /v1/mailbox-key (identified): the old key opens nothing from now on."""

    mailbox_key_hash: Hash


class SelfStorage(_Body, frozen=True):
    """PUT and GET /v1/self-storage (identified): sealed under the recovery key."""

    version: Number
    object: Annotated[bytes, msgspec.Meta(max_length=limits.SELF_STORAGE)]


class TokenRequest(_Body, frozen=True):
    """POST /v1/tokens (identified): single-use tokens, a daily number each kind."""

    kind: str
    """ "log", "blob", "request", "claim", "child" or "plea"."""
    week: Annotated[int, msgspec.Meta(ge=0, le=(1 << 32) - 1)]
    """The running one of the stated keys."""
    asked: Annotated[
        list[Asked], msgspec.Meta(min_length=1, max_length=limits.TOKENS_PER_CALL)
    ]
    """Blinded elements; nonces where the week is not blind."""


class TokenBatch(_Body, frozen=True):
    """For each that was asked the proof and the evaluated element, or the output."""

    made: Annotated[list[Made], msgspec.Meta(max_length=limits.TOKENS_PER_CALL)]


class StatedTokenKeys(_Body, frozen=True):
    """GET /v1/token-keys (anonymous): an encoded `SignedTokenKeys`."""

    statement: Annotated[bytes, msgspec.Meta(max_length=1024)]


class CreateLog(_Body, frozen=True):
    """POST /v1/logs (anonymous): generation 0, epoch 0; the same bytes repeat."""

    log_id: Id
    access_pk: Hash
    lobby_pk: Hash
    checkpoint: Annotated[bytes, msgspec.Meta(max_length=limits.CHECKPOINT)]
    token: Token


class OpenBlob(_Body, frozen=True):
    """POST /v1/blobs (anonymous): `id` is random, a key opens it for writing.

    `days` says how long it is wanted, 0 for as long as the relay keeps blobs.
    """

    id: Id
    key_hash: Hash
    """SHA-256 of the 32-byte upload key that the later calls show."""
    size: Annotated[int, msgspec.Meta(ge=1, le=limits.BLOB)]
    token: Token
    days: Annotated[int, msgspec.Meta(ge=0, le=limits.BLOB_DAYS)] = 0


class BlobOpened(_Body, frozen=True):
    """Where the upload stands (0 for a new one)."""

    offset: int


class BlobOffset(_Body, frozen=True):
    """PATCH /v1/blobs/{id} answers how many bytes are durable now."""

    offset: int


class FinishBlob(_Body, frozen=True):
    """POST /v1/blobs/{id}/finish: all is there and hashes to `sha256`."""

    sha256: Hash


_B = TypeVar("_B", bound=msgspec.Struct)


def encode(body: msgspec.Struct) -> bytes:
    """Return the msgpack encoding of a body."""
    return msgspec.msgpack.encode(body)


def decode(kind: type[_B], data: bytes, *, json: bool = False) -> _B:
    """Return the body of `kind` in `data` (msgpack, or JSON); raises DecodeError."""
    try:
        if json:
            return msgspec.json.decode(data, type=kind)
        return msgspec.msgpack.decode(data, type=kind)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise DecodeError(f"not a {kind.__name__}: {error}") from None
