"""Signing, sealing and opening of messages (RFC 9420 §6.1 to §6.3).

Nothing here decides who may say what: `open_…` gives the content whose sender is
claimed, `verify_signature` shows the claim. Not here: messages of external senders.
"""

from dataclasses import dataclass
from struct import pack

from privity.codec import Reader, as_opaque
from privity.errors import RuleViolation, UsageError
from privity.mls.framing import (
    AuthenticatedContent,
    ContentType,
    FramedContent,
    FramedContentAuthData,
    PrivateMessage,
    PublicMessage,
    Sender,
    SenderData,
    SenderType,
    WireFormat,
    encode_content,
    read_content,
    to_be_signed,
)
from privity.mls.rules import Rule
from privity.mls.secret_tree import RatchetKind, SecretTree
from privity.mls.suites import CipherSuite, Random

__all__ = [
    "SentPrivate",
    "open_private",
    "open_public",
    "open_sender_data",
    "seal_private",
    "seal_public",
    "sender_data_key_and_nonce",
    "sign",
    "verify_signature",
]

_SIGNATURE_LABEL = "FramedContentTBS"


@dataclass(frozen=True, slots=True)
class SentPrivate:
    """A sealed message, and the secret tree that has forgotten its key."""

    message: PrivateMessage
    tree: SecretTree


def sign(
    suite: CipherSuite,
    private: bytes,
    wire_format: WireFormat,
    content: FramedContent,
    context: bytes,
) -> bytes:
    """Return the sender's signature; `context` is the encoded GroupContext."""
    tbs = to_be_signed(wire_format, content, context)
    return suite.sign_with_label(private, _SIGNATURE_LABEL, tbs)


def verify_signature(
    suite: CipherSuite, public: bytes, signed: AuthenticatedContent, context: bytes
) -> None:
    """Check a sender's signature (§6.1); raises NotAuthentic."""
    suite.verify_with_label(
        public, _SIGNATURE_LABEL, signed.to_be_signed(context), signed.auth.signature
    )


def seal_public(
    suite: CipherSuite,
    membership_key: bytes,
    signed: AuthenticatedContent,
    context: bytes,
) -> PublicMessage:
    """Return a member's PublicMessage with its membership tag (§6.2)."""
    tag = suite.mac(membership_key, _to_be_maced(signed, context))
    return PublicMessage(signed.content, signed.auth, tag)


def open_public(
    suite: CipherSuite, membership_key: bytes, message: PublicMessage, context: bytes
) -> AuthenticatedContent:
    """Check the membership tag, if the sender must have one (§6.2).

    Raises:
        RuleViolation: application data travels in the open.
        NotAuthentic: the tag is wrong.
    """
    if message.content.content_type is ContentType.APPLICATION:
        raise RuleViolation(Rule.APPLICATION_DATA_IN_THE_OPEN)
    signed = as_signed(message)
    if message.membership_tag is not None:
        suite.verify_mac(
            membership_key, _to_be_maced(signed, context), message.membership_tag
        )
    return signed


def as_signed(message: PublicMessage) -> AuthenticatedContent:
    """Return what the sender of a PublicMessage signed; nothing is checked."""
    return AuthenticatedContent(
        WireFormat.PUBLIC_MESSAGE, message.content, message.auth
    )


def seal_private(  # noqa: PLR0913  two secrets, and one length that is rarely given
    suite: CipherSuite,
    sender_data_secret: bytes,
    tree: SecretTree,
    signed: AuthenticatedContent,
    random: Random,
    padding: int = 0,
) -> SentPrivate:
    """Encrypt a member's content under its next unused key (§6.3.1).

    `padding` zero bytes follow it. The tree that comes back must be stored before the
    message leaves: the same generation twice would be the same key twice.
    """
    content = signed.content
    if content.sender.sender_type is not SenderType.MEMBER:
        raise UsageError("only members send private messages")
    kind = content.content_type
    leaf = content.sender.index
    key, tree = tree.next_key(suite, leaf, _ratchet_of(kind))
    guard = random(4)
    aad = _aad(content.group_id, content.epoch, kind)
    sealed = suite.seal(
        key.key,
        _guarded(key.nonce, guard),
        aad + as_opaque(content.authenticated_data),
        encode_content(content.content) + signed.auth.encode() + bytes(padding),
    )
    sender_data = SenderData(leaf, key.generation, guard).encode()
    data_key, data_nonce = sender_data_key_and_nonce(suite, sender_data_secret, sealed)
    message = PrivateMessage(
        content.group_id,
        content.epoch,
        kind,
        content.authenticated_data,
        suite.seal(data_key, data_nonce, aad, sender_data),
        sealed,
    )
    return SentPrivate(message, tree)


def open_sender_data(
    suite: CipherSuite, sender_data_secret: bytes, message: PrivateMessage
) -> SenderData:
    """Decrypt who claims to have sent a message (§6.3.2); raises NotAuthentic."""
    key, nonce = sender_data_key_and_nonce(
        suite, sender_data_secret, message.ciphertext
    )
    aad = _aad(message.group_id, message.epoch, message.content_type)
    return SenderData.decode(suite.open(key, nonce, aad, message.encrypted_sender_data))


def open_private(
    suite: CipherSuite,
    tree: SecretTree,
    sender: SenderData,
    message: PrivateMessage,
) -> tuple[AuthenticatedContent, SecretTree]:
    """Decrypt a message whose sender's leaf is known to be occupied (§6.3.1).

    Returns the content, whose signature is not yet checked, and the secret tree
    that has forgotten the key.

    Raises:
        RuleViolation: the key was used before or lies too far ahead; the padding
            is not all zero.
        NotAuthentic: the ciphertext does not open.
    """
    kind = message.content_type
    key, tree = tree.key_for(
        suite, sender.leaf_index, _ratchet_of(kind), sender.generation
    )
    aad = _aad(message.group_id, message.epoch, kind)
    plaintext = suite.open(
        key.key,
        _guarded(key.nonce, sender.reuse_guard),
        aad + as_opaque(message.authenticated_data),
        message.ciphertext,
    )
    reader = Reader(plaintext)
    body = read_content(reader, kind)
    auth = FramedContentAuthData.read(reader, kind)
    if reader.remaining and any(reader.take(reader.remaining)):
        raise RuleViolation(Rule.PADDING_NOT_ZERO)
    content = FramedContent(
        message.group_id,
        message.epoch,
        Sender(SenderType.MEMBER, sender.leaf_index),
        message.authenticated_data,
        body,
    )
    return AuthenticatedContent(WireFormat.PRIVATE_MESSAGE, content, auth), tree


def sender_data_key_and_nonce(
    suite: CipherSuite, sender_data_secret: bytes, ciphertext: bytes
) -> tuple[bytes, bytes]:
    """Derive the key and nonce of the sender data from the ciphertext's start."""
    sample = ciphertext[: suite.hash_length]
    return (
        suite.expand_with_label(sender_data_secret, "key", sample, suite.key_length),
        suite.expand_with_label(
            sender_data_secret, "nonce", sample, suite.nonce_length
        ),
    )


def _to_be_maced(signed: AuthenticatedContent, context: bytes) -> bytes:
    return signed.to_be_signed(context) + signed.auth.encode()


def _ratchet_of(kind: ContentType) -> RatchetKind:
    if kind is ContentType.APPLICATION:
        return RatchetKind.APPLICATION
    return RatchetKind.HANDSHAKE


def _guarded(nonce: bytes, guard: bytes) -> bytes:
    head = int.from_bytes(nonce[:4], "big") ^ int.from_bytes(guard, "big")
    return head.to_bytes(4, "big") + nonce[4:]


def _aad(group_id: bytes, epoch: int, kind: ContentType) -> bytes:
    return as_opaque(group_id) + pack(">QB", epoch, kind)
