"""Conversations and requests for the stage, each in a state worth looking at."""

from stage import Stage
from staged_world import BEN, CLEO, ME, NOW, chat, contact, ident, message, open_stage

from privity.client.verbs import results
from privity.client.verbs.marks_results import Marks
from privity.client.verbs.message_results import FileInfo, Reaction

__all__ = [
    "DIRECT",
    "GROUP",
    "LEFT",
    "STUCK",
    "asked",
    "asked_back",
    "chats",
    "stuck",
    "talk",
]

DIRECT = chat("Ben", (ME, BEN), timer=86_400)
GROUP = chat("Garden", (ME, BEN, CLEO), missing=2)
STUCK = chat("Old boat", (ME, BEN, CLEO), status="stuck", cause="path")
LEFT = chat("Choir", (ME, BEN, CLEO), status="left")


def chats() -> Stage:
    """Return a list of chats, each with something else to say of itself."""
    marked = (
        chat("Ben", (ME, BEN), unread=3, marks=Marks(pinned=True, mentions=1)),
        chat("Garden", (ME, BEN, CLEO), marks=Marks(muted=True, draft="I wanted to")),
        chat("Cleo", (ME, CLEO), marks=Marks(unread=True)),
        STUCK,
        LEFT,
        chat("Long ago", (ME, BEN, CLEO), marks=Marks(archived=True)),
    )
    return open_stage(marked, (contact(CLEO, "requested"),))


def talk(within: results.Chat = DIRECT) -> Stage:
    """Return a chat in which everything was said that can be said."""
    mine, theirs = {"sender": ME}, {"sender": BEN}
    page = FileInfo("plan.pdf", "application/pdf", 120_000)
    said = (
        message(within, 1, kind="line", text="", what="created", **mine),
        message(within, 2, text="Do you come on Saturday?", **mine, read=1),
        message(within, 3, text="Yes, at seven.", **theirs, edited=True),
        message(
            within,
            4,
            text="And the ladder?",
            **mine,
            reply_to=ident(f"{within.chat} 3"),
            quote="Yes, at seven.",
            reactions=(Reaction("👍", (BEN,)), Reaction("❤️", (ME, BEN))),
        ),
        message(within, 5, kind="file", text="as promised", file=page, **theirs),
        message(within, 6, kind="deleted", text="", **theirs),
        message(within, 7, kind="unknown", text="", **theirs),
        message(within, 8, text="gone tomorrow", **theirs, lasts=86_400),
        message(within, 9, text="It never left", **mine, state="failed"),
        message(within, 10, text="It waits", **mine, state="queued"),
    )
    return open_stage((within,), (contact(BEN, chat_id=DIRECT.chat),), said)


def stuck() -> Stage:
    """Return a chat that can't go on, with what was written since."""
    said = (
        message(STUCK, 1, text="Who has the key?", sender=BEN),
        message(STUCK, 2, kind="line", text="", what="stuck", sender=ME),
        message(STUCK, 3, text="I have", sender=ME, state="queued"),
    )
    return open_stage((STUCK,), (contact(BEN),), said)


def _request(name: str, **changed: object) -> results.RequestInfo:
    given = {
        "request": ident(f"request {name}"),
        "sender": BEN,
        "kind": "direct",
        "title": "",
        "text": "It is me, from the choir",
        "by_link": True,
        "received": NOW,
        "state": "pending",
    }
    return results.RequestInfo(**{**given, **changed})  # type: ignore[arg-type]


def asked() -> Stage:
    """Return requests of each kind."""
    all_of_them = (
        _request("link"),
        _request("handle", by_link=False, sender=CLEO, text=""),
        _request("group", kind="group", title="Garden", into=GROUP.chat, unsent=2),
    )
    return open_stage((GROUP,), (), requests=results.RequestList(all_of_them))


def asked_back() -> Stage:
    """Return somebody who lets this device back into a chat that is stuck."""
    back = _request(
        "back", kind="group", title=STUCK.title, state="held", into=STUCK.chat, unsent=1
    )
    return open_stage((STUCK,), (), requests=results.RequestList((back,)))
