"""The relay's half of the blind function (RFC 9497, VOPRF over ristretto255-SHA512).

The one place of the relay that knows the library. Each element has a proof of its
own: in voprf 0.2 a wrong proof of a batch is a panic instead of an error.
"""

from voprf import ristretto

from privity.wire.codes import Code, Refusal

__all__ = ["Function", "blinded"]

Blinded = ristretto.BlindedInput


class Function:
    """The function under the key that a 32-byte seed and `info` give."""

    __slots__ = ("_key",)

    def __init__(self, seed: bytes, info: bytes) -> None:
        self._key = ristretto.Evaluator.from_seed(seed, info)

    def __repr__(self) -> str:
        return "<function>"

    @property
    def public(self) -> bytes:
        """Return the 32-byte public key, which proofs are verified with."""
        return self._key.public_key.serialize()

    def evaluate(self, element: Blinded) -> bytes:
        """Return the proof (64 bytes: c, s) and the evaluated element (32 bytes)."""
        return self._key.evaluate(element).serialize()

    def output(self, data: bytes) -> bytes:
        """Return the 64-byte output for an input that is not blinded."""
        return self._key.evaluate_known_input(data)


def blinded(data: bytes) -> Blinded:
    """Return a blinded element; raises Refusal (MALFORMED) for what is none."""
    try:
        return Blinded.deserialize(data)
    except ValueError:
        raise Refusal(Code.MALFORMED, "this is no blinded element") from None
