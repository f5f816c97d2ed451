"""Messages and histories as a person reads them at a terminal."""

import time
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import groupby

from privity.cli.links import link_lines
from privity.cli.mentions import text_of
from privity.cli.terminal import one_line, visible
from privity.cli.timer_words import remaining, timer_line
from privity.client.sentences import CAUSES
from privity.client.verbs import results

__all__ = [
    "AGAIN",
    "SHORT",
    "history_lines",
    "many_of",
    "message_line",
    "missing_of",
    "names_of",
    "size_of",
]

SHORT = 6
"""Letters of an id that are shown; any unambiguous beginning works as input."""

_LINES = {
    "created": "{by} created the chat",
    "added": "{by} added {who}",
    "removed": "{by} removed {who}",
    "left": "{who} left",
    "joined": "{who} joined",
    "title": "{by} changed the title to “{text}”",
    "updated": "{by} renewed their keys",
    "rejoined": "{by} lost the thread on a device and came back",
    "replaced": "a device that shows {who}'s name took this one's place",
    "forked": "the relay showed two histories of this chat; it can be proven",
    "restored": "this device was restored or copied; the members were asked to help",
    "refounded": "{by} began the chat anew, in another log",
    "left_behind": "{by} went on with this chat elsewhere, without {who}",
    "gap": "up to {messages} from before can't be read on this device",
    "expired": "messages from {day} on left the relay before this device read them",
    "missing": "this device lacks {messages} of {who}",
    "found": "{by} handed on {missing} of {who}",
    "differs": "{who} had read other messages than this device",
    "elsewhere": "{who} saw another past of this chat: its relay may show two",
    "stuck": "this device can't follow: {text}",
    "blocked": "{by} blocked {who}: what they write from here on is not kept",
    "unblocked": "{by} let {who} in again; what they wrote meanwhile was not kept",
}


def message_line(message: results.Message) -> str:
    """Return a message as the lines that a chat shows."""
    who, when = one_line(message.sender.name), _clock(message.time)
    mark = f"{message.message[:SHORT]}  {when}"
    if message.kind == "line":
        return f"{mark}  · {_line(message)}"
    said = "\n".join((*_body(message), *link_lines(message.links)))
    said = said.replace("\n", "\n" + " " * (len(mark) + 2))
    return f"{mark}  {who}: {said}{_tail(message)}"


def history_lines(history: results.History, *, opened: bool = False) -> str:
    """Return a part of a chat; `opened`: with what somebody blocked said in it."""
    lines = ["…"] if history.more else []
    marked = False
    for hidden, run in groupby(history.messages, lambda m: m.folded and not opened):
        if hidden:
            lines.append(_FOLDED.format(many=many_of(len(list(run)), "message")))
            continue
        for message in run:
            unread = message.seq > history.read_upto and message.sender.trust != "me"
            if unread and not marked:
                lines.append("── new ──")
                marked = True
            lines.append(message_line(message))
    if any(message.state == "failed" for message in history.messages):
        lines.append(AGAIN)
    if history.chat.blocked:
        lines.append(_BLOCKED.format(name=one_line(history.chat.title)))
    return "\n".join(lines) or "Nothing was said yet."


_FOLDED = "── {many} from somebody you blocked (privity history CHAT --blocked) ──"
_BLOCKED = "You have blocked {name}: what they write is not kept here, nothing is sent."
AGAIN = "What was not sent can go again: privity resend CHAT MESSAGE [--to CHAT]"


def _body(message: results.Message) -> Iterable[str]:
    if message.reply_to:
        quote = one_line(message.quote) if message.quote else message.reply_to[:SHORT]
        yield f"> {quote}"
    if message.kind == "deleted":
        yield "(deleted)"
    elif message.kind == "unknown":
        yield f"(needs a newer Privity: {visible(message.text)})"
    elif message.file:
        size, name = size_of(message.file.size), one_line(message.file.name)
        caption = f" {visible(text_of(message))}" if message.text else ""
        yield f"[{name}, {size}]{caption}"
    else:
        yield visible(text_of(message))


def _tail(message: results.Message) -> str:
    parts = ["edited"] if message.edited else []
    parts += [*_reached(message), *remaining(message)]
    tail = f"  ({', '.join(parts)})" if parts else ""
    for reaction in message.reactions:
        tail += f"  {one_line(reaction.emoji)} {names_of(reaction.people)}"
    return tail


def _reached(message: results.Message) -> list[str]:
    """Return how far a message came where that is not what one expects anyhow."""
    if message.state in ("delivered", "read"):
        count = message.read if message.state == "read" else message.delivered
        return [f"{message.state} by {count}" if count > 1 else message.state]
    waits = {"queued": "queued", "failed": "not sent"}.get(message.state)
    return [waits] if waits else []


def _line(message: results.Message) -> str:
    if message.what == "timer":
        return timer_line(one_line(message.sender.name), message.text)
    form = _LINES.get(message.what, "{text}")
    text = CAUSES.get(message.text, message.text)
    about = message.about or message.sender
    return form.format(
        by=one_line(message.sender.name),
        who=one_line(about.name),
        text=one_line(text),
        messages=many_of(one_line(text), "message"),
        missing=missing_of(one_line(text)),
        day=_counted_day(text),
    )


def _counted_day(text: str) -> str:
    """Return a day that is counted from 1970, or the text where it is none."""
    try:
        return (date(1970, 1, 1) + timedelta(days=int(text))).isoformat()
    except (OverflowError, ValueError):
        return one_line(text)


def missing_of(count: int | str) -> str:
    """Return a count of missing messages in words."""
    return many_of(count, "missing message")


def many_of(count: int | str, what: str) -> str:
    """Return a count of things in words."""
    return f"{count} {what}" if str(count) == "1" else f"{count} {what}s"


def names_of(people: Iterable[results.Person]) -> str:
    """Return people's names, one behind the other."""
    return ", ".join(one_line(person.name) for person in people)


def _clock(seconds: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))


def size_of(count: int) -> str:
    """Return a size in words."""
    size = float(count)
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} GB"
