"""Why a message that was handed on is not taken; a test breaks each rule."""

from enum import unique

from privity import errors

__all__ = ["Rule"]


@unique
class Rule(errors.Rule):
    """A requirement on what a member hands on, and on who asks for it."""

    NOT_MISSED = "a message that is not missing here"
    OTHER_PLACE = "a message from another place than the one where it is missing"
    OTHER_CHAT = "a message of another chat"
