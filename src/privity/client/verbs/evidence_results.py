"""What evidence of two histories says. Light, as `results` is."""

from privity.client.verbs.result import Count, Result, Time

__all__ = ["EvidenceExported", "EvidenceVerified", "SignedPlace"]


class SignedPlace(Result, frozen=True):
    """The relay signed at `time`, by its clock: behind entry `seq` stands `chain`."""

    seq: Count
    chain: str
    time: Time


class EvidenceVerified(Result, frozen=True):
    """Evidence that holds; ids, keys and values are hexadecimal.

    `key` signed both. `other` is the value at the first one's place in the history of
    the second. `host` and `found` are the word of whoever made the file.
    """

    key: str
    log: str
    first: SignedPlace
    second: SignedPlace
    other: str
    host: str
    found: Time


class EvidenceExported(Result, frozen=True):
    """Evidence was written to `path`; without one, keep `data` under `name`."""

    path: str
    title: str
    evidence: EvidenceVerified
    name: str = ""
    data: bytes = b""
