"""Every requirement of RFC 9420 whose violation makes us refuse a message.

A rule's value names the section that states it. Each has a test that builds the
violating message, sees this rule and an unchanged state.
"""

from enum import unique

from privity import errors

__all__ = ["Rule"]


@unique
class Rule(errors.Rule):
    """A requirement whose violation makes us refuse a message."""

    BAD_PUBLIC_KEY = "RFC 9420 §5.1, a KEM public key decodes and has no low order"
    GENERATION_CONSUMED = "RFC 9420 §9.2, a consumed key is deleted at once"
    GENERATION_TOO_FAR = "RFC 9420 §15.3, steps forward in a ratchet are limited"
    APPLICATION_DATA_IN_THE_OPEN = (
        "RFC 9420 §6, application messages travel as PrivateMessage"
    )
    PADDING_NOT_ZERO = "RFC 9420 §6.3.1, padding is all zero"
    SENDER_IS_BLANK = "RFC 9420 §6.3.2, the sender's leaf is occupied"

    # The tree side: leaves, key packages, trees, update paths, lists of proposals.
    DUPLICATE_EXTENSION = "RFC 9420 §13, a list has one extension of each type"
