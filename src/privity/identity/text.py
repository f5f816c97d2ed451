"""The two text alphabets of ours, read strictly: base32 and base64url, unpadded.

RFC 4648 §5 and §6. What was read renders to the same text again; anything else is
a `DecodeError`: two texts never name one thing.
"""

import base64
import binascii

from privity.errors import DecodeError

__all__ = ["from_base32", "from_base64url", "to_base32", "to_base64url"]


def to_base32(data: bytes) -> str:
    """Return lowercase base32 without padding."""
    return base64.b32encode(data).decode("ascii").rstrip("=").lower()


def from_base32(text: str) -> bytes:
    """Return the bytes of a text that `to_base32` gives, or raise DecodeError."""
    padded = text.upper() + "=" * (-len(text) % 8)
    try:
        data = base64.b32decode(padded.encode("ascii"))
    except (binascii.Error, UnicodeEncodeError):
        raise DecodeError("not base32") from None
    if to_base32(data) != text:
        raise DecodeError("not canonical base32")
    return data


def to_base64url(data: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def from_base64url(text: str) -> bytes:
    """Return the bytes of a text that `to_base64url` gives, or raise DecodeError."""
    padded = text + "=" * (-len(text) % 4)
    try:
        data = base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise DecodeError("not base64url") from None
    if to_base64url(data) != text:
        raise DecodeError("not canonical base64url")
    return data
