"""Keys from keys: HKDF-Expand with SHA-256 (RFC 5869), whatever the MLS suite.

Every input is already a uniform secret, so there is no Extract here.
"""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from privity.errors import UsageError

__all__ = ["KEY_SIZE", "MAX_LENGTH", "expand"]

KEY_SIZE = 32
MAX_LENGTH = 255 * 32
_PREFIX = b"privity 1.0 "


def expand(secret: bytes, label: bytes, length: int = KEY_SIZE) -> bytes:
    """Return `length` bytes derived from a uniform `secret` of at least 32 bytes.

    The info of HKDF-Expand is "privity 1.0 " followed by `label`; a salt that makes
    a key single-use stands in front of the word in `label` (`salt ‖ b"msg"`).
    """
    if len(secret) < KEY_SIZE or not 0 < length <= MAX_LENGTH:
        raise UsageError("HKDF-Expand takes ≥ 32 bytes and gives 1 to 8,160")
    info = _PREFIX + label
    return HKDFExpand(algorithm=SHA256(), length=length, info=info).derive(secret)
