"""The file of refusals: all its makers in one place."""

from privity.mls import Random
from tools.mls_makers import Case, Format
from tools.mls_makers.refused_messages import make_messages
from tools.mls_makers.refused_paths import make_paths
from tools.mls_makers.refused_proposals import make_proposals
from tools.mls_makers.refused_welcomes import make_welcomes

__all__ = ["FORMATS"]


def make_refusals(random: Random) -> list[Case]:
    """Return a case at least for each rule that a message can break."""
    makers = (make_messages, make_proposals, make_paths, make_welcomes)
    return [case for make in makers for case in make(random)]


FORMATS = {
    "refusals": Format(
        make_refusals,
        frozenset({"welcome", "initial_epoch_authenticator", "before", "message"}),
    )
}
