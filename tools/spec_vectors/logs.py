"""Vectors of a chat's log: headers, chain, stamp, attaching, and frames."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from hashlib import sha256

import msgspec
from msgspec import structs

from privity.identity import labels
from privity.identity.signing import Signer, public_of, sign_with_label
from privity.wire import frames
from privity.wire.codes import Code
from privity.wire.entry import (
    NO_CHAIN,
    NO_TAG,
    AttachClaim,
    BlobRef,
    Header,
    Kind,
    Rights,
    chain,
    chain_of_links,
    digest,
)
from privity.wire.evidence import EvidenceRefused, open_evidence, pack
from privity.wire.heads import Fork, Head, SignedHead, log_hash, sign_head
from privity.wire.limits import BIG_COMMIT, COMMIT_ENVELOPE
from privity.wire.lobby import Act, LobbyClaim
from privity.wire.stamp import make_stamp, place_of
from tools.spec_vectors import Case, Maker, refusal

Random = Callable[[int], bytes]

MINUTE = 30_000_000
MONTH = 2027 * 12
WEEK = MINUTE // 10_080 * 10_080


def make_entry(random: Random) -> list[Case]:
    """Return the first entries of a log, an attach, and what is no header."""
    log_id, key = random(16), random(32)
    before, cases = NO_CHAIN, []
    for seq, (name, header, seed) in enumerate(_headers(random, log_id), 1):
        encoded, envelope = header.encode(), random(48)
        parts = (header.idem, encoded, envelope, header.tag)
        place = place_of(log_id, seq, MINUTE, *parts)
        case: Case = {
            "name": name,
            "header": encoded.hex(),
            "envelope": envelope.hex(),
            "seq": seq,
            "minute": MINUTE,
            "digest": digest(encoded, envelope).hex(),
            "chain_before": before.hex(),
            "chain": chain(before, encoded, envelope).hex(),
            "stamp_key": key.hex(),
            "stamped_place": place.encode().hex(),
            "stamp": make_stamp(key, place).hex(),
        }
        if seed:
            case |= _signed(seed, labels.OPENING, encoded)
        before = chain(before, encoded, envelope)
        cases.append(case)
    refused = [*_refused(random, log_id), *_references(random)]
    return [*cases, _attach(random, log_id), *refused]


def make_frames(random: Random) -> list[Case]:
    """Return a container of each frame of a log's plane, and what is none."""
    log_id, header = random(16), random(87)
    sent, answered = _sent(random, log_id, header), _answered(random, log_id, header)
    return [
        *_containers("client", {name: [one] for name, one in sent.items()}),
        *_containers("relay", {name: [one] for name, one in answered.items()}),
        *_containers("client", {"several frames": list(sent.values())[:3]}),
        *_no_containers(log_id),
    ]


def make_lobby(random: Random) -> list[Case]:
    """Return the claims of calls to a lobby, signed, and what is none."""
    seed, body = random(32), random(64)
    listing = LobbyClaim(
        version=1,
        host=b"chat.example",
        relay_nonce=random(32),
        log_id=random(16),
        generation=4,
        act=Act.LIST,
        plea_id=bytes(16),
        body_hash=sha256(b"").digest(),
    )
    plea_id = random(16)
    cases: list[Case] = []
    for act in Act:
        carried = body if act in (Act.PLEAD, Act.ANSWER) else b""
        claim = listing
        if act in (Act.LIST, Act.COMMITS):
            claim = replace(listing, act=act)
        else:
            body_hash = sha256(carried).digest()
            claim = replace(listing, act=act, plea_id=plea_id, body_hash=body_hash)
        content = claim.encode()
        case = {"name": f"a claim to {act.name.lower()}", "body": carried.hex()}
        case |= {"claim": content.hex()} | _signed(seed, labels.LOBBY, content)
        cases.append(case)
    content = listing.encode()
    broken = {
        "an unknown act": content[:70] + b"\x07" + content[71:],
        "a claim cut short": content[:-1],
    }
    for name, data in broken.items():
        refused = refusal(partial(LobbyClaim.decode, data))
        cases.append({"name": name, "claim": data.hex(), "refused": refused})
    return cases


def make_head(random: Random) -> list[Case]:
    """Return a signed head, a proof of a fork, and what proves nothing."""
    seed, log_id, host = random(32), random(16), "chat.example"
    signer, links = Signer(seed), [random(64), random(64)]
    before, name = random(32), log_hash(log_id, host)
    behind = chain_of_links(chain_of_links(before, links[0]), links[1])
    places = ((7, random(32)), (9, behind))
    one, other = (
        SignedHead.decode(sign_head(signer, Head(1, name, seq, value, MINUTE)))
        for seq, value in places
    )
    first: Case = {"name": "a signed head", "log_id": log_id.hex(), "host": host}
    first |= {"seed": seed.hex(), "public_key": signer.public.hex()}
    first |= {"signed_head": one.encode().hex(), "minute": MINUTE, "seq": 7}
    first["chain"] = places[0][1].hex()
    fork = Fork.of(signer.public, (one, other), before, links)
    forks = {
        "two histories": fork,
        "the same history": replace(fork, before=one.head.chain),
        "a later version": replace(fork, version=2),
        "links that lead elsewhere": replace(fork, links=fork.links[::-1]),
        "a head by another key": replace(fork, key=random(32)),
        "a head of another log": replace(
            fork,
            second=SignedHead.decode(
                sign_head(signer, replace(other.head, log_hash=random(32)))
            ),
        ),
    }
    cases = [first]
    for title, proof in forks.items():
        case: Case = {"name": title, "fork": proof.encode().hex()}
        if proof is not fork:
            case["refused"] = refusal(proof.check)
        cases.append(case)
    return cases


def make_evidence(random: Random) -> list[Case]:
    """Return the file of a proof, and files that prove nothing."""
    signer, name = Signer(random(32)), log_hash(random(16), "chat.example")
    before, link, mine = random(32), random(64), random(32)
    places = ((7, mine), (8, chain_of_links(before, link)))
    one, other = (
        SignedHead.decode(sign_head(signer, Head(1, name, seq, value, MINUTE)))
        for seq, value in places
    )
    found = MINUTE * 60 + 77
    fork = Fork.of(signer.public, (one, other), before, [link])
    data = pack(fork, "chat.example", found)
    cases: list[Case] = [
        {
            "name": "two histories, found by somebody",
            "public_key": signer.public.hex(),
            "host": "chat.example",
            "found": found,
            "first": {"seq": 7, "chain": mine.hex(), "minute": MINUTE},
            "second": {"seq": 8, "chain": places[1][1].hex(), "minute": MINUTE},
            "before": before.hex(),
            "evidence": data.hex(),
        }
    ]
    body = bytes([*data[:8], 2, *data[9:-32]])
    false = pack(replace(fork, before=mine), "chat.example", found)
    others = {
        "another file": b"privfile" + data[8:],
        "a touched byte": data[:40] + bytes([data[40] ^ 1]) + data[41:],
        "a byte too few": data[:-1],
        "a later version": body + sha256(body).digest(),
        "the same history twice": false,
    }
    for title, refused in others.items():
        why = _refused_as(refused)
        cases.append({"name": title, "evidence": refused.hex(), "refused": why})
    return cases


def _refused_as(data: bytes) -> str:
    try:
        open_evidence(data)
    except EvidenceRefused as error:
        return error.reason.value
    raise AssertionError("a file that proves nothing was believed")


def _sent(
    random: Random, log_id: bytes, header: bytes
) -> dict[str, frames.ClientFrame]:
    cursor = frames.Cursor(log_id, 3, 6)
    return {
        "attach": frames.Attach(1, log_id, 3, 3, random(32), random(64)),
        "append": frames.Append(2, header, random(48)),
        "append, going on after a refusal": frames.Append(
            3, header, b"sealed", resume=True
        ),
        "append of an opening": frames.Append(
            4, header, b"sealed", b"welcome", b"checkpoint", random(64)
        ),
        "append of a further child": frames.Append(
            8, header, b"sealed", resume=True, token=random(32), after=6
        ),
        "sync": frames.Sync(5, [cursor]),
        "subscribe": frames.Subscribe(6, [cursor]),
        "received": frames.Received(log_id, 7),
        "fetch": frames.Fetch(7, log_id, 3, 3, "welcome"),
        "lease": frames.Lease(9, log_id, 3, 8),
        "detach": frames.Detach(log_id),
        "a signal": frames.Signal(log_id, 3, bytes(range(128))),
    }


def _answered(
    random: Random, log_id: bytes, header: bytes
) -> dict[str, frames.RelayFrame]:
    entry = frames.Entry(7, MINUTE, MONTH, random(32), header, random(48))
    hidden = frames.Hidden(8, random(64))
    three: list[frames.AnyEntry] = [
        entry,
        hidden,
        structs.replace(entry, seq=9),
    ]
    return {
        "greeting": frames.Greeting(1, "chat.example", random(32), MINUTE, bytes(32)),
        "attached": frames.Attached(1, 7, closed=False, signed=bytes(145)),
        "appended": frames.Appended(
            2, 7, MINUTE, MONTH, random(32), random(32), random(32)
        ),
        "synced": frames.Synced(5),
        "subscribed": frames.Subscribed(6),
        "entries": frames.Entries(log_id, 3, [entry], random(32), random(32), 7),
        "entries with a hidden one": frames.Entries(
            log_id, 3, three, random(32), random(32), 9
        ),
        "entries with an expired one": frames.Entries(
            log_id, 3, [frames.Expired(7, WEEK, bytes(64))], bytes(32), bytes(32), 7
        ),
        "part": frames.Part(7, b"welcome"),
        "leased": frames.Leased(9, 10_000),
        "refused": frames.Refused(2, Code.STALE, "a commit ended this epoch", 0, (8,)),
        "refused for now": frames.Refused(2, Code.TOO_SOON, "", 1_500),
        "a plea waits": frames.PleaWaits(log_id),
        "a signal is passed on": frames.Signal(log_id, 3, bytes(range(128))),
    }


def _headers(random: Random, log_id: bytes) -> list[tuple[str, Header, bytes]]:
    seed = random(32)
    message = Header(
        version=1,
        log_id=log_id,
        kind=Kind.APP,
        parent=0,
        generation=0,
        idem=random(16),
        tag=random(32),
        opens=False,
        next_access_pk=None,
        next_lobby_pk=None,
        welcome_hash=None,
        checkpoint_hash=None,
    )
    handshake = replace(message, kind=Kind.COMMIT, tag=NO_TAG)
    adding = replace(handshake, idem=random(16), welcome_hash=sha256(b"w").digest())
    leaving = replace(handshake, kind=Kind.PROPOSAL, parent=2, idem=random(16))
    opening = replace(
        handshake,
        parent=2,
        idem=random(16),
        opens=True,
        next_access_pk=public_of(seed),
        next_lobby_pk=random(32),
        checkpoint_hash=sha256(b"c").digest(),
    )
    behind = replace(message, parent=4, generation=4, idem=random(16))
    return [
        ("a message", message, b""),
        ("a commit that adds", adding, b""),
        ("a proposal", leaving, b""),
        ("a commit that opens a generation", opening, seed),
        ("a message of the new generation", behind, b""),
    ]


def _references(random: Random) -> list[Case]:
    """Return what stands in the place of a big commit's envelope, and what can't."""
    ref = BlobRef(1, random(16), BIG_COMMIT, random(32))
    named = {
        "a reference to the largest blob": ref.encode(),
        "a reference of an unknown version": replace(ref, version=2).encode(),
        "a reference to 4 MiB and a byte": replace(ref, size=BIG_COMMIT + 1).encode(),
        "a reference to what fits an entry": replace(
            ref, size=COMMIT_ENVELOPE
        ).encode(),
        "a reference cut short": ref.encode()[:-1],
    }
    cases: list[Case] = []
    for name, data in named.items():
        case: Case = {"name": name, "reference": data.hex()}
        if cases:
            case["refused"] = refusal(partial(BlobRef.parse, data))
        cases.append(case)
    return cases


def _attach(random: Random, log_id: bytes) -> Case:
    claim = AttachClaim(
        version=1,
        host=b"chat.example",
        relay_nonce=random(32),
        client_nonce=random(32),
        log_id=log_id,
        generation=4,
        rights=Rights.BOTH,
    ).encode()
    seed = random(32)
    return {
        "name": "attaching",
        "claim": claim.hex(),
        **_signed(seed, labels.ATTACH, claim),
    }


def _signed(seed: bytes, label: str, content: bytes) -> Case:
    return {
        "label": label,
        "seed": seed.hex(),
        "public_key": public_of(seed).hex(),
        "signature": sign_with_label(seed, label, content).hex(),
    }


def _refused(random: Random, log_id: bytes) -> list[Case]:
    (_, message, _), _, _, (_, opening, _), _ = _headers(random, log_id)
    encoded = message.encode()
    damaged = {
        "a header cut short": encoded[:-1],
        "a byte too many": encoded + b"\0",
        "an unknown version": b"\2" + encoded[1:],
        "an unknown kind": encoded[:17] + b"\5" + encoded[18:],
        "a flag that is 2": encoded[:82] + b"\2" + encoded[83:],
        "a franked commit": replace(message, kind=Kind.COMMIT).encode(),
        "a message that opens": replace(
            opening, kind=Kind.APP, tag=message.tag
        ).encode(),
        "a message with a checkpoint": replace(
            message, checkpoint_hash=bytes(32)
        ).encode(),
        "an opening without a checkpoint": replace(
            opening, checkpoint_hash=None
        ).encode(),
        "an opening without a lobby key": replace(opening, next_lobby_pk=None).encode(),
        "next keys of no opening": replace(opening, opens=False).encode(),
    }
    return [
        {
            "name": name,
            "header": data.hex(),
            "refused": refusal(partial(Header.parse, data)),
        }
        for name, data in damaged.items()
    ]


def _containers(
    sender: str, named: dict[str, list[frames.ClientFrame] | list[frames.RelayFrame]]
) -> list[Case]:
    return [
        {"name": name, "sender": sender, "container": frames.encode(some).hex()}
        for name, some in named.items()
    ]


def _no_containers(log_id: bytes) -> list[Case]:
    detach = [18, log_id]
    damaged = {
        "no array": msgspec.msgpack.encode(detach),
        "an unknown tag": msgspec.msgpack.encode([[99, log_id]]),
        "a missing field": msgspec.msgpack.encode([[18]]),
        "an additional field": msgspec.msgpack.encode([[*detach, 1]]),
        "a frame of the relay": msgspec.msgpack.encode([[24, 1]]),
        "an id of 15 bytes": msgspec.msgpack.encode([[18, log_id[1:]]]),
        "a signal of 129 bytes": msgspec.msgpack.encode([[34, log_id, 3, bytes(129)]]),
        "a negative seq": msgspec.msgpack.encode([[26, log_id, -1]]),
        "a claimed length of 2^32 - 1": b"\xdd\xff\xff\xff\xff",
        "a byte too many": msgspec.msgpack.encode([detach]) + b"\0",
    }
    return [
        {
            "name": name,
            "sender": "client",
            "container": data.hex(),
            "refused": refusal(partial(frames.decode_client, data)),
        }
        for name, data in damaged.items()
    ]


MAKERS: dict[str, Maker] = {
    "entry": make_entry,
    "evidence": make_evidence,
    "frames": make_frames,
    "head": make_head,
    "lobby": make_lobby,
}
