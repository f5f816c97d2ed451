"""People, chats and messages for the stage; the same ones every time."""

import random
from base64 import b32encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from stage import Stage

from privity.client.verbs import message_results, receipt_results, results
from privity.client.verbs import repair_results as repair
from privity.client.verbs.marks_results import Last, Marks
from privity.client.verbs.person_results import Person
from privity.client.verbs.typing_results import TypingSwitch
from privity.client.verbs.watch_results import WatchReady
from privity.web import qr
from privity.web.prefs import Prefs
from privity.web.results import Phase, State

__all__ = [
    "BEN",
    "CLEO",
    "LONG",
    "ME",
    "NOW",
    "TITLE",
    "chat",
    "contact",
    "ident",
    "message",
    "open_stage",
    "person",
]

NOW = 1_795_000_000
LONG = "Wilhelmina Konstantinopolskaja-Featherstonehaugh von und zu Oberpfaffenhofen"
TITLE = (
    "Minutes, agendas and what else came up between the meetings of the whole"
    " neighbourhood, its gardens, its cellars and the roof that nobody wants to"
    " mend, since 1987, second volume, with everybody who ever lived here"
)
WORDS = tuple(
    word
    for line in (
        "The rota is up, have a look.",
        "Could you take Friday?",
        "I found the keys under the mat.",
        "See you at seven, bring the ladder, and mind the cat on the stairs.",
    )
    for word in line.split()
)


def ident(name: str) -> str:
    """Return an id that is the same for a name every time."""
    return b32encode(sha256(name.encode()).digest()[:16]).decode().lower()[:26]


def person(name: str, trust: str = "known to server", handle: str = "") -> Person:
    """Return somebody."""
    return Person(ident(name), name, handle, trust)


ME = person("Ana", "me", "ana@relay.example")
BEN = person("Ben", "verified", "ben@relay.example")
CLEO = person("Cleo")


def contact(who: Person, state: str = "accepted", chat_id: str = "") -> results.Contact:
    """Return how the account stands to somebody."""
    return results.Contact(who, state, "", chat_id)


def chat(title: str, members: tuple[Person, ...], **changed: Any) -> results.Chat:
    """Return a chat of members; two are a direct one."""
    given: dict[str, Any] = {
        "chat": ident(f"chat {title}"),
        "kind": "direct" if len(members) == 2 else "group",
        "title": title,
        "status": "active",
        "cause": "",
        "suite": 2,
        "unread": 0,
        "queued": 0,
        "missing": 0,
        "devices": len(members) - 1,
        "agreed": len(members) - 1,
        "agreed_upto": 12,
        "members": members,
        "marks": Marks(),
        "last": Last(
            message=ident(f"last {title}"),
            time=NOW,
            sender=BEN.name,
            mine=False,
            kind="text",
            state="received",
            text="See you at seven, bring the ladder",
            what="",
        ),
    }
    return results.Chat(**{**given, **changed})


def message(
    within: results.Chat, number: int, **changed: Any
) -> message_results.Message:
    """Return a message of a chat."""
    draw = random.Random(number)
    sender = within.members[number % len(within.members)]
    text = " ".join(draw.choices(WORDS, k=draw.randint(2, 24)))
    given: dict[str, Any] = {
        "message": ident(f"{within.chat} {number}"),
        "chat": within.chat,
        "seq": number,
        "time": NOW - (200 - number) * 240,
        "sender": sender,
        "kind": "text",
        "state": "sent" if sender.trust == "me" else "received",
        "text": text,
        "edited": False,
        "reply_to": "",
        "quote": "",
        "reactions": (),
    }
    return message_results.Message(**{**given, **changed})


def open_stage(
    chats: tuple[results.Chat, ...] = (),
    people: tuple[results.Contact, ...] = (),
    messages: tuple[message_results.Message, ...] = (),
    **answers: Any,
) -> Stage:
    """Return the stage of an open profile with these chats, people and messages."""
    mine = results.Account(
        ME.account,
        ident("device"),
        ME.name,
        ME.handle,
        "relay.example",
        "https://relay.example",
        2,
        holds_identity_key=True,
        recovery="in_place",
        recovery_checked=NOW,
    )

    def history(params: Mapping[str, Any]) -> results.History:
        of = next(one for one in chats if one.chat == params["chat"])
        said = tuple(one for one in messages if one.chat == of.chat)
        return results.History(of, said, more=False, read_upto=len(said))

    given: dict[str, Any] = {
        "ui.state": State(Phase.OPEN, "/profiles/ana", "0.6", "relay.example"),
        "ui.prefs": Prefs(),
        "ui.qr": lambda params: qr.draw(qr.QR(params["text"])),
        "account": mine,
        "chats": results.ChatList(chats),
        "contacts": results.ContactList(people),
        "requests": results.RequestList(()),
        "history": history,
        "read": lambda params: results.ReadMark(params["chat"], 0),
        "typing": TypingSwitch(on=False),
        "receipts": receipt_results.ReceiptSwitch(on=False),
        "repair.list": repair.RepairList((), (), ()),
        "doctor": results.Checkup(well=True, checks=()),
    }
    return Stage({**given, **answers}, (WatchReady(mine),))
