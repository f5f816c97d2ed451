"""Attaching: a connection proves a generation's access key, once, and may go on.

What was proven is a grant in memory. When an opening is stored, the grants of the
generation that it closed are told, on every connection.
"""

from dataclasses import dataclass

from privity.errors import NotAuthentic
from privity.identity import labels
from privity.identity.signing import verify_with_label
from privity.relay.limits import Bucket
from privity.wire.codes import Code, Refusal
from privity.wire.entry import AttachClaim, Rights
from privity.wire.frames import Attach

__all__ = ["Grant", "Grants", "Place", "verify_attach"]

Place = tuple[bytes, int]
"""Log id and generation."""


@dataclass(slots=True, eq=False)
class Grant:
    """What one connection may do in one generation of one log."""

    place: Place
    rights: Rights
    bucket: Bucket
    is_closed: bool

    def allows(self, right: Rights) -> bool:
        """Whether `right` was among those that were proven."""
        return self.rights & right == right


class Grants:
    """All grants of all connections, by what they are for."""

    def __init__(self) -> None:
        self._of: dict[Place, set[Grant]] = {}

    def __len__(self) -> int:
        return len(self._of)

    def add(self, grant: Grant) -> None:
        """Note a grant until it is dropped."""
        self._of.setdefault(grant.place, set()).add(grant)

    def drop(self, grant: Grant) -> None:
        """Forget a grant."""
        grants = self._of.get(grant.place, set())
        grants.discard(grant)
        if not grants:
            self._of.pop(grant.place, None)

    def has(self, place: Place) -> bool:
        """Whether anybody is attached to a generation."""
        return place in self._of

    def places(self) -> list[Place]:
        """Return every generation that somebody is attached to."""
        return list(self._of)

    def close(self, place: Place) -> None:
        """Tell every holder that the generation was closed."""
        for grant in self._of.get(place, ()):
            grant.is_closed = True


def verify_attach(
    access_pk: bytes, host: str, relay_nonce: bytes, asked: Attach
) -> Rights:
    """Return the proven rights; raises Refusal (NOT_AUTHENTIC)."""
    rights = Rights(asked.rights)
    claim = AttachClaim(
        version=1,
        host=host.encode(),
        relay_nonce=relay_nonce,
        client_nonce=asked.nonce,
        log_id=asked.log_id,
        generation=asked.generation,
        rights=rights,
    )
    try:
        verify_with_label(access_pk, labels.ATTACH, claim.encode(), asked.signature)
    except NotAuthentic:
        detail = "this is not the generation's access key"
        raise Refusal(Code.NOT_AUTHENTIC, detail) from None
    return rights
