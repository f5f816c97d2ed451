"""Checks of the vector formats about keys and messages, one function a format.

Each takes one case, returns when it holds and raises Mismatch or an error of
Privity when not; `Unsupported` means that this version lacks the suite or the
feature. Trees are checked by `mls_vectors_tree`.
"""

from dataclasses import replace
from typing import Any, TypeVar

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from privity.codec import Reader, Struct, write_varint
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
from privity.mls.group import Group, Proposed
from privity.mls.group_context import GroupContext
from privity.mls.hpke import HPKECiphertext
from privity.mls.key_packages import KeyPackage
from privity.mls.key_schedule import (
    confirmed_transcript_hash,
    derive_epoch,
    derive_joiner_secret,
    derive_welcome_secret,
    export_secret,
    interim_transcript_hash,
    no_psk,
)
from privity.mls.messages import MLSMessage
from privity.mls.own_keys import KeyPackageBundle, LeafIdentity
from privity.mls.proposals import (
    Add,
    Commit,
    ExternalInit,
    ExternalPSK,
    GroupContextExtensions,
    PreSharedKey,
    PreSharedKeyID,
    Proposal,
    ReInit,
    Remove,
    Update,
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
from privity.mls.ratchet_tree import RatchetTree
from privity.mls.secret_tree import RatchetKind, SecretTree
from privity.mls.signatures import Ecdsa
from privity.mls.suites import CipherSuite, suite
from privity.mls.welcome import GroupSecrets, Welcome, open_group_info

__all__ = [
    "Mismatch",
    "check_crypto_basics",
    "check_deserialization",
    "check_key_schedule",
    "check_message_protection",
    "check_messages",
    "check_passive_client",
    "check_psk_secret",
    "check_secret_tree",
    "check_transcript_hashes",
    "check_welcome",
]

Case = dict[str, Any]
_hex = bytes.fromhex
_T = TypeVar("_T")


class Mismatch(Exception):
    """A case of a vector file does not hold."""


def check_crypto_basics(case: Case) -> None:
    """Check the labelled functions of a suite (RFC 9420 §5, §8)."""
    crypto = suite(case["cipher_suite"])
    ref = case["ref_hash"]
    _same(crypto.ref_hash(ref["label"], _hex(ref["value"])), ref["out"])
    expand = case["expand_with_label"]
    _same(
        crypto.expand_with_label(
            _hex(expand["secret"]),
            expand["label"],
            _hex(expand["context"]),
            expand["length"],
        ),
        expand["out"],
    )
    derive = case["derive_secret"]
    _same(crypto.derive_secret(_hex(derive["secret"]), derive["label"]), derive["out"])
    tree = case["derive_tree_secret"]
    _same(
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
    verifier = _as_the_case_signs(crypto)
    verifier.verify_with_label(public, label, content, _hex(case["signature"]))
    fresh = crypto.sign_with_label(private, label, content)
    crypto.verify_with_label(public, label, content, fresh)


def _as_the_case_signs(crypto: CipherSuite) -> CipherSuite:
    """Return the suite with the hash of this format's signatures.

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
    _same(opened, case["plaintext"])
    fresh = crypto.encrypt_with_label(public, label, context, opened)
    _same(crypto.decrypt_with_label(private, label, context, fresh), case["plaintext"])


def check_deserialization(case: Case) -> None:
    """Check the length in front of a vector (§2.1.2)."""
    reader = Reader(_hex(case["vlbytes_header"]))
    length = reader.varint()
    reader.finish()
    _claim(length == case["length"], f"length {length}")
    out = bytearray()
    write_varint(out, length)
    _same(bytes(out), case["vlbytes_header"])


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
        _same(context, epoch["group_context"])
        joiner = derive_joiner_secret(
            crypto, init_secret, _hex(epoch["commit_secret"]), context
        )
        _same(joiner, epoch["joiner_secret"])
        psk_secret = _hex(epoch["psk_secret"])
        _same(
            derive_welcome_secret(crypto, joiner, psk_secret), epoch["welcome_secret"]
        )
        new = derive_epoch(crypto, joiner, psk_secret, context)
        _same(new.encryption_secret, epoch["encryption_secret"])
        for name in _EPOCH_SECRETS:
            _same(getattr(new.secrets, name), epoch[name])
        _, public = crypto.derive_key_pair(new.secrets.external_secret)
        _same(public, epoch["external_pub"])
        wanted = epoch["exporter"]
        exported = export_secret(
            crypto,
            new.secrets.exporter_secret,
            wanted["label"],
            _hex(wanted["context"]),
            wanted["length"],
        )
        _same(exported, wanted["secret"])
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
    _same(derive_psk_secret(crypto, ids, known), case["psk_secret"])


def check_secret_tree(case: Case) -> None:
    """Check sender data keys and both ratchets of every leaf (§6.3.2, §9)."""
    crypto = suite(case["cipher_suite"])
    data = case["sender_data"]
    key, nonce = sender_data_key_and_nonce(
        crypto, _hex(data["sender_data_secret"]), _hex(data["ciphertext"])
    )
    _same(key, data["key"])
    _same(nonce, data["nonce"])
    tree = SecretTree.of(_hex(case["encryption_secret"]), len(case["leaves"]))
    for leaf, generations in enumerate(case["leaves"]):
        for wanted in generations:
            for kind in RatchetKind:
                got, tree = tree.key_for(crypto, leaf, kind, wanted["generation"])
                _same(got.key, wanted[f"{kind.name.lower()}_key"])
                _same(got.nonce, wanted[f"{kind.name.lower()}_nonce"])


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
        given = _body(PrivateMessage, case[f"{kind}_priv"])
        content = _open_private(case, crypto, given, context).content.content
        _same(_bare(content), case[kind])
        fresh = _seal_private(case, crypto, context, content)
        again = _open_private(case, crypto, fresh, context).content.content
        _same(_bare(again), case[kind])
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
    given = _body(PublicMessage, case[f"{kind}_pub"])
    signed = open_public(crypto, membership_key, given, encoded)
    verify_signature(crypto, _hex(case["signature_pub"]), signed, encoded)
    _same(_bare(signed.content.content), case[kind])
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
    tag = signed.auth.confirmation_tag or b""
    confirmed = confirmed_transcript_hash(
        crypto, _hex(case["interim_transcript_hash_before"]), signed.confirmed_input()
    )
    _same(confirmed, case["confirmed_transcript_hash_after"])
    crypto.verify_mac(_hex(case["confirmation_key"]), confirmed, tag)
    interim = interim_transcript_hash(crypto, confirmed, tag)
    _same(interim, case["interim_transcript_hash_after"])


def check_welcome(case: Case) -> None:
    """Check a Welcome down to its confirmation tag (§12.4.3.1)."""
    crypto = suite(case["cipher_suite"])
    welcome = _body(Welcome, case["welcome"])
    key_package = _body(KeyPackage, case["key_package"])
    name = key_package.reference(crypto)
    (entry,) = [item for item in welcome.secrets if item.new_member == name]
    secrets = GroupSecrets.decode(
        crypto.decrypt_with_label(
            _hex(case["init_priv"]),
            "Welcome",
            welcome.encrypted_group_info,
            entry.encrypted_group_secrets,
        )
    )
    joiner = secrets.joiner_secret
    opener = derive_welcome_secret(crypto, joiner, no_psk(crypto))
    info = open_group_info(crypto, opener, welcome.encrypted_group_info)
    info.verify_signature(crypto, _hex(case["signer_pub"]))
    context = info.group_context
    epoch = derive_epoch(crypto, joiner, no_psk(crypto), context.encode())
    crypto.verify_mac(
        epoch.secrets.confirmation_key,
        context.confirmed_transcript_hash,
        info.confirmation_tag,
    )


_MESSAGES: dict[str, type[Struct]] = {
    "mls_welcome": MLSMessage,
    "mls_group_info": MLSMessage,
    "mls_key_package": MLSMessage,
    "group_secrets": GroupSecrets,
    "add_proposal": Add,
    "update_proposal": Update,
    "remove_proposal": Remove,
    "pre_shared_key_proposal": PreSharedKey,
    "re_init_proposal": ReInit,
    "external_init_proposal": ExternalInit,
    "group_context_extensions_proposal": GroupContextExtensions,
    "commit": Commit,
    "public_message_application": MLSMessage,
    "public_message_proposal": MLSMessage,
    "public_message_commit": MLSMessage,
    "private_message": MLSMessage,
}


def check_messages(case: Case) -> None:
    """Check that every structure decodes, and encodes to the same bytes."""
    for name, value in case.items():
        if name == "ratchet_tree":
            _same(RatchetTree.decode(suite(1), _hex(value)).encode(), value)
        else:
            _same(_MESSAGES[name].decode(_hex(value)).encode(), value)


def check_passive_client(case: Case) -> None:
    """Check a client that joins and only follows what the others do.

    This is the format of passive-client-welcome, -handling-commit and -random.
    """
    psks = KnownPsks(
        {_hex(psk["psk_id"]): _hex(psk["psk"]) for psk in case["external_psks"]}
    )
    crypto = suite(case["cipher_suite"])
    key_package = _body(KeyPackage, case["key_package"])
    bundle = KeyPackageBundle(
        key_package, _hex(case["init_priv"]), _hex(case["encryption_priv"])
    )
    leaf = key_package.leaf_node
    me = LeafIdentity(
        leaf.credential,
        _hex(case["signature_priv"])[: crypto.signature.private_length],
        leaf.capabilities,
        leaf.extensions,
    )
    tree = _hex(case["ratchet_tree"]) if case["ratchet_tree"] else None
    group = Group.join(_hex(case["welcome"]), bundle, me, tree=tree, psks=psks).group
    _same(group.epoch_authenticator, case["initial_epoch_authenticator"])
    for epoch in case["epochs"]:
        psks = psks.with_epoch(group.group_id, group.epoch, group.resumption_psk)
        for proposal in epoch["proposals"]:
            proposed = group.process(_hex(proposal))
            _claim(isinstance(proposed, Proposed), "not a proposal")
            group = proposed.next or group
        staged = group.process(_hex(epoch["commit"]), psks=psks)
        _claim(staged.next is not None, "removed")
        group = staged.next or group
        _same(group.epoch_authenticator, epoch["epoch_authenticator"])


def _body(kind: type[_T], message: str) -> _T:
    body = MLSMessage.decode(_hex(message)).body
    if not isinstance(body, kind):
        raise Mismatch(f"a {type(body).__name__}, not a {kind.__name__}")
    return body


def _same(got: bytes, wanted: str) -> None:
    _claim(got == _hex(wanted), f"{got.hex()} is not {wanted}")


def _claim(holds: bool, otherwise: str) -> None:  # noqa: FBT001
    if not holds:
        raise Mismatch(otherwise)
