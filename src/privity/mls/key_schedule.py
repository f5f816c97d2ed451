"""The key schedule and the transcript hashes (RFC 9420 §8, §8.2).

One `derive_epoch` per epoch. What RFC 9420 §9.2 calls consumed (commit, joiner
and epoch secret) exists only inside these functions and in their callers' local
variables. Not here: pre-shared keys other than the absent one (§8.4).
"""

from dataclasses import dataclass

from privity.codec import Opaque, Struct, write_varint
from privity.errors import UsageError
from privity.mls.suites import CipherSuite

__all__ = [
    "EpochSecrets",
    "NewEpoch",
    "confirmed_transcript_hash",
    "derive_epoch",
    "derive_joiner_secret",
    "derive_welcome_secret",
    "epoch_from_secret",
    "export_secret",
    "interim_transcript_hash",
    "no_psk",
    "welcome_key_and_nonce",
]


@dataclass(frozen=True, slots=True, repr=False)
class EpochSecrets(Struct):
    """The secrets that a member keeps for as long as an epoch lasts.

    `encryption_secret` is not among them: the secret tree consumes it.
    """

    sender_data_secret: Opaque
    exporter_secret: Opaque
    external_secret: Opaque
    confirmation_key: Opaque
    membership_key: Opaque
    resumption_psk: Opaque
    epoch_authenticator: Opaque
    init_secret: Opaque


@dataclass(frozen=True, slots=True, repr=False)
class NewEpoch:
    """What the schedule gives at the start of an epoch."""

    encryption_secret: bytes
    secrets: EpochSecrets


def derive_joiner_secret(
    suite: CipherSuite, init_secret: bytes, commit_secret: bytes, context: bytes
) -> bytes:
    """Return the secret that a Welcome carries; `context` is the new GroupContext."""
    extracted = suite.extract(init_secret, commit_secret)
    return suite.expand_with_label(extracted, "joiner", context, suite.hash_length)


def derive_epoch(
    suite: CipherSuite, joiner_secret: bytes, psk_secret: bytes, context: bytes
) -> NewEpoch:
    """Return the secrets of the epoch whose encoded GroupContext is `context`."""
    member_secret = suite.extract(joiner_secret, psk_secret)
    epoch_secret = suite.expand_with_label(
        member_secret, "epoch", context, suite.hash_length
    )
    return epoch_from_secret(suite, epoch_secret)


def derive_welcome_secret(
    suite: CipherSuite, joiner_secret: bytes, psk_secret: bytes
) -> bytes:
    """Return the secret that seals a Welcome's GroupInfo."""
    return suite.derive_secret(suite.extract(joiner_secret, psk_secret), "welcome")


def epoch_from_secret(suite: CipherSuite, epoch_secret: bytes) -> NewEpoch:
    """Return what `epoch_secret` determines; a group's creator draws it (§11)."""
    secrets = EpochSecrets(
        sender_data_secret=suite.derive_secret(epoch_secret, "sender data"),
        exporter_secret=suite.derive_secret(epoch_secret, "exporter"),
        external_secret=suite.derive_secret(epoch_secret, "external"),
        confirmation_key=suite.derive_secret(epoch_secret, "confirm"),
        membership_key=suite.derive_secret(epoch_secret, "membership"),
        resumption_psk=suite.derive_secret(epoch_secret, "resumption"),
        epoch_authenticator=suite.derive_secret(epoch_secret, "authentication"),
        init_secret=suite.derive_secret(epoch_secret, "init"),
    )
    encryption_secret = suite.derive_secret(epoch_secret, "encryption")
    return NewEpoch(encryption_secret, secrets)


def no_psk(suite: CipherSuite) -> bytes:
    """Return the `psk_secret` of an epoch that no pre-shared key enters (§8.4)."""
    return bytes(suite.hash_length)


def welcome_key_and_nonce(
    suite: CipherSuite, welcome_secret: bytes
) -> tuple[bytes, bytes]:
    """Return the key and the nonce that seal a Welcome's GroupInfo (§12.4.3.1)."""
    key = suite.expand_with_label(welcome_secret, "key", b"", suite.key_length)
    nonce = suite.expand_with_label(welcome_secret, "nonce", b"", suite.nonce_length)
    return key, nonce


def export_secret(
    suite: CipherSuite, exporter_secret: bytes, label: str, context: bytes, length: int
) -> bytes:
    """MLS-Exporter (§8.5); raises UsageError for a length that it cannot give."""
    if not 0 < length <= 255 * suite.hash_length:
        raise UsageError(f"an exporter gives 1 to {255 * suite.hash_length} bytes")
    secret = suite.derive_secret(exporter_secret, label)
    return suite.expand_with_label(secret, "exported", suite.hash(context), length)


def confirmed_transcript_hash(
    suite: CipherSuite, interim_before: bytes, confirmed_input: bytes
) -> bytes:
    """Extend the transcript; the input is an encoded ConfirmedTranscriptHashInput."""
    return suite.hash(interim_before + confirmed_input)


def interim_transcript_hash(
    suite: CipherSuite, confirmed: bytes, confirmation_tag: bytes
) -> bytes:
    """Extend the transcript by the tag that confirms it."""
    data = bytearray(confirmed)
    write_varint(data, len(confirmation_tag))
    data += confirmation_tag
    return suite.hash(bytes(data))
