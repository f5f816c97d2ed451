"""Counting what each sender says, so that a message that is lost is missed by name.

docs/spec/transcript.md. A number is heard even where its message is dropped under a
name: everybody drops the same.
"""

from msgspec import structs

from privity import mls
from privity.content.franking import AppPayload
from privity.core.state import Chat
from privity.core.step import Draft
from privity.core.tallies import Tally, heard

__all__ = ["came_back", "came_unseen", "members_changed", "note", "tally_of"]


def tally_of(draft: Draft, chat_id: bytes, credential: bytes) -> Tally:
    """Return what was heard of a device: of a stranger, nothing."""
    return draft.state.tallies.get(chat_id + credential) or Tally()


def note(
    draft: Draft, chat: Chat, leaf: mls.LeafNode, payload: AppPayload, seq: int
) -> Tally:
    """Count a message that stands in the log at `seq`."""
    credential = leaf.credential.identity
    before = tally_of(draft, chat.chat_id, credential)
    named = structs.replace(before, key=leaf.signature_key)
    tally = heard(named, payload.counter, seq)
    draft.put(chat.chat_id + credential, tally)
    return tally


def members_changed(
    draft: Draft, chat_id: bytes, seq: int, groups: tuple[mls.Group, mls.Group]
) -> bool:
    """Begin to count who came in by the commit at `seq`; tell whether anybody did.

    Its first message says where it stands: I read all that it says from here on, and
    it may count on from a log that was left before I came. What is kept is where it
    came in: I may stop following before it speaks.
    """
    before, after = (_credentials(group) for group in groups)
    for credential in after - before:
        draft.put(chat_id + credential, Tally(since=seq, seq=seq))
    return bool(after - before)


def came_unseen(draft: Draft, chat_id: bytes, group: mls.Group, read: int) -> None:
    """Count from 1 whose first words I may have missed while I could not follow.

    That is who came in behind the seq `read`, or before it and was not heard. Everybody
    who was there has a tally, which may say that its count is unknown. Where there is
    none at all, nothing was ever counted here.
    """
    tallies = {k: v for k, v in draft.state.tallies.items() if k.startswith(chat_id)}
    account = draft.state.account
    own = account.account_id + account.device_id
    for credential in _credentials(group) - {own}:
        tally = tallies.get(chat_id + credential, Tally(seq=read))
        if tallies and tally.seq and not tally.next:
            draft.put(chat_id + credential, structs.replace(tally, next=1))


def came_back(draft: Draft, chat_id: bytes, group: mls.Group, seq: int) -> None:
    """Let what I know of who is a member begin at `seq`, where I came or came back."""
    for credential in _credentials(group):
        tally = tally_of(draft, chat_id, credential)
        draft.put(chat_id + credential, structs.replace(tally, since=seq))


def _credentials(group: mls.Group) -> set[bytes]:
    return {leaf.credential.identity for _, leaf in group.members()}
