"""The tree of errors that the whole system shares; it imports nothing.

    PrivityError
    ├── UsageError        our caller broke a documented precondition
    ├── Unsupported       the specification has it, this version does not
    ├── ProtocolError     the other side sent something that it must not send
    │   ├── DecodeError       bytes that are not well formed
    │   ├── RuleViolation     a well-formed message that a MUST forbids
    │   └── NotAuthentic      a signature, MAC or AEAD tag that fails
    └── Stale             a legal message for a state we left or did not reach

Packages derive their own errors from these and add what a person needs: what
happened, what it means for their safety, and what to do next.
"""

from enum import StrEnum

__all__ = [
    "DecodeError",
    "NotAuthentic",
    "PrivityError",
    "ProtocolError",
    "Rule",
    "RuleViolation",
    "Stale",
    "Unsupported",
    "UsageError",
]


class Rule(StrEnum):
    """The base of every list of enforced requirements; each package has its own."""


class PrivityError(Exception):
    """Any failure that Privity raises on purpose."""


class UsageError(PrivityError):
    """Our own caller broke a documented precondition."""


class Unsupported(PrivityError):
    """The specification has this feature and this version does not."""


class ProtocolError(PrivityError):
    """The other side sent something that it must not send."""


class DecodeError(ProtocolError):
    """Bytes that are not the canonical encoding of what was expected."""


class RuleViolation(ProtocolError):
    """A well-formed message that a MUST forbids."""

    def __init__(self, rule: Rule, detail: str = "") -> None:
        suffix = f" ({detail})" if detail else ""
        super().__init__(f"{rule.name}: {rule.value}{suffix}")
        self.rule = rule
        self.detail = detail


class NotAuthentic(ProtocolError):
    """A signature, MAC or AEAD tag fails; which bytes differ is nobody's business."""


class Stale(PrivityError):
    """A legal message for a state that we have left or have not reached yet."""
