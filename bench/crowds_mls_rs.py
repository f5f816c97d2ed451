"""The group of `crowds` as mls-rs does it, through its Python wheel.

Needs `mls_rs_uniffi`, which is no requirement of ours: `bench_mls --peers` without
it leaves the peer's columns empty. The Welcome holds the tree.
"""

import statistics
from collections.abc import Iterator
from typing import Any

import mls_rs_uniffi as mls_rs

from bench.crowds import (
    ADD,
    CREATE,
    DATA,
    JOIN,
    MESSAGES,
    PROCESS,
    PROTECT,
    UNPROTECT,
    tracked,
)
from bench.timing import per_call, timed

__all__ = ["MlsRsCrowd"]

SUITE = mls_rs.CipherSuite.CURVE25519_AES128


class Memory(mls_rs.GroupStateStorage):  # type: ignore[misc]
    """Keeps what mls-rs stores."""

    def __init__(self) -> None:
        self.groups: dict[bytes, bytes] = {}

    def state(self, group_id: bytes) -> bytes | None:
        """Return a group's state."""
        return self.groups.get(bytes(group_id))

    def epoch(self, group_id: bytes, epoch_id: int) -> bytes | None:
        """Return an ended epoch: none is kept."""
        del group_id, epoch_id
        return None

    def write(self, group_id: bytes, group_state: bytes, *_epochs: object) -> None:
        """Store a group's state."""
        self.groups[bytes(group_id)] = bytes(group_state)

    def max_epoch_id(self, group_id: bytes) -> int | None:
        """Return the last ended epoch: none is kept."""
        del group_id
        return None


class MlsRsCrowd:
    """A warm group of `size` members, suite 1."""

    def __init__(self, size: int) -> None:
        """Make the members, their group, and warm it."""
        self.size = size
        self.stores = [Memory() for _ in range(size)]
        self.clients = [
            _client(number, store) for number, store in enumerate(self.stores)
        ]
        self.packages: list[bytes] = [
            client.generate_key_package_message().to_bytes()
            for client in self.clients[1:]
        ]
        first, _, welcome = self._add_all(self._decoded())
        self.groups = {0: first}
        for who in tracked(size)[1:]:
            self.groups[who] = self._join(who, welcome)
        for who in self.groups:
            self._update(who)

    def measure(self) -> Iterator[tuple[str, float]]:
        """Yield (operation, milliseconds), each operation once."""
        _, took, welcome = self._add_all(self._decoded())
        yield ADD, took * 1e3
        message = mls_rs.Message.from_bytes(welcome)
        last = self.clients[self.size - 1]
        took, _ = timed(lambda: last.join_group(None, message))
        yield JOIN, took * 1e3
        create, process = self._update(0)
        yield CREATE, create * 1e3
        yield PROCESS, process * 1e3
        protect, unprotect = self._talk()
        yield PROTECT, protect * 1e3
        yield UNPROTECT, unprotect * 1e3

    def bytes_per_member(self) -> float:
        """Return the size of member 0's stored state, divided by N."""
        self.groups[0].write_to_storage()
        return sum(map(len, self.stores[0].groups.values())) / self.size

    def _decoded(self) -> list[Any]:
        return [mls_rs.Message.from_bytes(package) for package in self.packages]

    def _add_all(self, packages: list[Any]) -> tuple[Any, float, bytes]:
        group = self.clients[0].create_group(None)
        took, made = timed(lambda: group.add_members(packages))
        group.process_incoming_message(made.commit_message)
        return group, took, made.welcome_message.to_bytes()

    def _join(self, who: int, welcome: bytes) -> Any:  # noqa: ANN401  untyped wheel
        message = mls_rs.Message.from_bytes(welcome)
        return self.clients[who].join_group(None, message).group

    def _update(self, who: int) -> tuple[float, float]:
        create, made = timed(self.groups[who].commit)
        encoded = made.commit_message.to_bytes()
        self.groups[who].process_incoming_message(made.commit_message)
        followed: list[float] = []
        for other, group in self.groups.items():
            if other != who:
                message = mls_rs.Message.from_bytes(encoded)
                took, _ = timed(lambda: group.process_incoming_message(message))  # noqa: B023
                followed.append(took)
        return create, statistics.median(followed)

    def _talk(self) -> tuple[float, float]:
        sent: list[bytes] = []

        def protect() -> None:
            message = self.groups[0].encrypt_application_message(DATA)
            sent.append(message.to_bytes())

        def unprotect() -> None:
            message = mls_rs.Message.from_bytes(sent.pop(0))
            self.groups[1].process_incoming_message(message)

        return per_call(protect, MESSAGES), per_call(unprotect, MESSAGES)


def _client(number: int, store: Memory) -> Any:  # noqa: ANN401  untyped wheel
    keys = mls_rs.generate_signature_keypair(SUITE)
    config = mls_rs.ClientConfig(
        group_state_storage=store, use_ratchet_tree_extension=True
    )
    return mls_rs.Client(b"m%d" % number, keys, config)
