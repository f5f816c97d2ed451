"""Evidence as a result: what two signed heads say, for people and programs."""

from privity.client.verbs.evidence_results import EvidenceVerified, SignedPlace
from privity.wire.evidence import Evidence
from privity.wire.heads import Head

__all__ = ["described"]


def described(evidence: Evidence) -> EvidenceVerified:
    """Return what evidence proves; it was checked already."""
    fork = evidence.fork
    return EvidenceVerified(
        key=fork.key.hex(),
        log=fork.first.head.log_hash.hex(),
        first=_place(fork.first.head),
        second=_place(fork.second.head),
        other=fork.before.hex(),
        host=evidence.host.decode("ascii"),
        found=evidence.found,
    )


def _place(head: Head) -> SignedPlace:
    return SignedPlace(head.seq, head.chain.hex(), head.minute * 60)
