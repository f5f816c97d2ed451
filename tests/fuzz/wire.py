"""Any bytes as what relay and client send each other: frames, HTTP bodies, headers."""

import msgspec
from filled import filled

from privity.errors import DecodeError
from privity.wire import frames, http
from privity.wire.entry import NO_TAG, VERSION, AttachClaim, Header, Kind
from tests.fuzz.target import Fault, Target

__all__ = ["TARGET"]

BODIES = tuple(
    sorted(
        (
            kind
            for kind in vars(http).values()
            if isinstance(kind, type)
            and issubclass(kind, http._Body)
            and kind is not http._Body
        ),
        key=lambda kind: kind.__name__,
    )
)
CLIENT, RELAY, HEADER, CLAIM, FIRST_BODY = range(5)


def run(data: bytes) -> None:
    """Decode what the first byte names, and encode it again."""
    if not data:
        return
    try:
        _decode(data[0], data[1:])
    except DecodeError:
        return


def _decode(kind: int, data: bytes) -> None:
    match kind:
        case 0:
            again = frames.decode_client(data)
            _same(frames.decode_client(frames.encode(again)), again)
        case 1:
            again = frames.decode_relay(data)
            _same(frames.decode_relay(frames.encode(again)), again)
        case 2:
            _same(Header.parse(data).encode(), data)
        case 3:
            _same(AttachClaim.decode(data).encode(), data)
        case _:
            of = BODIES[kind % len(BODIES)]
            json = kind >= 128
            body = http.decode(of, data, json=json)
            _same(http.decode(of, http.encode(body)), body)


def _same(one: object, other: object) -> None:
    if one != other:
        raise Fault("not what it was read from")


def seeds() -> list[bytes]:
    """Return a frame, a body or a header of each kind, filled with zeros."""
    found = [bytes([CLIENT]) + frames.encode([one]) for one in _frames("ClientFrame")]
    found += [bytes([RELAY]) + frames.encode([one]) for one in _frames("RelayFrame")]
    for place, kind in enumerate(BODIES):
        body = filled(kind)
        at = next(n for n in range(FIRST_BODY, 128) if n % len(BODIES) == place)
        found.append(bytes([at]) + http.encode(body))
        at = next(n for n in range(128, 256) if n % len(BODIES) == place)
        found.append(bytes([at]) + msgspec.json.encode(body))
    plain = Header(
        VERSION, bytes(16), Kind.APP, 1, 0, bytes(16), NO_TAG, False, *[None] * 4
    )
    key = bytes(32)
    opening = Header(
        VERSION,
        bytes(16),
        Kind.COMMIT,
        1,
        0,
        bytes(16),
        NO_TAG,
        True,
        key,
        key,
        key,
        key,
    )
    return [*found, *(bytes([HEADER]) + one.encode() for one in (plain, opening))]


def _frames(union: str) -> list[object]:
    return [filled(kind) for kind in getattr(frames, union).__args__]


TARGET = Target("wire", run, seeds)
