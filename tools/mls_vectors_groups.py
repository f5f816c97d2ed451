"""Checks of the vector formats about whole groups, one function a format.

Each takes one case, returns when it holds and raises Mismatch or an error of Privity
when not.
"""

from collections.abc import Callable

from privity.codec import Struct
from privity.errors import RuleViolation
from privity.mls.committing import CommitOptions
from privity.mls.events import Proposed
from privity.mls.failures import PathSlotFailed
from privity.mls.group import Group
from privity.mls.hpke import HPKECiphertext
from privity.mls.key_packages import KeyPackage
from privity.mls.key_schedule import derive_epoch, derive_welcome_secret, no_psk
from privity.mls.messages import MLSMessage
from privity.mls.own_keys import KeyPackageBundle, LeafIdentity
from privity.mls.proposals import (
    Add,
    Commit,
    ExternalInit,
    GroupContextExtensions,
    PreSharedKey,
    ReInit,
    Remove,
    Update,
)
from privity.mls.psks import KnownPsks
from privity.mls.ratchet_tree import RatchetTree
from privity.mls.suites import CipherSuite, suite
from privity.mls.welcome import (
    GroupSecrets,
    Welcome,
    open_group_info,
    seal_group_info,
)
from tools.mls_vectors_case import Case, Mismatch, body, claim, counting, same

__all__ = [
    "check_messages",
    "check_passive_client",
    "check_refusal",
    "check_welcome",
]

_hex = bytes.fromhex


def check_welcome(case: Case) -> None:
    """Check a Welcome down to its confirmation tag (§12.4.3.1)."""
    crypto = suite(case["cipher_suite"])
    welcome = body(Welcome, case["welcome"])
    key_package = body(KeyPackage, case["key_package"])
    name = key_package.reference(crypto)
    (entry,) = [item for item in welcome.secrets if item.new_member == name]
    sealed, private = welcome.encrypted_group_info, _hex(case["init_priv"])
    secrets = _open_secrets(crypto, private, sealed, entry.encrypted_group_secrets)
    again = crypto.encrypt_with_label(
        key_package.init_key, "Welcome", sealed, secrets.encode()
    )
    claim(
        _open_secrets(crypto, private, sealed, again) == secrets,
        "what we seal to the init key opens to something else",
    )
    joiner = secrets.joiner_secret
    opener = derive_welcome_secret(crypto, joiner, no_psk(crypto))
    info = open_group_info(crypto, opener, sealed)
    same(seal_group_info(crypto, opener, info), sealed.hex())
    info.verify_signature(crypto, _hex(case["signer_pub"]))
    context = info.group_context
    epoch = derive_epoch(crypto, joiner, no_psk(crypto), context.encode())
    crypto.verify_mac(
        epoch.secrets.confirmation_key,
        context.confirmed_transcript_hash,
        info.confirmation_tag,
    )


def _open_secrets(
    crypto: CipherSuite, private: bytes, info: bytes, sealed: HPKECiphertext
) -> GroupSecrets:
    opened = crypto.decrypt_with_label(private, "Welcome", info, sealed)
    return GroupSecrets.decode(opened)


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
            same(RatchetTree.decode(suite(1), _hex(value)).encode(), value)
        else:
            same(_MESSAGES[name].decode(_hex(value)).encode(), value)


def check_passive_client(case: Case) -> None:
    """Check a client that joins and only follows what the others do.

    This is the format of passive-client-welcome, -handling-commit and -random.
    """
    psks = _psks(case)
    group = _joined(case)
    crypto = group.suite
    same(group.epoch_authenticator, case["initial_epoch_authenticator"])
    for epoch in case["epochs"]:
        psks = psks.with_epoch(group.group_id, group.epoch, group.resumption_psk)
        for proposal in epoch["proposals"]:
            proposed = group.process(_hex(proposal))
            claim(isinstance(proposed, Proposed), "not a proposal")
            group = proposed.next or group
        staged = group.process(_hex(epoch["commit"]), psks=psks)
        claim(staged.next is not None, "removed")
        group = staged.next or group
        same(group.epoch_authenticator, epoch["epoch_authenticator"])
    ours = group.commit(CommitOptions(), counting(crypto))
    seen = group.public.follow(ours.message)
    claim(seen.context == ours.next.context, "others follow our commit elsewhere")


def check_refusal(case: Case) -> None:
    """Check that a Welcome or a message is refused by its rule, and changes nothing.

    This format is ours: docs/spec/mls-vectors.md.
    """
    if case["message"] is None:
        _refused(case["rule"], lambda: _joined(case))
        return
    group = _joined(case)
    same(group.epoch_authenticator, case["initial_epoch_authenticator"])
    for message in case["before"]:
        group = group.process(_hex(message), psks=_psks(case)).next or group
    stored = group.dump_tree(), group.dump_ratchet()
    _refused(
        case["rule"], lambda: group.process(_hex(case["message"]), psks=_psks(case))
    )
    claim(stored == (group.dump_tree(), group.dump_ratchet()), "the state changed")


def _refused(rule: str, attempt: Callable[[], object]) -> None:
    try:
        attempt()
    except RuleViolation as refusal:
        claim(refusal.rule.name == rule, f"refused by {refusal.rule.name}")
    except PathSlotFailed as refusal:
        claim(str(refusal).startswith(f"{rule}:"), f"refused: {refusal}")
    else:
        raise Mismatch("accepted")


def _psks(case: Case) -> KnownPsks:
    return KnownPsks(
        {_hex(psk["psk_id"]): _hex(psk["psk"]) for psk in case["external_psks"]}
    )


def _joined(case: Case) -> Group:
    crypto = suite(case["cipher_suite"])
    key_package = body(KeyPackage, case["key_package"])
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
    joined = Group.join(_hex(case["welcome"]), bundle, me, tree=tree, psks=_psks(case))
    return joined.group
