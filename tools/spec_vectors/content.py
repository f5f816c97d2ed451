"""Vectors of content: messages, padding, franking, attachments."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from hashlib import sha256

from privity.content import cbor, mimi
from privity.content.attachments import CHUNK_SIZE, SealedFile, Sealer
from privity.content.control import (
    ChatTimer,
    ChatTitle,
    MailboxKey,
    Profile,
    ProfilePicture,
)
from privity.content.franking import AppPayload, FrankPlace, open_franked, seal_franked
from privity.content.mimi import Expiration, MimiContent, Reported, Status
from privity.content.padding import pad, padme_length
from tools.spec_vectors import Case, Maker, refusal

Random = Callable[[int], bytes]


def make_content(random: Random) -> list[Case]:
    """Return one message of each kind, and what is refused."""
    account, chat = random(16), random(16)

    def here() -> mimi.Origin:
        return mimi.origin(account, chat, random)

    first = mimi.text_message(here(), "The draft is *ready*.")
    to = _id(first)
    heart = mimi.reaction(here(), to, "❤")
    until = Expiration(relative=False, time=1_800_000_000)
    controls = (ChatTitle("Choir"), Profile("Ana"), MailboxKey(random(32)))
    offer = _offer(random)
    messages = {
        "a text": first,
        "a plain text that expires": mimi.text_message(
            here(), "Back at six.", plain=True, expires=until
        ),
        "a reply": mimi.reply(here(), to, "Thank you!"),
        "a reaction": heart,
        "a reaction taken back": mimi.unreaction(here(), _id(heart), to),
        "an edit": mimi.edit(here(), to, "The draft is **ready**."),
        "a deletion": mimi.deletion(here(), to),
        "a file": mimi.file_message(here(), offer),
        "a file with thumbnail and caption": mimi.file_message(
            here(), offer, thumbnail=random(40), caption="Page 2 is new."
        ),
        "a title": mimi.control_message(here(), controls[0]),
        "title, profile and mailbox key": mimi.control_message(here(), *controls),
    }
    cases = [_message(name, content) for name, content in messages.items()]
    cases += _refused_content(first, messages["a file"])
    return cases + _later(here, to, _id(messages["a file"]))


def _later(here: Callable[[], mimi.Origin], one: bytes, other: bytes) -> list[Case]:
    """Return what came to be said after the cases before were fixed."""
    reported = (Reported(one, Status.READ), Reported(other, Status.DELIVERED))
    lasts = Expiration(relative=True, time=3600)
    messages = {
        "a report": mimi.report(here(), *reported),
        "a timer": mimi.control_message(here(), ChatTimer(86_400)),
        "a picture": mimi.control_message(here(), ProfilePicture(b"\xff\xd8\xff\xd9")),
        "a text for an hour": mimi.text_message(here(), "Gone soon.", expires=lasts),
    }
    return [_message(name, content) for name, content in messages.items()]


def make_padding(random: Random) -> list[Case]:
    """Return lengths and their Padmé lengths, and padded bytes."""
    sizes = (0, 1, 9, 100, 255, 256, 1000, 65_535, 65_537, 10**6, 10**9 + 1)
    cases: list[Case] = [
        {"name": f"{n} bytes", "length": n, "padme_length": padme_length(n)}
        for n in sizes
    ]
    for size in (0, 70):
        content = random(size)
        cases.append(
            {
                "name": f"{size} bytes, padded",
                "content": content.hex(),
                "padded": pad(content).hex(),
            }
        )
    return cases


def make_franking(random: Random) -> list[Case]:
    """Return a franked message and the four ways in which one does not open."""
    place = FrankPlace(log_id=random(16), group_id=random(16), idem=random(16))
    payload = AppPayload(
        version=1,
        frank_salt=random(32),
        counter=7,
        seen_seq=41,
        seen_chain=random(32),
        gap_root=b"",
        app_data=mimi.text_message(
            mimi.origin(random(16), random(16), random), "Hello."
        ).encode(),
    )
    signed = seal_franked(payload, place)
    data, payload_data = signed.encode(), payload.encode()
    other = replace(payload, app_data=payload.app_data[:-1] + b"!").encode()
    odd = {
        "another tag in the header": (random(32), place, payload_data),
        "another log": (signed.tag, replace(place, log_id=random(16)), payload_data),
        "another idem": (signed.tag, replace(place, idem=random(16)), payload_data),
        "another content": (signed.tag, place, other),
    }
    cases = [_franked("a franked message", signed.tag, place, data, payload_data)]
    for name, (tag, where, inside) in odd.items():
        attempt = partial(open_franked, tag, where, data, inside)
        case = _franked(name, tag, where, data, inside)
        cases.append({**case, "refused": refusal(attempt)})
    return cases


def make_attachments(random: Random) -> list[Case]:
    """Return sealed files; the plaintext is a counter of bytes modulo 251."""
    cases = []
    for size in (0, 1, 1000, CHUNK_SIZE, CHUNK_SIZE + 1, 33 * CHUNK_SIZE + 5):
        file, sealed = _seal(random(32), bytes(i % 251 for i in range(size)))
        case = {
            "name": f"{size} bytes",
            "key": file.key.hex(),
            "length": size,
            "padded_length": padme_length(size),
            "size": file.size,
            "root": file.root.hex(),
            "key_hash": file.key_hash.hex(),
            "content_hash": file.content_hash.hex(),
        }
        if size <= 1000:
            case["sealed"] = sealed.hex()
        cases.append(case)
    return cases


def _message(name: str, content: MimiContent) -> Case:
    return {
        "name": name,
        "sender": content.sender,
        "room": content.room,
        "salt": content.salt.hex(),
        "content": content.encode().hex(),
        "message_id": _id(content).hex(),
        "view": type(mimi.read(content)).__name__,
    }


def _id(content: MimiContent) -> bytes:
    data = content.encode()
    return mimi.message_id(data, content.sender, content.room, content.salt)


def _offer(random: Random) -> mimi.FileOffer:
    file, _ = _seal(random(32), b"%PDF-")
    return mimi.FileOffer(
        sealed=file,
        host="chat.example",
        blob_id=random(16),
        media_type="application/pdf",
        filename="draft.pdf",
    )


def _seal(key: bytes, data: bytes) -> tuple[SealedFile, bytes]:
    sealer, sealed, at = Sealer(key, len(data)), bytearray(), 0
    while not sealer.done:
        size = sealer.next_size
        sealed += sealer.seal(data[at : at + size])
        at += size
    return sealer.finish(), bytes(sealed)


def _refused_content(first: MimiContent, file: MimiContent) -> list[Case]:
    data = first.encode()
    longer = data[:1] + b"\x58\x10" + data[2:]
    unknown = cbor.decode(data)
    unknown[5][3] = "more"  # type: ignore[index]
    swapped = cbor.decode(file.encode())
    swapped[6][8] = sha256(b"other key").digest()  # type: ignore[index]
    odd = {
        "a length that is not the shortest": longer,
        "a byte too many": data + b"\x00",
        "an extension that is not known": cbor.encode(unknown),
        "a file with another key": cbor.encode(swapped),
    }
    return [
        {
            "name": name,
            "content": spoiled.hex(),
            "refused": refusal(partial(MimiContent.decode, spoiled)),
        }
        for name, spoiled in odd.items()
    ]


def _franked(
    name: str, tag: bytes, place: FrankPlace, data: bytes, payload: bytes
) -> Case:
    return {
        "name": name,
        "log_id": place.log_id.hex(),
        "group_id": place.group_id.hex(),
        "idem": place.idem.hex(),
        "header_tag": tag.hex(),
        "authenticated_data": data.hex(),
        "payload": payload.hex(),
    }


MAKERS: dict[str, Maker] = {
    "content": make_content,
    "padding": make_padding,
    "franking": make_franking,
    "attachments": make_attachments,
}
