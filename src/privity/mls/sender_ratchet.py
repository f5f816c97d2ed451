"""One member's chain of single-use keys (RFC 9420 §9.1).

A ratchet is a value: taking a key gives the key and the ratchet that has
forgotten it. The caller keeps the old one until the message has proved itself.
"""

from dataclasses import dataclass
from typing import Annotated, Self

from privity.codec import U32, Opaque, Struct, Vector
from privity.errors import RuleViolation, UsageError
from privity.mls.rules import Rule
from privity.mls.suites import CipherSuite

__all__ = ["MAX_FORWARD", "MAX_SKIPPED", "MessageKey", "SenderRatchet"]

MAX_FORWARD = 1000
"""How many generations one message may make us step over: a limit on work."""

MAX_SKIPPED = 64
"""How many keys of messages that have not arrived a ratchet keeps: the newest.

All of them are stored again with each message, and a hostile account has many
ratchets: 16 devices can make everybody carry 2,048 keys, up to 105 KB, until the
epoch ends.
"""

_LAST_GENERATION = 2**32 - 1


@dataclass(frozen=True, slots=True, repr=False)
class MessageKey(Struct):
    """The AEAD key and nonce of one generation."""

    generation: U32
    key: Opaque
    nonce: Opaque


@dataclass(frozen=True, slots=True, repr=False)
class SenderRatchet(Struct):
    """The secret of generation `generation`, and keys that were stepped over."""

    generation: U32
    secret: Opaque
    skipped: Annotated[tuple[MessageKey, ...], Vector(MessageKey, MAX_SKIPPED)] = ()

    def next_key(self, suite: CipherSuite) -> tuple[MessageKey, Self]:
        """Return the next generation's key and the ratchet behind it.

        Raises:
            UsageError: all 2^32 - 1 generations are used.
        """
        if self.generation == _LAST_GENERATION:
            raise UsageError("the ratchet of this epoch is used up")
        return self._step(suite)

    def key_for(self, suite: CipherSuite, generation: int) -> tuple[MessageKey, Self]:
        """Return the key of one generation and the ratchet that forgets it.

        Costs at most MAX_FORWARD derivations.

        Raises:
            RuleViolation: the key was used before, or lies too far ahead.
        """
        if generation < self.generation:
            return self._take_skipped(generation)
        steps = generation - self.generation
        if steps > MAX_FORWARD or generation == _LAST_GENERATION:
            raise RuleViolation(Rule.GENERATION_TOO_FAR)
        if steps == 0:
            return self._step(suite)
        skipped = list(self.skipped)
        secret = self.secret
        for passed in range(self.generation, generation):
            key, secret = self._derive(suite, secret, passed)
            skipped.append(key)
        key, secret = self._derive(suite, secret, generation)
        kept = tuple(skipped[-MAX_SKIPPED:])
        return key, type(self)(generation + 1, secret, kept)

    def _step(self, suite: CipherSuite) -> tuple[MessageKey, Self]:
        key, secret = self._derive(suite, self.secret, self.generation)
        return key, type(self)(self.generation + 1, secret, self.skipped)

    def _take_skipped(self, generation: int) -> tuple[MessageKey, Self]:
        for at, key in enumerate(self.skipped):
            if key.generation == generation:
                rest = self.skipped[:at] + self.skipped[at + 1 :]
                return key, type(self)(self.generation, self.secret, rest)
        raise RuleViolation(Rule.GENERATION_CONSUMED)

    @staticmethod
    def _derive(
        suite: CipherSuite, secret: bytes, generation: int
    ) -> tuple[MessageKey, bytes]:
        key = suite.derive_tree_secret(secret, "key", generation, suite.key_length)
        nonce = suite.derive_tree_secret(
            secret, "nonce", generation, suite.nonce_length
        )
        after = suite.derive_tree_secret(
            secret, "secret", generation, suite.hash_length
        )
        return MessageKey(generation, key, nonce), after
