"""The list of all verbs. Light on purpose: it imports neither engine nor crypto."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from privity.client.verbs import (
    evidence_results,
    ledger_results,
    local_params,
    local_results,
    media_results,
    params,
    profile_results,
    reach_results,
    receipt_results,
    repair_results,
    results,
    timer_results,
    typing_results,
    watch_results,
)

__all__ = ["VERBS", "Verb"]


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb: what it takes, what it answers, what it is for.

    `result` may be a union of structures. `streaming` verbs answer with items until
    they are cancelled. `sync` says that the answer is better after a look at the
    relay, so a command that opens the profile for this verb alone looks first.
    """

    name: str
    params: type[params.Params]
    result: Any
    help: str
    streaming: bool = False
    sync: bool = True


_ALL = (
    Verb("account", params.Nothing, results.Account, "Show who you are.", sync=False),
    Verb(
        "account.delete",
        local_params.AccountDelete,
        local_results.AccountDeleted,
        "Delete this account for good.",
    ),
    Verb(
        "invite",
        params.Invite,
        results.InviteLink,
        "Make a link to hand out.",
        sync=False,
    ),
    Verb("join", params.Join, results.Asked, "Ask somebody for a chat."),
    Verb("contacts", params.Nothing, results.ContactList, "List the people you know."),
    Verb(
        "contacts.rename",
        local_params.Rename,
        local_results.ContactRenamed,
        "Call a person by a name of yours.",
        sync=False,
    ),
    Verb(
        "contacts.remove",
        local_params.ContactRemove,
        local_results.ContactRemoved,
        "Forget a contact.",
    ),
    Verb("requests", params.Nothing, results.RequestList, "List who wants to talk."),
    Verb(
        "requests.close",
        params.SetLane,
        results.Lane,
        "Let strangers ask by links of yours only.",
    ),
    Verb("requests.open", params.SetLane, results.Lane, "Let everybody ask again."),
    Verb("accept", params.Accept, results.Decided, "Accept a request."),
    Verb("decline", params.Decline, results.Decided, "Decline a request."),
    Verb("block", params.Block, results.Blocked, "Block a person."),
    Verb("verify", params.Verify, results.Verification, "Compare a safety number."),
    Verb("chats", local_params.Chats, results.ChatList, "List your chats."),
    Verb(
        "chats.pin",
        local_params.Pin,
        local_results.ChatMarked,
        "Keep a chat on top.",
        sync=False,
    ),
    Verb(
        "chats.mute",
        local_params.Mute,
        local_results.ChatMarked,
        "Let a chat be silent.",
        sync=False,
    ),
    Verb(
        "chats.archive",
        local_params.Archive,
        local_results.ChatMarked,
        "Put a chat away until somebody writes.",
        sync=False,
    ),
    Verb(
        "chats.unread",
        local_params.Unread,
        local_results.ChatMarked,
        "Mark a chat to be looked at again.",
        sync=False,
    ),
    Verb(
        "chats.delete",
        local_params.ChatDelete,
        local_results.ChatDeleted,
        "Delete a chat from this device.",
    ),
    Verb(
        "draft",
        local_params.Draft,
        local_results.DraftKept,
        "Keep what you typed in a chat.",
        sync=False,
    ),
    Verb(
        "chats.leave",
        params.GroupLeave,
        results.Left,
        "Leave a group, or a chat that is stuck.",
    ),
    Verb("send", params.Send, results.SentList, "Send a text or files."),
    Verb(
        "watch",
        params.Watch,
        watch_results.WatchItem,
        "Show everything that happens.",
        streaming=True,
        sync=False,
    ),
    Verb("history", params.ChatPage, results.History, "Show what was said in a chat."),
    Verb(
        "search",
        local_params.Search,
        local_results.FoundList,
        "Find messages by their words.",
        sync=False,
    ),
    Verb("read", params.Read, results.ReadMark, "Mark a chat as seen."),
    Verb(
        "compose",
        params.Compose,
        typing_results.Told,
        "Tell who is in a chat that you type.",
        sync=False,
    ),
    Verb("react", params.React, results.Sent, "Give an emoji to a message."),
    Verb("edit", params.Edit, results.Sent, "Change the text of your message."),
    Verb("unsend", params.Unsend, results.Sent, "Delete your message."),
    Verb("resend", params.Resend, results.Sent, "Send again what was not sent."),
    Verb(
        "media",
        params.Media,
        media_results.Media,
        "Fetch a file that was sent to you, and keep it sealed.",
        sync=False,
    ),
    Verb("save", params.Save, results.Saved, "Save a file that was sent to you."),
    Verb("group.new", params.GroupNew, results.ChatCreated, "Create a group."),
    Verb("group.add", params.GroupAdd, results.GroupChanged, "Invite into a group."),
    Verb(
        "group.remove",
        params.GroupRemove,
        results.GroupChanged,
        "Remove a person from a group.",
    ),
    Verb("group.leave", params.GroupLeave, results.Left, "Leave a group."),
    Verb("group.list", params.Nothing, results.ChatList, "List your groups."),
    Verb("group.title", params.GroupTitle, results.Sent, "Rename a group."),
    Verb(
        "repair.list",
        params.Nothing,
        repair_results.RepairList,
        "Show what can't go on, and who waits for you.",
    ),
    Verb(
        "repair.answer",
        params.RepairAnswer,
        repair_results.PleaAnswered,
        "Help a member's device back into a chat.",
    ),
    Verb(
        "repair.ask",
        params.RepairAsk,
        repair_results.HelpAsked,
        "Ask a chat's members to help this device.",
    ),
    Verb(
        "repair.fetch",
        params.RepairFetch,
        repair_results.FetchAsked,
        "Ask a chat's members for missing messages.",
    ),
    Verb(
        "repair.evidence",
        params.RepairEvidence,
        evidence_results.EvidenceExported,
        "Write down the proof that a relay signed two histories.",
        sync=False,
    ),
    Verb(
        "repair.device",
        params.Nothing,
        repair_results.RepairList,
        "Log in again though another copy may be in use.",
    ),
    Verb(
        "repair.refound",
        params.RepairRefound,
        repair_results.Refounded,
        "Go on with a chat in a new log, and ask its members along.",
    ),
    Verb("doctor", params.Doctor, results.Checkup, "Look whether all is well."),
    Verb(
        "typing",
        params.Typing,
        typing_results.TypingSwitch,
        "Tell and show who types, or don't.",
        sync=False,
    ),
    Verb(
        "profile.set",
        profile_results.ProfileSet,
        profile_results.ProfileShown,
        "Change your name and picture.",
        sync=False,
    ),
    Verb(
        "profile.picture",
        profile_results.PictureOf,
        profile_results.PictureShown,
        "Show the picture of a person.",
        sync=False,
    ),
    Verb(
        "timer",
        timer_results.Timer,
        timer_results.ChatTimer,
        "Let new messages of a chat disappear after a time.",
    ),
    Verb(
        "receipts",
        receipt_results.Receipts,
        receipt_results.ReceiptSwitch,
        "Tell and show what was delivered and read, or don't.",
        sync=False,
    ),
    Verb(
        "reconnect",
        reach_results.Reconnect,
        reach_results.Reach,
        "Try to reach the relay now, not later.",
        sync=False,
    ),
    Verb(
        "ledger",
        ledger_results.Ledger,
        ledger_results.LedgerPage,
        "Show what left this device, and why.",
        sync=False,
    ),
    Verb(
        "connections",
        params.Nothing,
        ledger_results.Connections,
        "Show where it went, and how much.",
        sync=False,
    ),
    Verb("lock", params.Nothing, results.Locked, "Close the profile.", sync=False),
)

VERBS: Mapping[str, Verb] = MappingProxyType({verb.name: verb for verb in _ALL})
"""Every verb by its name; the name of a command with a space has a dot here."""
