"""The keys of a generation, all derived from one secret that its members share.

docs/spec/generation.md. A generation is a span of epochs in which one access key
opens the log; it is named by the seq of the commit that opened it.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated

from privity import mls
from privity.codec import Fixed, Struct
from privity.identity.kdf import expand
from privity.identity.signing import public_of

__all__ = ["NEXT_KEYS", "Generation", "NextKeys", "generation_secret"]

NEXT_KEYS = 0xF5A4
"""The GroupInfo extension in which a committer signs what its opening opens."""
_EXPORT_LABEL = "privity generation v1"


@dataclass(frozen=True, slots=True)
class NextKeys(Struct):
    """The public keys of the generation that a commit opens; header and GroupInfo."""

    access_pk: Annotated[bytes, Fixed(32)]
    lobby_pk: Annotated[bytes, Fixed(32)]


@dataclass(frozen=True)
class Generation:
    """One generation's secret S_g and what follows from it (32 bytes each).

    `env` keys envelopes and Welcomes, `ckpt` checkpoints; `access_seed` is the
    Ed25519 seed that attaches to the log, `lobby_seed` the one of its lobby, where
    `lobby_seal` keys what is posted.
    """

    secret: bytes = field(repr=False)

    @cached_property
    def env(self) -> bytes:
        """What envelopes and Welcomes are sealed under."""
        return expand(self.secret, b"env")

    @cached_property
    def ckpt(self) -> bytes:
        """What checkpoints are sealed under."""
        return expand(self.secret, b"ckpt")

    @cached_property
    def access_seed(self) -> bytes:
        """The seed of the key that attaches to the log."""
        return expand(self.secret, b"access")

    @cached_property
    def lobby_seed(self) -> bytes:
        """The seed of the key that posts to the log's lobby."""
        return expand(self.secret, b"lobby-sign")

    @cached_property
    def lobby_seal(self) -> bytes:
        """What the pleas in the log's lobby are sealed under."""
        return expand(self.secret, b"lobby-seal")

    @cached_property
    def next_keys(self) -> NextKeys:
        """The public halves, as an opening states them."""
        return NextKeys(public_of(self.access_seed), public_of(self.lobby_seed))


def generation_secret(group: mls.Group, log_id: bytes, host: str) -> bytes:
    """Return S_g, exported from the epoch that opens a generation of this log."""
    return group.export(_EXPORT_LABEL, log_id + host.encode(), 32)
