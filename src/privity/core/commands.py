"""What a person can ask the engine to do, each command by its own function."""

from collections.abc import Callable
from typing import Any

from msgspec import structs

from privity.content.mimi import MimiContent
from privity.content.view import Delete, Unreaction, read
from privity.core import (
    answers,
    chats,
    choosing,
    control,
    fetching,
    forgetting,
    helping,
    invites,
    lanes,
    naming,
    offered,
    outbox,
    parting,
    refounding,
    restoring,
    signalling,
    silence,
)
from privity.core import inputs as i
from privity.core.errors import CommandRefused, Refusal
from privity.core.step import Draft
from privity.errors import UsageError

__all__ = ["perform"]


def perform(draft: Draft, command: i.Input) -> object | None:
    """Do what a command asks for and return its result; raises CommandRefused."""
    handler = _HANDLERS.get(type(command))
    if handler is None:
        raise UsageError(f"{type(command).__name__} is no input")
    return handler(draft, command)


def _send(draft: Draft, command: i.SendContent) -> bytes:
    chat = chats.known(draft, command.chat_id)
    # Who is blocked is told nothing, but may be asked to delete what was said before.
    if not silence.is_closed(draft.state, chat):
        control.tell_changes(draft, chat.chat_id)
    elif not isinstance(read(MimiContent.decode(command.content)), Delete | Unreaction):
        raise CommandRefused(Refusal.BLOCKED)
    chat = draft.state.chats[chat.chat_id]
    return outbox.compose(draft, chat, command.content)


def _take_back(draft: Draft, command: i.TakeBack) -> None:
    chat = chats.known(draft, command.chat_id)
    outbox.take_back(draft, chat, command.idem)


def _drop_failed(draft: Draft, command: i.DropFailed) -> None:
    chat = chats.known(draft, command.chat_id)
    outbox.drop_failed(draft, chat, command.idem)


def _make_link(draft: Draft, command: i.MakeLink) -> str:
    return invites.make_link(draft, command.expiry, command.uses)


def _request_by_link(draft: Draft, command: i.RequestByLink) -> bytes:
    return invites.request_by_link(draft, command.link, command.text)


def _request_by_handle(draft: Draft, command: i.RequestByHandle) -> bytes:
    return invites.request_by_handle(draft, command.handle, command.text)


def _accept(draft: Draft, command: i.Accept) -> None:
    offered.accept(draft, command.invite_id)


def _decline(draft: Draft, command: i.Decline) -> None:
    answers.decline(draft, command.invite_id)


def _block(draft: Draft, command: i.Block) -> None:
    answers.block(draft, command.account_id, blocked=command.blocked)


def _remove_contact(draft: Draft, command: i.RemoveContact) -> None:
    parting.part(draft, command.account_id)


def _close_requests(draft: Draft, command: i.CloseRequests) -> None:
    lanes.close(draft, closed=command.closed)


def _create_group(draft: Draft, command: i.CreateGroup) -> bytes:
    chat = chats.create_group(draft, command.title)
    invites.add_members(draft, chat.chat_id, command.members, "")
    return chat.chat_id


def _add_members(draft: Draft, command: i.AddMembers) -> tuple[bytes, ...]:
    return invites.add_members(draft, command.chat_id, command.members, command.text)


def _remove_member(draft: Draft, command: i.RemoveMember) -> None:
    chats.remove_member(draft, command.chat_id, command.account_id)


def _leave(draft: Draft, command: i.Leave) -> None:
    chats.leave(draft, command.chat_id)


def _forget_chat(draft: Draft, command: i.ForgetChat) -> None:
    forgetting.forget_chat(draft, command.chat_id)


def _set_title(draft: Draft, command: i.SetTitle) -> bytes:
    return chats.set_title(draft, command.chat_id, command.title)


def _set_profile(draft: Draft, command: i.SetProfile) -> None:
    account = draft.state.account
    changed = structs.replace(account, name=command.name, picture=command.picture)
    if changed != account:
        draft.put_account(structs.replace(changed, profile=account.profile + 1))


def _set_timer(draft: Draft, command: i.SetTimer) -> bytes:
    silence.check_open(draft.state, chats.known(draft, command.chat_id))
    return chats.set_timer(draft, command.chat_id, command.seconds)


def _mark_read(draft: Draft, command: i.MarkRead) -> None:
    chat = chats.known(draft, command.chat_id)
    if command.seq > chat.read:
        draft.put_chat(structs.replace(chat, read=command.seq))


def _mark_verified(draft: Draft, command: i.MarkVerified) -> None:
    contact = draft.state.contacts.get(command.account_id)
    if contact is None:
        raise CommandRefused(Refusal.NO_SUCH_CONTACT)
    verified = structs.replace(contact, verified=command.verified)
    draft.put(contact.account_id, verified)


def _set_nickname(draft: Draft, command: i.SetNickname) -> None:
    naming.rename(draft, command.account_id, command.nickname)


def _answer_plea(draft: Draft, command: i.AnswerPlea) -> None:
    helping.answer_for_a_person(draft, command.chat_id, command.plea_id)


def _refound(draft: Draft, command: i.Refound) -> bytes:
    return refounding.refound(draft, command)


def _ask_for_help(draft: Draft, command: i.AskForHelp) -> None:
    choosing.ask(draft, chats.known(draft, command.chat_id))


def _fetch_missing(draft: Draft, command: i.FetchMissing) -> int:
    return fetching.ask(draft, chats.known(draft, command.chat_id))


def _tell_typing(draft: Draft, command: i.TellTyping) -> bool:
    return signalling.tell(draft, chats.known(draft, command.chat_id))


def _come_back(draft: Draft, _: i.ComeBack) -> None:
    restoring.confirm(draft)


_HANDLERS: dict[type[Any], Callable[[Draft, Any], object | None]] = {
    i.SendContent: _send,
    i.TakeBack: _take_back,
    i.DropFailed: _drop_failed,
    i.MakeLink: _make_link,
    i.RequestByLink: _request_by_link,
    i.RequestByHandle: _request_by_handle,
    i.Accept: _accept,
    i.Decline: _decline,
    i.Block: _block,
    i.RemoveContact: _remove_contact,
    i.CloseRequests: _close_requests,
    i.CreateGroup: _create_group,
    i.AddMembers: _add_members,
    i.RemoveMember: _remove_member,
    i.Leave: _leave,
    i.ForgetChat: _forget_chat,
    i.SetTitle: _set_title,
    i.SetTimer: _set_timer,
    i.SetProfile: _set_profile,
    i.TellTyping: _tell_typing,
    i.MarkRead: _mark_read,
    i.MarkVerified: _mark_verified,
    i.SetNickname: _set_nickname,
    i.AnswerPlea: _answer_plea,
    i.AskForHelp: _ask_for_help,
    i.FetchMissing: _fetch_missing,
    i.ComeBack: _come_back,
    i.Refound: _refound,
}
