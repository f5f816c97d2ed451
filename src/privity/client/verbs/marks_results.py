"""What stands beside a chat in a list: choices, and how it ends. Light."""

from privity.client.verbs.result import Count, Result, Time

__all__ = ["Last", "Marks"]


class Marks(Result, frozen=True):
    """What was chosen for a chat on this device.

    `muted_until` is 0 for a mute without end. `unread`: marked so by hand. `mentions`
    counts unread messages that name this account. `draft` is the beginning of what was
    typed and not sent.
    """

    pinned: bool = False
    muted: bool = False
    muted_until: Time = 0
    archived: bool = False
    unread: bool = False
    mentions: Count = 0
    draft: str = ""


class Last(Result, frozen=True):
    """The newest visible line of a chat; `text` is its beginning."""

    message: str
    time: Time
    sender: str
    mine: bool
    kind: str
    state: str
    text: str
    what: str
    """Of a line what happened, as in a message."""
    about: str = ""
    """The name of whom a line is about."""
    about_me: bool = False
