"""Groups of people who talk over a perfect network, for tests of `privity.mls`.

Everything runs through the public API; `forge` is for those who do not keep to it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from mls_trees import Draw

from privity.codec import Struct
from privity.mls import (
    Capabilities,
    CipherSuite,
    CommitOptions,
    Credential,
    Group,
    KeyPackageBundle,
    LeafIdentity,
    PendingCommit,
    make_key_package,
    suite,
)
from privity.mls.committing import sign_content
from privity.mls.framing import PrivateMessage, SenderData, WireFormat
from privity.mls.messages import MLSMessage
from privity.mls.proposals import Commit, Proposal
from privity.mls.protection import (
    open_sender_data,
    seal_private,
    seal_public,
    sender_data_key_and_nonce,
)

DRAW = Draw(b"groups")
CLASSIC, HYBRID = 0x0001, 0xF5A1
SUITES = (CLASSIC, HYBRID)
ALL_SUITES = (1, 2, 3, 4, 5, 6, 7, 0x0053, HYBRID)
APP_EXTENSIONS = (0xF5A2, 0xF5A3)


def identity(crypto: CipherSuite, name: str, **capabilities: Any) -> LeafIdentity:
    """Return a fresh client of that name."""
    private, _ = crypto.generate_signature_pair(DRAW)
    able = Capabilities(
        cipher_suites=(crypto.code,),
        extensions=(*APP_EXTENSIONS, 0x000A),
        credentials=(1,),
    )
    return LeafIdentity(
        Credential.basic(name.encode()), private, replace(able, **capabilities)
    )


def key_package(crypto: CipherSuite, me: LeafIdentity) -> KeyPackageBundle:
    """Return a key package that is valid for a while."""
    return make_key_package(crypto, me, random=DRAW, not_before=0, not_after=1000)


@dataclass
class Company:
    """People in one group, by name; all follow whatever anybody commits."""

    crypto: CipherSuite
    people: dict[str, LeafIdentity] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)

    @classmethod
    def of(cls, *names: str, code: int = CLASSIC, **create: Any) -> "Company":
        """Return a group that the first one made and then added the others to."""
        company = cls(suite(code))
        first = company.meet(names[0])
        company.groups[names[0]] = Group.create(
            company.crypto, b"company", first, random=DRAW, **create
        )
        if len(names) > 1:
            company.commit(names[0], add=names[1:])
        return company

    def __getitem__(self, name: str) -> Group:
        """Return the group as one member knows it."""
        return self.groups[name]

    def meet(self, name: str) -> LeafIdentity:
        """Return a client, who is made when first met."""
        if name not in self.people:
            self.people[name] = identity(self.crypto, name)
        return self.people[name]

    def leaf(self, name: str) -> int:
        """Return a member's leaf index."""
        return self.groups[name].own_leaf

    def commit(
        self,
        who: str,
        *,
        add: tuple[str, ...] = (),
        remove: tuple[str, ...] = (),
        **options: Any,
    ) -> PendingCommit:
        """Let one commit, everybody follow and the new ones join."""
        bundles = {name: key_package(self.crypto, self.meet(name)) for name in add}
        chosen = CommitOptions(
            add=tuple(bundle.key_package for bundle in bundles.values()),
            remove=tuple(self.leaf(name) for name in remove),
            **options,
        )
        pending = self.groups[who].commit(chosen, DRAW)
        self.follow(who, pending)
        tree = self.groups[who].tree_bytes()
        for name, bundle in bundles.items():
            assert pending.welcome is not None
            joined = Group.join(pending.welcome, bundle, self.people[name], tree=tree)
            self.groups[name] = joined.group
        return pending

    def follow(self, who: str, pending: PendingCommit) -> None:
        """Let everybody take one's commit; who is removed leaves."""
        for name, group in list(self.groups.items()):
            if name == who:
                self.groups[name] = pending.next
                continue
            after = group.process(pending.message).next
            if after is None:
                del self.groups[name]
            else:
                self.groups[name] = after

    def say(self, who: str, text: bytes) -> bytes:
        """Send a message that nobody has received yet, and return it."""
        message, self.groups[who] = self.groups[who].protect(text, random=DRAW)
        return message

    def hear(self, message: bytes, *, but: str) -> set[bytes]:
        """Let everybody but the sender receive; return what they read."""
        read = set()
        for name, group in list(self.groups.items()):
            if name != but:
                event = group.process(message)
                self.groups[name] = event.next
                read.add(event.data)
        return read

    def spread(self, message: bytes, *, but: str) -> None:
        """Let everybody but the sender receive a proposal."""
        for name, group in list(self.groups.items()):
            if name != but:
                self.groups[name] = group.process(message).next

    def agree(self) -> bool:
        """Say whether all members are in one and the same epoch."""
        seen = {
            (
                group.context,
                group.epoch_authenticator,
                group.export("test", b"context", 32),
                group.tree_bytes(),
            )
            for group in self.groups.values()
        }
        return len(seen) == 1


def stored(group: Group) -> tuple[bytes, bytes]:
    """Return all of a group's state."""
    return group.dump_tree(), group.dump_ratchet()


@contextmanager
def unchanged(group: Group) -> Iterator[None]:
    """Expect that a group's state stays as it is."""
    before = stored(group)
    yield
    assert stored(group) == before


def forge(
    group: Group, body: bytes | Proposal | Commit, tag: bytes | None = None
) -> bytes:
    """Return a PublicMessage that a member signs without asking any rule."""
    state = group.state
    signed = sign_content(state, WireFormat.PUBLIC_MESSAGE, body, b"")
    signed = replace(signed, auth=replace(signed.auth, confirmation_tag=tag))
    return seal(group, signed)


def seal(group: Group, signed: Any) -> bytes:
    """Return signed content as a PublicMessage with a right membership tag."""
    state = group.state
    message = seal_public(
        state.suite, state.secrets.membership_key, signed, state.public.encoded_context
    )
    return MLSMessage(message).encode()


def body_of(message: bytes) -> Any:
    """Return what an MLSMessage holds."""
    return MLSMessage.decode(message).body


def wrapped(body: Struct) -> bytes:
    """Return an MLSMessage of that content."""
    return MLSMessage(body).encode()


def private(group: Group, data: bytes | Proposal, **parts: Any) -> PrivateMessage:
    """Return a PrivateMessage of a member whose parts were replaced before sealing."""
    state = group.state
    signed = sign_content(state, WireFormat.PRIVATE_MESSAGE, data, b"")
    signed = replace(signed, **parts)
    return seal_private(
        state.suite, state.secrets.sender_data_secret, state.secret_tree, signed, DRAW
    ).message


def resealed(
    group: Group, message: PrivateMessage, change: Callable[[SenderData], SenderData]
) -> PrivateMessage:
    """Return a PrivateMessage with other sender data."""
    state = group.state
    secret = state.secrets.sender_data_secret
    data = change(open_sender_data(state.suite, secret, message))
    key, nonce = sender_data_key_and_nonce(state.suite, secret, message.ciphertext)
    aad = message.encode()
    # group_id<V>, epoch and content_type are the first fields of the message.
    aad = aad[: 1 + len(message.group_id) + 8 + 1]
    sealed = state.suite.seal(key, nonce, aad, data.encode())
    return replace(message, encrypted_sender_data=sealed)
