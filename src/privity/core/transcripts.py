"""The transcript of a chat: one value for all that was read since somebody came.

docs/spec/transcript.md. Every message carries the value that its sender had, and the
chain value of the log there. Whose are the same has read the same messages, in the same
order; whose are not is named.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated

from msgspec import structs

from privity import mls
from privity.codec import U64, Fixed, Opaque, Struct
from privity.content.franking import AppPayload
from privity.core.counting import tally_of
from privity.core.events import Line
from privity.core.lines import write_line
from privity.core.state import Chat
from privity.core.step import Draft
from privity.core.tallies import Tally, Transcript

__all__ = [
    "Said",
    "begin",
    "begin_anew",
    "beginning",
    "behind",
    "compare",
    "lost",
    "passed",
    "root",
    "said",
]

NOT_SHOWN = bytes(32)
"""In place of the id of a message that all readers dropped by name."""
_LABEL = b"privity/transcript/v1"
_PLACES = 64
_PLACE = 8 + 32 + 32
_Hash = Annotated[bytes, Fixed(32)]


@dataclass(frozen=True, slots=True)
class _Begin(Struct):
    label: Opaque
    log_id: Annotated[bytes, Fixed(16)]
    first: U64


@dataclass(frozen=True, slots=True)
class Said(Struct):
    """One application message of the transcript: its place, entry and id."""

    before: _Hash
    seq: U64
    header_hash: _Hash
    message_id: _Hash


def beginning(log_id: bytes, first: int) -> bytes:
    """Return the value of a transcript in which nothing was said yet."""
    return sha256(_Begin(_LABEL, log_id, first).encode()).digest()


def behind(entry: Said) -> bytes:
    """Return the value behind a message."""
    return sha256(entry.encode()).digest()


def begin(draft: Draft, chat: Chat) -> None:
    """Before the next entry: have a transcript that reaches to my cursor.

    It begins with the commit that began my epoch. Where more than that was read
    already, there is no value before somebody comes next.
    """
    kept = draft.state.transcripts.get(chat.chat_id)
    if kept is not None and _last(kept) == chat.cursor:
        return
    is_whole = chat.cursor == chat.parent
    value = beginning(chat.log_id, chat.parent) if is_whole else b""
    fresh = Transcript(first=chat.parent, value=value)
    draft.put(chat.chat_id, _with_place(fresh, chat))


def begin_anew(draft: Draft, chat: Chat, seq: int) -> None:
    """Begin with the commit at `seq`, by which a device came in or came back."""
    value = beginning(chat.log_id, seq)
    draft.put(chat.chat_id, Transcript(first=seq, value=value))


def said(draft: Draft, chat: Chat, header: bytes, message_id: bytes) -> None:
    """Take the application message at my cursor into the transcript."""
    kept = draft.state.transcripts[chat.chat_id]
    if not kept.value:
        return
    name = sha256(header).digest()
    value = behind(Said(kept.value, chat.cursor, name, message_id))
    changed = structs.replace(kept, value=value, count=kept.count + 1)
    draft.put(chat.chat_id, changed)


def lost(draft: Draft, chat_id: bytes) -> None:
    """Have no value any more: a message stood at my cursor that can't be read."""
    kept = draft.state.transcripts[chat_id]
    if kept.value:
        draft.put(chat_id, structs.replace(kept, value=b""))


def passed(draft: Draft, chat_id: bytes) -> None:
    """Note where transcript and log stand behind an entry, for the last 64.

    Behind the one by which this device was removed there is no transcript any more.
    """
    chat = draft.state.chats[chat_id]
    kept = draft.state.transcripts.get(chat_id)
    if kept is not None:
        draft.put(chat_id, _with_place(kept, chat))


def root(draft: Draft, chat: Chat) -> bytes:
    """Return my transcript's value at my cursor, empty where there is none."""
    begin(draft, chat)
    return draft.state.transcripts[chat.chat_id].value


def compare(draft: Draft, chat: Chat, leaf: mls.LeafNode, payload: AppPayload) -> None:
    """Hold what a sender had read against what stood here, as far as it is kept.

    Called before its message is taken into the transcript, with my cursor on it.
    """
    kept = draft.state.transcripts[chat.chat_id]
    credential = leaf.credential.identity
    tally = tally_of(draft, chat.chat_id, credential)
    here = _place(kept, payload.seen_seq)
    is_ahead = payload.seen_seq >= chat.cursor
    if is_ahead or (here is not None and here[0] != payload.seen_chain):
        changed = structs.replace(tally, elsewhere=payload.seen_seq or 1)
        _tell(draft, chat, (tally, changed), credential)
    elif here is None or not here[1] or not payload.gap_root:
        return
    elif here[1] == payload.gap_root:
        changed = structs.replace(tally, agreed=max(tally.agreed, payload.seen_seq))
    else:
        changed = structs.replace(tally, differs=payload.seen_seq or 1)
        _tell(draft, chat, (tally, changed), credential)
    draft.put(chat.chat_id + credential, changed)


def _tell(
    draft: Draft, chat: Chat, tallies: tuple[Tally, Tally], credential: bytes
) -> None:
    """Write down the first difference of a device, not each."""
    before, after = tallies
    who = credential[:16]
    if after.elsewhere and not before.elsewhere:
        line = Line(
            chat.chat_id, chat.cursor, "elsewhere", who, who, str(after.elsewhere)
        )
        write_line(draft, line, chat.minute)
    if after.differs and not before.differs:
        line = Line(chat.chat_id, chat.cursor, "differs", who, who, str(after.differs))
        write_line(draft, line, chat.minute)


def _with_place(kept: Transcript, chat: Chat) -> Transcript:
    value = kept.value or NOT_SHOWN
    place = chat.cursor.to_bytes(8, "big") + chat.chain + value
    places = (kept.places + place)[-_PLACES * _PLACE :]
    return structs.replace(kept, places=places)


def _last(kept: Transcript) -> int:
    return int.from_bytes(kept.places[-_PLACE:][:8], "big")


def _place(kept: Transcript, seq: int) -> tuple[bytes, bytes] | None:
    """Return chain value and transcript behind a seq, if they are kept."""
    name = seq.to_bytes(8, "big")
    for at in range(0, len(kept.places), _PLACE):
        place = kept.places[at : at + _PLACE]
        if place[:8] == name:
            return place[8:40], place[40:] if kept.value else b""
    return None
