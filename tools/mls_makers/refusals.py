"""Cases that must be refused: a member or a joiner, a message, and the rule it breaks.

The format is described in docs/spec/mls-vectors.md. One module a kind of message has
the makers; here is what they share, and which rules no message can break.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from privity.mls import (
    CipherSuite,
    CommitOptions,
    Group,
    KeyPackage,
    Proposal,
    Random,
    Rule,
)
from privity.mls.proposals import Commit, InlineProposal
from tools.mls_makers import Case
from tools.mls_makers.party import Party, forge
from tools.mls_makers.passive import Follower

__all__ = ["WITHOUT_CASE", "Maker", "Scene", "cases_of", "refused_case"]

WITHOUT_CASE: Mapping[Rule, str] = {
    Rule.TOO_MANY_PROPOSALS: "our own limit of what waits",
    Rule.MESSAGE_TOO_LONG: "our own limit, 8 MiB",
    Rule.TOO_MANY_PSKS: "a message of 2.5 MB for each case",
    Rule.TREE_TOO_LARGE: "our own limit, 16384 leaves",
    Rule.OUTSIDE_LIFETIME: "for whoever sends an Add; validity has no clock",
    Rule.LIFETIME_TOO_LONG: "for whoever sends an Add; validity has no clock",
    Rule.NO_SUCCESSION: "for the application, which knows who is whom",
    Rule.EXTERNAL_PUB_MISSING: "for whoever makes an external commit",
    Rule.SELF_REMOVE_TWICE: "for whoever makes a SelfRemove",
    Rule.RESUMED_PARAMETERS: "needs the state of a former group",
    Rule.RESUMED_MEMBERS: "needs the state of a former group",
}
"""Rules that no single message to a member or a joiner can break, and why."""


class Scene:
    """Ada's group with Bob and Cyd, which the victim has just joined as leaf 3.

    Ada, leaf 0, breaks the rules; her `group` is where the victim's is.
    """

    def __init__(
        self,
        crypto: CipherSuite,
        random: Random,
        able: tuple[int, ...] = (),
    ) -> None:
        self.crypto, self.random = crypto, random
        self.party = Party.of(crypto, random, "abc", able=able)
        self.follower = Follower(self.party)
        self.follower.join("a", CommitOptions())

    @property
    def group(self) -> Group:
        """The group as Ada knows it."""
        return self.party["a"]

    def package(
        self,
        *,
        of_package: dict[str, Any] | None = None,
        **of_leaf: Any,  # noqa: ANN401  fields of a LeafNode
    ) -> KeyPackage:
        """Return a stranger's key package with some parts changed, signed again."""
        private = self.party.meet("z").signature_private
        package = self.party.package("z").key_package
        leaf = replace(package.leaf_node, **of_leaf)
        group_id = self.group.group_id
        package = replace(
            package,
            leaf_node=leaf.signed(self.crypto, private, group_id),
            **(of_package or {}),
        )
        return package.signed(self.crypto, private)

    def commits(self, *proposals: Proposal) -> list[bytes]:
        """Return Ada's commit of these proposals, which asks no rule."""
        return [forge(self.group, Commit(tuple(map(InlineProposal, proposals))))]


Maker = Callable[[Scene], list[bytes]]
"""Returns messages of which the victim takes all but the last."""


def refused_case(rule: Rule, follower: Follower, messages: list[bytes]) -> Case:
    """Return a case; without messages it is the Welcome that is refused."""
    start = {name: item for name, item in follower.case.items() if name != "epochs"}
    if not messages:
        start["initial_epoch_authenticator"] = None
    return {
        "rule": rule.name,
        "requirement": rule.value,
        **start,
        "before": [message.hex() for message in messages[:-1]],
        "message": messages[-1].hex() if messages else None,
    }


def cases_of(
    makers: Mapping[Rule, Maker],
    crypto: CipherSuite,
    random: Random,
    able: tuple[int, ...] = (),
) -> list[Case]:
    """Return the case of each rule, in a scene of its own."""
    cases = []
    for rule, make in makers.items():
        stage = Scene(crypto, random, able)
        cases.append(refused_case(rule, stage.follower, make(stage)))
    return cases
