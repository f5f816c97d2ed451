"""What a device remembers of its disk having gone back; docs/adr/0014."""

from enum import StrEnum, unique

from privity.core.values import Value

__all__ = ["Rollback", "RollbackStage"]


@unique
class RollbackStage(StrEnum):
    """How far a device is with coming back after its disk went back.

    `ASKING`: its owner has to say so. `RETURNING`: the keys are dropped; the next login
    states it. `NONE`: it is logged in, or never went back.
    """

    NONE = "none"
    ASKING = "asking"
    RETURNING = "returning"


class Rollback(Value, frozen=True):
    """When this device dropped its keys (Unix seconds, newest last), and its stage."""

    times: tuple[int, ...] = ()
    stage: RollbackStage = RollbackStage.NONE
