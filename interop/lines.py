"""A peer in a process of its own: one JSON value a line, on its standard streams.

A question is `{"do": method, "with": [arguments]}` with bytes in base64; the answer is
`{"ok": value}`, `{"refused": text}` if the implementation refused, or
`{"fault": text}` if the driver failed.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from threading import Timer
from typing import Any, TypeVar, get_type_hints

import msgspec

from interop.peer import Committed, Event, Facts, Hello, Peer, Refused, Wish

__all__ = ["PeerProcess", "serve"]

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 120.0
"""Seconds that a peer may take for an answer; the slowest need a few."""


class _Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    do: str
    arguments: tuple[Any, ...] = msgspec.field(name="with", default=())


class _Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    ok: msgspec.Raw = msgspec.Raw()
    refused: str | None = None
    fault: str | None = None


def serve(peer: Peer, refusals: tuple[type[Exception], ...]) -> None:
    """Answer questions for a peer until the input ends.

    An exception of these classes is the implementation's refusal; another one ends
    the process, with its traceback.
    """
    for line in sys.stdin.buffer:
        question = msgspec.json.decode(line, type=_Question)
        method = getattr(peer, question.do)
        kinds = list(get_type_hints(getattr(Peer, question.do)).values())
        pairs = zip(question.arguments, kinds, strict=False)
        arguments = [msgspec.convert(value, kind) for value, kind in pairs]
        try:
            answer = _Answer(ok=msgspec.Raw(msgspec.json.encode(method(*arguments))))
        except refusals as error:
            answer = _Answer(refused=f"{type(error).__name__}: {error}")
        sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
        sys.stdout.buffer.flush()


class PeerProcess:
    """Asks a peer that runs in a process of its own; itself a `Peer`."""

    def __init__(
        self,
        command: Sequence[str],
        path: Sequence[Path] = (),
        patience: float = PATIENCE,
    ) -> None:
        """Start the process; `path` is where its Python looks for packages.

        Who does not answer within `patience` seconds is killed.
        """
        self._patience = patience
        python_path = os.pathsep.join(map(str, [ROOT / "src", ROOT, *path]))
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": python_path},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def stop(self) -> None:
        """End the process, which has nothing to lose."""
        self._process.kill()
        self._process.communicate()

    def hello(self) -> Hello:
        return self._ask("hello", Hello)

    def meet(self, who: str, suite: int, tree_inside: bool) -> None:
        self._ask("meet", None, who, suite, tree_inside)

    def key_package(self, who: str) -> bytes:
        return self._ask("key_package", bytes, who)

    def know_psk(self, who: str, name: bytes, secret: bytes) -> None:
        self._ask("know_psk", None, who, name, secret)

    def create(self, who: str, group_id: bytes) -> None:
        self._ask("create", None, who, group_id)

    def join(self, who: str, welcome: bytes, tree: bytes | None) -> None:
        self._ask("join", None, who, welcome, tree)

    def join_externally(self, who: str, info: bytes, resync: bool) -> Committed:
        return self._ask("join_externally", Committed, who, info, resync)

    def group_info(self, who: str) -> bytes:
        return self._ask("group_info", bytes, who)

    def commit(self, who: str, wish: Wish) -> Committed:
        return self._ask("commit", Committed, who, wish)

    def apply(self, who: str) -> None:
        self._ask("apply", None, who)

    def drop(self, who: str) -> None:
        self._ask("drop", None, who)

    def propose_add(self, who: str, package: bytes, private: bool) -> bytes:
        return self._ask("propose_add", bytes, who, package, private)

    def propose_remove(self, who: str, member: str, private: bool) -> bytes:
        return self._ask("propose_remove", bytes, who, member, private)

    def propose_update(self, who: str) -> bytes:
        return self._ask("propose_update", bytes, who)

    def propose_requirement(self, who: str, content: bytes) -> bytes:
        return self._ask("propose_requirement", bytes, who, content)

    def ask(self, who: str, info: bytes) -> bytes:
        return self._ask("ask", bytes, who, info)

    def end(self, who: str, group_id: bytes) -> Committed:
        return self._ask("end", Committed, who, group_id)

    def follow_up(self, who: str, group_id: bytes, packages: list[bytes]) -> Committed:
        return self._ask("follow_up", Committed, who, group_id, packages)

    def join_next(self, who: str, welcome: bytes, tree: bytes | None) -> None:
        self._ask("join_next", None, who, welcome, tree)

    def protect(self, who: str, data: bytes) -> bytes:
        return self._ask("protect", bytes, who, data)

    def process(self, who: str, sender: str, message: bytes) -> Event:
        return self._ask("process", Event, who, sender, message)

    def facts(self, who: str) -> Facts:
        return self._ask("facts", Facts, who)

    def state(self, who: str) -> bytes:
        return self._ask("state", bytes, who)

    def store(self, who: str) -> None:
        self._ask("store", None, who)

    def load(self, who: str) -> None:
        self._ask("load", None, who)

    def leave(self, who: str) -> None:
        self._ask("leave", None, who)

    def _ask(self, do: str, kind: type[T] | None, *arguments: object) -> T:
        streams = self._process.stdin, self._process.stdout
        if streams[0] is None or streams[1] is None:
            raise TypeError("a process without pipes")
        question = _Question(do, arguments)
        streams[0].write(msgspec.json.encode(question) + b"\n")
        streams[0].flush()
        late = Timer(self._patience, self._process.kill)
        late.start()
        try:
            line = streams[1].readline()
        finally:
            late.cancel()
        if not line:
            raise RuntimeError(f"the peer's process ended, or hung, at {do}")
        answer = msgspec.json.decode(line, type=_Answer)
        if answer.refused is not None:
            raise Refused(answer.refused)
        if answer.fault is not None:
            raise RuntimeError(f"the driver failed to {do}: {answer.fault}")
        return msgspec.json.decode(answer.ok or b"null", type=kind)
