"""What each verb of the catalogue does; a test compares the two lists."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any

from privity.client.session import Session
from privity.client.socket import Report
from privity.client.verbs import (
    composing,
    evidence,
    files,
    groups,
    keep,
    people,
    refound,
    repair,
    talk,
    watch,
)
from privity.client.verbs.results import Result

__all__ = ["HANDLERS", "STREAMS"]

_Plain = Callable[[Session, Any], Awaitable[Result]]
_Handler = Callable[[Session, Any, Report], Awaitable[Result]]
_Stream = Callable[[Session, Any], AsyncIterator[Result]]


def _quiet(handler: _Plain) -> _Handler:
    """Give a handler that has no progress to tell the form of those that have."""

    async def call(session: Session, params: Any, _report: Report) -> Result:  # noqa: ANN401
        return await handler(session, params)

    return call


_PLAIN: dict[str, _Plain] = {
    "account": people.account,
    "invite": people.invite,
    "contacts": people.contacts,
    "requests": people.requests,
    "requests.close": people.close_requests,
    "requests.open": people.open_requests,
    "decline": people.decline,
    "block": people.block,
    "verify": people.verify,
    "chats": talk.chats,
    "history": talk.history,
    "read": talk.read,
    "compose": composing.compose,
    "react": talk.react,
    "edit": talk.edit,
    "unsend": talk.unsend,
    "group.new": groups.new,
    "group.add": groups.add,
    "group.remove": groups.remove,
    "group.leave": groups.leave,
    "group.list": groups.list_all,
    "group.title": groups.title,
    "repair.list": repair.list_all,
    "repair.answer": repair.answer,
    "repair.ask": repair.ask,
    "repair.fetch": repair.fetch,
    "repair.evidence": evidence.export,
    "repair.device": repair.device,
    "repair.refound": refound.refound,
    "doctor": keep.doctor,
    "typing": composing.switch,
    "lock": keep.lock,
}

HANDLERS: Mapping[str, _Handler] = MappingProxyType(
    {name: _quiet(handler) for name, handler in _PLAIN.items()}
    | {"send": files.send, "save": files.save}
    | {"join": people.join, "accept": people.accept}
)
"""The verbs with one answer."""

STREAMS: Mapping[str, _Stream] = MappingProxyType({"watch": watch.watch})
"""The verbs that answer with items."""
