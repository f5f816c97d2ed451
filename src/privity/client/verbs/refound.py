"""What the verb about refounding a chat does, and how an offer looks."""

from privity.client import lookup, views
from privity.client.session import Session
from privity.client.verbs import params, repair_results
from privity.client.verbs.chat_views import chat_view
from privity.core import inputs
from privity.core.pleas import log_hash
from privity.core.refounds import Refounding
from privity.core.state import Chat, Request_, State
from privity.core.suites import NAMES
from privity.identity.ids import id_to_text

__all__ = ["offers_of", "refound"]


async def refound(
    session: Session, asked: params.RepairRefound
) -> repair_results.Refounded:
    """Go on with a chat in a new log, and wait until its members were asked."""
    chat_id = lookup.find_chat(session.state, asked.chat).chat_id
    without = tuple(
        lookup.find_contact(session.state, who).account_id for who in asked.without
    )
    suite = NAMES[asked.suite] if asked.suite else 0
    command = inputs.Refound(chat_id, without, asked.text, suite)
    await session.do(command)
    state = session.state
    called = [
        invite.account_id
        for invite in state.invites.values()
        if invite.chat_id == chat_id and invite.refound and invite.state != "telling"
    ]
    await session.settle(asked.wait)
    return repair_results.Refounded(
        chat=chat_view(session, chat_id),
        asked=tuple(views.person(state, who) for who in called),
        without=tuple(views.person(state, who) for who in without),
    )


def offers_of(state: State) -> tuple[repair_results.RefoundOffer, ...]:
    """Return the refounds that wait for their owner, oldest first."""
    waiting = [r for r in state.requests.values() if r.refound and r.state == "pending"]
    waiting.sort(key=lambda r: (r.received, r.invite_id))
    found = (_offer(state, request) for request in waiting)
    return tuple(offer for offer in found if offer is not None)


def _offer(state: State, request: Request_) -> repair_results.RefoundOffer | None:
    """Return a refound as a person sees it; None for one of a chat that is over."""
    statement = Refounding.decode(request.refound)
    chat = _chat_of(state, statement)
    if chat is None:
        return None
    group = state.groups.get(chat.chat_id)
    return repair_results.RefoundOffer(
        request=id_to_text(request.invite_id),
        chat=id_to_text(chat.chat_id),
        title=views.title_of(state, chat),
        person=views.person(state, request.account_id),
        text=request.text,
        without=tuple(views.person(state, who) for who in statement.without),
        suite=statement.suite,
        stronger=group is not None and group.suite.code != statement.suite,
        received=request.received,
    )


def _chat_of(state: State, statement: Refounding) -> Chat | None:
    for chat in state.chats.values():
        moved = state.moved.get(chat.chat_id)
        left = moved.ground.log_hash if moved else b""
        here = log_hash(chat.log_id, state.account.host)
        if statement.log_hash in (here, left):
            return chat
    return None
