"""A malicious client: everybody can apply its commits but one member.

In each commit's path it puts garbage where that member's secret belongs, and is
otherwise what it says it is. The relay can't see this, and neither can the others:
their own slots are sound.
"""

from collections.abc import Callable
from dataclasses import replace

from privity import mls
from privity.identity.ids import id_from_text
from privity.mls.hpke import HPKECiphertext

__all__ = ["poison"]

_SLOT = "UpdatePathNode"


def poison(victim: str) -> None:
    """From now on, spoil in this process what commits hold for an account's leaf."""
    account = id_from_text(victim)
    honest, commit = mls.CipherSuite.encrypt_with_label, mls.Group.commit
    targets: set[bytes] = set()

    def seal(
        suite: mls.CipherSuite, public: bytes, label: str, context: bytes, secret: bytes
    ) -> HPKECiphertext:
        sealed = honest(suite, public, label, context, secret)
        if label != _SLOT or public not in targets:
            return sealed
        return replace(sealed, ciphertext=bytes(len(sealed.ciphertext)))

    def spoiled(
        group: mls.Group, options: mls.CommitOptions, random: Callable[[int], bytes]
    ) -> mls.PendingCommit:
        targets.clear()
        for _, leaf in group.members():
            if leaf.credential.identity[:16] == account:
                targets.add(leaf.encryption_key)
        return commit(group, options, random)

    setattr(mls.CipherSuite, "encrypt_with_label", seal)  # noqa: B010  replaced on purpose
    setattr(mls.Group, "commit", spoiled)  # noqa: B010
