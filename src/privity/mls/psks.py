"""Pre-shared keys: what we know of them, and how they enter an epoch (RFC 9420 §8.4).

A key is external, and the application's, or the resumption secret of an epoch of
some group. A commit and a Welcome name keys; who lacks one cannot follow.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from privity.codec import U16, Struct
from privity.errors import RuleViolation
from privity.mls.failures import UnknownPsk
from privity.mls.proposals import ExternalPSK, PreSharedKeyID, ResumptionPSK
from privity.mls.rules import Rule
from privity.mls.suites import CipherSuite

__all__ = ["KnownPsks", "check_psks", "derive_psk_secret"]

_MAX_PSKS = 0xFFFF
_SHOWN = 32


def _none() -> Mapping[bytes, bytes]:
    return MappingProxyType({})


def _no_epochs() -> Mapping[tuple[bytes, int], bytes]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class KnownPsks:
    """The pre-shared keys that a step may use (§8.4).

    `external` are the application's, of any length, by psk_id; `resumption` are
    `Group.resumption_psk` of other epochs and groups, by group_id and epoch. The
    current epoch's own need not be given.
    """

    external: Mapping[bytes, bytes] = field(default_factory=_none, repr=False)
    resumption: Mapping[tuple[bytes, int], bytes] = field(
        default_factory=_no_epochs, repr=False
    )

    def knows(self, key: ExternalPSK | ResumptionPSK) -> bool:
        """Say whether the secret of that name is here (§8.4)."""
        return self._look_up(key) is not None

    def find(self, key: ExternalPSK | ResumptionPSK) -> bytes:
        """Return the secret of that name (§8.4); raises UnknownPsk."""
        found = self._look_up(key)
        if found is None:
            raise UnknownPsk(f"no secret for {_short_name(key)}")
        return found

    def with_epoch(self, group_id: bytes, epoch: int, secret: bytes) -> "KnownPsks":
        """Return these and the resumption secret of one epoch (§8.6)."""
        more = {**self.resumption, (group_id, epoch): secret}
        return KnownPsks(self.external, MappingProxyType(more))

    def _look_up(self, key: ExternalPSK | ResumptionPSK) -> bytes | None:
        if isinstance(key, ExternalPSK):
            return self.external.get(key.psk_id)
        return self.resumption.get((key.psk_group_id, key.psk_epoch))


def _short_name(key: ExternalPSK | ResumptionPSK) -> str:
    """Return what a person can look for; a name may have megabytes."""
    if isinstance(key, ExternalPSK):
        return f"external key {_start(key.psk_id)}"
    group_id = _start(key.psk_group_id)
    return f"{key.usage.name.lower()} of epoch {key.psk_epoch} of group {group_id}"


def _start(name: bytes) -> str:
    return name.hex() if len(name) <= _SHOWN else f"{name[:_SHOWN].hex()}…"


@dataclass(frozen=True, slots=True)
class _PSKLabel(Struct):
    """RFC 9420 §8.4, `struct PSKLabel`."""

    id: PreSharedKeyID
    index: U16
    count: U16


def check_psks(suite: CipherSuite, named: Sequence[PreSharedKeyID]) -> None:
    """Check the keys that a commit or a Welcome names; raises RuleViolation.

    How many there are enters the secret as a uint16 (§8.4), so more have none.
    """
    if len(named) > _MAX_PSKS:
        raise RuleViolation(Rule.TOO_MANY_PSKS)
    if len(set(named)) != len(named):
        raise RuleViolation(Rule.DUPLICATE_PSK)
    if any(len(psk.psk_nonce) != suite.hash_length for psk in named):
        raise RuleViolation(Rule.PSK_NONCE_LENGTH)


def derive_psk_secret(
    suite: CipherSuite, named: Sequence[PreSharedKeyID], known: KnownPsks
) -> bytes:
    """Return `psk_secret`: all keys in their order; zeros if there are none.

    Raises UnknownPsk.
    """
    zero = bytes(suite.hash_length)
    secret = zero
    for index, psk in enumerate(named):
        extracted = suite.extract(zero, known.find(psk.key))
        label = _PSKLabel(psk, index, len(named)).encode()
        entering = suite.expand_with_label(
            extracted, "derived psk", label, suite.hash_length
        )
        secret = suite.extract(entering, secret)
    return secret
