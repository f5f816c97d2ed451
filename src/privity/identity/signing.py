"""Signatures of ours: Ed25519 over a labelled content (`docs/spec/signatures.md`).

The signed bytes have the shape of RFC 9420 §5.1.2, `struct SignContent`, with a
full label of our own in place of "MLS 1.0 " and a suffix, so that no signature of
ours can be one of MLS. The predicate is libsodium's for every signature in the
system; the edge cases in which implementations differ are vectors in docs/spec.
"""

from dataclasses import dataclass

from nacl import bindings
from nacl.exceptions import BadSignatureError

from privity.codec import Opaque, Struct
from privity.errors import NotAuthentic, UsageError

__all__ = [
    "PUBLIC_KEY_SIZE",
    "SEED_SIZE",
    "SIGNATURE_SIZE",
    "SignContent",
    "Signer",
    "public_of",
    "sign_with_label",
    "verify_with_label",
]

SEED_SIZE = 32
PUBLIC_KEY_SIZE = 32
SIGNATURE_SIZE = 64


@dataclass(frozen=True, slots=True)
class SignContent(Struct):
    """What is signed: the label, then the content, each behind its length."""

    label: Opaque
    content: Opaque


class Signer:
    """A seed that signs often: what is derived from it is derived once."""

    __slots__ = ("_private", "public")

    def __init__(self, seed: bytes) -> None:
        """Take a 32-byte seed; `public` is its 32-byte public key."""
        self.public, self._private = _key_pair(seed)

    def sign(self, label: str, content: bytes) -> bytes:
        """Return the 64-byte signature of `content` under `label`."""
        message = _signed_bytes(label, content)
        return bindings.crypto_sign(message, self._private)[:SIGNATURE_SIZE]


def public_of(seed: bytes) -> bytes:
    """Return the 32-byte public key of a 32-byte seed."""
    return _key_pair(seed)[0]


def sign_with_label(private: bytes, label: str, content: bytes) -> bytes:
    """Return the 64-byte signature of `content` under `label`.

    `private` is the 32-byte seed; `label` one of `labels`, in full.
    """
    return Signer(private).sign(label, content)


def verify_with_label(
    public: bytes, label: str, content: bytes, signature: bytes
) -> None:
    """Accept a signature by the 32-byte key `public`, or raise NotAuthentic.

    Refused as libsodium refuses them: S that is not below the group order, R or
    the key of small order, a key that is not in its canonical encoding.
    """
    if len(public) != PUBLIC_KEY_SIZE or len(signature) != SIGNATURE_SIZE:
        raise NotAuthentic
    message = _signed_bytes(label, content)
    try:
        bindings.crypto_sign_open(signature + message, public)
    except BadSignatureError:
        raise NotAuthentic from None


def _key_pair(seed: bytes) -> tuple[bytes, bytes]:
    if len(seed) != SEED_SIZE:
        raise UsageError(f"a seed has {SEED_SIZE} bytes, not {len(seed)}")
    return bindings.crypto_sign_seed_keypair(seed)


def _signed_bytes(label: str, content: bytes) -> bytes:
    return SignContent(label=label.encode("ascii"), content=content).encode()
