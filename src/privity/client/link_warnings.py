"""The names of what is odd about a link, and what a person is told of each."""

from collections.abc import Mapping
from enum import StrEnum, unique
from types import MappingProxyType

__all__ = ["WORDS", "Warn"]


@unique
class Warn(StrEnum):
    """What is odd about a link. The first ones weigh most."""

    POSES = "poses"
    USER_INFO = "user_info"
    LOOKALIKE = "lookalike"
    MIXED_SCRIPTS = "mixed_scripts"
    DIRECTION = "direction"
    INVISIBLE = "invisible"
    MALFORMED = "malformed"
    SCHEME = "scheme"
    ADDRESS = "address"
    NEAR = "near"
    PUNYCODE = "punycode"
    INSECURE = "insecure"
    TEXT_DIFFERS = "text_differs"


WORDS: Mapping[Warn, str] = MappingProxyType(
    {
        Warn.POSES: "shows one address and leads to another",
        Warn.USER_INFO: "what stands before the @ is no place, only what follows is",
        Warn.LOOKALIKE: "its name has letters that look like others",
        Warn.MIXED_SCRIPTS: "its name mixes alphabets within a word",
        Warn.DIRECTION: "turns the direction of writing, so it reads as another",
        Warn.INVISIBLE: "has characters that can't be seen",
        Warn.MALFORMED: "is written so that apps may read it as different places",
        Warn.SCHEME: "is no address of the web or of mail; it is not opened",
        Warn.ADDRESS: "leads to a number, not to a name",
        Warn.NEAR: "leads into your own network or device",
        Warn.PUNYCODE: "its name is not in plain Latin letters",
        Warn.INSECURE: "is not encrypted on its way",
        Warn.TEXT_DIFFERS: "its text does not show where it leads",
    }
)
"""What a person reads behind the link; each is about "this link"."""
