"""Any bytes as what a message says: in an envelope, as CBOR, and as people see it."""

import random

from privity.content import cbor, mimi
from privity.content.attachments import Sealer
from privity.content.padding import pad
from privity.core.envelopes import SALT, CommitPayload, open_envelope
from privity.core.generations import Generation
from privity.errors import DecodeError, ProtocolError
from privity.identity.kdf import expand
from privity.identity.sealing import seal
from tests.fuzz.target import Fault, Target

__all__ = ["TARGET"]

CONTENT, CBOR, ENVELOPE, SEALED, PAYLOAD = range(5)
HEADER = b"header"
MESSAGE = b"\1" + bytes(31)
GENERATION = Generation(bytes(32))


def run(data: bytes) -> None:
    """Decode what the first byte names; what is in an envelope goes on as content."""
    kind, body = data[:1], data[1:]
    try:
        if kind == bytes([CBOR]):
            _same(cbor.encode(cbor.decode(body)), body)
        elif kind == bytes([PAYLOAD]):
            _same(CommitPayload.decode(body).encode(), body)
        elif kind == bytes([ENVELOPE]):
            _show(open_envelope(GENERATION, HEADER, body))
        elif kind == bytes([SEALED]):
            _show(open_envelope(GENERATION, HEADER, _sealed(body)))
        else:
            _show(body)
    except ProtocolError:
        return


def _sealed(padded: bytes) -> bytes:
    salt = bytes(SALT)
    return salt + seal(expand(GENERATION.env, salt + b"msg"), padded, HEADER)


def _show(body: bytes) -> None:
    content = mimi.MimiContent.decode(body)
    _same(content.encode(), body)
    seen = mimi.read(content)
    if mimi.read(content) != seen:
        raise Fault("one content that reads as two")
    try:
        mimi.check_place(content, bytes(16), bytes(16))
    except DecodeError:
        return


def _same(one: bytes, other: bytes) -> None:
    if one != other:
        raise Fault("not the bytes that it was read from")


def seeds() -> list[bytes]:
    """Return each thing that can be said, in each wrapping."""
    draw = random.Random(3).randbytes
    here = mimi.origin(bytes(16), bytes(16), draw)
    sealer = Sealer(bytes(32), 5)
    sealer.seal(b"hello")
    offer = mimi.FileOffer(
        sealer.finish(), "chat.example", bytes(16), "text/plain", "a.txt", "a text"
    )
    said = [
        mimi.text_message(here, "hello", expires=mimi.Expiration(True, 60)),
        mimi.reply(here, MESSAGE, "hello", plain=True),
        mimi.reaction(here, MESSAGE, "👍"),
        mimi.unreaction(here, MESSAGE, MESSAGE),
        mimi.edit(here, MESSAGE, "hello"),
        mimi.deletion(here, MESSAGE),
        mimi.file_message(here, offer, thumbnail=b"\xff\xd8", caption="see"),
        mimi.control_message(
            here,
            mimi.ChatTitle("a chat"),
            mimi.Profile("ada"),
            mimi.MailboxKey(bytes(32)),
        ),
    ]
    encoded = [one.encode() for one in said]
    found = [bytes([CONTENT]) + one for one in encoded]
    found += [bytes([SEALED]) + pad(one) for one in encoded[:2]]
    found.append(bytes([ENVELOPE]) + _sealed(pad(encoded[0])))
    found.append(bytes([CBOR]) + cbor.encode([1, -1, b"a", "a", {1: None}, True]))
    found.append(bytes([PAYLOAD]) + CommitPayload(1, b"message", b"info").encode())
    return found


TARGET = Target("content", run, seeds)
