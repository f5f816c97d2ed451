"""Cases about a client that joins and then only follows what the others do."""

from collections.abc import Sequence
from dataclasses import replace

from privity.mls import (
    CipherSuite,
    CommitOptions,
    Extension,
    ExternalJoin,
    ExternalPSK,
    Group,
    GroupInfo,
    KeyPackageBundle,
    KnownPsks,
    PendingCommit,
    Random,
    ResumptionPSK,
    ResumptionPSKUsage,
    suite,
)
from privity.mls.committing import fresh_psk
from privity.mls.messages import MLSMessage
from tools.mls_makers import ALL_SUITES, Case, Format, is_hybrid, pick
from tools.mls_makers.party import APP_EXTENSION, Party

__all__ = ["FORMATS", "Follower"]


class Follower:
    """The client and its party, written down as things happen."""

    def __init__(self, party: Party, *, psks: bool = True) -> None:
        self.party = party
        self.me, self.bundle = party.meet("me"), party.package("me")
        self.keys = _with_keys(party) if psks else ()
        self.case: Case = {}
        self.waiting: list[bytes] = []

    def join(self, who: str, options: CommitOptions) -> None:
        """Let somebody invite the client, and note the Welcome."""
        options = replace(options, add=(self.bundle.key_package,))
        pending = self.party.commit(who, bundles={"me": self.bundle}, options=options)
        self.begin(pending.welcome or b"", None)
        if not options.tree_in_welcome:
            self.case["ratchet_tree"] = pending.next.tree_bytes().hex()
        authenticator = pending.next.epoch_authenticator
        self.case["initial_epoch_authenticator"] = authenticator.hex()

    def begin(self, welcome: bytes, tree: bytes | None) -> None:
        """Write down how the client joins, but for where it then is."""
        self.case = {
            "cipher_suite": self.party.crypto.code,
            "external_psks": [
                {"psk_id": name.hex(), "psk": psk.hex()}
                for name, psk in self.party.known.external.items()
            ],
            "key_package": MLSMessage(self.bundle.key_package).encode().hex(),
            "signature_priv": self.me.signature_private.hex(),
            "encryption_priv": self.bundle.encryption_private.hex(),
            "init_priv": self.bundle.init_private.hex(),
            "welcome": welcome.hex(),
            "ratchet_tree": tree.hex() if tree else None,
            "initial_epoch_authenticator": None,
            "epochs": [],
        }

    def proposed(self, who: str, made: tuple[bytes, Group]) -> None:
        """Let a member's proposal reach everybody."""
        message, self.party.groups[who] = made
        self.party.spread(who, message)
        self.waiting.append(message)

    def commit(
        self,
        who: str,
        add: str = "",
        bundles: dict[str, KeyPackageBundle] | None = None,
        options: CommitOptions | None = None,
    ) -> None:
        """Let a member commit what waits, and note the epoch."""
        self.note(self.party.commit(who, add=add, bundles=bundles, options=options))

    def note(self, pending: PendingCommit) -> None:
        """Write an epoch down; its authenticator is that of the committer."""
        self.case["epochs"].append(
            {
                "proposals": [message.hex() for message in self.waiting],
                "commit": pending.message.hex(),
                "epoch_authenticator": pending.next.epoch_authenticator.hex(),
            }
        )
        self.waiting = []


def _with_keys(party: Party) -> tuple[ExternalPSK, ...]:
    """Let everybody know two external pre-shared keys."""
    random = party.random
    secrets = {random(5 + at): random(party.crypto.hash_length) for at in range(2)}
    party.known = KnownPsks(secrets)
    return tuple(ExternalPSK(name) for name in secrets)


def make_welcomes(random: Random) -> list[Case]:
    """Return ways to join: tree inside or beside, path or none, pre-shared keys."""
    return [
        _invited(suite(code), random, ways)
        for code in ALL_SUITES
        for ways in ("tree", "path psks", "tree path psks", "")
        if not (is_hybrid(code) and ways in {"", "tree path psks"})
    ]


def _invited(crypto: CipherSuite, random: Random, ways: str) -> Case:
    party = Party.of(crypto, random, "abcde"[: 2 + pick(random, 3)])
    party.commit("b")
    follower = Follower(party, psks="psks" in ways)
    options = CommitOptions(
        path="path" in ways, psks=follower.keys, tree_in_welcome="tree" in ways
    )
    follower.join("a", options)
    return follower.case


def make_handling(random: Random) -> list[Case]:
    """Return commits of each kind of proposal, by reference and by value (§12.4.2)."""
    cases = [_handling(suite(code), random) for code in ALL_SUITES]
    cases.append(_emptied(suite(1), random))
    return [*cases, *(_encrypted(suite(code), random) for code in (1, 0x0053))]


def _emptied(crypto: CipherSuite, random: Random) -> Case:
    """Return a commit after which the GroupContext has no extension left (§12.1.7)."""
    rules = (Extension(APP_EXTENSION, random(7)),)
    follower = Follower(Party.of(crypto, random, "ab", rules), psks=False)
    follower.join("a", CommitOptions())
    follower.commit("b", options=CommitOptions(extensions=()))
    return follower.case


def _handling(crypto: CipherSuite, random: Random) -> Case:
    party = Party.of(crypto, random, "abcd")
    follower = Follower(party)
    follower.join("a", CommitOptions())
    rules = (Extension(APP_EXTENSION, random(7)),)
    follower.proposed("b", party["b"].propose_update(random=random))
    follower.commit("a")
    bundle = party.package("e")
    follower.proposed("a", party["a"].propose_add(bundle.key_package))
    follower.proposed("b", party["b"].propose_psk(follower.keys[0], random=random))
    follower.commit("c", bundles={"e": bundle})
    follower.proposed("b", party["b"].propose_remove(party["d"].own_leaf))
    follower.commit("a")
    follower.proposed("c", party["c"].propose_extensions(rules))
    follower.commit("b")
    past = ResumptionPSK(
        ResumptionPSKUsage.APPLICATION, party["a"].group_id, party["a"].epoch - 1
    )
    follower.commit("c", options=CommitOptions(psks=(past,), path=False))
    follower.commit("a", options=CommitOptions(remove=(party["e"].own_leaf,)))
    follower.commit("b", "f", options=CommitOptions(path=False))
    _join_by_commit(follower, "g")
    return follower.case


def _encrypted(crypto: CipherSuite, random: Random) -> Case:
    """Return proposals and commits that travel as PrivateMessages (§6.3)."""
    follower = Follower(Party.of(crypto, random, "abc"))
    party = follower.party
    follower.join("a", CommitOptions())
    for who, removed in (("b", None), ("a", "c"), ("b", None)):
        key = fresh_psk(party[who].state, follower.keys[0], random)
        follower.proposed(
            who,
            party[who].propose_privately(
                key, random=random, authenticated_data=b"encrypted"
            ),
        )
        leaving = (party[removed].own_leaf,) if removed else ()
        follower.commit(who, options=CommitOptions(remove=leaving, private=True))
    return follower.case


def _join_by_commit(follower: Follower, name: str) -> None:
    """Let somebody join by an external commit (§12.4.3.2)."""
    party = follower.party
    group = next(iter(party.groups.values()))
    pending = Group.join_externally(
        GroupInfo.decode(group.group_info()),
        party.meet(name),
        ExternalJoin(tree=group.tree_bytes()),
        party.random,
    )
    party.follow(name, pending.message, pending.next)
    follower.note(pending)


def make_random(random: Random) -> list[Case]:
    """Return random walks: who says what is drawn from the seed."""
    return [
        _walk(suite(code), random, 6 if is_hybrid(code) else 18) for code in ALL_SUITES
    ]


def _walk(crypto: CipherSuite, random: Random, epochs: int) -> Case:
    follower = Follower(Party.of(crypto, random, "abc"))
    follower.join("a", CommitOptions())
    for number in range(epochs):
        _step(follower, chr(ord("A") + number))
    return follower.case


def _step(follower: Follower, stranger: str) -> None:
    party, random = follower.party, follower.party.random
    speakers = sorted(set(party.groups) - {"me"})
    committer = speakers[pick(random, len(speakers))]
    if pick(random, 6) == 0:
        _join_by_commit(follower, stranger)
        return
    bundles: dict[str, KeyPackageBundle] = {}
    for _ in range(pick(random, 3)):
        speaker = speakers[pick(random, len(speakers))]
        bundles.update(_propose(follower, speaker, stranger))
    removed = _leaving(party, committer) if pick(random, 4) == 0 else ()
    options = CommitOptions(
        remove=removed if not follower.waiting else (),
        psks=follower.keys[: pick(random, 3)],
        path=pick(random, 3) > 0,
    )
    follower.commit(committer, bundles=bundles, options=options)


def _leaving(party: Party, but: str) -> tuple[int, ...]:
    """Return somebody's leaf, if there are enough others."""
    others: Sequence[str] = sorted(set(party.groups) - {"me", but})
    if len(others) < 3:
        return ()
    return (party[others[pick(party.random, len(others))]].own_leaf,)


def _propose(
    follower: Follower, speaker: str, stranger: str
) -> dict[str, KeyPackageBundle]:
    """Let somebody propose something; return the key package if it is an Add."""
    party, group = follower.party, follower.party[speaker]
    random, kind = party.random, pick(party.random, 5)
    if kind == 0:
        bundle = party.package(stranger)
        follower.proposed(speaker, group.propose_add(bundle.key_package))
        return {stranger: bundle}
    if kind == 1 and (leaves := _leaving(party, speaker)):
        follower.proposed(speaker, group.propose_remove(leaves[0]))
    elif kind == 2:
        follower.proposed(speaker, group.propose_psk(follower.keys[0], random=random))
    elif kind == 3:
        rules = (Extension(APP_EXTENSION, random(4)),)
        follower.proposed(speaker, group.propose_extensions(rules))
    else:
        follower.proposed(speaker, group.propose_update(random=random))
    return {}


_DRAWN = frozenset({"welcome", "initial_epoch_authenticator", "epochs"})

FORMATS = {
    "passive-client-welcome": Format(make_welcomes, _DRAWN),
    "passive-client-handling-commit": Format(make_handling, _DRAWN),
    "passive-client-random": Format(make_random, _DRAWN),
}
