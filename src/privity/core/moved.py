"""What a device keeps of the log that a chat was moved out of. docs/spec/refound.md."""

from privity.core.refounds import Ground, Refounding, Signer, rank
from privity.core.values import Value

__all__ = ["Moved"]

MOVED_SECONDS = 30 * 86_400
"""Invitations live as long: who accepts later was not asked for this log."""


class Moved(Value, frozen=True):
    """By whose statement a chat was moved, and what to hold another one to.

    `ground` is where this device stood in the old log; `signer` is the account whose
    `statement` (encoded) was followed, `at` a time (Unix seconds). `gone` are accounts
    of the ground that were in the new log and are no more, `replaced` signature keys.
    """

    chat_id: bytes
    ground: Ground
    signer: bytes
    statement: bytes
    at: int
    gone: tuple[bytes, ...] = ()
    replaced: tuple[bytes, ...] = ()

    def is_over(self, now: int) -> bool:
        """Tell whether it is too late for another statement about the old log."""
        return now >= self.at + MOVED_SECONDS

    @property
    def left_out(self) -> tuple[bytes, ...]:
        """The accounts that were not asked along."""
        return Refounding.decode(self.statement).without

    def is_out(self, signer: Signer) -> bool:
        """Tell whether a member of the old log has no say in the new one."""
        return (
            signer.account_id in self.left_out
            or signer.account_id in self.gone
            or signer.signature_key in self.replaced
        )

    def stands_before(self, account_id: bytes, other: Refounding) -> bool:
        """Tell whether another statement is no better than the one that was followed.

        What was followed doesn't go before itself, nor is it to be followed twice.
        """
        mine = rank(self.ground, self.signer, Refounding.decode(self.statement))
        return mine <= rank(self.ground, account_id, other)
