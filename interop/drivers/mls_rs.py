"""mls-rs as a peer, through its Python wheel, which `tools/peers.sh` installs.

The wheel can't propose updates, use pre-shared keys, join by a commit of its own or
send handshakes as PrivateMessages. It has no getter for the epoch authenticator, and
names members by objects that come only with what they sent: so who joins says hello.
"""

import hashlib
import hmac
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import mls_rs_uniffi as mls_rs

from interop.lines import serve
from interop.peer import Committed, Event, Facts, Hello, Wish

__all__ = ["MlsRs"]

SUITE = mls_rs.CipherSuite.CURVE25519_AES128
HASH, SIZE = "sha256", 32
LABEL, CONTEXT = b"interop", b"context"


class Storage(mls_rs.GroupStateStorage):  # type: ignore[misc]
    """Keeps what mls-rs stores, in memory."""

    def __init__(self) -> None:
        self.groups: dict[bytes, bytes] = {}
        self.epochs: dict[int, bytes] = {}

    def state(self, group_id: bytes) -> bytes | None:
        return self.groups.get(bytes(group_id))

    def epoch(self, group_id: bytes, epoch_id: int) -> bytes | None:
        return self.epochs.get(epoch_id)

    def write(self, group_id: bytes, group_state: bytes, *records: list[Any]) -> None:
        self.groups[bytes(group_id)] = bytes(group_state)
        for record in (one for several in records for one in several):
            self.epochs[record.id] = bytes(record.data)

    def max_epoch_id(self, group_id: bytes) -> int | None:
        return max(self.epochs, default=None)


@dataclass
class Member:
    """One client and its group."""

    client: Any
    storage: Storage
    tree_inside: bool
    group: Any = None
    pending: Any = None
    kept: tuple[dict[bytes, bytes], dict[int, bytes]] = ({}, {})


class MlsRs:
    """Any number of members; `Peer` says what the methods do."""

    def __init__(self) -> None:
        self._members: dict[str, Member] = {}
        self._identities: dict[str, Any] = {}

    def hello(self) -> Hello:
        (made,) = Path(mls_rs.__file__).parents[1].glob("agentvault*.dist-info")
        return Hello("mls-rs", made.stem.split("-")[1], ())

    def meet(self, who: str, suite: int, tree_inside: bool) -> None:
        if suite != 1:
            _lacks(f"suite {suite}")
        storage = Storage()
        config = mls_rs.ClientConfig(
            group_state_storage=storage, use_ratchet_tree_extension=tree_inside
        )
        keys = mls_rs.generate_signature_keypair(SUITE)
        client = mls_rs.Client(who.encode(), keys, config)
        self._members[who] = Member(client, storage, tree_inside)
        self._identities[who] = client.signing_identity()

    def key_package(self, who: str) -> bytes:
        message = self._members[who].client.generate_key_package_message()
        return bytes(message.to_bytes())

    def create(self, who: str, group_id: bytes) -> None:
        member = self._members[who]
        member.group = member.client.create_group(group_id)

    def join(self, who: str, welcome: bytes, tree: bytes | None) -> None:
        member = self._members[who]
        beside = None if tree is None else mls_rs.RatchetTree(bytes=tree)
        member.group = member.client.join_group(beside, _message(welcome)).group

    def commit(self, who: str, wish: Wish) -> Committed:
        member = self._members[who]
        if wish.psks or wish.private or (wish.add and wish.remove):
            _lacks("commits of that")
        if wish.add:
            made = member.group.add_members([_message(one) for one in wish.add])
        elif wish.remove:
            leaving = [self._identities[name] for name in wish.remove]
            made = member.group.remove_members(leaving)
        else:
            made = member.group.commit()
        member.pending = made.commit_message
        welcome = made.welcome_message
        tree = made.ratchet_tree
        return Committed(
            bytes(made.commit_message.to_bytes()),
            bytes(welcome.to_bytes()) if welcome else None,
            bytes(tree.bytes) if tree and welcome else None,
        )

    def apply(self, who: str) -> None:
        member = self._members[who]
        member.group.process_incoming_message(member.pending)
        member.pending = None

    def drop(self, who: str) -> None:
        """Do nothing: another commit replaces the pending one."""

    def propose_add(self, who: str, package: bytes, private: bool) -> bytes:
        group = self._members[who].group
        return bytes(group.propose_add_members([_message(package)])[0].to_bytes())

    def propose_remove(self, who: str, member: str, private: bool) -> bytes:
        leaving = [self._identities[member]]
        group = self._members[who].group
        return bytes(group.propose_remove_members(leaving)[0].to_bytes())

    def know_psk(self, who: str, name: bytes, secret: bytes) -> None:
        _lacks("pre-shared keys")

    def propose_update(self, who: str) -> bytes:
        _lacks("Update proposals")

    def propose_requirement(self, who: str, content: bytes) -> bytes:
        _lacks("proposals of extensions")

    def ask(self, who: str, info: bytes) -> bytes:
        _lacks("proposals from outside")

    def end(self, who: str, group_id: bytes) -> Committed:
        _lacks("ReInit")

    def follow_up(self, who: str, group_id: bytes, packages: list[bytes]) -> Committed:
        _lacks("branches")

    def join_next(self, who: str, welcome: bytes, tree: bytes | None) -> None:
        _lacks("branches")

    def join_externally(self, who: str, info: bytes, resync: bool) -> Committed:
        _lacks("external commits")

    def group_info(self, who: str) -> bytes:
        _lacks("a GroupInfo with external_pub")

    def protect(self, who: str, data: bytes) -> bytes:
        group = self._members[who].group
        return bytes(group.encrypt_application_message(data).to_bytes())

    def process(self, who: str, sender: str, message: bytes) -> Event:
        event = self._members[who].group.process_incoming_message(_message(message))
        if event.is_application_message():
            self._identities[sender] = event.sender
            return Event("application", bytes(event.data))
        if event.is_received_proposal():
            self._identities[sender] = event.sender
            return Event("proposal")
        self._identities[sender] = event.committer
        return Event("removed" if event.effect.is_removed() else "commit")

    def facts(self, who: str) -> Facts:
        member = self._members[who]
        exporter = bytes(member.group.export_secret(LABEL, CONTEXT, SIZE))
        return Facts(
            None,
            _authenticator(self._stored(member), exporter),
            exporter,
            bytes(member.group.export_tree().bytes),
        )

    def state(self, who: str) -> bytes:
        return hashlib.sha256(self._stored(self._members[who])).digest()

    def store(self, who: str) -> None:
        member = self._members[who]
        self._stored(member)
        member.kept = member.storage.groups.copy(), member.storage.epochs.copy()

    def load(self, who: str) -> None:
        member = self._members[who]
        groups, epochs = member.kept
        member.storage.groups, member.storage.epochs = groups.copy(), epochs.copy()
        (group_id,) = groups
        member.group = member.client.load_group(group_id)

    def leave(self, who: str) -> None:
        member = self._members[who]
        member.group = None
        member.storage.groups.clear()
        member.storage.epochs.clear()

    def _stored(self, member: Member) -> bytes:
        member.group.write_to_storage()
        (state,) = member.storage.groups.values()
        return state


def _lacks(what: str) -> NoReturn:
    raise LookupError(f"the wheel lacks {what}")


def _message(encoded: bytes) -> Any:  # noqa: ANN401  untyped wheel
    return mls_rs.Message.from_bytes(encoded)


def _authenticator(stored: bytes, exporter: bytes) -> bytes:
    """Find the epoch authenticator in a stored state.

    The state holds `exporter_secret` and right behind it `epoch_authenticator`, each
    behind its length. The former is known by what it exports; so the latter is what
    mls-rs derived, and nothing that somebody else did.
    """
    step = 1 + SIZE
    found = {
        stored[at + step + 1 : at + 2 * step]
        for at in range(len(stored) - 2 * step + 1)
        if stored[at] == stored[at + step] == SIZE
        and _export(stored[at + 1 : at + step]) == exporter
    }
    (authenticator,) = found
    return authenticator


def _export(exporter_secret: bytes) -> bytes:
    """MLS-Exporter (RFC 9420 §8.5)."""
    secret = _expand_with_label(exporter_secret, LABEL, b"")
    context = hashlib.new(HASH, CONTEXT).digest()
    return _expand_with_label(secret, b"exported", context)


def _expand_with_label(secret: bytes, label: bytes, context: bytes) -> bytes:
    """ExpandWithLabel (§8) for one block of output and short labels."""
    label = b"MLS 1.0 " + label
    info = SIZE.to_bytes(2, "big")
    info += bytes([len(label)]) + label + bytes([len(context)]) + context
    return hmac.digest(secret, info + b"\x01", HASH)


if __name__ == "__main__":
    serve(MlsRs(), (mls_rs.Error,))
