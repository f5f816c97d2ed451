"""Commits and proposals that break a rule about proposals, leaves or key packages."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from privity.mls import (
    Add,
    Extension,
    ExtensionType,
    ExternalPSK,
    GroupContextExtensions,
    PreSharedKey,
    Random,
    ReInit,
    Remove,
    RequiredCapabilities,
    ResumptionPSK,
    ResumptionPSKUsage,
    Rule,
    SelfRemove,
    Update,
    suite,
)
from privity.mls.following import proposal_reference
from privity.mls.framing import PublicMessage
from privity.mls.messages import MLSMessage
from privity.mls.nodes import FromUpdate, LeafNode
from privity.mls.proposals import (
    Commit,
    ExternalInit,
    PreSharedKeyID,
    ProposalRef,
    UnknownProposal,
)
from privity.mls.protection import as_signed
from tools.mls_makers import Case
from tools.mls_makers.party import APP_EXTENSION, forge
from tools.mls_makers.refusals import Maker, Scene, cases_of

__all__ = ["make_proposals"]

_UNKNOWN = 0xF5F0


def make_proposals(random: Random) -> list[Case]:
    """Return the cases, of suite 1; an unusable key in the suite of chats too."""
    classic = cases_of({**_OF_ADDS, **_OF_LISTS, **_OF_WAITING}, suite(1), random)
    hybrid = cases_of({Rule.BAD_PUBLIC_KEY: _unusable_key}, suite(0xF5A1), random)
    return [*classic, *hybrid]


def _adds(field: str, value: object) -> Maker:
    """Return a maker of a commit that adds a stranger whose leaf was changed."""
    changes: dict[str, Any] = {field: value}
    return lambda scene: scene.commits(Add(scene.package(**changes)))


def _adds_package(field: str, value: object) -> Maker:
    return lambda scene: scene.commits(Add(scene.package(of_package={field: value})))


def _unusable_key(scene: Scene) -> list[bytes]:
    """Return an X25519 key of low order, by itself or as half of a hybrid key."""
    low = scene.package().init_key[:-32] + bytes(32)
    return scene.commits(Add(scene.package(of_package={"init_key": low})))


def _same_keys(scene: Scene) -> list[bytes]:
    key = scene.package().init_key
    package = scene.package(of_package={"init_key": key}, encryption_key=key)
    return scene.commits(Add(package))


def _strange_credential(scene: Scene) -> list[bytes]:
    leaf = scene.package().leaf_node
    strange = replace(leaf.credential, credential_type=0xF0F0)
    able = replace(leaf.capabilities, credentials=(1, 0xF0F0))
    return scene.commits(Add(scene.package(credential=strange, capabilities=able)))


def _less_able(scene: Scene, field: str) -> list[bytes]:
    able = replace(scene.package().leaf_node.capabilities, **{field: ()})
    return scene.commits(Add(scene.package(capabilities=able)))


def _false_certificate(scene: Scene) -> list[bytes]:
    leaf = scene.package().leaf_node
    able = replace(leaf.capabilities, credentials=(1, 2))
    x509 = type(leaf.credential).x509((b"no certificate",))
    return scene.commits(Add(scene.package(credential=x509, capabilities=able)))


def _stolen_key(scene: Scene) -> list[bytes]:
    key = scene.group.state.tree.member(1).encryption_key
    return scene.commits(Add(scene.package(encryption_key=key)))


def _added_twice(scene: Scene) -> list[bytes]:
    package = scene.package()
    return scene.commits(Add(package), Add(package))


def _two_packages_of_one(scene: Scene) -> list[bytes]:
    return scene.commits(Add(scene.package()), Add(scene.package()))


_OF_ADDS: Mapping[Rule, Maker] = {
    Rule.BAD_PUBLIC_KEY: _unusable_key,
    Rule.INIT_KEY_REUSED: _same_keys,
    Rule.DUPLICATE_ENCRYPTION_KEY: _stolen_key,
    Rule.WRONG_VERSION: _adds_package("version", 2),
    Rule.WRONG_SUITE: _adds_package("cipher_suite", 2),
    Rule.WRONG_LEAF_SOURCE: _adds("source", FromUpdate()),
    Rule.EXTENSION_NOT_LISTED: _adds("extensions", (Extension(0xF5A9, b""),)),
    Rule.CREDENTIAL_NOT_LISTED: lambda scene: _less_able(scene, "credentials"),
    Rule.SUITE_NOT_LISTED: lambda scene: _less_able(scene, "cipher_suites"),
    Rule.CREDENTIAL_UNSUPPORTED: _strange_credential,
    Rule.CERTIFICATE_KEY: _false_certificate,
    Rule.DUPLICATE_INIT_KEY: _added_twice,
    Rule.DUPLICATE_SIGNATURE_KEY: _two_packages_of_one,
}


def _extended(*extensions: Extension) -> Maker:
    return lambda scene: scene.commits(GroupContextExtensions(extensions))


def _requires() -> Extension:
    required = RequiredCapabilities(extension_types=(0xF5A9,))
    return Extension(ExtensionType.REQUIRED_CAPABILITIES, required.encode())


def _psk(scene: Scene, length: int | None = None) -> PreSharedKey:
    nonce = scene.random(scene.crypto.hash_length)
    return PreSharedKey(PreSharedKeyID(ExternalPSK(b"id"), nonce[:length]))


def _psk_twice(scene: Scene) -> list[bytes]:
    key = _psk(scene)
    return scene.commits(key, key)


def _branching(scene: Scene) -> list[bytes]:
    key = ResumptionPSK(ResumptionPSKUsage.BRANCH, scene.group.group_id, 0)
    psk = PreSharedKeyID(key, scene.random(scene.crypto.hash_length))
    return scene.commits(PreSharedKey(psk))


def _reinit(scene: Scene, version: int = 1) -> ReInit:
    return ReInit(scene.random(8), version, scene.crypto.code, ())


_RULES = Extension(APP_EXTENSION, b"rules")
_OF_LISTS: Mapping[Rule, Maker] = {
    Rule.DUPLICATE_EXTENSION: _extended(_RULES, _RULES),
    Rule.GROUP_EXTENSION_UNSUPPORTED: _extended(Extension(0xF5A9, b"")),
    Rule.CAPABILITY_MISSING: _extended(_requires()),
    Rule.DUPLICATE_GROUP_CONTEXT_EXTENSIONS: lambda scene: scene.commits(
        GroupContextExtensions(()), GroupContextExtensions(())
    ),
    Rule.BLANK_LEAF: lambda scene: scene.commits(Remove(4)),
    Rule.COMMITTER_REMOVED: lambda scene: scene.commits(Remove(0)),
    Rule.LEAF_CHANGED_TWICE: lambda scene: scene.commits(Remove(1), Remove(1)),
    Rule.PSK_NONCE_LENGTH: lambda scene: scene.commits(_psk(scene, -1)),
    Rule.DUPLICATE_PSK: _psk_twice,
    Rule.PSK_USAGE: _branching,
    Rule.REINIT_NOT_ALONE: lambda scene: scene.commits(_reinit(scene), Remove(1)),
    Rule.REINIT_LOWERS_VERSION: lambda scene: scene.commits(_reinit(scene, 0)),
    Rule.EXTERNAL_INIT_BY_MEMBER: lambda scene: scene.commits(
        ExternalInit(scene.crypto.send_external_init(scene.package().init_key)[0])
    ),
    Rule.PROPOSAL_UNSUPPORTED: lambda scene: scene.commits(
        UnknownProposal(_UNKNOWN, b"what nobody lists")
    ),
    Rule.SELF_REMOVE_BY_VALUE: lambda scene: scene.commits(SelfRemove()),
    Rule.UNKNOWN_PROPOSAL: lambda scene: [
        forge(scene.group, Commit((ProposalRef(scene.random(32)),)))
    ],
}


def _updated(scene: Scene, key: bytes | None = None) -> LeafNode:
    """Return a leaf for an Update of Ada's, with that key or a fresh one."""
    leaf, crypto = scene.group.state.tree.member(0), scene.crypto
    _, fresh = crypto.derive_key_pair(scene.random(crypto.hash_length))
    leaf = replace(leaf, encryption_key=key or fresh, source=FromUpdate())
    private = scene.party.meet("a").signature_private
    return leaf.signed(crypto, private, scene.group.group_id, 0)


def _keeps_key(scene: Scene) -> list[bytes]:
    key = scene.group.state.tree.member(0).encryption_key
    return [forge(scene.group, Update(_updated(scene, key)))]


def _updates_itself(scene: Scene) -> list[bytes]:
    proposal = forge(scene.group, Update(_updated(scene)))
    body = MLSMessage.decode(proposal).body
    if not isinstance(body, PublicMessage):
        raise TypeError("not a PublicMessage")
    name = proposal_reference(scene.crypto, as_signed(body))
    return [proposal, forge(scene.group, Commit((ProposalRef(name),)))]


_OF_WAITING: Mapping[Rule, Maker] = {
    Rule.UPDATE_KEEPS_KEY: _keeps_key,
    Rule.UPDATE_BY_COMMITTER: _updates_itself,
}
