"""What a chat keeps of its past, so that it can be repaired: lobby keys, its road.

Who was in a generation keeps the keys of its lobby for 400 days: enough to plead and
to hear a plea, not to read. docs/spec/plea.md.
"""

from msgspec import structs

from privity.core.generations import Generation
from privity.core.moved import Moved
from privity.core.repairs import Help, LobbyKey, Past, Plight, Repair
from privity.core.state import Chat
from privity.core.step import Draft
from privity.core.tallies import Epoch, Fetch, Tally, Transcript
from privity.wire.limits import LOBBY_KEY_DAYS, PLEA_DAYS

__all__ = [
    "forget",
    "forget_contexts",
    "led_by",
    "note_help",
    "past_of",
    "remember",
    "remember_gap",
    "way_on",
]

MAX_LOBBIES = 512
MAX_ROAD = 256
"""Commits back to which an answer can say by which way its giver went on."""
MAX_HELPS = 256
MAX_GAPS = 64
_DAY = 86_400


def past_of(draft: Draft, chat_id: bytes) -> Past:
    """Return what is kept of a chat's past."""
    return draft.state.pasts.get(chat_id) or Past()


def remember(draft: Draft, chat: Chat) -> None:
    """Note the commit that began my epoch, and the lobby of its generation."""
    past = past_of(draft, chat.chat_id)
    road = (*past.road, chat.parent) if chat.parent not in past.road else past.road
    draft.put(
        chat.chat_id,
        structs.replace(
            past, road=road[-MAX_ROAD:], lobbies=_lobbies(draft, past, chat)
        ),
    )


def _lobbies(draft: Draft, past: Past, chat: Chat) -> tuple[LobbyKey, ...]:
    """Keep a lobby's keys until 400 days after the next one's came."""
    now, kept = draft.context.now, past.lobbies
    if not kept or kept[-1].generation != chat.generation:
        keys = Generation(chat.secret)
        newest = LobbyKey(chat.generation, keys.lobby_seal, keys.lobby_seed, now)
        kept = (*kept, newest)
    oldest = now - LOBBY_KEY_DAYS * _DAY
    ended = [key.since for key in kept[1:]]
    live = tuple(k for k, end in zip(kept, ended, strict=False) if end > oldest)
    return (*live, kept[-1])[-MAX_LOBBIES:]


def forget(draft: Draft, chat_id: bytes) -> None:
    """Drop all that serves repair: this device is no member any more, or joins anew."""
    draft.drop(Past, chat_id)
    draft.drop(Repair, chat_id)
    _forget_counts(draft, chat_id)
    draft.drop(Moved, chat_id)
    for key, plight in tuple(draft.state.plights.items()):
        if plight.chat_id == chat_id:
            draft.drop(Plight, key)


def _forget_counts(draft: Draft, chat_id: bytes) -> None:
    """Drop what was heard of each sender, and asked and planned because of it."""
    draft.drop(Fetch, chat_id)
    draft.drop(Transcript, chat_id)
    for key in [k for k in draft.state.tallies if k.startswith(chat_id)]:
        # Should it come again it counts on, and its first message says from where.
        draft.put(key, Tally())
    forget_contexts(draft, chat_id)
    session = draft.state.session
    plans = {k: p for k, p in session.plans.items() if p.chat_id != chat_id}
    asks = {k: at for k, at in session.asks.items() if k != chat_id}
    draft.set_session(plans=plans, asks=asks)


def forget_contexts(draft: Draft, chat_id: bytes) -> None:
    """Drop what the signatures of a chat's epochs cover.

    Those of a branch that was left have the numbers of the live ones; and who was away
    hands on nothing that was said before.
    """
    for key in [k for k in draft.state.epochs if k.startswith(chat_id)]:
        draft.drop(Epoch, key)


def way_on(past: Past, parent: int) -> int:
    """Return the commit of my road behind `parent`: itself if none came, 0 if unknown.

    docs/spec/plea.md, `via`.
    """
    if parent not in past.road:
        return 0
    behind = past.road[past.road.index(parent) + 1 :]
    return behind[0] if behind else parent


def led_by(draft: Draft, chat_id: bytes, way: tuple[int, ...]) -> None:
    """Note by which commits others went on while this device could not follow.

    `way` is in order, from a checkpoint on. Of the road known before stays what leads
    to it without a hole: across one, `way_on` would name a wrong commit.
    """
    past = past_of(draft, chat_id)
    shared = [seq for seq in past.road if seq in way]
    before = past.road[: past.road.index(shared[-1])] if shared else ()
    behind = way[way.index(shared[-1]) :] if shared else way
    road = (*before, *behind)[-MAX_ROAD:]
    draft.put(chat_id, structs.replace(past, road=road))


def note_help(draft: Draft, chat_id: bytes, given: Help) -> None:
    """Remember that a leaf was helped, as long as its plea can wait."""
    past = past_of(draft, chat_id)
    oldest = draft.context.now - PLEA_DAYS * _DAY
    same = (given.credential, given.plea_id)
    kept = [
        one
        for one in past.helps
        if one.at > oldest and (one.credential, one.plea_id) != same
    ]
    draft.put(chat_id, structs.replace(past, helps=(*kept, given)[-MAX_HELPS:]))


def remember_gap(draft: Draft, chat_id: bytes, first: int, last: int) -> None:
    """Remember which seqs this device can't read; a gap right behind one adds to it."""
    past = past_of(draft, chat_id)
    gaps = past.gaps
    if gaps and gaps[-1][1] + 1 == first:
        first, gaps = gaps[-1][0], gaps[:-1]
    gaps = (*gaps, (first, last))[-MAX_GAPS:]
    draft.put(chat_id, structs.replace(past, gaps=gaps))
