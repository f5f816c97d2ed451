"""What a person is told of evidence: who signed what, when, and what that means."""

import time

from privity.cli.terminal import one_line, visible
from privity.client.verbs.evidence_results import (
    EvidenceExported,
    EvidenceVerified,
    SignedPlace,
)

__all__ = ["exported_words", "verified_words"]


def verified_words(found: EvidenceVerified) -> str:
    """Return the sentences of evidence that holds."""
    host, at = one_line(found.host), _at(found.found)
    return f"""\
This holds: one key signed two histories of one log.
The key: {found.key}
The log, by a hash of its id: {found.log}
First:  {_signed(found.first)}.
Second: {_signed(found.second)}, in a history
        in which entry {found.first.seq} ends with {_short(found.other)}.
Both can't be true. Nobody without that key can make this.
Not proven, only said by whoever made the file: that the key is that of {host},
and that it was found at {at}. Nor does it say why: a relay that was restored
from an old copy signs two histories as one does that lies."""


def exported_words(result: EvidenceExported) -> str:
    """Return what to know of evidence before it is given to somebody."""
    path = visible(result.path).replace("\n", "\ufffd")
    return f"""\
Wrote the proof for “{one_line(result.title)}” to {path}
It shows no message, name or member. It does hold a hash of the log's id: whoever has
it can tell which other heads are of this chat, and that you have to do with it.
Anybody can check it: privity evidence verify FILE"""


def _signed(place: SignedPlace) -> str:
    return (
        f"at {_at(place.time)} that entry {place.seq} ends with {_short(place.chain)}"
    )


def _short(value: str) -> str:
    return f"{value[:16]}…"


def _at(seconds: int) -> str:
    try:
        return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(seconds))
    except (OverflowError, OSError, ValueError):
        return f"second {seconds}"
