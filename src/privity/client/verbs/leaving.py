"""The verbs about what left this device: the ledger's lines, and where they went."""

from collections.abc import Mapping
from types import MappingProxyType

from privity.client.ledger import Line, Sum, newest_lines, sums
from privity.client.session import Session
from privity.client.verbs.ledger_results import (
    Connections,
    Ledger,
    LedgerLine,
    LedgerPage,
    Plane,
    Share,
)
from privity.identity.ids import id_to_text

__all__ = ["connections", "ledger"]

_PURPOSES: Mapping[str, str] = MappingProxyType(
    {
        "identified": "The relay knows that it is you: logging in, your mailbox.",
        "anonymous": "The relay does not learn who it is: chats, messages, files.",
    }
)


async def ledger(session: Session, asked: Ledger) -> LedgerPage:
    """Return a page of the ledger, the newest lines first."""
    await session.driver.flush_ledger()
    found = await session.driver.disk.read(
        newest_lines, session.store.database, asked.before, asked.limit + 1
    )
    lines = tuple(_line(number, line) for number, line in found[: asked.limit])
    return LedgerPage(lines, len(found) > asked.limit)


async def connections(session: Session, _asked: object) -> Connections:
    """Return what this device connects to, and how much left by it."""
    await session.driver.flush_ledger()
    found = await session.driver.disk.read(sums, session.store.database)
    return Connections(tuple(_plane(session, name, found) for name in _PURPOSES))


def _line(number: int, line: Line) -> LedgerLine:
    plane, _, endpoint = line.endpoint.partition(" ")
    cause = line.cause.id
    return LedgerLine(
        number=number,
        time=line.minute * 60,
        plane=plane,
        endpoint=endpoint,
        what=line.what,
        size=line.size,
        reason=line.cause.reason,
        cause=id_to_text(cause) if len(cause) == 16 else cause.hex(),
    )


def _plane(session: Session, name: str, found: list[Sum]) -> Plane:
    mine = [one for one in found if one.plane == name]
    account = session.state.account
    return Plane(
        host=account.host,
        url=account.url,
        plane=name,
        purpose=_PURPOSES[name],
        online=session.driver.online,
        since=min((one.first for one in mine), default=0) * 60,
        count=sum(one.count for one in mine),
        size=sum(one.size for one in mine),
        reasons=tuple(Share(one.reason, one.count, one.size) for one in mine),
    )
