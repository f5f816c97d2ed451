"""Results about this device alone, as a person reads them at a terminal."""

import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from privity.cli.terminal import one_line, visible
from privity.client.verbs import local_results, marks_results, result

__all__ = ["LOCAL", "marks_of"]

_SHORT = 6


def _found(found: local_results.FoundList) -> str:
    lines = [_hit(one) for one in found.found]
    if found.next:
        lines.append(f"Older ones: --before {found.next}")
    return "\n".join(lines) or "Nothing was found."


def _hit(one: local_results.Found) -> str:
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(one.time))
    said = one_line("".join(_marked(piece) for piece in one.snippet))
    who, where = one_line(one.sender.name), one_line(one.title)
    return f"{one.message[:_SHORT]}  {when}  {where}  {who}: {said}"


def _marked(piece: local_results.Piece) -> str:
    return f"[{piece.text}]" if piece.found else piece.text


def _marked_chat(marked: local_results.ChatMarked) -> str:
    said = ", ".join(marks_of(marked.chat.marks)) or "shown like any other"
    return f"{one_line(marked.chat.title)}: {said}"


def marks_of(marks: marks_results.Marks) -> list[str]:
    """Return what was chosen for a chat, in words."""
    until = time.strftime(" until %Y-%m-%d %H:%M", time.localtime(marks.muted_until))
    chosen = {
        "pinned": marks.pinned,
        f"muted{until if marks.muted_until else ''}": marks.muted,
        "archived": marks.archived,
        "to be looked at": marks.unread,
        f"{marks.mentions} name you": marks.mentions,
        f"draft: {one_line(marks.draft)}": marks.draft,
    }
    return [words for words, stands in chosen.items() if stands]


def _deleted(deleted: local_results.ChatDeleted) -> str:
    title = one_line(deleted.title)
    names = ", ".join(one_line(person.name) for person in deleted.others)
    theirs = f" What {names} have stays with them." if names else ""
    return _DELETED[deleted.state].format(title=title) + theirs


_DELETED = {
    "gone": "“{title}” is gone from this device, with its keys.",
    "leaving": (
        "“{title}” is empty here. Its keys go as soon as a member's device confirms"
        " that you left."
    ),
    "emptied": (
        "What was said with {title} is gone from this device. The chat comes back when"
        " one of you writes; to see no more of it: privity chats mute, then archive."
    ),
}


def _account_deleted(deleted: local_results.AccountDeleted) -> str:
    host = one_line(deleted.host)
    if not deleted.at_relay:
        return f"This device is wiped. The account still is at {host}: nobody was told."
    said = (
        f"The account is gone from {host} and from this device.\n"
        "Others keep what you sent them, and your name in their chats. Sealed messages"
        f" stay at {host} until they expire; it does not know whose they are. Nobody"
        " else gets your handle, and the recovery key opens nothing any more."
    )
    if deleted.waiting:
        said += f"\nGroups that nobody was online to confirm it for: {deleted.waiting}."
    return said


def _profiles(listed: local_results.ProfileList) -> str:
    return "\n".join(map(_profile, listed.profiles)) or "There is no account here yet."


def _profile(profile: local_results.ProfileInfo) -> str:
    name = one_line(profile.name) or "(the usual one)"
    state = "no account yet" if not profile.has_account else ""
    said = ", ".join(one for one in (state, "open" if profile.is_open else "") if one)
    return f"{name:<18}{one_line(profile.path)}{f'  ({said})' if said else ''}"


def _profile_made(made: local_results.ProfileMade) -> str:
    name = one_line(made.profile.name)
    return f"Made {name}. Next: privity --profile {name} init LINK"


def _draft(kept: local_results.DraftKept) -> str:
    answers = f"> {kept.reply_to[:_SHORT]}\n" if kept.reply_to else ""
    return (
        answers + visible(kept.text) if kept.text or answers else "There is no draft."
    )


def _removed(removed: local_results.ContactRemoved) -> str:
    name = one_line(removed.person.name)
    stays = f" Your chat stays: privity chats delete {name}" if removed.chat else ""
    return f"{name} is no contact of yours any more.{stays}"


def _renamed(renamed: local_results.ContactRenamed) -> str:
    person = renamed.contact.person
    kind = (
        "your name for them" if renamed.contact.nickname else "as they call themselves"
    )
    return f"{one_line(person.name)} ({kind})"


LOCAL: Mapping[type[result.Result], Callable[[Any], str]] = MappingProxyType(
    {
        local_results.FoundList: _found,
        local_results.ChatMarked: _marked_chat,
        local_results.ChatDeleted: _deleted,
        local_results.AccountDeleted: _account_deleted,
        local_results.ProfileList: _profiles,
        local_results.ProfileMade: _profile_made,
        local_results.DraftKept: _draft,
        local_results.ContactRenamed: _renamed,
        local_results.ContactRemoved: _removed,
    }
)
"""The words of each of these results."""
