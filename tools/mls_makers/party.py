"""People in one group, for cases about whole groups; all follow every commit."""

from dataclasses import dataclass, field, replace

from privity.mls import (
    LAST_RESORT,
    Capabilities,
    CipherSuite,
    CommitOptions,
    Credential,
    Extension,
    Group,
    KeyPackageBundle,
    KnownPsks,
    LeafIdentity,
    PendingCommit,
    Random,
    make_key_package,
)
from privity.mls.committing import sign_content
from privity.mls.framing import WireFormat
from privity.mls.messages import MLSMessage
from privity.mls.proposals import Commit, Proposal
from privity.mls.protection import seal_public

__all__ = ["APP_EXTENSION", "Party", "forge", "identity", "key_package"]

APP_EXTENSION = 0xF5A2
_FROM, _TO = 1_700_000_000, 1_730_000_000


def identity(
    crypto: CipherSuite, name: str, random: Random, proposals: tuple[int, ...] = ()
) -> LeafIdentity:
    """Return a client of that name with a fresh signature key.

    `proposals` are the types that it supports beyond those of the RFC.
    """
    private, _ = crypto.generate_signature_pair(random)
    able = Capabilities(
        cipher_suites=(crypto.code,),
        extensions=(APP_EXTENSION, LAST_RESORT),
        proposals=proposals,
        credentials=(1,),
    )
    return LeafIdentity(Credential.basic(name.encode()), private, able)


def key_package(
    crypto: CipherSuite, me: LeafIdentity, random: Random
) -> KeyPackageBundle:
    """Return a key package with its private keys."""
    return make_key_package(crypto, me, random=random, not_before=_FROM, not_after=_TO)


@dataclass
class Party:
    """The members by name, and the pre-shared keys that all of them know."""

    crypto: CipherSuite
    random: Random
    groups: dict[str, Group] = field(default_factory=dict)
    people: dict[str, LeafIdentity] = field(default_factory=dict)
    known: KnownPsks = field(default_factory=KnownPsks)
    able: tuple[int, ...] = ()

    @classmethod
    def of(
        cls,
        crypto: CipherSuite,
        random: Random,
        names: str,
        extensions: tuple[Extension, ...] = (),
        able: tuple[int, ...] = (),
    ) -> "Party":
        """Return a group that the first of these one-letter people makes.

        `able` are the types of proposals that all support beyond those of the RFC.
        """
        party = cls(crypto, random, able=able)
        me = party.meet(names[0])
        party.groups[names[0]] = Group.create(
            crypto, random(12), me, random=random, extensions=extensions
        )
        if names[1:]:
            party.commit(names[0], add=names[1:])
        return party

    def __getitem__(self, name: str) -> Group:
        """Return the group as one member knows it."""
        return self.groups[name]

    def meet(self, name: str) -> LeafIdentity:
        """Return a client, who is made when first met."""
        if name not in self.people:
            self.people[name] = identity(self.crypto, name, self.random, self.able)
        return self.people[name]

    def package(self, name: str) -> KeyPackageBundle:
        """Return a fresh key package of somebody."""
        return key_package(self.crypto, self.meet(name), self.random)

    def commit(
        self,
        who: str,
        *,
        add: str = "",
        bundles: dict[str, KeyPackageBundle] | None = None,
        options: CommitOptions | None = None,
    ) -> PendingCommit:
        """Let one commit, everybody follow, and those whom it adds join.

        `bundles` are the key packages of people whose Add waits already.
        """
        fresh = {name: self.package(name) for name in add}
        options = options or CommitOptions()
        packages = tuple(bundle.key_package for bundle in fresh.values())
        options = replace(
            options, add=(*options.add, *packages), known_psks=self._known(who)
        )
        pending = self.groups[who].commit(options, self.random)
        self.follow(who, pending.message, pending.next)
        if pending.welcome is not None:
            self.welcome(pending, {**fresh, **(bundles or {})})
        return pending

    def welcome(
        self, pending: PendingCommit, bundles: dict[str, KeyPackageBundle]
    ) -> None:
        """Let those whom a commit adds join."""
        tree = pending.next.tree_bytes()
        here = {leaf.signature_key for _, leaf in pending.added}
        for name, bundle in bundles.items():
            if bundle.key_package.leaf_node.signature_key not in here:
                continue
            joined = Group.join(
                pending.welcome or b"",
                bundle,
                self.people[name],
                tree=tree,
                psks=self.known,
            )
            self.groups[name] = joined.group

    def follow(self, who: str, message: bytes, after: Group) -> None:
        """Let everybody take a commit of `who`; whom it removes leaves."""
        self.known = self._known(who if who in self.groups else next(iter(self.groups)))
        for name, group in list(self.groups.items()):
            step = group.process(message, psks=self.known) if name != who else None
            following = after if step is None else step.next
            if following is None:
                del self.groups[name]
            else:
                self.groups[name] = following
        self.groups[who] = after

    def spread(self, who: str, message: bytes) -> None:
        """Let everybody but its sender take a proposal."""
        for name, group in list(self.groups.items()):
            if name != who:
                self.groups[name] = group.process(message).next or group

    def _known(self, who: str) -> KnownPsks:
        group = self.groups[who]
        return self.known.with_epoch(group.group_id, group.epoch, group.resumption_psk)


def forge(
    group: Group, body: bytes | Proposal | Commit, tag: bytes | None = None
) -> bytes:
    """Return a PublicMessage that a member signs without asking any rule.

    A commit's confirmation tag is `tag`, of which nothing but its presence is right.
    """
    state = group.state
    signed = sign_content(state, WireFormat.PUBLIC_MESSAGE, body, b"")
    if isinstance(body, Commit):
        wrong = tag or bytes(state.suite.hash_length)
        signed = replace(signed, auth=replace(signed.auth, confirmation_tag=wrong))
    message = seal_public(
        state.suite, state.secrets.membership_key, signed, state.public.encoded_context
    )
    return MLSMessage(message).encode()
