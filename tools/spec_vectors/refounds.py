"""Vectors of refounds: a call with its statement, and how statements are judged.

The call is sealed with HPKE, which draws its own randomness: the stored one stays as
long as it opens, with the key of its case, to exactly what its case says.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from msgspec import structs

from privity import mls
from privity.core import sealed
from privity.core.chat_rules import (
    ChatKindCode,
    ChatRules,
    Role,
    RoleEntry,
    chat_id_hash,
)
from privity.core.errors import RefoundDoubted
from privity.core.pleas import log_hash
from privity.core.refounds import (
    PATIENCE,
    Ground,
    Refounding,
    Signer,
    check_statement,
    rank,
)
from privity.errors import ProtocolError
from privity.identity.certificates import DeviceCertificate, DeviceClaim, certify
from privity.identity.signing import public_of
from tools.spec_vectors import Case, Maker, refusal

Random = Callable[[int], bytes]

STORED = Path(__file__).resolve().parents[2] / "docs/spec/vectors/refound.json"
SUITE = 0xF5A1
HOST = b"chat.example"
NOW = 1_750_000_000
OWNER, ADMIN, MEMBER = range(3)


def make_refounds(random: Random) -> list[Case]:
    """Return a call, the ranks of statements, and what is judged how."""
    seeds = [(random(32), random(32)) for _ in range(3)]
    certificates = [_certificate(random, *pair) for pair in seeds]
    ground = _ground(random, certificates)
    statement = Refounding(
        version=1,
        log_hash=ground.log_hash,
        seq=ground.road[-1],
        authenticator=ground.authenticator,
        host=HOST,
        log_id=random(16),
        suite=SUITE,
        without=(),
    )
    call = _call(random, statement, (certificates[OWNER], seeds[OWNER][1]))
    return [call, *_changed(call), *_judged(ground, certificates, statement)]


def _certificate(random: Random, identity: bytes, seed: bytes) -> DeviceCertificate:
    claim = DeviceClaim(
        version=1,
        account_id=random(16),
        identity_key=public_of(identity),
        signature_key=public_of(seed),
        device_id=random(16),
        list_version=1,
        replaces=None,
    )
    return certify(identity, claim)


def _ground(random: Random, certificates: list[DeviceCertificate]) -> Ground:
    claims = [certificate.claim for certificate in certificates]
    roles = (
        RoleEntry(claims[OWNER].account_id, Role.OWNER),
        RoleEntry(claims[ADMIN].account_id, Role.ADMIN),
    )
    rules = ChatRules(
        rules_version=1,
        chat_hash=chat_id_hash(random(16)),
        kind=ChatKindCode.GROUP,
        members_add=False,
        roles=tuple(sorted(roles, key=lambda entry: entry.account_id)),
    )
    return Ground(
        log_hash=log_hash(random(16), HOST.decode()),
        road=(0, 3, 41),
        authenticator=random(48),
        suite=SUITE,
        rules=rules.encode(),
        people=tuple((c.account_id, c.identity_key) for c in claims),
        leaves=tuple(c.signature_key for c in claims),
        since=0,
    )


def _call(
    random: Random, statement: Refounding, signer: tuple[DeviceCertificate, bytes]
) -> Case:
    suite = mls.suite(SUITE)
    certificate, seed = signer
    private, public = suite.derive_key_pair(random(32))
    invitation = sealed.Invitation(
        version=1,
        recipient=sealed.recipient_of(public),
        certificate=certificate,
        kind=sealed.InvitationKind.GROUP,
        invite_id=random(16),
        host=HOST,
        name=b"Ana",
        handle=b"ana@chat.example",
        title=b"Choir",
        text=b"The relay lost the old log.",
        mailboxes=(sealed.MailboxRef(random(16), random(16)),),
        reply_key=suite.derive_key_pair(random(32))[1],
        link_secret=None,
    )
    call = sealed.RefoundCall(invitation, statement)
    return {
        "name": "a call",
        "private": private.hex(),
        "signature_key": public_of(seed).hex(),
        "invitation": invitation.encode().hex(),
        "statement": statement.encode().hex(),
        "hash": sha256(statement.encode()).hexdigest(),
        "sealed": _kept(private, call, public, seed).hex(),
    }


def _kept(
    private: bytes, call: sealed.RefoundCall, public: bytes, seed: bytes
) -> bytes:
    """Return the stored call if it still opens to this one, else a new one."""
    suite = mls.suite(SUITE)
    if STORED.exists():
        cases = json.loads(STORED.read_text(encoding="utf-8"))["vectors"]
        body = bytes.fromhex(next(c["sealed"] for c in cases if c["name"] == "a call"))
        try:
            if sealed.open_message(suite, private, sealed.RefoundCall, body) == call:
                return body
        except ProtocolError:
            pass
    return sealed.seal_message(suite, public, call, seed)


def _changed(call: Case) -> list[Case]:
    """Return what opens to no call: a changed byte, and one taken for an invitation."""
    suite, private = mls.suite(SUITE), bytes.fromhex(call["private"])
    body = bytes.fromhex(call["sealed"])
    changed = body[:-1] + bytes([body[-1] ^ 1])
    attempts: dict[str, Callable[[], object]] = {
        "a call, the last bit of its last byte changed": partial(
            sealed.open_message, suite, private, sealed.RefoundCall, changed
        ),
        "a call, opened as an invitation": partial(
            sealed.open_message, suite, private, sealed.Invitation, body
        ),
    }
    return [
        {"name": name, "change_of": "a call", "refused": refusal(attempt)}
        for name, attempt in attempts.items()
    ]


def _judged(
    ground: Ground, certificates: list[DeviceCertificate], statement: Refounding
) -> list[Case]:
    claims = [certificate.claim for certificate in certificates]
    stranger = structs.replace(ground, leaves=(bytes(32), *ground.leaves[1:]))
    stopped = structs.replace(ground, since=NOW - PATIENCE)
    early = structs.replace(ground, since=NOW - PATIENCE + 1)
    other = replace(statement, authenticator=bytes(48))
    less = replace(statement, without=(claims[MEMBER].account_id,))
    cases: tuple[tuple[str, Ground, int, Refounding], ...] = (
        ("an owner's holds", ground, OWNER, statement),
        ("an admin's holds, and leaves out a member", ground, ADMIN, less),
        ("one from an earlier epoch of my road", ground, OWNER, replace(other, seq=3)),
        (
            "one from an epoch that I have not seen",
            ground,
            OWNER,
            replace(other, seq=50),
        ),
        ("a member's, after a week", stopped, MEMBER, statement),
        ("a member's, a second too soon", early, MEMBER, statement),
        ("a member's, where the chat goes on", ground, MEMBER, statement),
        ("a member's that leaves out somebody", stopped, MEMBER, less),
        ("of another version", ground, OWNER, replace(statement, version=2)),
        ("by a device that is no leaf", stranger, OWNER, statement),
        ("with a weaker suite", ground, OWNER, replace(statement, suite=1)),
        ("with another authenticator of my epoch", ground, OWNER, other),
        ("from an epoch beside my road", ground, OWNER, replace(other, seq=4)),
    )
    return [
        _judgement(claims[who], name, where, stated)
        for name, where, who, stated in cases
    ]


def _judgement(
    claim: DeviceClaim, name: str, ground: Ground, statement: Refounding
) -> Case:
    signer = Signer(claim.account_id, claim.identity_key, claim.signature_key)
    standing, value = rank(ground, claim.account_id, statement)
    return {
        "name": name,
        "now": NOW,
        "ground": _ground_case(ground),
        "signer": [part.hex() for part in signer],
        "statement": statement.encode().hex(),
        "rank": [standing, value.hex()],
        "doubt": _doubt(ground, signer, statement),
    }


def _ground_case(ground: Ground) -> dict[str, Any]:
    return {
        "log_hash": ground.log_hash.hex(),
        "road": list(ground.road),
        "authenticator": ground.authenticator.hex(),
        "suite": ground.suite,
        "rules": ground.rules.hex(),
        "people": [[part.hex() for part in pair] for pair in ground.people],
        "leaves": [key.hex() for key in ground.leaves],
        "since": ground.since,
    }


def _doubt(ground: Ground, signer: Signer, statement: Refounding) -> str:
    try:
        check_statement(ground, signer, statement, NOW)
    except RefoundDoubted as error:
        return error.doubt.value
    return ""


MAKERS: dict[str, Maker] = {"refound": make_refounds}
