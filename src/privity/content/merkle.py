"""The Merkle tree hash of RFC 6962 §2.1, leaf by leaf in logarithmic memory.

Here for the root over a file's chunks. Proofs and logs are another package's.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Self

__all__ = ["EMPTY", "MerkleTree"]


@dataclass(frozen=True, slots=True)
class MerkleTree:
    """A growing tree; `peaks` are the roots of its full subtrees, the widest first.

    The binary digits of `size` say which subtrees there are.
    """

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def append(self, leaf: bytes) -> Self:
        """Return the tree with one more leaf, given its bytes."""
        hashed = sha256(b"\x00")
        hashed.update(leaf)
        node = hashed.digest()
        peaks, size = self.peaks, self.size
        while size & 1:
            node = _parent(peaks[-1], node)
            peaks, size = peaks[:-1], size >> 1
        return type(self)(self.size + 1, (*peaks, node))

    def root(self) -> bytes:
        """Return the 32-byte root; SHA-256 of nothing for a tree without leaves."""
        if not self.peaks:
            return sha256().digest()
        node = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            node = _parent(peak, node)
        return node


EMPTY = MerkleTree()


def _parent(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()
