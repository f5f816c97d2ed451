"""What a person is told where a proof of two histories can't be given or read."""

from privity.client.sentence import Exit, Sentence

__all__ = ["EVIDENCE"]

EVIDENCE = {
    "no_evidence": Sentence(
        "This device has no proof of two histories of that chat.",
        "It has one of a chat that stopped because its relay signed two.",
        Exit.NOT_FOUND,
    ),
    "evidence_foreign": Sentence(
        "That file is no evidence of Privity.",
        "Evidence is made by: privity repair evidence CHAT",
        Exit.VERIFICATION,
    ),
    "evidence_damaged": Sentence(
        "The evidence was changed or cut on its way; it proves nothing as it is.",
        "Ask for the file again.",
        Exit.VERIFICATION,
    ),
    "evidence_later": Sentence(
        "A newer Privity made this evidence.",
        "Update Privity on this machine.",
        Exit.VERIFICATION,
    ),
    "evidence_false": Sentence(
        "The file is whole, and it does not prove what it claims.",
        "Believe nothing of it: its signatures or its entries do not fit.",
        Exit.VERIFICATION,
    ),
}
"""By code; docs/spec/evidence.md."""
