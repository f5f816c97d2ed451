"""The three sealed messages of a mailbox: invitation, acceptance, admission.

docs/spec/invitation.md. Each is signed by its sender's device and sealed to one
HPKE key, and has exactly 8,192 bytes, so that a relay can't tell them apart. What
is signed names the key it is sealed to: nobody can pass it on as meant for another.
"""

from dataclasses import dataclass, field
from enum import IntEnum
from hashlib import sha256
from typing import Annotated, TypeVar

from privity import mls
from privity.codec import (
    U8,
    U53,
    Bytes,
    Enumerated,
    Fixed,
    Nested,
    Optional,
    Reader,
    Struct,
    Vector,
)
from privity.core.refounds import Refounding
from privity.errors import DecodeError, NotAuthentic, UsageError
from privity.identity import labels
from privity.identity.certificates import (
    DeviceCertificate,
    DeviceClaim,
    verify_certificate,
)
from privity.identity.sealing import TAG_SIZE
from privity.identity.signing import sign_with_label, verify_with_label
from privity.wire.limits import MAILBOX_MESSAGE

__all__ = [
    "Acceptance",
    "Admission",
    "Invitation",
    "InvitationKind",
    "Locator",
    "MailboxRef",
    "Message",
    "RefoundCall",
    "open_message",
    "recipient_of",
    "seal_message",
]

VERSION = 1
_Id = Annotated[bytes, Fixed(16)]
_Hash = Annotated[bytes, Fixed(32)]
_Name = Annotated[bytes, Bytes(128)]
_Handle = Annotated[bytes, Bytes(300)]


class InvitationKind(IntEnum):
    """What is offered: a direct chat (a contact request), or a place in a group."""

    DIRECT = 1
    GROUP = 2


@dataclass(frozen=True, slots=True)
class MailboxRef(Struct):
    """Where a device is written to."""

    device_id: _Id
    mailbox_id: _Id


@dataclass(frozen=True, slots=True)
class Locator(Struct):
    """Sealed bytes that came with the commit at `seq` (0: the creation).

    `parent` is that commit's, which stands in the AAD of the sealed bytes.
    """

    seq: U53
    parent: U53
    sha256: _Hash


_Mailboxes = Annotated[tuple[MailboxRef, ...], Vector(Nested(MailboxRef), 16)]


@dataclass(frozen=True, slots=True)
class Invitation(Struct):
    """Sealed as "privity invitation v1": who invites to what, and where an answer goes.

    `name`, `handle` and `title` (UTF-8) are what the inviter says of itself and the
    chat. `reply_key` is a one-time X-Wing key. `link_secret` proves a contact link.
    """

    version: U8
    recipient: _Hash
    certificate: Annotated[DeviceCertificate, Nested(DeviceCertificate)]
    kind: Annotated[InvitationKind, Enumerated(InvitationKind, 1)]
    invite_id: _Id
    host: Annotated[bytes, Bytes(255)]
    name: _Name
    handle: _Handle
    title: Annotated[bytes, Bytes(256)]
    text: Annotated[bytes, Bytes(512)]
    mailboxes: _Mailboxes
    reply_key: Annotated[bytes, Bytes(2048)]
    link_secret: Annotated[bytes | None, Optional(Fixed(16))] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Acceptance(Struct):
    """Sealed as "privity acceptance v1": a key package, and where its device is."""

    version: U8
    recipient: _Hash
    certificate: Annotated[DeviceCertificate, Nested(DeviceCertificate)]
    invite_id: _Id
    key_package: Annotated[bytes, Bytes(5120)]
    name: _Name
    handle: _Handle
    mailboxes: _Mailboxes
    mailbox_key: Annotated[bytes, Bytes(32)] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Admission(Struct):
    """Sealed as "privity admission v1": what opens the log to the one who was added.

    `secret` is S_g of `generation`; `seq`, `digest` and `chain` are of the commit
    that added the package. The locators name the sealed Welcome and the newest
    checkpoint on the road to that commit.
    """

    version: U8
    recipient: _Hash
    certificate: Annotated[DeviceCertificate, Nested(DeviceCertificate)]
    invite_id: _Id
    chat_id: _Id
    host: Annotated[bytes, Bytes(255)]
    log_id: _Id
    generation: U53
    secret: _Hash = field(repr=False)
    seq: U53
    digest: _Hash
    chain: _Hash
    welcome: Annotated[Locator, Nested(Locator)]
    checkpoint: Annotated[Locator, Nested(Locator)]
    title: Annotated[bytes, Bytes(256)]


@dataclass(frozen=True, slots=True)
class RefoundCall(Struct):
    """Sealed as "privity refound v1": an invitation to come along into another log.

    docs/spec/refound.md. All of it has the one signature ("Privity 1.0 refound").
    """

    invitation: Annotated[Invitation, Nested(Invitation)]
    statement: Annotated[Refounding, Nested(Refounding)]

    @property
    def version(self) -> int:
        """The version that stands first."""
        return self.invitation.version

    @property
    def recipient(self) -> bytes:
        """The name of the key that it is sealed to."""
        return self.invitation.recipient

    @property
    def certificate(self) -> DeviceCertificate:
        """The device that signs."""
        return self.invitation.certificate


Message = Invitation | Acceptance | Admission | RefoundCall
_M = TypeVar("_M", Invitation, Acceptance, Admission, RefoundCall)

_HPKE_INFO: dict[type[Struct], bytes] = {
    Invitation: b"privity invitation v1",
    Acceptance: b"privity acceptance v1",
    Admission: b"privity admission v1",
    RefoundCall: b"privity refound v1",
}
_SIGNED_AS: dict[type[Struct], str] = {
    Invitation: labels.INVITATION,
    Acceptance: labels.ACCEPTANCE,
    Admission: labels.ADMISSION,
    RefoundCall: labels.REFOUND,
}


def recipient_of(public: bytes) -> bytes:
    """Return the name under which a message mentions the key it is sealed to."""
    return sha256(public).digest()


def seal_message(
    suite: mls.CipherSuite, public: bytes, message: Message, signature_seed: bytes
) -> bytes:
    """Return the 8,192 bytes of a message, signed and sealed to `public`.

    Raises UsageError for a message that names another recipient or does not fit.
    """
    if message.recipient != recipient_of(public):
        raise UsageError("a message names the key that it is sealed to")
    kind = type(message)
    content = message.encode()
    signature = sign_with_label(signature_seed, _SIGNED_AS[kind], content)
    room = MAILBOX_MESSAGE - suite.kem.enc_length - TAG_SIZE
    plaintext = content + signature
    if len(plaintext) > room:
        raise UsageError(f"{len(plaintext)} bytes do not fit a mailbox message")
    padded = plaintext + bytes(room - len(plaintext))
    sealed = suite.hpke_seal(public, _HPKE_INFO[kind], b"", padded)
    return sealed.kem_output + sealed.ciphertext


def open_message(
    suite: mls.CipherSuite, private: bytes, kind: type[_M], body: bytes
) -> _M:
    """Return the message of that kind in `body`, its signatures verified.

    Raises NotAuthentic (not for this key, or falsely signed), DecodeError.
    """
    size = suite.kem.enc_length
    if len(body) != MAILBOX_MESSAGE:
        raise DecodeError("a mailbox message of another size")
    sealed = mls.HPKECiphertext(body[:size], body[size:])
    padded = suite.hpke_open(private, _HPKE_INFO[kind], b"", sealed)
    reader = Reader(padded)
    message = kind.read(reader)
    content = reader.since(0)
    signature = reader.take(64)
    if any(reader.take(reader.remaining)):
        raise DecodeError("padding that is not zero")
    if message.version != VERSION:
        raise DecodeError("a message of an unknown version")
    _verify(suite, private, message, content, signature)
    return message


def _verify(
    suite: mls.CipherSuite,
    private: bytes,
    message: Message,
    content: bytes,
    signature: bytes,
) -> None:
    if message.recipient != recipient_of(suite.kem.public_of(private)):
        raise NotAuthentic
    verify_certificate(message.certificate)
    claim: DeviceClaim = message.certificate.claim
    verify_with_label(
        claim.signature_key, _SIGNED_AS[type(message)], content, signature
    )
