"""HKDF (RFC 5869), the step that MLS takes most: one block of HKDF-Expand.

A derivation inside MLS is never longer than the hash, and is then a single HMAC. The
library's objects take twice the time of that HMAC; they do what is longer, which an
exported secret may be.
"""

import hmac

from cryptography.hazmat.primitives.hashes import HashAlgorithm
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

__all__ = ["hkdf_expand"]


def hkdf_expand(
    algorithm: HashAlgorithm, secret: bytes, info: bytes, length: int
) -> bytes:
    """Return `length` bytes of HKDF-Expand (RFC 5869 §2.3)."""
    if length > algorithm.digest_size:
        return HKDFExpand(algorithm, length, info).derive(secret)
    return hmac.digest(secret, info + b"\x01", algorithm.name)[:length]
