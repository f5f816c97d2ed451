"""What the verbs about what left this device take and answer."""

from typing import Annotated

import msgspec

from privity.client.verbs.params import Params
from privity.client.verbs.result import Count, Result, Time

__all__ = ["Connections", "Ledger", "LedgerLine", "LedgerPage", "Plane", "Share"]


class Ledger(Params, frozen=True):
    """The newest `limit` lines in front of line `before` (0: the end)."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 100
    before: Count = 0


class LedgerLine(Result, frozen=True):
    """One frame or one HTTP body that left this device.

    `plane` says whether the relay knew who sent it: "identified" or "anonymous";
    `endpoint` is the path without ids, `size` its bytes before TLS. `reason` is why,
    and `cause` the id of what it was for, where there is one.
    """

    number: Count
    time: Time
    plane: str
    endpoint: str
    what: str
    size: Count
    reason: str
    cause: str


class LedgerPage(Result, frozen=True):
    """Lines of the ledger, the newest first; `more` says whether older ones follow."""

    lines: tuple[LedgerLine, ...]
    more: bool


class Share(Result, frozen=True):
    """How much left for one reason."""

    reason: str
    count: Count
    size: Count


class Plane(Result, frozen=True):
    """One of the two ways by which this device talks to a relay.

    `since` is the minute of the first thing that left by it, 0 where nothing did.
    """

    host: str
    url: str
    plane: str
    purpose: str
    online: bool
    since: Time
    count: Count
    size: Count
    reasons: tuple[Share, ...]


class Connections(Result, frozen=True):
    """Everything that this device connects to: there is nothing else."""

    planes: tuple[Plane, ...]
