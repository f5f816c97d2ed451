"""How a town's people log in: who comes with an old copy of its disk is noticed.

A number stands for the login value; what is done with it is the relay's and the
engine's own.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from privity.core import inputs as i
from privity.core.effects import Kind, MessageRow
from privity.core.rollbacks import RollbackStage
from privity.relay import logins

if TYPE_CHECKING:
    from town import Person

__all__ = ["Copy", "copy_of", "let_in", "put_back"]


@dataclass(frozen=True)
class Copy:
    """A copy of a person's disk."""

    disk: dict[tuple[Kind, bytes], bytes]
    rows: dict[tuple[bytes, bytes], MessageRow]
    login: int


def copy_of(person: "Person") -> Copy:
    """Return what the disk holds now."""
    return Copy(dict(person.disk), dict(person.rows), person.login)


def put_back(person: "Person", copy: Copy) -> None:
    """Go on with another copy of the disk: what ran until now is gone."""
    person.disk, person.rows = dict(copy.disk), dict(copy.rows)
    person.login = copy.login
    person.crash()
    person.connect()


def let_in(person: "Person") -> bool:
    """Log in as the client does; tells whether the relay took it."""
    town, device = person.town, (person.id, person.state.account.device_id)
    stored = town.logins.get(device, 0)
    if stored != person.login:
        if not _returns(person):
            person.take(i.DiskWentBack())
        if not _returns(person):
            return False
        logins.drop_packages(town.accounts, device)
    person.login = town.logins[device] = stored + 1
    return True


def _returns(person: "Person") -> bool:
    return person.state.rollback.stage is RollbackStage.RETURNING
