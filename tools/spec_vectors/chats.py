"""Vectors of a chat: envelopes, generations, rules and statements, sealed messages.

HPKE draws its own randomness, so a sealed message can't be made twice. The stored one
stays as long as it opens, with the key of its case, to exactly what its case says.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from privity import mls
from privity.core import accounts, sealed
from privity.core.chat_rules import (
    ChatKindCode,
    ChatRules,
    CommitStatement,
    Role,
    RoleEntry,
    chat_id_hash,
)
from privity.core.envelopes import (
    CREATION,
    CommitPayload,
    Part,
    open_envelope,
    open_part,
    part_place,
    seal_envelope,
    seal_part,
)
from privity.core.generations import Generation
from privity.core.leaves import chat_extensions, leaf_identity
from privity.core.leaving import LeaveClaim, LeaveStatement
from privity.core.state import Account, ChatKind
from privity.core.step import Context
from privity.errors import ProtocolError
from privity.identity import labels
from privity.identity.certificates import DeviceCertificate
from privity.identity.links import RelayAddress
from privity.identity.signing import public_of, sign_with_label
from privity.wire.entry import VERSION, Header, Kind
from tools.spec_vectors import Case, Maker, refusal

_Message = sealed.Invitation | sealed.Acceptance | sealed.Admission
Random = Callable[[int], bytes]

_open: Callable[..., object] = sealed.open_message

STORED = Path(__file__).resolve().parents[2] / "docs/spec/vectors/invitation.json"
NOW = 1_790_000_000


def make_envelopes(random: Random) -> list[Case]:
    """Return envelopes and parts, and what does not open."""
    generation, log_id = Generation(random(32)), random(16)
    header = _header(log_id, random)
    small = _envelope("an app envelope", generation, header, random(40), random)
    payload = CommitPayload(1, random(90), random(60)).encode()
    commit = _envelope("a commit's envelope", generation, header, payload, random)
    place, created = part_place(log_id, 7), part_place(log_id, 0, CREATION)
    parts = [
        _part("a Welcome", generation, Part.WELCOME, (place, random(70)), random),
        _part("a checkpoint", generation, Part.CHECKPOINT, (place, random(70)), random),
        _part(
            "the checkpoint of a new group",
            generation,
            Part.CHECKPOINT,
            (created, _group(random).public.encode()),
            random,
        ),
    ]
    return [small, commit, *parts, *_unopened(generation, header, small, parts[0])]


def make_generations(random: Random) -> list[Case]:
    """Return secrets of generations and all that follows from each."""
    cases: list[Case] = []
    for name, secret in (("a secret", random(32)), ("zeros", bytes(32))):
        generation = Generation(secret)
        cases.append(
            {
                "name": name,
                "secret": secret.hex(),
                "env": generation.env.hex(),
                "ckpt": generation.ckpt.hex(),
                "access_seed": generation.access_seed.hex(),
                "access_pk": generation.next_keys.access_pk.hex(),
                "lobby_seal": generation.lobby_seal.hex(),
                "lobby_seed": generation.lobby_seed.hex(),
                "lobby_pk": generation.next_keys.lobby_pk.hex(),
                "next_keys": generation.next_keys.encode().hex(),
            }
        )
    return cases


def make_validity(random: Random) -> list[Case]:
    """Return rules and statements of commits and leaves, and what is none."""
    chat_id, owner = random(16), random(16)
    roles = (RoleEntry(owner, Role.OWNER), RoleEntry(random(16), Role.ADMIN))
    group = ChatRules(
        1, chat_id_hash(chat_id), ChatKindCode.GROUP, members_add=False, roles=roles
    )
    direct = replace(group, kind=ChatKindCode.DIRECT, roles=())
    seed = random(32)
    claim = LeaveClaim(random(16), 2, public_of(seed)).encode()
    signature = sign_with_label(seed, labels.LEAVE, claim)
    rules = group.encode()
    return [
        {"name": "rules of a group", "chat_id": chat_id.hex(), "rules": rules.hex()},
        {
            "name": "rules of a direct chat",
            "chat_id": chat_id.hex(),
            "rules": direct.encode().hex(),
        },
        *(
            {
                "name": name,
                "statement": CommitStatement(1, opens, None).encode().hex(),
            }
            for name, opens in (("a plain commit", False), ("an opening", True))
        ),
        {
            "name": "a leave",
            "seed": seed.hex(),
            "claim": claim.hex(),
            "statement": LeaveStatement(1, signature).encode().hex(),
        },
        *_refused_rules(rules),
    ]


def make_invitations(random: Random) -> list[Case]:
    """Return each sealed message once, and what does not open."""
    known = _stored()
    account = _account(random)
    suite = mls.suite(account.suite)
    cases: list[Case] = []
    for name, message in _messages(account, random).items():
        private, public = suite.derive_key_pair(random(32))
        named = replace(message, recipient=sealed.recipient_of(public))
        body = known.get(name, b"")
        if not _opens(suite, private, named, body):
            body = sealed.seal_message(suite, public, named, account.signature_seed)
        cases.append(
            {
                "name": name,
                "private": private.hex(),
                "signature_key": public_of(account.signature_seed).hex(),
                "message": named.encode().hex(),
                "sealed": body.hex(),
            }
        )
        changed = body[:-1] + bytes([body[-1] ^ 1])
        attempt = partial(_open, suite, private, type(named), changed)
        cases.append(
            {
                "name": f"{name}, the last bit of its last byte changed",
                "change_of": name,
                "refused": refusal(attempt),
            }
        )
    return cases


def _refused_rules(rules: bytes) -> list[Case]:
    odd = rules[:34] + b"\3" + rules[35:]
    return [
        {
            "name": "a kind of chat that is none",
            "rules": odd.hex(),
            "refused": refusal(partial(ChatRules.decode, odd)),
        },
        {
            "name": "a flag that is neither 0 nor 1",
            "statement": b"\1\2\0".hex(),
            "refused": refusal(partial(CommitStatement.decode, b"\1\2\0")),
        },
    ]


def _header(log_id: bytes, random: Random) -> bytes:
    return Header(
        version=VERSION,
        log_id=log_id,
        kind=Kind.APP,
        parent=7,
        generation=3,
        idem=random(16),
        tag=random(32),
        opens=False,
        next_access_pk=None,
        next_lobby_pk=None,
        welcome_hash=None,
        checkpoint_hash=None,
    ).encode()


def _envelope(
    name: str, generation: Generation, header: bytes, content: bytes, random: Random
) -> Case:
    envelope = seal_envelope(generation, header, content, random(32))
    return {
        "name": name,
        "secret": generation.secret.hex(),
        "header": header.hex(),
        "content": content.hex(),
        "envelope": envelope.hex(),
    }


def _part(
    name: str,
    generation: Generation,
    part: Part,
    inside: tuple[bytes, bytes],
    random: Random,
) -> Case:
    place, content = inside
    return {
        "name": name,
        "secret": generation.secret.hex(),
        "part": part.value,
        "aad": place.hex(),
        "content": content.hex(),
        "sealed": seal_part(generation, part, place, content, random(32)).hex(),
    }


def _unopened(
    generation: Generation, header: bytes, envelope: Case, welcome: Case
) -> list[Case]:
    body, part = bytes.fromhex(envelope["envelope"]), bytes.fromhex(welcome["sealed"])
    place = bytes.fromhex(welcome["aad"])
    other = Generation(bytes(32))
    envelopes = {
        "an envelope under another header": (generation, header[:-1] + b"\1", body),
        "an envelope of another generation": (other, header, body),
        "an envelope without its last byte": (generation, header, body[:-1]),
        "an envelope shorter than its salt": (generation, header, body[:31]),
    }
    parts = {
        "a Welcome as a checkpoint": (Part.CHECKPOINT, place),
        "a Welcome in the place of a creation": (Part.WELCOME, place[:-1] + b"\0"),
    }
    return [
        {
            "name": name,
            "secret": keys.secret.hex(),
            "header": above.hex(),
            "envelope": data.hex(),
            "refused": refusal(partial(open_envelope, keys, above, data)),
        }
        for name, (keys, above, data) in envelopes.items()
    ] + [
        {
            "name": name,
            "secret": generation.secret.hex(),
            "part": kind.value,
            "aad": aad.hex(),
            "sealed": part.hex(),
            "refused": refusal(partial(open_part, generation, kind, aad, part)),
        }
        for name, (kind, aad) in parts.items()
    ]


def _account(random: Random) -> Account:
    address = RelayAddress(b"chat.example", b"https://chat.example", b"")
    context = Context(NOW * 1000, random)
    return accounts.new_account(address, "ana@chat.example", "Ana", context).account


def _group(random: Random) -> mls.Group:
    account = _account(random)
    return mls.Group.create(
        mls.suite(account.suite),
        random(16),
        leaf_identity(account),
        random=random,
        extensions=chat_extensions(random(16), ChatKind.GROUP, (account.account_id,)),
    )


def _messages(account: Account, random: Random) -> dict[str, _Message]:
    suite = mls.suite(account.suite)
    certificate = DeviceCertificate.decode(account.certificate)
    mailboxes = (sealed.MailboxRef(account.device_id, account.mailbox_id),)
    begin = (1, bytes(32), certificate)
    invite_id, package = random(16), _package(account, random)
    invitation = sealed.Invitation(
        *begin,
        sealed.InvitationKind.DIRECT,
        invite_id,
        b"chat.example",
        b"Ana",
        b"ana@chat.example",
        b"",
        b"It is Ana from the bakery.",
        mailboxes,
        suite.derive_key_pair(random(32))[1],
        random(16),
    )
    key = account.mailbox_key
    names = (b"Ana", b"ana@chat.example")
    acceptance = sealed.Acceptance(*begin, invite_id, package, *names, mailboxes, key)
    return {
        "an invitation": invitation,
        "an acceptance": acceptance,
        "an admission": _admission(begin, invite_id, random),
    }


def _admission(
    begin: tuple[int, bytes, DeviceCertificate], invite_id: bytes, random: Random
) -> sealed.Admission:
    return sealed.Admission(
        *begin,
        invite_id,
        random(16),
        b"chat.example",
        random(16),
        0,
        random(32),
        1,
        random(32),
        random(32),
        sealed.Locator(1, 0, random(32)),
        sealed.Locator(0, 0, random(32)),
        b"Choir",
    )


def _package(account: Account, random: Random) -> bytes:
    return mls.make_key_package(
        mls.suite(account.suite),
        leaf_identity(account),
        random=random,
        not_before=NOW,
        not_after=NOW + 86_400,
    ).key_package.encode()


def _stored() -> dict[str, bytes]:
    if not STORED.exists():
        return {}
    cases = json.loads(STORED.read_text(encoding="utf-8"))["vectors"]
    return {c["name"]: bytes.fromhex(c["sealed"]) for c in cases if "sealed" in c}


def _opens(
    suite: mls.CipherSuite, private: bytes, message: _Message, body: bytes
) -> bool:
    """Tell whether a stored message is this one; its maker makes no second one then."""
    try:
        return _open(suite, private, type(message), body) == message
    except ProtocolError:
        return False


MAKERS: dict[str, Maker] = {
    "envelope": make_envelopes,
    "generation": make_generations,
    "validity": make_validity,
    "invitation": make_invitations,
}
