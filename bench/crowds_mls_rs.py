"""The group of `crowds` as mls-rs does it: a program that `crowds_of_peers` runs.

`python -m bench.crowds_mls_rs SIZE`, with mls-rs's wheel on the path. It has no way to
drop a commit that was made: what is not to count is made by a group loaded for it.
"""

import statistics
import sys
from collections.abc import Iterator
from typing import Any

import mls_rs_uniffi as mls_rs

from bench import crowds
from bench.crowds_of_peers import serve
from bench.timing import per_call, timed

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
        first, _, welcome = self._add_all()
        first.write_to_storage()
        (self.name,) = self.stores[0].groups
        self.groups = {0: first}
        for who in crowds.tracked(size)[1:]:
            self.groups[who] = self._join(who, welcome)
        for who in self.groups:
            self._update(who)
        kept = {0, *crowds.followers(size)}
        self.groups = {who: self.groups[who] for who in kept}

    def measure(self) -> Iterator[tuple[str, float]]:
        """Yield (operation, milliseconds), each operation once."""
        # Whoever stored a group has deleted the key package that it joined by.
        fresh = self.clients[self.size - 1].generate_key_package_message()
        self.packages[-1] = fresh.to_bytes()
        _, took, welcome = self._add_all()
        yield crowds.ADD, took * 1e3
        took, _ = timed(lambda: self._join(self.size - 1, welcome))
        yield crowds.JOIN, took * 1e3
        if self.size > 2:
            yield crowds.REMOVE, self._remove() * 1e3
        create, process = crowds.median_of_rounds(self.size, lambda: self._update(0))
        yield crowds.CREATE, create * 1e3
        yield crowds.PROCESS, process * 1e3
        yield from self._talk(crowds.SMALL, crowds.PROTECT, crowds.UNPROTECT)
        yield from self._talk(
            crowds.LARGE, crowds.PROTECT_LARGE, crowds.UNPROTECT_LARGE
        )
        yield from self._talk(
            crowds.SMALL, crowds.PROTECT_STORED, crowds.UNPROTECT_STORED, stored=True
        )
        yield from self._store()

    def sizes(self) -> Iterator[tuple[str, float]]:
        """Yield (what, bytes)."""
        group, _, welcome = self._add_all()
        del group
        self.groups[0].write_to_storage()
        yield crowds.STATE_BYTES, len(self.stores[0].groups[self.name]) / self.size
        yield crowds.WELCOME_BYTES, len(welcome)
        update = self._loaded().commit().commit_message.to_bytes()
        yield crowds.COMMIT_BYTES, len(update)
        message = self._loaded().encrypt_application_message(crowds.SMALL)
        yield crowds.MESSAGE_BYTES, len(message.to_bytes())

    def _loaded(self) -> Any:  # noqa: ANN401  untyped wheel
        """Return member 0's group as a copy, whose commits need not count."""
        self.groups[0].write_to_storage()
        return self.clients[0].load_group(self.name)

    def _add_all(self) -> tuple[Any, float, bytes]:
        packages = [mls_rs.Message.from_bytes(package) for package in self.packages]
        group = self.clients[0].create_group(None)

        def add() -> tuple[Any, bytes, bytes]:
            made = group.add_members(packages)
            message = made.commit_message
            return message, message.to_bytes(), made.welcome_message.to_bytes()

        took, (message, _, welcome) = timed(add)
        group.process_incoming_message(message)
        return group, took, welcome

    def _join(self, who: int, welcome: bytes) -> Any:  # noqa: ANN401  untyped wheel
        message = mls_rs.Message.from_bytes(welcome)
        return self.clients[who].join_group(None, message).group

    def _remove(self) -> float:
        group = self._loaded()
        identity = self.clients[self.size - 2].signing_identity()

        def remove() -> bytes:
            made = group.remove_members([identity])
            encoded: bytes = made.commit_message.to_bytes()
            return encoded

        took, _ = timed(remove)
        return took

    def _update(self, who: int) -> tuple[float, float]:
        def commit() -> tuple[Any, bytes]:
            message = self.groups[who].commit().commit_message
            return message, message.to_bytes()

        create, (own, encoded) = timed(commit)
        self.groups[who].process_incoming_message(own)
        followed: list[float] = []
        for other, group in self.groups.items():
            if other == who:
                continue

            def follow() -> None:
                message = mls_rs.Message.from_bytes(encoded)
                group.process_incoming_message(message)  # noqa: B023

            followed.append(timed(follow)[0])
        return create, statistics.median(followed)

    def _talk(
        self, data: bytes, protected: str, opened: str, *, stored: bool = False
    ) -> Iterator[tuple[str, float]]:
        sent: list[bytes] = []

        def protect() -> None:
            message = self.groups[0].encrypt_application_message(data)
            if stored:
                self.groups[0].write_to_storage()
            sent.append(message.to_bytes())

        def unprotect() -> None:
            message = mls_rs.Message.from_bytes(sent.pop(0))
            self.groups[1].process_incoming_message(message)
            if stored:
                self.groups[1].write_to_storage()

        yield protected, per_call(protect, crowds.MESSAGES) * 1e3
        yield opened, per_call(unprotect, crowds.MESSAGES) * 1e3

    def _store(self) -> Iterator[tuple[str, float]]:
        group = self.groups[0]

        def commit() -> Any:  # noqa: ANN401  untyped wheel
            message = group.commit().commit_message
            message.to_bytes()
            group.write_to_storage()
            return message

        took, message = timed(commit)
        group.process_incoming_message(message)
        yield crowds.CREATE_STORED, took * 1e3
        encoded = message.to_bytes()
        for who, other in self.groups.items():
            if who:
                other.process_incoming_message(mls_rs.Message.from_bytes(encoded))
        group.write_to_storage()
        took, _ = timed(lambda: self.clients[0].load_group(self.name))
        yield crowds.LOAD, took * 1e3


def _client(number: int, store: Memory) -> Any:  # noqa: ANN401  untyped wheel
    keys = mls_rs.generate_signature_keypair(SUITE)
    config = mls_rs.ClientConfig(
        group_state_storage=store, use_ratchet_tree_extension=True
    )
    return mls_rs.Client(b"m%d" % number, keys, config)


if __name__ == "__main__":
    serve(MlsRsCrowd(int(sys.argv[1])))
