"""What the verbs are asked with, as the socket takes it.

A `who`, `chat`, `request` or `message` is what a person types: an id, an
unambiguous beginning of one, and for people and chats a handle, name or title too;
`message` may also be "last". Paths are absolute: another process may serve the verb.
"""

from enum import StrEnum
from typing import Annotated

import msgspec

__all__ = [
    "Accept",
    "Block",
    "ChatPage",
    "Compose",
    "Decline",
    "Doctor",
    "Edit",
    "GroupAdd",
    "GroupLeave",
    "GroupNew",
    "GroupRemove",
    "GroupTitle",
    "Invite",
    "Join",
    "Media",
    "Nothing",
    "Params",
    "React",
    "Read",
    "RepairAnswer",
    "RepairAsk",
    "RepairEvidence",
    "RepairFetch",
    "Resend",
    "Save",
    "Send",
    "SetLane",
    "Suite",
    "Typing",
    "Unsend",
    "Upload",
    "Verify",
    "Watch",
]

Text = Annotated[str, msgspec.Meta(max_length=16 * 1024)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=512)]
Short = Annotated[str, msgspec.Meta(max_length=512)]
Path = Annotated[str, msgspec.Meta(pattern="^/", max_length=4096)]
Hex = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
Count = Annotated[int, msgspec.Meta(ge=0)]
Expires = Annotated[int, msgspec.Meta(ge=0, le=366 * 86_400)] | None
Seconds = Annotated[float, msgspec.Meta(ge=0, le=3600)]

WAIT: float = 20.0
"""How long a command waits for the relay before it says that a message is queued."""


class Suite(StrEnum):
    """What people call the encryption of a chat, the strongest first."""

    POST_QUANTUM = "post-quantum"
    X25519_CHACHA20 = "x25519-chacha20"
    X25519_AES128 = "x25519-aes128"


class Params(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What every verb's parameters derive from."""


class Nothing(Params, frozen=True):
    """No parameters."""


class Invite(Params, frozen=True):
    """A new contact link; `expires_in` seconds (0: never), `uses` times (0: any)."""

    expires_in: Count = 7 * 86_400
    uses: Count = 1


class Join(Params, frozen=True):
    """Ask the person behind a contact link or a handle for a chat."""

    target: Annotated[str, msgspec.Meta(min_length=1, max_length=8192)]
    text: Short = ""
    wait: Seconds = WAIT


class Accept(Params, frozen=True):
    """Accept a request."""

    request: Name
    wait: Seconds = WAIT


class Decline(Params, frozen=True):
    """Decline a request; the other side learns nothing."""

    request: Name


class Block(Params, frozen=True):
    """Block a person, or stop blocking them."""

    who: Name
    blocked: bool = True
    wait: Seconds = WAIT


class SetLane(Params, frozen=True):
    """Close the lane of strangers, or open it; waits until the relay knows."""

    wait: Seconds = WAIT


class Upload(Params, frozen=True):
    """A file that waits sealed in the profile's `transfers`, as a window left it.

    `root` is what names its content (docs/spec/attachments.md); `key` opens it.
    """

    path: Path
    name: Name
    key: Hex
    length: Count
    root: Hex

    def __repr__(self) -> str:
        return f"<an upload of {self.length} bytes>"


class Send(Params, frozen=True):
    """Send a text, files, or both; waits up to `wait` seconds for the relay."""

    chat: Name
    text: Text = ""
    files: Annotated[tuple[Path, ...], msgspec.Meta(max_length=32)] = ()
    uploads: Annotated[tuple[Upload, ...], msgspec.Meta(max_length=32)] = ()
    reply_to: Short = ""
    expires: Expires = None
    """Seconds from reading after which it disappears; 0: never; null: as the chat."""
    as_is: bool = False
    """Send images as they are, with what their metadata tells."""
    wait: Seconds = WAIT


class Watch(Params, frozen=True):
    """Everything that happens; `chat` limits it to one.

    With `after`, first what others sent behind that number (0: from the beginning).
    """

    chat: Short = ""
    after: Count | None = None


class ChatPage(Params, frozen=True):
    """A part of a chat: the last `limit` messages in front of seq `before` (0: end)."""

    chat: Name
    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 50
    before: Count = 0


class Compose(Params, frozen=True):
    """The owner types in a chat at this moment."""

    chat: Name


class Typing(Params, frozen=True):
    """Whether typing is told and shown here; null: ask only."""

    on: bool | None = None


class Read(Params, frozen=True):
    """Everything of a chat up to `seq` was seen (0: all of it)."""

    chat: Name
    seq: Count = 0


class React(Params, frozen=True):
    """Give one emoji to a message, or take it back."""

    chat: Name
    message: Name
    emoji: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    remove: bool = False
    wait: Seconds = WAIT


class Edit(Params, frozen=True):
    """Replace the text of an own message."""

    chat: Name
    message: Name
    text: Text
    wait: Seconds = WAIT


class Unsend(Params, frozen=True):
    """Delete an own message; other apps are asked to do the same."""

    chat: Name
    message: Name
    wait: Seconds = WAIT


class Resend(Params, frozen=True):
    """Send again what was marked as not sent, `to` another chat if that is named."""

    chat: Name
    message: Name
    to: Short = ""
    wait: Seconds = WAIT


class Media(Params, frozen=True):
    """Fetch the file of a message and leave it sealed on this disk."""

    chat: Name
    message: Name


class Save(Params, frozen=True):
    """Fetch the file of a message and write it to `to` (a folder or a new file)."""

    chat: Name
    message: Name
    to: Path


class GroupNew(Params, frozen=True):
    """Create a group and invite people into it."""

    title: Name
    members: Annotated[tuple[Name, ...], msgspec.Meta(max_length=31)] = ()
    wait: Seconds = WAIT


class GroupAdd(Params, frozen=True):
    """Invite people into a group."""

    chat: Name
    members: Annotated[tuple[Name, ...], msgspec.Meta(min_length=1, max_length=31)]
    text: Short = ""
    wait: Seconds = WAIT


class GroupRemove(Params, frozen=True):
    """Remove a person from a group; they can read nothing that comes after."""

    chat: Name
    who: Name
    wait: Seconds = WAIT


class GroupLeave(Params, frozen=True):
    """Leave a group."""

    chat: Name
    wait: Seconds = WAIT


class RepairAnswer(Params, frozen=True):
    """Help a device; `plea` is an id, or the name of its owner."""

    plea: Name


class Doctor(Params, frozen=True):
    """Look at everything, or at one chat more closely."""

    chat: Short = ""


class RepairAsk(Params, frozen=True):
    """Ask the members of a chat that is stuck."""

    chat: Name


class RepairEvidence(Params, frozen=True):
    """Write the proof of two histories to a directory or a new file.

    With `to` null nothing is written, and the answer holds its bytes.
    """

    chat: Name
    to: Path | None = None


class RepairFetch(Params, frozen=True):
    """Ask the members of a chat for the messages that are missing here."""

    chat: Name


class RepairRefound(Params, frozen=True):
    """Go on with a chat in a new log, without some; `text` tells the others why.

    `suite` is the new group's; without one the strongest that all who come along have.
    """

    chat: Name
    without: Annotated[tuple[Name, ...], msgspec.Meta(max_length=128)] = ()
    text: Annotated[str, msgspec.Meta(max_length=512)] = ""
    suite: Suite | None = None
    wait: Seconds = WAIT


class GroupTitle(Params, frozen=True):
    """Give a group another title."""

    chat: Name
    title: Name
    wait: Seconds = WAIT


class Verify(Params, frozen=True):
    """Show the safety number with a person.

    `scanned` is the text of the QR code that the person shows; `confirm` says that
    the numbers were compared and are equal, `doubt` that they are not.
    """

    who: Name
    scanned: Annotated[str, msgspec.Meta(max_length=2048)] = ""
    confirm: bool = False
    doubt: bool = False
