"""Results as sentences and short tables for a person at a terminal."""

import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from privity.cli.evidence_words import exported_words, verified_words
from privity.cli.leaving_words import LEAVING
from privity.cli.local_words import LOCAL, marks_of
from privity.cli.message_words import (
    AGAIN,
    SHORT,
    history_lines,
    many_of,
    missing_of,
    names_of,
    size_of,
)
from privity.cli.profile_words import shown
from privity.cli.terminal import one_line, visible
from privity.cli.timer_words import timer_set
from privity.client.sentences import CAUSES
from privity.client.verbs import (
    evidence_results,
    media_results,
    profile_results,
    reach_results,
    receipt_results,
    repair_results,
    results,
    timer_results,
    typing_results,
)

__all__ = ["beside", "plea_line", "render"]


_Words = Callable[[Any], str]


def render(result: results.Result) -> str:
    """Return what a person is told of a result."""
    return _WORDS[type(result)](result)


def request_lines(request: results.RequestInfo) -> str:
    """Return a request as the lines that ask for a decision."""
    who = one_line(request.sender.name)
    handle = f" ({one_line(request.sender.handle)})" if request.sender.handle else ""
    if request.state == "held":
        return f"{request.request[:SHORT]}  {who}{handle} {_readmits(request)}"
    if request.kind == "group":
        wish = f"invites you into “{one_line(request.title)}”"
    else:
        wish = "wants to talk, by your link" if request.by_link else "wants to talk"
        wish += _anew(request) if request.into else ""
    said = visible(request.text).replace("\n", "\n" + " " * 9)
    text = f"\n        “{said}”" if said else ""
    return f"{request.request[:SHORT]}  {who}{handle} {wish}{text}"


def _anew(request: results.RequestInfo) -> str:
    """Return what becomes of the chat that is there already."""
    many = many_of(request.unsent, "message")
    waits = (
        f", and {many} of yours will be marked as not sent" if request.unsent else ""
    )
    return f" anew: the chat that you have ends when you accept{waits}"


def _readmits(request: results.RequestInfo) -> str:
    """Return what an admission into a stuck chat means for what waits there."""
    waits = (
        f" {many_of(request.unsent, 'message')} of yours will be marked as not sent."
    )
    return (
        f"lets you in anew into “{one_line(request.title)}”, which is stuck here."
        f"{waits if request.unsent else ''}\n        Somebody who was removed could do"
        " this: ask another member first."
    )


def _left(result: results.Left) -> str:
    if not result.unsent:
        return f"Left “{one_line(result.title)}”."
    many = many_of(result.unsent, "message")
    return f"Left “{one_line(result.title)}”. Marked as not sent: {many}.\n{AGAIN}"


def _account(account: results.Account) -> str:
    handle = f" ({one_line(account.handle)})" if account.handle else ""
    name, host = one_line(account.name), one_line(account.host)
    return f"{name}{handle} at {host}, id {account.account}"


def _own_account(account: results.Account) -> str:
    key = "holds" if account.holds_identity_key else "does not hold"
    return (
        f"{_account(account)}\n"
        f"This device {key} the identity key.\n"
        f"What the recovery key opens: {_RECOVERY[account.recovery]}"
    )


_RECOVERY = {
    "in_place": "in place at the relay.",
    "missing": "the relay has lost it; the recovery key is worth nothing now.",
    "other": "the relay gives an old or foreign object; the key may be worth nothing.",
    "none": "nothing was ever stored.",
    "unchecked": "not looked at yet; the next connection does.",
}


def _contact(contact: results.Contact) -> str:
    person = contact.person
    handle = f"  {one_line(person.handle)}" if person.handle else ""
    short = person.account[:SHORT]
    name = one_line(person.name)
    return f"{short}  {name}{handle}  {contact.state}, {person.trust}"


def _chat(chat: results.Chat) -> str:
    parts = [chat.kind if chat.status == "active" else f"{chat.kind}, {chat.status}"]
    if chat.blocked:
        parts.append("blocked")
    if chat.cause:
        parts.append(CAUSES.get(chat.cause) or one_line(chat.cause))
    if chat.kind == "group" and chat.members:
        parts.append(names_of(chat.members))
    if chat.unread:
        parts.append(f"{chat.unread} new")
    parts += marks_of(chat.marks)
    if chat.queued:
        parts.append(f"{chat.queued} queued")
    return f"{chat.chat[:SHORT]}  {one_line(chat.title)}  ({'; '.join(parts)})"


def _sent(sent: results.Sent) -> str:
    where = "; it goes once the relay answers" if sent.state == "queued" else ""
    return f"{sent.message[:SHORT]}  {sent.state}{where}"


def _check(check: results.Check) -> str:
    advice = f"\n      {one_line(check.next)}" if check.next and not check.ok else ""
    state, name = "ok  " if check.ok else "BAD ", one_line(check.name)
    return f"{state}  {name}: {one_line(check.detail)}{advice}"


def _invite(link: results.InviteLink) -> str:
    return link.link


def beside(result: results.Result) -> str:
    """Return what a person should know beside a result; it is no part of it."""
    if not isinstance(result, results.InviteLink):
        return ""
    until = f", until {_day(result.expires)}" if result.expires else ""
    times = f"{result.uses} times" if result.uses else "often"
    times = "once" if result.uses == 1 else times
    return (
        f"\nWho has this link can ask you for a chat ({times}{until})."
        " They type: privity join LINK"
    )


def _verification(shown: results.Verification) -> str:
    rows = [" ".join(shown.number[at : at + 6]) for at in (0, 6)]
    name = one_line(shown.person.name)
    state = "verified" if shown.verified else "not verified yet"
    how = f"If {name} sees the same number: privity verify --confirm {name}"
    return "\n".join((f"With {name} ({state}):", "", *rows, "", how))


def _day(seconds: int) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(seconds))


def _path(path: str) -> str:
    return visible(path).replace("\n", "\ufffd")


def _asked(asked: results.Asked) -> str:
    name = f" {one_line(asked.name)}" if asked.name else ""
    if asked.again:
        return f"{one_line(asked.name)} is a contact again, in the chat that there is."
    return f"Asked{name}. The chat begins when they accept."


def _decided(result: results.Decided) -> str:
    done = "Accepted" if result.state == "accepted" else "Declined"
    title = f" (“{one_line(result.title)}”)" if result.kind == "group" else ""
    return f"{done}: {one_line(result.sender.name)}{title}"


def _blocked(result: results.Blocked) -> str:
    done = "Blocked" if result.blocked else "Not blocked any longer"
    means = _MEANS if result.blocked else ""
    return f"{done}: {one_line(result.person.name)}{means}"


_MEANS = (
    "\nWhat they write to you from now on is not kept, and folded away in groups."
    " They are not told."
)


def _created_group(result: results.ChatCreated) -> str:
    people = names_of(result.invited)
    invited = f" Invited: {people}." if people else ""
    return f"Created “{one_line(result.chat.title)}”.{invited}"


def _changed_group(result: results.GroupChanged) -> str:
    rest = "" if result.done else " It goes on by itself."
    return f"{one_line(result.chat.title)}: {names_of(result.people)}.{rest}"


_WHYS = {
    "again": "was helped within a day and asks again",
    "new_device": "is new and replaces one that was lost",
}


def plea_line(plea: results.Plea) -> str:
    """Return a plea as the line that asks for a decision."""
    name, title = one_line(plea.person.name), one_line(plea.title)
    why = _WHYS.get(plea.why, one_line(plea.why))
    return f"{plea.plea[:SHORT]}  {name} in “{title}”: a device {why}"


def _stuck(stuck: results.Stuck) -> str:
    lines = (stuck.happened, stuck.usually, f"What to do: {stuck.todo}")
    said = "\n      ".join((*lines, f"Now: {stuck.now}."))
    return f"{stuck.chat[:SHORT]}  {one_line(stuck.title)}\n      {said}"


def offer_line(offer: repair_results.RefoundOffer) -> str:
    """Return a refound as the line that asks for a decision."""
    name, title = one_line(offer.person.name), one_line(offer.title)
    text = f": “{one_line(offer.text)}”" if offer.text else ""
    less = f", without {names_of(offer.without)}" if offer.without else ""
    more = ", with stronger encryption" if offer.stronger else ""
    mark = offer.request[:SHORT]
    return f"{mark}  {name} begins “{title}” anew and asks you along{more}{less}{text}"


def _refounded(result: repair_results.Refounded) -> str:
    title, people = one_line(result.chat.title), names_of(result.asked)
    less = f" Left behind: {names_of(result.without)}." if result.without else ""
    asked = f" Asked to come along: {people}." if people else ""
    return f"“{title}” goes on in a new log.{asked}{less}"


def _proof(proof: repair_results.Proof) -> str:
    short, title = proof.chat[:SHORT], one_line(proof.title)
    return (
        f"{short}  {title}: the relay signed two histories."
        f" Write the proof down: privity repair evidence {short}"
    )


def _repairs(found: repair_results.RepairList) -> str:
    lines = [
        *map(_stuck, found.stuck),
        *map(plea_line, found.pleas),
        *map(offer_line, found.refounds),
        *map(_proof, found.proofs),
    ]
    advice = "\nAsk them by another way whether it is they: privity repair answer PLEA"
    more = advice if found.pleas else ""
    if found.refounds:
        more += "\nUntil you accept, your chat stays where it is: privity accept ID"
    return "\n".join(lines) + more if lines else "Everything goes on."


def _fetching(asked: repair_results.FetchAsked) -> str:
    title = one_line(asked.title)
    if not asked.missing:
        return f"Nothing is missing in “{title}”."
    if not asked.messages:
        return f"Nobody else is in “{title}” to ask for {missing_of(asked.missing)}."
    rest = asked.missing - asked.messages
    more = f" Ask again for the other {rest}." if rest else ""
    return f"Asked the members of “{title}” for {missing_of(asked.messages)}.{more}"


def _requests(result: results.RequestList) -> str:
    waiting = "\n".join(map(request_lines, result.requests)) or "Nobody waits for you."
    return f"{waiting}\n{_BY_LINK}" if result.closed else waiting


_BY_LINK = "Strangers can ask by links of yours only (privity requests open)."


def _lane(result: results.Lane) -> str:
    said = _BY_LINK if result.closed else "Everybody can ask (privity requests close)."
    return said if result.done else f"{said} The relay does not know yet."


def _switch(result: typing_results.TypingSwitch) -> str:
    if result.on:
        return (
            "On: members see when you type, and you see it of them."
            " Whoever runs the relay can see that somebody does, and when."
        )
    return "Off: nobody sees when you type, and you don't of others."


def _receipts(result: receipt_results.ReceiptSwitch) -> str:
    if result.on:
        return (
            "On: the members of a chat see what reached you and what you have read,"
            " and you see it of them. Chats of more than 16 are left out."
            " Whoever runs the relay sees a few more entries, some seconds late."
        )
    return "Off: nobody sees what you have read, and you don't of others."


def _reach(result: reach_results.Reach) -> str:
    if result.online:
        return "The relay is reached."
    again = " It is tried again by itself." if result.next_try else ""
    why = f" ({one_line(result.problem)})" if result.problem else ""
    return f"The relay is not reached{why}.{again}"


def _locked(result: results.Locked) -> str:
    told = " The process that held it was closed." if result.stopped else ""
    return f"The profile is locked.{told}"


def _table(lines: Callable[[Any], str], name: str, nothing: str) -> _Words:
    def words(result: results.Result) -> str:
        return "\n".join(map(lines, getattr(result, name))) or nothing

    return words


_WORDS: Mapping[type[results.Result], _Words] = MappingProxyType(
    {
        **LOCAL,
        **LEAVING,
        results.Account: _own_account,
        results.ContactList: _table(_contact, "contacts", "You know nobody yet."),
        results.RequestList: _requests,
        results.Lane: _lane,
        results.ChatList: _table(_chat, "chats", "There are no chats yet."),
        results.History: history_lines,
        results.SentList: _table(_sent, "messages", ""),
        results.Sent: _sent,
        results.Checkup: _table(_check, "checks", ""),
        results.InviteLink: _invite,
        results.Asked: _asked,
        results.Decided: _decided,
        results.Blocked: _blocked,
        results.ReadMark: lambda _: "Marked as seen.",
        media_results.Media: lambda r: f"It is here, sealed: {_path(r.path)}",
        results.Saved: lambda r: f"Saved {size_of(r.size)} to {_path(r.path)}",
        results.ChatCreated: _created_group,
        results.GroupChanged: _changed_group,
        results.Left: _left,
        results.Verification: _verification,
        repair_results.RepairList: _repairs,
        repair_results.Refounded: _refounded,
        repair_results.PleaAnswered: lambda r: f"Answered: {plea_line(r.plea)}",
        repair_results.HelpAsked: lambda r: f"Asked the members.\n{_stuck(r.stuck)}",
        evidence_results.EvidenceExported: exported_words,
        evidence_results.EvidenceVerified: verified_words,
        repair_results.FetchAsked: _fetching,
        results.Locked: _locked,
        typing_results.TypingSwitch: _switch,
        receipt_results.ReceiptSwitch: _receipts,
        reach_results.Reach: _reach,
        timer_results.ChatTimer: timer_set,
        profile_results.ProfileShown: shown,
        profile_results.PictureShown: lambda r: f"{len(r.data)} bytes",
        typing_results.Told: lambda r: "Told." if r.told else "Not told now.",
        results.Created: lambda r: f"Your account is made: {_account(r.account)}",
    }
)
