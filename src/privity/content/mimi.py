"""MIMI content in one place: what most callers need of it.

Structures and encoding are in `message` and `parts`, the ways to say something in
`build`, the way back in `view`, control parts in `control`, files in `files`.
"""

from privity.content.build import (
    Origin,
    control_message,
    deletion,
    edit,
    file_message,
    origin,
    reaction,
    reply,
    report,
    text_message,
    unreaction,
)
from privity.content.control import (
    ChatTimer,
    ChatTitle,
    ControlItem,
    MailboxKey,
    Profile,
    ProfilePicture,
)
from privity.content.files import FileOffer
from privity.content.message import (
    Expiration,
    FileManifest,
    MimiContent,
    check_place,
    message_id,
)
from privity.content.status import Reported, Status
from privity.content.view import (
    Control,
    Delete,
    Edit,
    File,
    Reaction,
    Reply,
    Report,
    Text,
    Unknown,
    Unreaction,
    View,
    read,
)

__all__ = [
    "ChatTimer",
    "ChatTitle",
    "Control",
    "ControlItem",
    "Delete",
    "Edit",
    "Expiration",
    "File",
    "FileManifest",
    "FileOffer",
    "MailboxKey",
    "MimiContent",
    "Origin",
    "Profile",
    "ProfilePicture",
    "Reaction",
    "Reply",
    "Report",
    "Reported",
    "Status",
    "Text",
    "Unknown",
    "Unreaction",
    "View",
    "check_place",
    "control_message",
    "deletion",
    "edit",
    "file_message",
    "message_id",
    "origin",
    "reaction",
    "read",
    "reply",
    "report",
    "text_message",
    "unreaction",
]
