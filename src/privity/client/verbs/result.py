"""What every answer of a verb is made of. Light, as all of these modules are."""

from typing import Annotated

import msgspec

__all__ = ["Count", "Id", "Result", "Time"]

Id = Annotated[str, msgspec.Meta(pattern="^[a-z2-7]{26}$")]
Count = Annotated[int, msgspec.Meta(ge=0)]
Time = Annotated[int, msgspec.Meta(ge=0)]


class Result(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What every answer derives from."""
