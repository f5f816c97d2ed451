"""What each verb of the catalogue does; a test compares the two lists."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any

from privity.client.session import Session
from privity.client.socket import Report
from privity.client.verbs import (
    again,
    choosing,
    composing,
    deleting,
    evidence,
    farewell,
    files,
    groups,
    keep,
    leaving,
    people,
    profile,
    receipts,
    refound,
    repair,
    searching,
    talk,
    timer,
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
    "account.delete": farewell.delete,
    "invite": people.invite,
    "contacts": people.contacts,
    "requests": people.requests,
    "requests.close": people.close_requests,
    "requests.open": people.open_requests,
    "decline": people.decline,
    "block": people.block,
    "verify": people.verify,
    "contacts.rename": people.rename,
    "contacts.remove": people.remove,
    "chats": choosing.chats,
    "chats.pin": choosing.pin,
    "chats.mute": choosing.mute,
    "chats.archive": choosing.archive,
    "chats.unread": choosing.unread,
    "chats.delete": deleting.delete,
    "draft": choosing.draft,
    "history": talk.history,
    "search": searching.search,
    "read": talk.read,
    "compose": composing.compose,
    "react": talk.react,
    "edit": talk.edit,
    "unsend": talk.unsend,
    "resend": again.resend,
    "chats.leave": groups.leave_any,
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
    "receipts": receipts.switch,
    "timer": timer.timer,
    "profile.set": profile.change,
    "profile.picture": profile.picture,
    "reconnect": keep.reconnect,
    "ledger": leaving.ledger,
    "connections": leaving.connections,
    "lock": keep.lock,
}

HANDLERS: Mapping[str, _Handler] = MappingProxyType(
    {name: _quiet(handler) for name, handler in _PLAIN.items()}
    | {"send": files.send, "save": files.save, "media": files.media}
    | {"join": people.join, "accept": people.accept}
)
"""The verbs with one answer."""

STREAMS: Mapping[str, _Stream] = MappingProxyType({"watch": watch.watch})
"""The verbs that answer with items."""
