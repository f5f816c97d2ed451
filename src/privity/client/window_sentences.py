"""What people are told of the window: the client's page in their browser."""

from collections.abc import Mapping
from types import MappingProxyType

from privity.client.sentence import Exit, Sentence

__all__ = ["WINDOW"]

_OPEN_AGAIN = "Open it anew: privity open"
_SAVE_IT = "It can be saved."

WINDOW: Mapping[str, Sentence] = MappingProxyType(
    {
        "launch_refused": Sentence(
            "This link was used already, or it is older than a minute.",
            _OPEN_AGAIN,
            Exit.LOCKED,
        ),
        "no_session": Sentence(
            "This page is no longer connected to Privity.", _OPEN_AGAIN, Exit.LOCKED
        ),
        "not_our_page": Sentence(
            "Something that is not Privity's page asked; it was told nothing.",
            _OPEN_AGAIN,
            Exit.VERIFICATION,
        ),
        "window_changed": Sentence(
            "Files of the window are not those of this version; it was not opened.",
            "Install Privity again; to see which files: privity ui verify",
            Exit.VERIFICATION,
        ),
        "no_upload": Sentence(
            "That file does not wait here any more; nothing was sent.",
            "Choose it again.",
            Exit.NOT_FOUND,
        ),
        "upload_refused": Sentence(
            "The file did not come whole; nothing was sent.", "Choose it again."
        ),
        "file_not_shown": Sentence(
            "Files of this kind are not shown in the window.", _SAVE_IT
        ),
        "file_mislabelled": Sentence(
            "The file is not of the kind that it says it is; it is not shown.", _SAVE_IT
        ),
        "picture_damaged": Sentence(
            "The picture is damaged; it is not shown.", _SAVE_IT
        ),
        "picture_too_large": Sentence(
            "The picture has more pixels than a camera gives; it is not shown.",
            _SAVE_IT,
        ),
        "animation_too_large": Sentence(
            "The moving picture is too large or too long; it is not shown.", _SAVE_IT
        ),
        "code_unread": Sentence(
            "No QR code could be read there.",
            "Take a larger, sharper picture of it, or paste its text.",
            Exit.NOT_FOUND,
        ),
        "wrong_phase": Sentence("That can't be done now.", "Reload the page."),
    }
)
