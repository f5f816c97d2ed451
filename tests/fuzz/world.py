"""One group whose secrets are all known, the same in every process.

An input of a structure-aware target changes a message of this group, so it means
something only if the group is the same each time it is built.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

import mls_groups
import mls_trees
from mls_groups import Company, identity, key_package
from mls_trees import Draw

from privity.mls import (
    Credential,
    Extension,
    ExtensionType,
    ExternalPSK,
    ExternalSender,
    ExternalSenders,
    Group,
    KeyPackageBundle,
    KnownPsks,
    LeafIdentity,
)
from privity.mls.dhkem import DhkemX25519
from privity.mls.hpke import Hpke

__all__ = ["World", "seeded", "world"]

NAMES = ("ada", "bob", "cyd", "dan", "eve")
PSK = ExternalPSK(b"psk")


@contextmanager
def seeded(seed: bytes) -> Iterator[Draw]:
    """Let everything that is drawn at random meanwhile be the same in every run."""
    draw = Draw(b"fuzz" + seed)
    before = [(one, one.state) for one in (mls_groups.DRAW, mls_trees.DRAW)]
    generate, seal = DhkemX25519._generate, Hpke.seal
    for one, _ in before:
        one.state = draw(32)
    # The library's own encryption draws inside; the composed one asks `_generate`.
    DhkemX25519._generate = lambda _self: draw(32)
    Hpke.seal = Hpke.seal_composed
    try:
        yield draw
    finally:
        DhkemX25519._generate, Hpke.seal = generate, seal
        for one, state in before:
            one.state = state


@dataclass(frozen=True)
class World:
    """Five members with filled parents; one client and one sender outside.

    `waiting` are the members' groups after three proposals that nobody committed.
    """

    company: Company
    waiting: dict[str, Group]
    before: Group
    outsider: LeafIdentity
    bundle: KeyPackageBundle
    sender_private: bytes
    psks: KnownPsks

    def key_of(self, leaf: int) -> bytes:
        """Return the signature key of a member; of a blank leaf, the outsider's."""
        found = dict(self.company["ada"].members()).get(leaf)
        if found is None:
            return self.outsider.signature_private
        name = found.credential.identity.decode()
        return self.company.people[name].signature_private


@cache
def world() -> World:
    """Return the one group that all targets share."""
    with seeded(b"world") as draw:
        return _built(draw)


def _built(draw: Draw) -> World:
    crypto = mls_groups.suite(mls_groups.CLASSIC)
    private, public = crypto.generate_signature_pair(draw)
    listed = ExternalSenders((ExternalSender(public, Credential.basic(b"out")),))
    kind = ExtensionType.EXTERNAL_SENDERS
    company = Company.of(*NAMES, extensions=(Extension(kind, listed.encode()),))
    for name in NAMES:
        company.commit(name)
    company.groups["bob"] = company["bob"].keeping(2)
    before = company["eve"]
    company.commit("dan")
    outsider = identity(crypto, "fay")
    return World(
        company=company,
        waiting=_waiting(company, draw),
        before=before,
        outsider=outsider,
        bundle=key_package(crypto, outsider),
        sender_private=private,
        psks=KnownPsks({PSK.psk_id: b"a secret"}),
    )


def _waiting(company: Company, draw: Draw) -> dict[str, Group]:
    groups = dict(company.groups)
    for name, propose in (
        ("eve", lambda group: group.propose_update(random=draw)),
        ("dan", lambda group: group.propose_remove(company.leaf("cyd"))),
        ("ada", lambda group: group.propose_psk(PSK, random=draw)),
    ):
        message, after = propose(groups[name])
        others = {n: g.process(message).next for n, g in groups.items() if n != name}
        groups = {**others, name: after}
    return groups
