"""`privity.mls` as a peer."""

import hashlib
import secrets
import time
from dataclasses import dataclass, field
from typing import TypeVar

from interop.lines import serve
from interop.peer import Ability, Committed, Event, Facts, Hello, Wish
from privity import __version__
from privity.errors import PrivityError
from privity.mls import (
    Add,
    Application,
    Capabilities,
    CommitOptions,
    Credential,
    Epoch,
    Extension,
    ExtensionType,
    ExternalJoin,
    ExternalPSK,
    Group,
    GroupInfo,
    KeyPackage,
    KeyPackageBundle,
    KnownPsks,
    LeafIdentity,
    Proposed,
    PublicGroup,
    ReInit,
    Remove,
    branch,
    greased,
    make_key_package,
    propose_own_add,
    reinitialize,
)
from privity.mls import (
    suite as suite_of,
)
from privity.mls.messages import MLSMessage

__all__ = ["Ours"]

T = TypeVar("T")
LATE = 4
"""So many ended epochs a member still reads."""
DAY = 86_400


@dataclass
class Member:
    """One client: its group, what it has pending, and the keys that wait for a use."""

    me: LeafIdentity
    suite: int
    tree_inside: bool
    group: Group | None = None
    pending: Group | None = None
    bundle: KeyPackageBundle | None = None
    psks: KnownPsks = field(default_factory=KnownPsks)
    stored: tuple[bytes, bytes] = (b"", b"")

    @property
    def now(self) -> Group:
        """The group, which is there."""
        if self.group is None:
            raise LookupError("not a member")
        return self.group


class Ours:
    """Any number of members; `Peer` says what the methods do."""

    def __init__(self) -> None:
        self._members: dict[str, Member] = {}

    def hello(self) -> Hello:
        return Hello(
            "privity",
            __version__,
            (
                Ability.EXTERNAL,
                Ability.PRIVATE,
                Ability.PSK,
                Ability.PROPOSE_UPDATE,
                Ability.MIXED,
                Ability.SEQUEL,
            ),
        )

    def meet(self, who: str, suite: int, tree_inside: bool) -> None:
        private, _ = suite_of(suite).generate_signature_pair(secrets.token_bytes)
        able = Capabilities(cipher_suites=(suite,), credentials=(1,))
        plain = LeafIdentity(Credential.basic(who.encode()), private, able)
        me = greased(plain, secrets.token_bytes)
        self._members[who] = Member(me, suite, tree_inside)

    def key_package(self, who: str) -> bytes:
        member = self._members[who]
        member.bundle = make_key_package(
            suite_of(member.suite),
            member.me,
            random=secrets.token_bytes,
            not_before=int(time.time()) - DAY,
            not_after=int(time.time()) + 28 * DAY,
        )
        return MLSMessage(member.bundle.key_package).encode()

    def know_psk(self, who: str, name: bytes, secret: bytes) -> None:
        member = self._members[who]
        member.psks = KnownPsks({**member.psks.external, name: secret})

    def create(self, who: str, group_id: bytes) -> None:
        member = self._members[who]
        crypto = suite_of(member.suite)
        member.group = Group.create(
            crypto, group_id, member.me, random=secrets.token_bytes
        ).keeping(LATE)

    def join(self, who: str, welcome: bytes, tree: bytes | None) -> None:
        member = self._members[who]
        if member.bundle is None:
            raise LookupError("no key package")
        joined = Group.join(
            welcome, member.bundle, member.me, tree=tree, psks=member.psks
        )
        member.group = joined.group.keeping(LATE)

    def join_externally(self, who: str, info: bytes, resync: bool) -> Committed:
        member = self._members[who]
        found = _body(info, GroupInfo)
        former = _leaf(PublicGroup.of_group_info(found, None), who) if resync else None
        pending = Group.join_externally(
            found, member.me, ExternalJoin(replaces=former), secrets.token_bytes
        )
        member.pending = pending.next.keeping(LATE)
        return Committed(pending.message)

    def group_info(self, who: str) -> bytes:
        info = self._members[who].now.group_info(with_tree=True)
        return MLSMessage(GroupInfo.decode(info)).encode()

    def commit(self, who: str, wish: Wish) -> Committed:
        member = self._members[who]
        group = member.now
        packages = tuple(_body(message, KeyPackage) for message in wish.add)
        options = CommitOptions(
            add=packages,
            remove=tuple(_leaf(group.public, name) for name in wish.remove),
            # As a commit that only adds may go without a path, every second one does.
            path=not packages or group.epoch % 2 == 0,
            tree_in_welcome=member.tree_inside,
            psks=tuple(ExternalPSK(name) for name in wish.psks),
            known_psks=member.psks,
            private=wish.private,
        )
        pending = group.commit(options, secrets.token_bytes)
        member.pending = pending.next
        tree = None if member.tree_inside else pending.next.tree_bytes()
        return Committed(pending.message, pending.welcome, tree)

    def apply(self, who: str) -> None:
        member = self._members[who]
        member.group, member.pending = member.pending, None

    def drop(self, who: str) -> None:
        self._members[who].pending = None

    def propose_add(self, who: str, package: bytes, private: bool) -> bytes:
        return self._propose(who, Add(_body(package, KeyPackage)), private=private)

    def propose_remove(self, who: str, member: str, private: bool) -> bytes:
        leaf = _leaf(self._members[who].now.public, member)
        return self._propose(who, Remove(leaf), private=private)

    def _propose(self, who: str, proposal: Add | Remove, *, private: bool) -> bytes:
        member = self._members[who]
        group, draw = member.now, secrets.token_bytes
        if private:
            message, member.group = group.propose_privately(proposal, random=draw)
        elif isinstance(proposal, Add):
            message, member.group = group.propose_add(proposal.key_package)
        else:
            message, member.group = group.propose_remove(proposal.removed)
        return message

    def propose_update(self, who: str) -> bytes:
        member = self._members[who]
        message, member.group = member.now.propose_update(random=secrets.token_bytes)
        return message

    def propose_requirement(self, who: str, content: bytes) -> bytes:
        member = self._members[who]
        required = Extension(ExtensionType.REQUIRED_CAPABILITIES, content)
        message, member.group = member.now.propose_extensions((required,))
        return message

    def ask(self, who: str, info: bytes) -> bytes:
        context = _body(info, GroupInfo).group_context
        package = _body(self.key_package(who), KeyPackage)
        member = self._members[who]
        to = Epoch(suite_of(member.suite), context.group_id, context.epoch)
        return propose_own_add(to, member.me, package)

    def end(self, who: str, group_id: bytes) -> Committed:
        member = self._members[who]
        extensions = member.now.context.extensions
        options = CommitOptions(reinit=ReInit(group_id, 1, member.suite, extensions))
        pending = member.now.commit(options, secrets.token_bytes)
        member.pending = pending.next
        return Committed(pending.message)

    def follow_up(self, who: str, group_id: bytes, packages: list[bytes]) -> Committed:
        member, draw = self._members[who], secrets.token_bytes
        others = tuple(_body(message, KeyPackage) for message in packages)
        pending = (
            reinitialize(member.now, member.me, others, random=draw)
            if member.now.reinit
            else branch(member.now, group_id, member.me, others, random=draw)
        )
        member.pending = pending.next
        tree = pending.next.tree_bytes()
        return Committed(pending.message, pending.welcome, tree)

    def join_next(self, who: str, welcome: bytes, tree: bytes | None) -> None:
        member = self._members[who]
        if member.bundle is None:
            raise LookupError("no key package")
        joined = Group.join(
            welcome, member.bundle, member.me, tree=tree, former=member.now
        )
        member.group = joined.group

    def protect(self, who: str, data: bytes) -> bytes:
        member = self._members[who]
        message, member.group = member.now.protect(data, random=secrets.token_bytes)
        return message

    def process(self, who: str, sender: str, message: bytes) -> Event:
        member = self._members[who]
        event = member.now.process(message, psks=member.psks)
        member.group = event.next
        if isinstance(event, Application):
            return Event("application", event.data)
        if isinstance(event, Proposed):
            return Event("proposal")
        return Event("removed" if event.removes_me else "commit")

    def facts(self, who: str) -> Facts:
        group = self._members[who].now
        return Facts(
            group.epoch,
            group.epoch_authenticator,
            group.export("interop", b"context", 32),
            group.tree_bytes(),
        )

    def state(self, who: str) -> bytes:
        group = self._members[who].now
        return hashlib.sha256(group.dump_tree() + group.dump_ratchet()).digest()

    def store(self, who: str) -> None:
        member = self._members[who]
        member.stored = member.now.dump_tree(), member.now.dump_ratchet()

    def load(self, who: str) -> None:
        member = self._members[who]
        member.group = Group.load(*member.stored, member.me)

    def leave(self, who: str) -> None:
        self._members[who].group = None


def _body(message: bytes, kind: type[T]) -> T:
    body = MLSMessage.decode(message).body
    if not isinstance(body, kind):
        raise TypeError(f"not a {kind.__name__}")
    return body


def _leaf(group: PublicGroup, name: str) -> int:
    return next(
        index
        for index, leaf in group.members()
        if leaf.credential.identity == name.encode()
    )


if __name__ == "__main__":
    serve(Ours(), (PrivityError,))
