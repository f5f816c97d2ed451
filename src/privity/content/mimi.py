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
    text_message,
    unreaction,
)
from privity.content.control import ChatTitle, ControlItem, MailboxKey, Profile
from privity.content.files import FileOffer
from privity.content.message import (
    Expiration,
    FileManifest,
    MimiContent,
    check_place,
    message_id,
)
from privity.content.view import (
    Control,
    Delete,
    Edit,
    File,
    Reaction,
    Reply,
    Text,
    Unknown,
    Unreaction,
    View,
    read,
)

__all__ = [
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
    "Reaction",
    "Reply",
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
    "text_message",
    "unreaction",
]
