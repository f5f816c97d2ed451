"""What one message costs on its way, part by part, for `bench_protocol`.

The parts are the functions that sender, relay and receiver call, on the keys and states
of a real chat. `floors` is what no messenger goes below: a page on the disk for good,
and the signature under each message.
"""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
from nacl import bindings

from bench.client_pair import Client
from bench.timing import per_call
from privity import mls
from privity.content import build
from privity.content.franking import AppPayload, FrankPlace, open_franked, seal_franked
from privity.content.mimi import MimiContent, message_id
from privity.core import engine, inputs
from privity.core.effects import Put, PutMessage, Save, Send, Write
from privity.core.envelopes import open_envelope, seal_envelope
from privity.core.generations import Generation
from privity.core.requests import AppendEntry
from privity.core.state import Chat, State
from privity.core.step import Context, Step
from privity.identity.signing import Signer
from privity.wire import frames
from privity.wire.entry import Header, chain_of_links, links
from privity.wire.heads import Head, log_hash, open_head, sign_head
from privity.wire.stamp import stamp_of_links

__all__ = ["TEXT", "Passage", "floors", "parts", "saves", "sizes"]

TEXT = "See you at six at the station?"
TIMES = 50
SAVES = 10
Parts = Iterator[tuple[str, Callable[[], object]]]


@dataclass(frozen=True, slots=True)
class Passage:
    """One message of a chat: both ends' states before it, and what passes between."""

    sender: State
    receiver: State
    chat_id: bytes
    content: bytes
    sent: Step
    entries: frames.Entries

    @classmethod
    def of(cls, sender: State, receiver: State, chat_id: bytes) -> "Passage":
        """Let a message pass; both stand at the same place of the log, online."""
        chat, signer = receiver.chats[chat_id], Signer(os.urandom(32))
        me = sender.account.account_id
        where = build.origin(me, chat_id, os.urandom)
        content = build.text_message(where, TEXT).encode()
        sent = engine.step(sender, inputs.SendContent(chat_id, content), _context())
        asked = _request(sent)
        seq = chat.cursor + 1
        entry = frames.Entry(
            seq, chat.minute, 1, bytes(32), asked.header, asked.envelope
        )
        behind = chain_of_links(chat.chain, entry.links)
        named = log_hash(chat.log_id, receiver.account.host)
        head = sign_head(signer, Head(1, named, seq, behind, chat.minute))
        entries = frames.Entries(
            chat.log_id, chat.generation, [entry], chat.chain, behind, seq, head
        )
        account = msgspec.structs.replace(receiver.account, head_key=signer.public)
        reader = replace(receiver, account=account)
        return cls(sender, reader, chat_id, content, sent, entries)

    @property
    def entry(self) -> frames.Entry:
        """The entry as the relay sends it."""
        (entry,) = self.entries.entries
        if not isinstance(entry, frames.Entry):
            raise TypeError("a message is readable")
        return entry

    def received(self) -> Step:
        """Take the entry at the receiver's."""
        return engine.step(
            self.receiver, inputs.EntriesArrived(self.entries), _context()
        )


def parts(passage: Passage) -> Iterator[tuple[str, float]]:
    """Yield (part, microseconds of the processor), once each."""
    for sort in (_sending, _sequencing, _receiving):
        for name, work in sort(passage):
            work()
            yield name, per_call(work, TIMES) * 1e6


def _sending(passage: Passage) -> Parts:
    chat, group = _at(passage.sender, passage.chat_id)
    place, payload = _franked(passage)
    franked = seal_franked(payload, place)
    generation, header = Generation(chat.secret), passage.entry.header
    _ = generation.env
    parsed, salt = Header.parse(header), os.urandom(32)
    plain, signed = payload.encode(), franked.encode()
    message, _ = group.protect(plain, random=os.urandom, authenticated_data=signed)
    command = inputs.SendContent(passage.chat_id, passage.content)
    yield (
        "send: MLS protect",
        lambda: group.protect(plain, random=os.urandom, authenticated_data=signed),
    )
    yield "send: franking", lambda: seal_franked(payload, place).encode()
    yield "send: header", lambda: replace(parsed).encode()
    yield (
        "send: envelope",
        lambda: seal_envelope(generation, header, message, salt),
    )
    yield (
        "send: the engine's whole step",
        lambda: engine.step(passage.sender, command, _context()),
    )


def _sequencing(passage: Passage) -> Parts:
    entry, signer, key = passage.entry, Signer(os.urandom(32)), os.urandom(32)
    both, header = entry.links, Header.parse(entry.header)
    head = Head(1, bytes(32), entry.seq, bytes(32), entry.minute)
    yield "relay: header", lambda: Header.parse(entry.header)
    yield (
        "relay: hashes and chain",
        lambda: chain_of_links(bytes(32), links(entry.header, entry.envelope)),
    )
    yield "relay: stamp", lambda: stamp_of_links(key, header, entry.seq, 1, both)
    yield "relay: signed head", lambda: sign_head(signer, head)


def _receiving(passage: Passage) -> Parts:
    chat, group = _at(passage.receiver, passage.chat_id)
    entry, generation = passage.entry, Generation(chat.secret)
    message = open_envelope(generation, entry.header, entry.envelope)
    event = group.process(message)
    if not isinstance(event, mls.Application):
        raise TypeError("a message is a message")
    header = Header.parse(entry.header)
    place = FrankPlace(chat.log_id, group.group_id, header.idem)
    signed = event.authenticated_data
    key, head = passage.receiver.account.head_key, passage.entries.head
    yield "receive: MLS unprotect", lambda: group.process(message)
    yield "receive: header", lambda: Header.parse(entry.header)
    yield (
        "receive: hashes and chain",
        lambda: chain_of_links(chat.chain, entry.links),
    )
    yield "receive: signed head", lambda: open_head(key, head)
    yield (
        "receive: envelope",
        lambda: open_envelope(generation, entry.header, entry.envelope),
    )
    yield (
        "receive: franking",
        lambda: open_franked(header.tag, place, signed, event.data),
    )
    yield "receive: content and id", lambda: _named(passage.content)
    yield "receive: the engine's whole step", passage.received


def saves(passage: Passage, path: Path) -> Iterator[tuple[str, float]]:
    """Yield (what, milliseconds on the wall) of one message's durable transaction."""
    store = Client(path, os.urandom(32)).store(create=True)
    try:
        for name, step in (
            ("send: saved", passage.sent),
            ("receive: saved", passage.received()),
        ):
            batches = [_writes(step) for _ in range(SAVES + 1)]
            store.apply(batches[0])
            began = time.perf_counter()
            for batch in batches[1:]:
                store.apply(batch)
            yield name, (time.perf_counter() - began) / SAVES * 1e3
    finally:
        store.close()


def floors(folder: Path) -> Iterator[tuple[str, float]]:
    """Yield what the machine takes: milliseconds of a disk's page, µs of primitives."""
    public, private = bindings.crypto_sign_keypair()
    message = os.urandom(300)
    signed = bindings.crypto_sign(message, private)
    sign = per_call(lambda: bindings.crypto_sign(message, private), TIMES)
    verify = per_call(lambda: bindings.crypto_sign_open(signed, public), TIMES)
    yield "floor: Ed25519 sign", sign * 1e6
    yield "floor: Ed25519 verify", verify * 1e6
    with (folder / "page").open("wb", buffering=0) as file:
        began = time.perf_counter()
        for _ in range(SAVES):
            file.write(os.urandom(4096))
            os.fdatasync(file.fileno())
        yield "floor: 4 KiB and fdatasync", (time.perf_counter() - began) / SAVES * 1e3


def sizes(passage: Passage) -> Iterator[tuple[str, float]]:
    """Yield (what, bytes) of one message on its way."""
    chat, _ = _at(passage.receiver, passage.chat_id)
    _, payload = _franked(passage)
    entry, request = passage.entry, _request(passage.sent)
    message = open_envelope(Generation(chat.secret), entry.header, entry.envelope)
    append = frames.Append(1, request.header, request.envelope)
    yield "text", len(TEXT)
    yield "MIMI content", len(passage.content)
    yield "with franking salt, counter, chain, transcript", len(payload.encode())
    yield "PrivateMessage", len(message)
    yield "envelope, padded", len(entry.envelope)
    yield "header", len(entry.header)
    yield "stamp", len(entry.stamp)
    yield "signed head", len(passage.entries.head)
    yield "frame to the relay", len(frames.encode([append]))
    yield "frame from the relay", len(frames.encode([passage.entries]))


def _at(state: State, chat_id: bytes) -> tuple[Chat, mls.Group]:
    return state.chats[chat_id], state.groups[chat_id]


def _franked(passage: Passage) -> tuple[FrankPlace, AppPayload]:
    chat, group = _at(passage.sender, passage.chat_id)
    header = Header.parse(passage.entry.header)
    payload = AppPayload(
        version=1,
        frank_salt=os.urandom(32),
        counter=1,
        seen_seq=chat.cursor,
        seen_chain=chat.chain,
        gap_root=bytes(32),
        app_data=passage.content,
    )
    return FrankPlace(chat.log_id, group.group_id, header.idem), payload


def _named(data: bytes) -> bytes:
    content = MimiContent.decode(data)
    return message_id(data, content.sender, content.room, content.salt)


def _request(step: Step) -> AppendEntry:
    found = [e.request for e in step.effects if isinstance(e, Send)]
    if len(found) != 1 or not isinstance(found[0], AppendEntry):
        raise TypeError("one message is one request")
    return found[0]


def _writes(step: Step) -> list[Write]:
    """Return what a step saves, as if it were another message each time."""
    saved = [w for e in step.effects if isinstance(e, Save) for w in e.writes]
    return [_another(write) for write in saved]


def _another(write: Write) -> Write:
    match write:
        case PutMessage(row):
            named = replace(row, idem=os.urandom(16), message_id=os.urandom(32))
            return PutMessage(named)
        case Put(kind, key, body):
            return Put(kind, key, body[:-4] + os.urandom(4))
    return write


def _context() -> Context:
    return Context(time.time_ns() // 1_000_000, os.urandom)
