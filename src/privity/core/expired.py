"""Messages that came and went at the relay before this device read them.

docs/spec/frames.md, Expired. What they said may be learnt of the members: who speaks
again shows by its count what is missing. Who moved on since can be followed, as
commits stay.
"""

from msgspec import structs

from privity.core import control, handing, outbox, transcripts
from privity.core.events import Line
from privity.core.lines import write_line
from privity.core.past import past_of, remember_gap
from privity.core.requests import Appended
from privity.core.state import Chat, Outgoing
from privity.core.step import Draft
from privity.wire.entry import digest_of_links
from privity.wire.frames import Expired
from privity.wire.stamp import NO_STAMP

__all__ = ["over", "passed"]

_DAY_MINUTES = 24 * 60


def passed(draft: Draft, chat: Chat, entry: Expired) -> None:
    """Go on behind a message that this device can't read any more.

    An own one was sent, which its digest tells. Of others' the first one writes a line;
    the next line comes with the first one behind a message that could be read.
    """
    transcripts.lost(draft, chat.chat_id)
    handing.keep_context(draft, chat, draft.state.groups[chat.chat_id])
    mine = _own(draft, chat, entry)
    if mine is not None:
        _confirm(draft, chat, mine, entry)
        return
    remember_gap(draft, chat.chat_id, entry.seq, entry.seq)
    past = past_of(draft, chat.chat_id)
    if not past.expired:
        draft.put(chat.chat_id, structs.replace(past, expired=True))
        me = draft.state.account.account_id
        day = str(entry.minute // _DAY_MINUTES)
        line = Line(chat.chat_id, entry.seq, "expired", me, text=day)
        write_line(draft, line, entry.minute)


def over(draft: Draft, chat_id: bytes) -> None:
    """Note that a message could be read: what expires behind it is another gap."""
    past = past_of(draft, chat_id)
    if past.expired:
        draft.put(chat_id, structs.replace(past, expired=False))


def _own(draft: Draft, chat: Chat, entry: Expired) -> Outgoing | None:
    stood = digest_of_links(entry.links)
    items = draft.state.outgoing.get(chat.chat_id, ())
    mine = (item for item in items if item.digest == stood and not item.proposal)
    return next(mine, None)


def _confirm(draft: Draft, chat: Chat, item: Outgoing, entry: Expired) -> None:
    draft.drop_outgoing(item)
    control.said(draft, chat, item.content)
    if not item.seq:
        place = Appended(
            seq=entry.seq,
            minute=entry.minute,
            stamp_key=0,
            stamp=NO_STAMP,
            digest=item.digest,
            chain=chat.chain,
        )
        outbox.note_sent(draft, structs.replace(item, seq=entry.seq), place)
    outbox.pump(draft, chat.chat_id)
