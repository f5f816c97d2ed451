"""The list of all verbs. Light on purpose: it imports neither engine nor crypto."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from privity.client.verbs import (
    evidence_results,
    params,
    repair_results,
    results,
    typing_results,
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
        "invite",
        params.Invite,
        results.InviteLink,
        "Make a link to hand out.",
        sync=False,
    ),
    Verb("join", params.Join, results.Asked, "Ask somebody for a chat."),
    Verb("contacts", params.Nothing, results.ContactList, "List the people you know."),
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
    Verb("chats", params.Nothing, results.ChatList, "List your chats."),
    Verb("send", params.Send, results.SentList, "Send a text or files."),
    Verb(
        "watch",
        params.Watch,
        results.WatchItem,
        "Show everything that happens.",
        streaming=True,
        sync=False,
    ),
    Verb("history", params.ChatPage, results.History, "Show what was said in a chat."),
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
    Verb("lock", params.Nothing, results.Locked, "Close the profile.", sync=False),
)

VERBS: Mapping[str, Verb] = MappingProxyType({verb.name: verb for verb in _ALL})
"""Every verb by its name; the name of a command with a space has a dot here."""
