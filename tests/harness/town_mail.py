"""Mail of a town: posted as a client does, and kept for whoever wants to look."""

from typing import Any

from msgspec import structs

from privity.core.requests import PostSealed, SetMailboxKey, SetRequestsLane
from privity.relay import accounts, lanes, mailboxes
from privity.wire import http
from privity.wire.codes import Code, Refusal

__all__ = ["post", "set_up"]


def post(town: Any, request: PostSealed) -> None:
    """Post a message, through the door only where nothing else is left."""
    where, key = request.mailbox_id, request.mailbox_key
    lane, day = "contacts" if key else "requests", town.now_ms // 86_400_000
    message = http.PostMessage(lane, request.body, request.idem, key)
    try:
        mailboxes.post(town.accounts, where, message, day)
    except Refusal as refusal:
        if refusal.code is not Code.REQUESTS_CLOSED:
            raise
        through = structs.replace(message, door=request.door)
        mailboxes.post(town.accounts, where, through, day)
    seq = mailboxes.newest(town.accounts, where)
    town.letters.setdefault(where, {})[seq] = (lane, request.body)


def set_up(
    town: Any, account_id: bytes, request: SetMailboxKey | SetRequestsLane
) -> None:
    """Set who may write to the mailboxes of an account."""
    if isinstance(request, SetMailboxKey):
        accounts.set_mailbox_key(town.accounts, account_id, request.key_hash)
        return
    lane = http.SetRequestsLane(request.closed, list(request.doors))
    lanes.set_lane(town.accounts, account_id, lane)
