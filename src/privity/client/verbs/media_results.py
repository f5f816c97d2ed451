"""What the verbs about files to look at answer."""

from privity.client.verbs.result import Result

__all__ = ["Media"]


class Media(Result, frozen=True):
    """Where a message's file lies sealed on this disk, and what opens it.

    For programs of this user that show files without writing them in the clear; the
    format is docs/spec/attachments.md.
    """

    name: str
    media_type: str
    length: int
    path: str
    key: str
    """32 bytes as hexadecimal digits."""

    def __repr__(self) -> str:
        return f"<a sealed file of {self.length} bytes>"
