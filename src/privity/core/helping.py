"""Hearing pleas: which of them this device answers by itself, and which a person sees.

docs/spec/plea.md. An answer lets a device back into its own place and nobody else in,
so it goes only to a leaf of the present tree, and not twice a day unless a person wants
it. What can't be a plea is taken out of the lobby.
"""

from enum import StrEnum, unique

from privity import mls
from privity.core import chats, offers
from privity.core.effects import Cause
from privity.core.errors import CommandRefused, Refusal
from privity.core.events import PleaArrived
from privity.core.generations import Generation
from privity.core.past import note_help, past_of, way_on
from privity.core.pleading import has_job
from privity.core.pleas import (
    GROUP_INFO,
    MAX_ROAD_KEYS,
    Answer,
    Plea,
    PleaPlace,
    RoadKey,
    log_hash,
    open_plea,
    plea_hash,
    seal_answer,
)
from privity.core.repairs import Help, LobbyKey, Past, Plight
from privity.core.requests import (
    DropPlea,
    ListPleas,
    Pleas,
    PostAnswer,
    Refused,
    WaitingPlea,
)
from privity.core.sealed import Locator
from privity.core.state import Chat, Job, Status
from privity.core.step import Draft
from privity.core.vouching import is_omitted
from privity.errors import PrivityError
from privity.wire.codes import RETRYABLE

__all__ = [
    "Why",
    "answer_for_a_person",
    "listed",
    "note_rejoin",
    "ring",
    "ring_due",
    "went_on",
]

FRESH_MS = 300_000
"""How old the head may be to which an answerer is synced."""
ONCE_SECONDS = 86_400
"""A leaf that was helped since is helped again only by a person."""
AGAIN_SECONDS = 600
"""The same plea may hear from the same place of the log again after this."""
RANK_MS = 1_000
MOST_RANKS = 30
_FOLLOWED_MS = 5_000


@unique
class Why(StrEnum):
    """What becomes of a plea; the last two wait for a person."""

    ANSWER = "answer"
    IGNORE = "ignore"
    JUNK = "junk"
    AGAIN = "again"
    NEW_DEVICE = "new_device"


def ring(draft: Draft, chat_id: bytes) -> None:
    """Look into a chat's lobby soon; the lowest leaf first, each a second later."""
    chat = draft.state.chats.get(chat_id)
    group = draft.state.groups.get(chat_id)
    if chat is None or group is None or chat.status is not Status.ACTIVE:
        return
    rings = draft.state.session.rings
    rank = [index for index, _ in group.members()].index(group.own_leaf)
    due = draft.context.now_ms + min(rank, MOST_RANKS) * RANK_MS
    if chat_id not in rings:
        draft.set_session(rings={**rings, chat_id: due})
        draft.wake(due)


def went_on(draft: Draft, chat_id: bytes) -> None:
    """Look again after a commit: who was answered and is not back needs the new epoch.

    Raises nothing; costs nothing where nobody was answered within the hour.
    """
    since = draft.context.now - 3_600
    helps = past_of(draft, chat_id).helps
    if any(one.plea_id and one.at > since for one in helps):
        ring(draft, chat_id)


def ring_due(draft: Draft, chat_id: bytes) -> None:
    """Read the lobby if it is time and this device knows the newest head."""
    rings, now = dict(draft.state.session.rings), draft.context.now_ms
    if rings.get(chat_id, now + 1) > now:
        return
    chat = draft.state.chats[chat_id]
    del rings[chat_id]
    if chat.status is Status.ACTIVE and not _is_fresh(draft, chat):
        rings[chat_id] = now + _FOLLOWED_MS
        draft.wake(now + _FOLLOWED_MS)
        if not _heard_lately(draft, chat):
            chats.follow(draft, chat)
    elif chat.status is Status.ACTIVE and not has_job(draft, chat_id):
        seed = Generation(chat.secret).access_seed
        request = ListPleas(chat.log_id, chat.generation, seed)
        draft.send(request, Cause("lobby", chat_id), chat_id)
    draft.set_session(rings=rings)


def _is_fresh(draft: Draft, chat: Chat) -> bool:
    return chat.chat_id in draft.state.session.synced and _heard_lately(draft, chat)


def _heard_lately(draft: Draft, chat: Chat) -> bool:
    heard = draft.state.session.fresh.get(chat.log_id, 0)
    return draft.context.now_ms - heard <= FRESH_MS


def listed(draft: Draft, job: Job, answer: Pleas | Refused) -> None:
    """Deal with everything that waits in a lobby."""
    if isinstance(answer, Refused) and answer.named in RETRYABLE:
        draft.again_in(job.number, answer.pause_ms(1_000))
        return
    draft.end_job(job.number)
    chat = draft.state.chats[job.context]
    if isinstance(answer, Refused) or chat.status is not Status.ACTIVE:
        return
    if not _is_fresh(draft, chat):
        ring(draft, chat.chat_id)
        return
    heard = _newest(draft, chat, answer.pleas)
    _forget_plights(draft, chat, {waiting.plea_id for waiting, _ in heard})
    for waiting, plea in heard:
        _hear(draft, chat, waiting, plea)


def _newest(
    draft: Draft, chat: Chat, pleas: tuple[WaitingPlea, ...]
) -> list[tuple[WaitingPlea, Plea | None]]:
    """Return the pleas whose lobby I know, opened; of each device its newest alone.

    Who pleads anew reads no answers to what it asked before.
    """
    lobbies = {key.generation: key for key in past_of(draft, chat.chat_id).lobbies}
    heard: dict[bytes, tuple[WaitingPlea, Plea | None]] = {}
    for waiting in pleas:
        lobby = lobbies.get(waiting.generation)
        if lobby is not None:
            plea = _opened(draft, chat, lobby, waiting)
            heard[_whose(waiting, plea)] = waiting, plea
    return list(heard.values())


def _whose(waiting: WaitingPlea, plea: Plea | None) -> bytes:
    if plea is None:
        return waiting.plea_id
    claim = plea.certificate.claim
    return claim.account_id + claim.device_id


def _forget_plights(draft: Draft, chat: Chat, still: set[bytes]) -> None:
    for key, plight in tuple(draft.state.plights.items()):
        if plight.chat_id == chat.chat_id and plight.plea_id not in still:
            draft.drop(Plight, key)


def _hear(draft: Draft, chat: Chat, waiting: WaitingPlea, plea: Plea | None) -> None:
    verdict = Why.JUNK if plea is None else _judge(draft, chat, plea)
    if verdict is Why.JUNK:
        _drop(draft, chat, waiting.plea_id)
    elif plea is not None and verdict is Why.ANSWER:
        _answer(draft, chat, plea, waiting)
    elif plea is not None and _is_decided(draft, chat, waiting, verdict):
        draft.drop(Plight, chat.chat_id + waiting.plea_id)
        _answer(draft, chat, plea, waiting)
    elif plea is not None and verdict is not Why.IGNORE:
        _ask_a_person(draft, chat, plea, (waiting, verdict))


def _is_decided(draft: Draft, chat: Chat, waiting: WaitingPlea, verdict: Why) -> bool:
    """Tell whether a person has decided on a plea that needs one; once for each.

    On this very plea: who holds the lobby can put another one under its id.
    """
    key = chat.chat_id + waiting.plea_id + plea_hash(waiting.body)
    decided = draft.state.session.decided
    if verdict is Why.IGNORE or key not in decided:
        return False
    draft.set_session(decided=decided - {key})
    return True


def _opened(
    draft: Draft, chat: Chat, lobby: LobbyKey, waiting: WaitingPlea
) -> Plea | None:
    """Return the plea that a sealed one is, or None where it is none of this log."""
    place = PleaPlace(chat.log_id, waiting.generation, waiting.plea_id)
    try:
        plea = open_plea(lobby.seal, place, waiting.body)
        mls.suite(draft.state.account.suite).kem.check_public(plea.key)
    except PrivityError:
        return None
    here = log_hash(chat.log_id, draft.state.account.host)
    return plea if plea.log_hash == here else None


def _judge(draft: Draft, chat: Chat, plea: Plea) -> Why:
    """Decide on a plea whose signature holds.

    A leaf that is gone was removed or has come back by now: nobody answers it.
    """
    claim, account = plea.certificate.claim, draft.state.account
    if (claim.account_id, claim.device_id) == (account.account_id, account.device_id):
        return Why.JUNK
    if is_omitted(draft, claim):
        return Why.IGNORE
    group = draft.state.groups[chat.chat_id]
    leaves = {leaf.credential.identity: leaf for _, leaf in group.members()}
    credential = claim.account_id + claim.device_id
    own = leaves.get(credential)
    if own is not None and own.signature_key == claim.signature_key:
        return _judge_time(draft, chat, credential, plea)
    if claim.replaces is not None and _replaces(draft, plea, leaves):
        return Why.NEW_DEVICE
    return Why.JUNK


def _replaces(draft: Draft, plea: Plea, leaves: dict[bytes, mls.LeafNode]) -> bool:
    """Tell whether a new device of a member names a leaf of the same account."""
    claim, account = plea.certificate.claim, draft.state.account
    contact = draft.state.contacts.get(claim.account_id)
    mine = claim.account_id == account.account_id
    known = account.identity_key if mine else contact.identity_key if contact else b""
    return (
        claim.account_id + (claim.replaces or b"") in leaves
        and known == claim.identity_key
    )


def _judge_time(draft: Draft, chat: Chat, credential: bytes, plea: Plea) -> Why:
    now = draft.context.now
    for one in past_of(draft, chat.chat_id).helps:
        if one.credential != credential:
            continue
        if one.plea_id == plea.plea_id:
            same = one.parent == chat.parent and now - one.at < AGAIN_SECONDS
            if same:
                return Why.IGNORE
        elif now - one.at < ONCE_SECONDS:
            return Why.AGAIN
    return Why.ANSWER


def _answer(draft: Draft, chat: Chat, plea: Plea, waiting: WaitingPlea) -> None:
    """Post my answer to a plea, and remember that its leaf was helped."""
    account = draft.state.account
    body = seal_answer(
        mls.suite(account.suite),
        plea,
        _answer_to(draft, chat, plea, waiting.body),
        account.signature_seed,
    )
    seed = Generation(chat.secret).access_seed
    request = PostAnswer(chat.log_id, chat.generation, seed, waiting.plea_id, body)
    draft.send(request, Cause("answer", chat.chat_id), chat.chat_id)
    claim = plea.certificate.claim
    credential = claim.account_id + claim.device_id
    given = Help(credential, plea.plea_id, chat.parent, draft.context.now)
    note_help(draft, chat.chat_id, given)


def _answer_to(draft: Draft, chat: Chat, plea: Plea, sealed: bytes) -> Answer:
    group, account = draft.state.groups[chat.chat_id], draft.state.account
    past, group_info = past_of(draft, chat.chat_id), group.group_info()
    return Answer(
        version=1,
        plea=plea_hash(sealed),
        log_hash=log_hash(chat.log_id, account.host),
        certificate=offers.certificate(account),
        leaf=group.own_leaf,
        via=way_on(past, plea.parent),
        seq=chat.parent,
        head=chat.cursor,
        chain=chat.chain,
        generation=chat.generation,
        secret=chat.secret,
        group_info=group_info,
        checkpoint=Locator(
            chat.checkpoint_seq, chat.checkpoint_parent, chat.checkpoint_hash
        ),
        road=_road_keys(past, plea.parent, len(group_info)),
    )


def _road_keys(past: Past, parent: int, used: int) -> tuple[RoadKey, ...]:
    """Return the lobby keys of what was opened behind a commit, if there is room."""
    keys = tuple(
        RoadKey(key.generation, key.seed)
        for key in past.lobbies
        if key.generation > parent
    )
    size = sum(len(key.encode()) for key in keys)
    fits = len(keys) <= MAX_ROAD_KEYS and used + size <= GROUP_INFO
    return keys if fits else ()


def _drop(draft: Draft, chat: Chat, plea_id: bytes) -> None:
    seed = Generation(chat.secret).access_seed
    request = DropPlea(chat.log_id, chat.generation, seed, plea_id)
    draft.send(request, Cause("lobby", chat.chat_id), chat.chat_id)


def _ask_a_person(
    draft: Draft, chat: Chat, plea: Plea, heard: tuple[WaitingPlea, Why]
) -> None:
    """Keep a plea for its reader to decide on, and say so once."""
    waiting, why = heard
    key = chat.chat_id + plea.plea_id
    known = draft.state.plights.get(key)
    if known is not None and known.body == waiting.body:
        return
    claim, cause = plea.certificate.claim, plea.cause.name.lower()
    plight = Plight(
        chat_id=chat.chat_id,
        plea_id=plea.plea_id,
        generation=waiting.generation,
        body=waiting.body,
        account_id=claim.account_id,
        device_id=claim.device_id,
        cause=cause,
        why=why.value,
        received=draft.context.now,
    )
    draft.put(key, plight)
    draft.show(
        PleaArrived(chat.chat_id, plea.plea_id, claim.account_id, cause, why.value)
    )


def answer_for_a_person(draft: Draft, chat_id: bytes, plea_id: bytes) -> None:
    """Answer a plea that a person has decided on; raises CommandRefused.

    Where the newest head is not known, it is read first: the answer follows it.
    """
    key = chat_id + plea_id
    plight = draft.state.plights.get(key)
    if plight is None:
        raise CommandRefused(Refusal.NO_SUCH_PLEA)
    chat = chats.usable(draft, chat_id)
    if not _is_fresh(draft, chat):
        decided = draft.state.session.decided | {key + plea_hash(plight.body)}
        draft.set_session(decided=decided)
        ring(draft, chat_id)
        return
    lobby = next(
        k for k in past_of(draft, chat_id).lobbies if k.generation == plight.generation
    )
    waiting = WaitingPlea(plea_id, plight.generation, plight.body)
    plea = _opened(draft, chat, lobby, waiting)
    draft.drop(Plight, key)
    if plea is None or _judge(draft, chat, plea) in (Why.JUNK, Why.IGNORE):
        raise CommandRefused(Refusal.NO_SUCH_PLEA)
    _answer(draft, chat, plea, waiting)


def note_rejoin(draft: Draft, chat: Chat, credential: bytes) -> None:
    """Remember that a leaf came back, whoever helped it; nobody waits for me then."""
    for key, plight in tuple(draft.state.plights.items()):
        here = plight.chat_id == chat.chat_id
        if here and plight.account_id + plight.device_id == credential:
            draft.drop(Plight, key)
    note_help(
        draft, chat.chat_id, Help(credential, b"", chat.parent, draft.context.now)
    )
