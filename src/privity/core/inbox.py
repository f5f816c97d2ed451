"""The inbox: entries of a chat's log, one after another, each in one step.

What an entry did and how far the log was read are saved together. An entry that is
not applied has an `Outcome` and a `Reason`; nothing is skipped without a name.
"""

from msgspec import structs

from privity import mls
from privity.content.franking import AppPayload, FrankPlace, open_franked
from privity.content.mimi import MimiContent, check_place, message_id
from privity.core import (
    commits,
    control,
    expired,
    gossip,
    outbox,
    pleading,
    signalling,
    silence,
    transcripts,
    turns,
)
from privity.core.effects import MessageRow, MessageState
from privity.core.errors import Outcome, OutcomeError, Reason
from privity.core.events import MessageDropped
from privity.core.queues import front
from privity.core.reading import account_of, group_event, open_content
from privity.core.requests import Appended
from privity.core.state import Chat, Outgoing, Status
from privity.core.step import Draft
from privity.core.tallies import number_of
from privity.errors import DecodeError, ProtocolError, RuleViolation
from privity.wire.entry import (
    Header,
    Kind,
    chain_of_links,
    digest,
    digest_of_links,
)
from privity.wire.frames import AnyEntry, Entry, Expired

__all__ = ["receive"]


def receive(draft: Draft, chat: Chat, entry: AnyEntry) -> None:
    """Process one entry and move the cursor behind it.

    An entry that was processed already is ignored, and so is one that leaves a
    gap: the driver reads again from the cursor.
    """
    if entry.seq != chat.cursor + 1 or chat.status is not Status.ACTIVE:
        return
    transcripts.begin(draft, chat)
    moved = structs.replace(
        chat,
        cursor=entry.seq,
        chain=chain_of_links(chat.chain, entry.links),
    )
    if isinstance(entry, Entry):
        moved = structs.replace(moved, minute=entry.minute)
    moved = draft.put_chat(moved)
    if _is_denied(draft, moved, entry):
        draft.show(MessageDropped(chat.chat_id, entry.seq, Reason.CHAIN.value))
        pleading.stop(draft, moved, Reason.CHAIN)
    elif isinstance(entry, Entry):
        _take(draft, moved, entry)
    elif isinstance(entry, Expired):
        expired.passed(draft, moved, entry)
    transcripts.passed(draft, chat.chat_id)


def _take(draft: Draft, moved: Chat, entry: Entry) -> None:
    try:
        _apply(draft, moved, entry)
    except OutcomeError as error:
        _not_applied(draft, moved, entry, error)


def _is_denied(draft: Draft, chat: Chat, entry: AnyEntry) -> bool:
    """Tell whether something else stands where the relay said that mine does.

    Of mine a message may be expired, but no commit.
    """
    pending = draft.state.pending.get(chat.chat_id)
    items = front(draft.state.outgoing.get(chat.chat_id, ()))
    mine = {i.seq: i.digest for i in items}
    if pending is not None:
        mine[pending.seq] = pending.digest
    stands = mine.get(entry.seq)
    if stands is None:
        return False
    is_commit = pending is not None and pending.seq == entry.seq
    is_whole = isinstance(entry, Entry)
    may_be = is_whole or (isinstance(entry, Expired) and not is_commit)
    return not may_be or stands != digest_of_links(entry.links)


def _apply(draft: Draft, chat: Chat, entry: Entry) -> None:
    header = _header_of(entry)
    if header.log_id != chat.log_id:
        raise OutcomeError(Outcome.INVALID, Reason.HEADER, "another log")
    if header.parent != chat.parent:
        if header.opens:
            turns.age(draft, chat)
        return
    if header.generation != chat.generation:
        raise OutcomeError(Outcome.INVALID, Reason.HEADER, "another generation")
    mine = _own(draft, chat, header)
    if header.is_commit:
        commits.receive(draft, chat, entry, header)
    elif mine is not None:
        _confirm(draft, chat, mine, entry)
    else:
        _receive_other(draft, chat, entry, header)


def _header_of(entry: Entry) -> Header:
    try:
        return Header.parse(entry.header)
    except DecodeError as error:
        raise OutcomeError(Outcome.INVALID, Reason.HEADER, str(error)) from None


def _own(draft: Draft, chat: Chat, header: Header) -> Outgoing | None:
    items = draft.state.outgoing.get(chat.chat_id, ())
    return next((i for i in items if i.entry_idem == header.idem), None)


def _confirm(draft: Draft, chat: Chat, item: Outgoing, entry: Entry) -> None:
    stored = digest(entry.header, entry.envelope)
    if item.digest != stored:
        raise OutcomeError(Outcome.UNAPPLIABLE, Reason.OWN_LEAF)
    place = Appended(
        seq=entry.seq,
        minute=entry.minute,
        stamp_key=entry.stamp_key,
        stamp=entry.stamp,
        digest=stored,
        chain=chat.chain,
    )
    draft.drop_outgoing(item)
    if not item.proposal:
        transcripts.said(draft, chat, entry.header, item.message_id)
    if not item.seq:
        outbox.note_sent(draft, structs.replace(item, seq=entry.seq), place)
    if not item.proposal:
        control.said(draft, chat, item.content)
    if item.proposal:
        _, after = outbox.propose_leave(draft, draft.state.groups[chat.chat_id])
        draft.put_group(chat.chat_id, after, epoch=False)
        commits.end_if_all_leave(draft, chat.chat_id, entry)
    outbox.pump(draft, chat.chat_id)


def _receive_other(draft: Draft, chat: Chat, entry: Entry, header: Header) -> None:
    group = draft.state.groups[chat.chat_id]
    event = group_event(group, open_content(chat, entry.header, entry.envelope))
    sender = getattr(event, "sender", None)
    if sender == group.own_leaf:
        raise OutcomeError(Outcome.UNAPPLIABLE, Reason.OWN_LEAF)
    if header.kind is Kind.PROPOSAL and isinstance(event, mls.Proposed):
        commits.receive_leave(draft, chat, entry, event)
    elif header.kind is Kind.APP and isinstance(event, mls.Application):
        _receive_message(draft, chat, (entry, header), event)
    else:
        raise OutcomeError(Outcome.INVALID, Reason.KIND)


def _receive_message(
    draft: Draft, chat: Chat, place: tuple[Entry, Header], event: mls.Application
) -> None:
    entry, header = place
    group = draft.state.groups[chat.chat_id]
    draft.put_group(chat.chat_id, event.next, epoch=False)
    sender = account_of(group, event.sender)
    payload = _open_payload(group, header, event)
    gossip.heard(draft, chat, event.leaf, payload, entry.seq)
    try:
        content = MimiContent.decode(payload.app_data)
        check_place(content, sender, chat.chat_id)
    except (DecodeError, RuleViolation) as error:
        raise OutcomeError(Outcome.INVALID, Reason.CONTENT, str(error)) from None
    row = MessageRow(
        chat_id=chat.chat_id,
        idem=header.idem,
        sender=sender,
        message_id=message_id(
            payload.app_data, content.sender, content.room, content.salt
        ),
        seq=entry.seq,
        minute=entry.minute,
        state=MessageState.RECEIVED,
        content=payload.app_data,
        order=number_of(payload.counter),
        frame=event.frame,
        header=entry.header,
        stamp_key=entry.stamp_key,
        stamp=entry.stamp,
    )
    transcripts.said(draft, chat, entry.header, row.message_id)
    expired.over(draft, chat.chat_id)
    silence.keep(draft, chat, row)
    signalling.said(draft, chat.chat_id, sender)
    control.receive(draft, chat, sender, content)
    gossip.receive(draft, chat, event.leaf, content)


def _open_payload(
    group: mls.Group, header: Header, event: mls.Application
) -> AppPayload:
    try:
        place = FrankPlace(header.log_id, group.group_id, header.idem)
        return open_franked(header.tag, place, event.authenticated_data, event.data)
    except ProtocolError as error:
        raise OutcomeError(Outcome.INVALID, Reason.FRANKING, str(error)) from None


def _not_applied(draft: Draft, chat: Chat, entry: Entry, error: OutcomeError) -> None:
    """Name what was not applied; a chat that can't go on stops, by name."""
    draft.show(MessageDropped(chat.chat_id, entry.seq, error.reason.value))
    current = draft.state.chats[chat.chat_id]
    if error.outcome is Outcome.UNAPPLIABLE:
        pleading.stop(draft, current, error.reason)
    elif error.reason is not Reason.HEADER:
        header = _header_of(entry)
        if header.kind is Kind.APP:
            nothing = transcripts.NOT_SHOWN
            transcripts.said(draft, current, entry.header, nothing)
        if header.is_commit:
            commits.note_invalid(draft, current, entry.seq, header)
