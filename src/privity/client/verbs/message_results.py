"""One visible line of a chat, as the verbs answer it. Light, as `results` is."""

from privity.client.verbs.person_results import Person
from privity.client.verbs.result import Count, Id, Result, Time

__all__ = ["FileInfo", "Link", "Mention", "Message", "Reaction"]


class Reaction(Result, frozen=True):
    """One emoji and who gave it."""

    emoji: str
    people: tuple[Person, ...]


class FileInfo(Result, frozen=True):
    """An attached file; its bytes come with `save`."""

    name: str
    media_type: str
    size: Count


class Link(Result, frozen=True):
    """A link in a text: its characters `start` to `end`, and where it leads.

    Places count characters (Unicode code points). `shown` is what stands there for
    readers, `target` the address with its host in ASCII, `host` the same host in
    letters (empty for mail and the like). `opens` is false where nothing should offer
    to open it. `warnings` are codes of docs/spec/command-line.md, the gravest first.
    """

    start: Count
    end: Count
    shown: str
    target: str
    host: str
    opens: bool
    warnings: tuple[str, ...]


class Mention(Result, frozen=True):
    """A person named in a text: what stands from `start` to `end` means this one.

    Places count characters (Unicode code points). `name` is the writer's word for
    them, a hint only; show `person`.
    """

    start: Count
    end: Count
    person: Person
    name: str


class Message(Result, frozen=True):
    """One visible line of a chat, after the edits and deletions of its sender.

    `kind` is text, file, line (what happened to the chat), deleted or unknown.
    `state` is queued, sent, delivered, read, received or failed; delivered and read if
    any of its readers says so. `seq` is 0 while queued. `reply_to`
    is a message id of this chat or empty; `quote` is the beginning of that text if it
    was loaded with this message.
    """

    message: Id
    chat: Id
    seq: Count
    time: Time
    sender: Person
    kind: str
    state: str
    text: str
    edited: bool
    reply_to: str
    quote: str
    reactions: tuple[Reaction, ...]
    file: FileInfo | None = None
    what: str = ""
    """Of a line: created, added, removed, left, joined, title, stuck or updated."""
    about: Person | None = None
    """Whom a line is about."""
    links: tuple[Link, ...] = ()
    """Links of the text in their order; nothing is ever fetched."""
    mentions: tuple[Mention, ...] = ()
    """Who is named in the text, in order; one with the trust "me" is this account."""
    lasts: Count = 0
    """Seconds that it stays from reading (of an own one, from sending); 0: no end."""
    expires: Time = 0
    """When this device deletes it; 0: never, or its time does not count yet."""
    delivered: Count = 0
    """Of an own message: how many accounts have it, as they say."""
    read: Count = 0
    """And how many have read it."""
    folded: bool = False
    """In a group, by somebody whom this account blocked: shown to who asks for it."""
