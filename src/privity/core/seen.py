"""The stored values of signed heads: a chat's newest, and a proof of two histories.

docs/spec/head.md.
"""

from privity.core.values import Value

__all__ = ["KnownFork", "SeenHead"]


class SeenHead(Value, frozen=True):
    """Heads of a chat's log, encoded, empty where there is none.

    `signed` is the newest that this device read up to, `ahead` one in front of it.
    """

    log_id: bytes
    signed: bytes = b""
    ahead: bytes = b""


class KnownFork(Value, frozen=True):
    """A `wire.heads.Fork`, encoded; `found` in Unix seconds."""

    log_id: bytes
    found: int
    fork: bytes
