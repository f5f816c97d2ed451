"""Targets with a fault in them, which a search must find before it is believed."""

from collections.abc import Callable
from itertools import count

from privity.codec import Reader
from privity.errors import DecodeError
from privity.wire.frames import Received, decode_client, encode
from tests.fuzz.target import Fault, Target

__all__ = ["PLANTED"]


def _foreign(data: bytes) -> None:
    """Decode as if a table lookup could not fail."""
    if data[:2] == b"\1\2":
        {1: "one"}[data[2] if len(data) > 2 else 1]


def _claimed(data: bytes) -> None:
    """Decode as if a claimed size were true."""
    reader = Reader(data)
    try:
        size = reader.varint()
    except DecodeError:
        return
    bytearray(size)


def _endless(data: bytes) -> None:
    """Decode as if each item had bytes."""
    for _ in count():
        if data[:1] != b"\7":
            return


def _spoilt(data: bytes) -> None:
    """Change a state before the input is refused."""
    before = list(_STATE)
    if data[:1] == b"\3":
        _STATE.append(data)
    if before != _STATE:
        _STATE.clear()
        raise Fault("a refused message left a trace")


def _unheard(data: bytes) -> None:
    """Dispatch frames as if whoever acknowledges must follow that log."""
    try:
        heard = decode_client(data)
    except DecodeError:
        return
    for frame in heard:
        if isinstance(frame, Received) and frame.upto:
            {}[frame.log_id]


_STATE: list[bytes] = []
_RUNS: tuple[Callable[[bytes], None], ...] = (
    _foreign,
    _claimed,
    _endless,
    _spoilt,
    _unheard,
)
_SEEDS = {"_unheard": encode([Received(bytes(16), 0)])}


def _planted(run: Callable[[bytes], None]) -> Target:
    seed = _SEEDS.get(run.__name__, b"\0\0\0")
    return Target(f"planted{run.__name__}", run, lambda: [seed])


PLANTED: dict[str, Target] = {f"planted{run.__name__}": _planted(run) for run in _RUNS}
