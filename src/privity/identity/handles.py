"""Handles: `name@host`, which people type and read aloud.

ASCII only in version 1, lowercase only, so that two handles that look equal are
equal. A host is the lowercase name that its relay was given once; not its URL.
"""

import re
from dataclasses import dataclass

from privity.errors import DecodeError

__all__ = ["Handle", "check_host", "check_name", "parse_handle"]

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,31}")
_HOST_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_HOST_SIZE = 253


@dataclass(frozen=True, slots=True)
class Handle:
    """A name at a relay."""

    name: str
    host: str

    def __str__(self) -> str:
        return f"{self.name}@{self.host}"


def parse_handle(text: str) -> Handle:
    """Return the handle that `text` is, or raise DecodeError and say what is wrong."""
    name, at, host = text.partition("@")
    if not at:
        raise DecodeError("a handle looks like name@host")
    check_name(name)
    check_host(host)
    return Handle(name, host)


def check_name(name: str) -> None:
    """Refuse a name that is no handle's, with a DecodeError that says the rule."""
    if not _NAME.fullmatch(name):
        raise DecodeError(
            "a name has 3 to 32 of a-z, 0-9, dot, underscore and hyphen, "
            "and begins with a letter or digit"
        )


def check_host(host: str) -> None:
    """Refuse a host that is no lowercase DNS name (or IPv4 address): DecodeError."""
    labels = host.split(".")
    if len(host) > _HOST_SIZE or not all(map(_HOST_LABEL.fullmatch, labels)):
        raise DecodeError("a host is a lowercase name such as chat.example")
