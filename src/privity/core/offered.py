"""A refound that somebody offers: checked, shown, accepted; else another chat.

docs/spec/refound.md. Nobody is moved unasked. What does not hold at my newest epoch is
shown as an invitation like any other, with a name for why.
"""

from msgspec import structs

from privity.core import answers, joining, readmission, silence
from privity.core.errors import CommandRefused, Doubt, RefoundDoubted, Refusal
from privity.core.events import Line, Notice, RefoundOffered
from privity.core.lines import write_line
from privity.core.moving import judge, judged
from privity.core.pleas import log_hash
from privity.core.refounds import (
    Ground,
    Refounding,
    Signer,
    rank,
)
from privity.core.sealed import RefoundCall
from privity.core.state import Request_
from privity.core.step import Draft

__all__ = ["accept", "receive"]

_OPEN = ("pending", "accepted")


def receive(draft: Draft, message: RefoundCall) -> None:
    """Keep a refound for its owner to decide, as what it turns out to be."""
    invitation, statement = message.invitation, message.statement
    claim = invitation.certificate.claim
    signer = Signer(claim.account_id, claim.identity_key, claim.signature_key)
    try:
        chat, ground = judge(draft, signer, statement)
        _check_rank(draft, ground, signer, statement)
    except RefoundDoubted as error:
        if error.doubt is Doubt.LEFT_OUT:
            _tell_of_it(draft, signer, statement)
            return
        draft.show(Notice("refound_doubted", error.doubt.value))
        if error.doubt is not Doubt.OVERTAKEN:
            answers.receive_invitation(draft, invitation, None)
        return
    if not answers.may_offer(draft, invitation):
        return
    request = structs.replace(
        answers.request_of(draft, invitation, by_link=False),
        kind=chat.kind,
        title=chat.title,
        refound=statement.encode(),
    )
    if silence.has_blocked(draft.state, request.account_id):
        _keep_unheard(draft, request, statement)
        return
    _overtake(draft, statement)
    draft.put(request.invite_id, request)
    draft.show(RefoundOffered(chat.chat_id, request.invite_id, request.account_id))


def _keep_unheard(draft: Draft, request: Request_, statement: Refounding) -> None:
    """Keep what somebody blocked offers until they are heard, once for each log.

    It stands in nobody's way, and their later one takes its place.
    """
    for other in tuple(draft.state.requests.values()):
        if other.account_id != request.account_id or other.state != silence.UNHEARD:
            continue
        if Refounding.decode(other.refound).log_hash == statement.log_hash:
            draft.drop(Request_, other.invite_id)
    draft.put(request.invite_id, structs.replace(request, state=silence.UNHEARD))


def _tell_of_it(draft: Draft, signer: Signer, statement: Refounding) -> None:
    """Write by whom this device is left behind; its chat stays as it is."""
    host, me = draft.state.account.host, draft.state.account.account_id
    for chat in draft.state.chats.values():
        moved = draft.state.moved.get(chat.chat_id)
        left = moved.ground.log_hash if moved is not None else b""
        if statement.log_hash in (log_hash(chat.log_id, host), left):
            line = Line(chat.chat_id, chat.cursor, "left_behind", signer.account_id, me)
            write_line(draft, line, draft.context.minute)
            return


def _check_rank(
    draft: Draft, ground: Ground, signer: Signer, statement: Refounding
) -> None:
    """Refuse what stands behind one that I may yet follow.

    Who asks once more for the same log has forgotten the key that its first call gave
    out: the later one stands then.
    """
    offered = rank(ground, signer.account_id, statement)
    rivals = [
        (r.account_id, Refounding.decode(r.refound)) for r in _others(draft, statement)
    ]
    again = (signer.account_id, statement)
    if any(rank(ground, *rival) <= offered for rival in rivals if rival != again):
        raise RefoundDoubted(Doubt.OVERTAKEN)


def _others(draft: Draft, statement: Refounding) -> list[Request_]:
    """Return the undecided and accepted refounds of the same log."""
    return [
        request
        for request in draft.state.requests.values()
        if request.refound
        and request.state in _OPEN
        and Refounding.decode(request.refound).log_hash == statement.log_hash
    ]


def _overtake(draft: Draft, statement: Refounding) -> None:
    for request in _others(draft, statement):
        draft.put(request.invite_id, structs.replace(request, state="declined"))


def accept(draft: Draft, invite_id: bytes) -> None:
    """Accept a request; a refound is judged again first. Raises CommandRefused.

    What was accepted and is held, as it leads into a stuck chat, is joined now.
    """
    request = draft.state.requests.get(invite_id)
    if request is not None and request.state == readmission.HELD:
        joining.go_in(draft, request)
        return
    if request is not None and request.refound:
        try:
            judged(draft, request)
        except RefoundDoubted as error:
            raise CommandRefused(Refusal.REFOUND_DOUBTED, error.doubt.value) from None
    answers.accept(draft, invite_id)
