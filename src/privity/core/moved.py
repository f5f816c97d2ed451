"""What a device keeps of the log that a chat was moved out of. docs/spec/refound.md."""

from privity.core.refounds import Ground
from privity.core.values import Value

__all__ = ["Moved"]


class Moved(Value, frozen=True):
    """By whose statement a chat was moved, and what to hold another one to.

    `ground` is where this device stood in the old log; `signer` is the account whose
    `statement` (encoded) was followed, `at` a time (Unix seconds).
    """

    chat_id: bytes
    ground: Ground
    signer: bytes
    statement: bytes
    at: int
