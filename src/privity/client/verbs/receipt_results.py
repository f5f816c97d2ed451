"""What the verb about receipts takes and answers. Light, as `results` is."""

from privity.client.verbs.params import Params
from privity.client.verbs.result import Result

__all__ = ["ReceiptSwitch", "Receipts"]


class Receipts(Params, frozen=True):
    """Whether receipts are told and shown here; null: ask only."""

    on: bool | None = None


class ReceiptSwitch(Result, frozen=True):
    """Whether receipts are told and shown here."""

    on: bool
