"""Checks of the vector formats about keys and framing, one function a format.

Each takes one case, returns when it holds and raises Mismatch or an error of
Privity when not; `Unsupported` means that this version lacks the suite or the
feature. Trees are checked by `mls_vectors_tree`, groups by `mls_vectors_groups`.
"""

from dataclasses import replace

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from privity.codec import Reader, write_varint
from privity.errors import NotAuthentic
from privity.mls.framing import (
    AuthenticatedContent,
    FramedContent,
    FramedContentAuthData,
    PrivateMessage,
    PublicMessage,
    Sender,
    SenderType,
    WireFormat,
    encode_content,
)
from privity.mls.group_context import GroupContext
from privity.mls.hpke import HPKECiphertext
from privity.mls.key_schedule import (
    confirmed_transcript_hash,
    derive_epoch,
    derive_joiner_secret,
    derive_welcome_secret,
    export_secret,
    interim_transcript_hash,
)
from privity.mls.proposals import (
    Commit,
    ExternalPSK,
    PreSharedKeyID,
    Proposal,
)
from privity.mls.protection import (
    open_private,
    open_public,
    open_sender_data,
    seal_private,
    seal_public,
    sender_data_key_and_nonce,
    sign,
    verify_signature,
)
from privity.mls.psks import KnownPsks, derive_psk_secret
from privity.mls.secret_tree import RatchetKind, SecretTree
from privity.mls.sender_ratchet import MessageKey
from privity.mls.signatures import Ecdsa
from privity.mls.suites import CipherSuite, suite
from tools.mls_vectors_case import Case, body, claim, same

__all__ = [
    "check_crypto_basics",
    "check_deserialization",
    "check_key_schedule",
    "check_message_protection",
    "check_psk_secret",
    "check_secret_tree",
    "check_transcript_hashes",
]

_hex = bytes.fromhex


def check_crypto_basics(case: Case) -> None:
    """Check the labelled functions of a suite (RFC 9420 §5, §8)."""
    crypto = suite(case["cipher_suite"])
    ref = case["ref_hash"]
    same(crypto.ref_hash(ref["label"], _hex(ref["value"])), ref["out"])
    expand = case["expand_with_label"]
    same(
        crypto.expand_with_label(
            _hex(expand["secret"]),
            expand["label"],
            _hex(expand["context"]),
            expand["length"],
        ),
        expand["out"],
    )
    derive = case["derive_secret"]
    same(crypto.derive_secret(_hex(derive["secret"]), derive["label"]), derive["out"])
    tree = case["derive_tree_secret"]
    same(
        crypto.derive_tree_secret(
            _hex(tree["secret"]), tree["label"], tree["generation"], tree["length"]
        ),
        tree["out"],
    )
    _check_signing(crypto, case["sign_with_label"])
    _check_encryption(crypto, case["encrypt_with_label"])


def _check_signing(crypto: CipherSuite, case: Case) -> None:
    private, public = _hex(case["priv"]), _hex(case["pub"])
    label, content = case["label"], _hex(case["content"])
    signature = _hex(case["signature"])
    try:
        crypto.verify_with_label(public, label, content, signature)
    except NotAuthentic:
        odd = _as_some_sign(crypto)
        odd.verify_with_label(public, label, content, signature)
    fresh = crypto.sign_with_label(private, label, content)
    crypto.verify_with_label(public, label, content, fresh)


def _as_some_sign(crypto: CipherSuite) -> CipherSuite:
    """Return the suite with the hash of this format's official signatures.

    Those of suites 5 and 7 are over SHA-256, against RFC 9420 §17.1; all other formats
    have SHA-512 and SHA-384 there, as we do.
    """
    odd = _SIGNED_OVER_SHA256.get(crypto.code)
    return replace(crypto, signature=odd) if odd else crypto


_SIGNED_OVER_SHA256 = {
    5: Ecdsa(ec.SECP521R1(), hashes.SHA256()),
    7: Ecdsa(ec.SECP384R1(), hashes.SHA256()),
}


def _check_encryption(crypto: CipherSuite, case: Case) -> None:
    private, public = _hex(case["priv"]), _hex(case["pub"])
    label, context = case["label"], _hex(case["context"])
    sealed = HPKECiphertext(_hex(case["kem_output"]), _hex(case["ciphertext"]))
    opened = crypto.decrypt_with_label(private, label, context, sealed)
    same(opened, case["plaintext"])
    fresh = crypto.encrypt_with_label(public, label, context, opened)
    same(crypto.decrypt_with_label(private, label, context, fresh), case["plaintext"])


def check_deserialization(case: Case) -> None:
    """Check the length in front of a vector (§2.1.2)."""
    reader = Reader(_hex(case["vlbytes_header"]))
    length = reader.varint()
    reader.finish()
    claim(length == case["length"], f"length {length}")
    out = bytearray()
    write_varint(out, length)
    same(bytes(out), case["vlbytes_header"])


def check_key_schedule(case: Case) -> None:
    """Check the schedule through several epochs (§8)."""
    crypto = suite(case["cipher_suite"])
    init_secret = _hex(case["initial_init_secret"])
    for number, epoch in enumerate(case["epochs"]):
        context = GroupContext(
            version=1,
            cipher_suite=crypto.code,
            group_id=_hex(case["group_id"]),
            epoch=number,
            tree_hash=_hex(epoch["tree_hash"]),
            confirmed_transcript_hash=_hex(epoch["confirmed_transcript_hash"]),
            extensions=(),
        ).encode()
        same(context, epoch["group_context"])
        joiner = derive_joiner_secret(
            crypto, init_secret, _hex(epoch["commit_secret"]), context
        )
        same(joiner, epoch["joiner_secret"])
        psk_secret = _hex(epoch["psk_secret"])
        same(derive_welcome_secret(crypto, joiner, psk_secret), epoch["welcome_secret"])
        new = derive_epoch(crypto, joiner, psk_secret, context)
        same(new.encryption_secret, epoch["encryption_secret"])
        for name in _EPOCH_SECRETS:
            same(getattr(new.secrets, name), epoch[name])
        _, public = crypto.derive_key_pair(new.secrets.external_secret)
        same(public, epoch["external_pub"])
        wanted = epoch["exporter"]
        exported = export_secret(
            crypto,
            new.secrets.exporter_secret,
            wanted["label"],
            _hex(wanted["context"]),
            wanted["length"],
        )
        same(exported, wanted["secret"])
        init_secret = new.secrets.init_secret


_EPOCH_SECRETS = (
    "sender_data_secret",
    "exporter_secret",
    "external_secret",
    "confirmation_key",
    "membership_key",
    "resumption_psk",
    "epoch_authenticator",
    "init_secret",
)


def check_psk_secret(case: Case) -> None:
    """Check how external pre-shared keys make one secret (§8.4)."""
    crypto = suite(case["cipher_suite"])
    ids = [
        PreSharedKeyID(ExternalPSK(_hex(psk["psk_id"])), _hex(psk["psk_nonce"]))
        for psk in case["psks"]
    ]
    known = KnownPsks({_hex(psk["psk_id"]): _hex(psk["psk"]) for psk in case["psks"]})
    same(derive_psk_secret(crypto, ids, known), case["psk_secret"])


def check_secret_tree(case: Case) -> None:
    """Check sender data keys and both ratchets of every leaf (§6.3.2, §9)."""
    crypto = suite(case["cipher_suite"])
    data = case["sender_data"]
    key, nonce = sender_data_key_and_nonce(
        crypto, _hex(data["sender_data_secret"]), _hex(data["ciphertext"])
    )
    same(key, data["key"])
    same(nonce, data["nonce"])
    fresh = SecretTree.of(_hex(case["encryption_secret"]), len(case["leaves"]))
    tree = fresh
    for leaf, generations in enumerate(case["leaves"]):
        for wanted in generations:
            for kind in RatchetKind:
                got, tree = tree.key_for(crypto, leaf, kind, wanted["generation"])
                sent = _sending_key(crypto, fresh, (leaf, kind), wanted["generation"])
                claim(sent == got, "a sender's key is not its receivers'")
                same(got.key, wanted[f"{kind.name.lower()}_key"])
                same(got.nonce, wanted[f"{kind.name.lower()}_nonce"])


def _sending_key(
    crypto: CipherSuite,
    tree: SecretTree,
    ratchet: tuple[int, RatchetKind],
    generation: int,
) -> MessageKey:
    key, tree = tree.next_key(crypto, *ratchet)
    for _ in range(generation):
        key, tree = tree.next_key(crypto, *ratchet)
    return key


def check_message_protection(case: Case) -> None:
    """Check that given messages open, and that ours open again (§6.2, §6.3)."""
    crypto = suite(case["cipher_suite"])
    context = GroupContext(
        version=1,
        cipher_suite=crypto.code,
        group_id=_hex(case["group_id"]),
        epoch=case["epoch"],
        tree_hash=_hex(case["tree_hash"]),
        confirmed_transcript_hash=_hex(case["confirmed_transcript_hash"]),
        extensions=(),
    )
    for kind in ("proposal", "commit", "application"):
        given = body(PrivateMessage, case[f"{kind}_priv"])
        content = _open_private(case, crypto, given, context).content.content
        same(_bare(content), case[kind])
        fresh = _seal_private(case, crypto, context, content)
        again = _open_private(case, crypto, fresh, context).content.content
        same(_bare(again), case[kind])
    for kind in ("proposal", "commit"):
        _check_public(case, crypto, context, kind)


def _open_private(
    case: Case, crypto: CipherSuite, message: PrivateMessage, context: GroupContext
) -> AuthenticatedContent:
    tree = SecretTree.of(_hex(case["encryption_secret"]), 2)
    sender = open_sender_data(crypto, _hex(case["sender_data_secret"]), message)
    signed, _ = open_private(crypto, tree, sender, message)
    verify_signature(crypto, _hex(case["signature_pub"]), signed, context.encode())
    return signed


def _seal_private(
    case: Case,
    crypto: CipherSuite,
    context: GroupContext,
    body: bytes | Proposal | Commit,
) -> PrivateMessage:
    content = FramedContent(
        context.group_id, context.epoch, Sender(SenderType.MEMBER, 1), b"", body
    )
    signed = _signed(case, crypto, WireFormat.PRIVATE_MESSAGE, content, context)
    tree = SecretTree.of(_hex(case["encryption_secret"]), 2)
    secret = _hex(case["sender_data_secret"])
    return seal_private(crypto, secret, tree, signed, bytes).message


def _signed(
    case: Case,
    crypto: CipherSuite,
    wire_format: WireFormat,
    content: FramedContent,
    context: GroupContext,
) -> AuthenticatedContent:
    signature = sign(
        crypto,
        _hex(case["signature_priv"]),
        wire_format,
        content,
        context.encode(),
    )
    tag = bytes(crypto.hash_length) if isinstance(content.content, Commit) else None
    auth = FramedContentAuthData(signature, tag)
    return AuthenticatedContent(wire_format, content, auth)


def _check_public(
    case: Case, crypto: CipherSuite, context: GroupContext, kind: str
) -> None:
    encoded, membership_key = context.encode(), _hex(case["membership_key"])
    given = body(PublicMessage, case[f"{kind}_pub"])
    signed = open_public(crypto, membership_key, given, encoded)
    verify_signature(crypto, _hex(case["signature_pub"]), signed, encoded)
    same(_bare(signed.content.content), case[kind])
    claim(
        seal_public(crypto, membership_key, signed, encoded) == given,
        "the same content seals to another message",
    )
    fresh = _signed(case, crypto, WireFormat.PUBLIC_MESSAGE, signed.content, context)
    sealed = seal_public(crypto, membership_key, fresh, encoded)
    again = open_public(crypto, membership_key, sealed, encoded)
    verify_signature(crypto, _hex(case["signature_pub"]), again, encoded)


def _bare(content: bytes | Proposal | Commit) -> bytes:
    return content if isinstance(content, bytes) else encode_content(content)


def check_transcript_hashes(case: Case) -> None:
    """Check both transcript hashes and the confirmation tag of a commit (§8.2)."""
    crypto = suite(case["cipher_suite"])
    signed = AuthenticatedContent.decode(_hex(case["authenticated_content"]))
    same(signed.encode(), case["authenticated_content"])
    tag = signed.auth.confirmation_tag or b""
    confirmed = confirmed_transcript_hash(
        crypto, _hex(case["interim_transcript_hash_before"]), signed.confirmed_input()
    )
    same(confirmed, case["confirmed_transcript_hash_after"])
    crypto.verify_mac(_hex(case["confirmation_key"]), confirmed, tag)
    interim = interim_transcript_hash(crypto, confirmed, tag)
    same(interim, case["interim_transcript_hash_after"])
