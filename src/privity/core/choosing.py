"""Choosing among answers to my plea: who may be believed, and which way they went.

docs/spec/plea.md. An answer opens only with the plea's one-time key; it counts if its
giver's identity key is known here. Where it leads, the log shows (`rejoining`).
"""

from msgspec import structs

from privity import mls
from privity.core import helping, pleading, rejoining
from privity.core.errors import CommandRefused, Reason, Refusal
from privity.core.pleas import Answer, log_hash, open_answer
from privity.core.repairs import Repair, Stage
from privity.core.requests import AnswersRead, Refused
from privity.core.state import Chat, Job, Status
from privity.core.step import Draft
from privity.errors import PrivityError
from privity.identity.certificates import DeviceClaim
from privity.wire.codes import RETRYABLE, Code

__all__ = ["answers_read", "ask"]

_UNKNOWN = 1 << 64


def answers_read(draft: Draft, job: Job, answer: AnswersRead | Refused) -> None:
    """Take the best answer to my plea, if one is good enough."""
    repair = draft.state.repairs.get(job.context)
    if isinstance(answer, Refused) and answer.named in RETRYABLE:
        draft.again_in(job.number, answer.pause_ms(1_000))
        return
    draft.end_job(job.number)
    if repair is None:
        return
    if isinstance(answer, Refused):
        _gone(draft, repair, answer)
        return
    found = _opened(draft, repair, answer.answers)
    best = _best(repair, found)
    if best is not None:
        rejoining.walk(draft, _taken(repair, best, found))
    elif not found and _is_used_up(draft, repair):
        pleading.renew(draft, repair)


def _taken(repair: Repair, best: Answer, found: list[Answer]) -> Repair:
    """Return my plea with the answer to follow, and who else says the same."""
    second = None if repair.confirmed else _second(repair, best, found)
    return structs.replace(
        repair,
        answer=best.encode(),
        sure=repair.confirmed or second is not None,
        witness=second.encode() if second is not None else b"",
    )


def _gone(draft: Draft, repair: Repair, refused: Refused) -> None:
    """Plead again after a while if the plea is no more."""
    if refused.named in (Code.NO_SUCH_PLEA, Code.GONE) and _may_renew(draft, repair):
        pleading.renew(draft, repair)


def _is_used_up(draft: Draft, repair: Repair) -> bool:
    """Tell whether what members answered for a day has led nowhere.

    A later copy of this disk may have taken it and dropped the plea: then nobody
    hears it any more. A day later members answer another one without a person.
    """
    waited = draft.context.now - repair.posted
    return bool(repair.failed) and waited > helping.ONCE_SECONDS


def _may_renew(draft: Draft, repair: Repair) -> bool:
    """Tell whether to plead again: who was removed asks ever more rarely."""
    asked = repair.posted - repair.since
    wait = min(max(pleading.RENEW_SECONDS, asked // 2), pleading.RENEW_AT_LEAST)
    return draft.context.now - repair.posted >= wait


def _opened(draft: Draft, repair: Repair, answers: tuple[bytes, ...]) -> list[Answer]:
    """Return the answers that open, are meant for this plea, and come from members."""
    account = draft.state.account
    suite = mls.suite(account.suite)
    chat = draft.state.chats[repair.chat_id]
    found: list[Answer] = []
    for sealed in answers:
        try:
            answer = open_answer(suite, repair.private, repair.plea_id, sealed)
        except PrivityError:
            continue
        here = log_hash(chat.log_id, account.host)
        is_meant = (answer.plea, answer.log_hash) == (repair.digest, here)
        if not is_meant or rejoining.name_of(answer) in repair.failed:
            continue
        if _is_plausible(answer) and _is_known(draft, answer.certificate.claim):
            found.append(answer)
    return found


def _is_plausible(answer: Answer) -> bool:
    first = answer.checkpoint.seq
    return answer.generation <= first <= answer.seq <= answer.head


def _is_known(draft: Draft, claim: DeviceClaim) -> bool:
    """Tell whether an answer comes from somebody whose identity key I know."""
    account = draft.state.account
    if claim.account_id == account.account_id:
        return claim.identity_key == account.identity_key
    contact = draft.state.contacts.get(claim.account_id)
    return contact is not None and contact.identity_key == claim.identity_key


def _best(repair: Repair, found: list[Answer]) -> Answer | None:
    """Return the newest answer on the lowest sibling, those of two accounts first.

    A commit that only I can't apply, or can't get, is a sibling too: another one than
    that needs two accounts, or a person; so does a road that forks (`rejoining`).
    """
    shared = [one for one in found if _second(repair, one, found) is not None]
    if shared or repair.confirmed:
        return _newest_on_lowest(shared or found)
    alone = [one for one in found if rejoining.name_of(one) not in repair.alone]
    best = _newest_on_lowest(alone)
    unseen = {Reason.PATH.value: repair.seq, Reason.BLOB.value: repair.seq + 1}
    expected = unseen.get(repair.cause)
    if best is None or expected is None or best.via == expected:
        return best
    return None


def _newest_on_lowest(found: list[Answer]) -> Answer | None:
    via = min((one.via or _UNKNOWN for one in found), default=0)
    same = [one for one in found if (one.via or _UNKNOWN) == via]
    return max(same, key=lambda one: (one.seq, one.head), default=None)


def _second(repair: Repair, answer: Answer, found: list[Answer]) -> Answer | None:
    """Return another member's answer that names the same commit and generation.

    Members of my own last epoch count: somebody can have many accounts, and who was
    removed can add some of them to a branch of its own. Where it is not known who they
    were nobody does, and a person decides.
    """
    me, where = _account(answer), (answer.seq, answer.generation)
    if not _counts(repair, me):
        return None
    return next(
        (
            one
            for one in found
            if (one.seq, one.generation) == where
            and _account(one) != me
            and _counts(repair, _account(one))
        ),
        None,
    )


def _account(answer: Answer) -> bytes:
    return answer.certificate.claim.account_id


def _counts(repair: Repair, account_id: bytes) -> bool:
    return account_id in repair.members


def ask(draft: Draft, chat: Chat) -> None:
    """Plead as a person wants it, or trust a single account with where to go.

    Raises CommandRefused.
    """
    repair = draft.state.repairs.get(chat.chat_id)
    if chat.status is not Status.STUCK or chat.cause not in pleading.CAUSES:
        raise CommandRefused(Refusal.NOT_STUCK, chat.cause)
    if repair is None or repair.stage is Stage.HOPELESS:
        pleading.plead(draft, chat, Reason(chat.cause))
        return
    draft.put(chat.chat_id, structs.replace(repair, confirmed=True))
    draft.set_session(looks={**draft.state.session.looks, chat.chat_id: 0})
    pleading.look_due(draft, chat.chat_id)
