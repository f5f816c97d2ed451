"""An admission into a chat that I am in and that is stuck: its owner decides.

docs/spec/invitation.md. An invitation does not name its chat, and an admission may come
of somebody who was removed there while this device could not follow. So it is kept as a
question of its own, and what waits to be sent never goes along.
"""

from msgspec import structs

from privity.content.mimi import MimiContent
from privity.content.view import Control, Report, read
from privity.core.errors import CommandRefused, Refusal
from privity.core.events import ReadmissionOffered
from privity.core.sealed import Admission
from privity.core.state import Chat, Outgoing, Package, Request_, State, Status
from privity.core.step import Draft

__all__ = [
    "HELD",
    "accepted",
    "can_be_held",
    "chat_of",
    "drop",
    "hold",
    "is_accepted",
    "is_known",
    "tidy",
    "unsent",
]

HELD = "held"
"""The state of a request whose admission waits for its owner."""
_TAKES_ONE = (Status.STUCK, Status.LEFT, Status.REMOVED)


def chat_of(state: State, request: Request_) -> Chat | None:
    """Return the chat that a held request leads into, while it does not go on."""
    if request.state != HELD:
        return None
    chat = state.chats.get(Admission.decode(request.admission).chat_id)
    return chat if chat is not None and chat.status in _TAKES_ONE else None


def unsent(state: State, chat_id: bytes) -> int:
    """Return how many messages of my own wait in a chat; what nobody sees is none."""
    return sum(map(_is_seen, state.outgoing.get(chat_id, ())))


def _is_seen(item: Outgoing) -> bool:
    if item.proposal or item.seq:
        return False
    return not isinstance(read(MimiContent.decode(item.content)), Control | Report)


def can_be_held(chat: Chat | None, request: Request_) -> bool:
    """Tell whether an admission leads into a stuck chat of the kind that I accepted."""
    is_stuck = chat is not None and chat.status is Status.STUCK
    return is_stuck and chat is not None and chat.kind is request.kind


def hold(draft: Draft, message: Admission, request: Request_) -> None:
    """Keep an admission with its request, and ask; the chat stays as it is."""
    held = structs.replace(request, state=HELD, admission=message.encode())
    draft.put(request.invite_id, held)
    chat_id, count = message.chat_id, unsent(draft.state, message.chat_id)
    draft.show(
        ReadmissionOffered(chat_id, request.invite_id, request.account_id, count)
    )


def is_known(request: Request_ | None, message: Admission) -> bool:
    """Tell whether a relay brings once more what waits for its owner already."""
    kept = request.admission if request is not None else b""
    return bool(kept) and kept == message.encode()


def accepted(draft: Draft, request: Request_) -> Admission:
    """Return the admission of a held request; raises CommandRefused if it is over."""
    packages = draft.state.packages.values()
    has_key = any(one.invite_id == request.invite_id for one in packages)
    if chat_of(draft.state, request) is None or not has_key:
        raise CommandRefused(Refusal.NOT_NEEDED)
    return Admission.decode(request.admission)


def is_accepted(request: Request_ | None, message: Admission) -> bool:
    """Tell whether the owner said that this admission takes a stuck chat's place."""
    return (
        request is not None and request.state == "joined" and is_known(request, message)
    )


def drop(draft: Draft, request: Request_) -> None:
    """Forget a held admission and the key that opened it: no other one is awaited."""
    declined = structs.replace(request, state="declined", text="", admission=b"")
    draft.put(request.invite_id, declined)
    for package in tuple(draft.state.packages.values()):
        if package.invite_id == request.invite_id:
            draft.drop(Package, package.ref)


def tidy(draft: Draft) -> None:
    """Drop what leads nowhere any more: its chat goes on, or its key's time is over."""
    for request in tuple(draft.state.requests.values()):
        if request.state != HELD:
            continue
        try:
            accepted(draft, request)
        except CommandRefused:
            drop(draft, request)
