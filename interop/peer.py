"""What an implementation of MLS is asked to do here, whoever wrote it.

A peer plays any number of members, by name. Messages are encoded MLSMessages, trees
the content of a `ratchet_tree` extension. Whatever the implementation itself refuses is
`Refused`; everything else that goes wrong is a fault of this directory.
"""

from enum import StrEnum
from typing import Protocol

import msgspec

__all__ = ["Ability", "Committed", "Event", "Facts", "Hello", "Peer", "Refused", "Wish"]


class Refused(Exception):
    """The implementation refused, in its own words."""


class Ability(StrEnum):
    """What not every peer can do."""

    EXTERNAL = "external"
    """Make a GroupInfo, and join by a commit of its own."""
    PRIVATE = "private"
    """Send handshakes as PrivateMessages. All must be able to read them."""
    PSK = "psk"
    PROPOSE_UPDATE = "propose-update"
    MIXED = "mixed"
    """Add and remove in one commit without proposals before it."""
    SEQUEL = "sequel"
    """Change a group's extensions, ask to be added, end a group or branch it."""


class Hello(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who a peer is."""

    name: str
    version: str
    can: tuple[Ability, ...]


class Wish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a commit shall do beside the proposals that wait.

    `add` are key packages, `remove` names of members, `psks` names of external keys.
    """

    add: tuple[bytes, ...] = ()
    remove: tuple[str, ...] = ()
    psks: tuple[bytes, ...] = ()
    private: bool = False


class Committed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A commit that is pending; `tree` is there if the Welcome goes without it."""

    message: bytes
    welcome: bytes | None = None
    tree: bytes | None = None


class Event(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a message was: `application`, `proposal`, `commit`, or `removed` by one."""

    kind: str
    data: bytes = b""


class Facts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What all members of an epoch must agree on; not every peer tells the epoch."""

    epoch: int | None
    authenticator: bytes
    exporter: bytes
    tree: bytes


class Peer(Protocol):
    """An implementation of MLS; each method raises Refused where that refuses."""

    def hello(self) -> Hello:
        """Say who it is."""
        ...

    def meet(self, who: str, suite: int, tree_inside: bool) -> None:
        """Make a client, which sends its trees inside its Welcomes or beside them."""
        ...

    def key_package(self, who: str) -> bytes:
        """Return a fresh key package, as an MLSMessage."""
        ...

    def know_psk(self, who: str, name: bytes, secret: bytes) -> None:
        """Tell a client an external pre-shared key."""
        ...

    def create(self, who: str, group_id: bytes) -> None:
        """Create a group."""
        ...

    def join(self, who: str, welcome: bytes, tree: bytes | None) -> None:
        """Join by the Welcome that answers the client's last key package."""
        ...

    def join_externally(self, who: str, info: bytes, resync: bool) -> Committed:
        """Make a commit by which the client joins, in place of its former self."""
        ...

    def group_info(self, who: str) -> bytes:
        """Return a GroupInfo with `external_pub` and the tree."""
        ...

    def commit(self, who: str, wish: Wish) -> Committed:
        """Make a commit, which counts once it is applied."""
        ...

    def apply(self, who: str) -> None:
        """Let the pending commit count."""
        ...

    def drop(self, who: str) -> None:
        """Forget the pending commit: another one was first."""
        ...

    def propose_add(self, who: str, package: bytes, private: bool) -> bytes:
        """Propose to add the client of a key package."""
        ...

    def propose_remove(self, who: str, member: str, private: bool) -> bytes:
        """Propose to remove a member."""
        ...

    def propose_update(self, who: str) -> bytes:
        """Propose a fresh leaf of one's own."""
        ...

    def propose_requirement(self, who: str, content: bytes) -> bytes:
        """Propose `required_capabilities` as the only extension of the GroupContext."""
        ...

    def ask(self, who: str, info: bytes) -> bytes:
        """Ask from outside to be added, with a fresh key package."""
        ...

    def end(self, who: str, group_id: bytes) -> Committed:
        """Make a commit that ends the group in favour of one of the same suite."""
        ...

    def follow_up(self, who: str, group_id: bytes, packages: list[bytes]) -> Committed:
        """Create what follows an ended group, or else a branch, with these others."""
        ...

    def join_next(self, who: str, welcome: bytes, tree: bytes | None) -> None:
        """Join what follows the client's group, and be in that from now on."""
        ...

    def protect(self, who: str, data: bytes) -> bytes:
        """Encrypt application data."""
        ...

    def process(self, who: str, sender: str, message: bytes) -> Event:
        """Take a message that came from `sender`."""
        ...

    def facts(self, who: str) -> Facts:
        """Say what all members must agree on."""
        ...

    def state(self, who: str) -> bytes:
        """Return a digest of everything that the member's state holds."""
        ...

    def store(self, who: str) -> None:
        """Store the member's state."""
        ...

    def load(self, who: str) -> None:
        """Go on from what was stored last."""
        ...

    def leave(self, who: str) -> None:
        """Forget the group."""
        ...
