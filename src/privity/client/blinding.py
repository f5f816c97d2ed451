"""The client's half of the blind function (RFC 9497, VOPRF over ristretto255-SHA512).

The one place of the client that knows the library. What unblinds an answer lives in
memory only: an answer that never came costs its tokens.
"""

from voprf import ristretto

from privity.errors import NotAuthentic

__all__ = ["Blinding"]

_ANSWER = 96


class Blinding:
    """An input on its way: blinded when made, its output once it is answered."""

    __slots__ = ("_secret", "element")

    def __init__(self, data: bytes) -> None:
        """Blind an input; `element` are the 32 bytes that the relay gets."""
        self._secret, made = ristretto.Client.blind(data)
        self.element = made.serialize()

    def __repr__(self) -> str:
        return "<blinding>"

    def output(self, public: bytes, answer: bytes) -> bytes:
        """Return the 64-byte output that a relay's answer holds, blindness removed.

        Raises NotAuthentic unless the answer proves that it was computed under the
        key whose 32-byte public half is `public`.
        """
        if len(answer) != _ANSWER:
            raise NotAuthentic
        try:
            key = ristretto.PublicKey.deserialize(public)
            evaluated = ristretto.VerifiableOutput.deserialize(answer)
            return self._secret.finalize(evaluated, key)
        except ValueError:
            raise NotAuthentic from None
