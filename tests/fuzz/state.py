"""Any bytes as a group's stored state, or as a checkpoint.

What loads stores again as the same bytes, unless it was of an older version.
"""

from mls_groups import stored

from privity.codec import write_opaque
from privity.codec.reader import Reader
from privity.errors import DecodeError, UsageError
from privity.mls import Group, PublicGroup
from tests.fuzz.target import REFUSALS, Fault, Target
from tests.fuzz.world import seeded, world

__all__ = ["TARGET"]

CURRENT = 3


def run(data: bytes) -> None:
    """Load two parts, and the first by itself as a checkpoint."""
    reader = Reader(data)
    try:
        parts = reader.opaque(), reader.take(reader.remaining)
    except DecodeError:
        return
    me = world().company.people["bob"]
    try:
        group = Group.load(*parts, me)
    except (*REFUSALS, UsageError):
        # A UsageError says that the state is not the loader's own.
        pass
    else:
        old = any(part[:1] != bytes([CURRENT]) for part in parts)
        if not old and stored(group) != parts:
            raise Fault("a state that stores as another")
    try:
        checkpoint = PublicGroup.decode(parts[0])
    except REFUSALS:
        return
    if checkpoint.encode() != parts[0]:
        raise Fault("a checkpoint that stores as another")


def seeds() -> list[bytes]:
    """Return states with past epochs, with proposals that wait, and in use."""
    here = world()
    with seeded(b"state") as draw:
        message, _ = here.company["eve"].protect(b"hello", random=draw)
        groups = [
            here.company["bob"],
            here.waiting["bob"],
            here.waiting["eve"],
            here.company["bob"].process(message).next,
        ]
    pairs = [stored(group) for group in groups]
    pairs.append((here.company["bob"].public.encode(), b""))
    return [_joined(*pair) for pair in pairs]


def _joined(first: bytes, second: bytes) -> bytes:
    out = bytearray()
    write_opaque(out, first)
    return bytes(out) + second


TARGET = Target("state", run, seeds, longest=8192)
