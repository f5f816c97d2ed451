"""What makes a leaf and a key package valid (RFC 9420 §7.3, §10.1).

Uniqueness of keys is a property of the tree, which refuses to be built otherwise.
Whether a credential is true is for the application. Validity never depends on a
clock: `check_lifetime` is for whoever is about to send an Add.
"""

from collections.abc import Iterable

from privity.errors import RuleViolation
from privity.mls.credentials import Credential, CredentialType
from privity.mls.extensions import (
    Extension,
    ExtensionType,
    ExternalSenders,
    check_extensions,
    find_extension,
    required_capabilities,
)
from privity.mls.key_packages import KeyPackage
from privity.mls.nodes import MLS_10, FromKeyPackage, LeafNode
from privity.mls.proposals import DEFAULT_PROPOSALS
from privity.mls.rules import Rule
from privity.mls.suites import CipherSuite

__all__ = [
    "LONGEST_LIFETIME",
    "check_certified_key",
    "check_context_extensions",
    "check_credential_support",
    "check_group_extensions",
    "check_lifetime",
    "check_source",
    "check_total_lifetime",
    "validate_key_package",
    "validate_leaf",
]

LONGEST_LIFETIME = 400 * 24 * 3600
"""How many seconds a leaf may be valid for, if an Add is to be sent for it."""

_DEFAULT_EXTENSIONS: frozenset[int] = frozenset(ExtensionType)


def validate_leaf(suite: CipherSuite, leaf: LeafNode) -> None:
    """Check all that a leaf alone shows, except its signature.

    Raises RuleViolation, or DecodeError for an extension that is not well formed.
    """
    suite.check_public_key(leaf.encryption_key)
    able = leaf.capabilities
    if MLS_10 not in able.versions or suite.code not in able.cipher_suites:
        raise RuleViolation(Rule.SUITE_NOT_LISTED)
    if leaf.credential.credential_type not in able.credentials:
        raise RuleViolation(Rule.CREDENTIAL_NOT_LISTED)
    check_certified_key(suite, leaf.credential, leaf.signature_key)
    check_extensions(leaf.extensions)
    # A set, because a hostile leaf may have tens of thousands of both.
    supported = _DEFAULT_EXTENSIONS.union(able.extensions)
    for extension in leaf.extensions:
        if extension.extension_type not in supported:
            raise RuleViolation(
                Rule.EXTENSION_NOT_LISTED, str(extension.extension_type)
            )


def check_certified_key(
    suite: CipherSuite, credential: Credential, signature_key: bytes
) -> None:
    """Check that an X.509 credential is for this key (§5.3); raises RuleViolation.

    Whether its chain leads to somebody who is trusted is not said.
    """
    if credential.credential_type != CredentialType.X509:
        return
    key = credential.certified_key()
    if key is None or suite.signature.public_of_certificate(key) != signature_key:
        raise RuleViolation(Rule.CERTIFICATE_KEY)


def check_source(leaf: LeafNode, *expected: type) -> None:
    """Raise RuleViolation unless the leaf came in the way in which it is used."""
    if type(leaf.source) not in expected:
        raise RuleViolation(Rule.WRONG_LEAF_SOURCE, type(leaf.source).__name__)


def check_context_extensions(
    suite: CipherSuite, extensions: tuple[Extension, ...]
) -> None:
    """Check the extensions of a GroupContext, and the keys of external senders.

    §12.1.8.1. Raises RuleViolation, or DecodeError for one that is not well formed.
    """
    check_extensions(extensions)
    listed = find_extension(extensions, ExtensionType.EXTERNAL_SENDERS)
    for sender in ExternalSenders.decode(listed).senders if listed is not None else ():
        check_certified_key(suite, sender.credential, sender.signature_key)


def check_group_extensions(
    extensions: tuple[Extension, ...], leaves: Iterable[LeafNode]
) -> None:
    """Check that leaves can live under the extensions of a GroupContext.

    RFC 9420 §7.3, §11.1, §13.4. Raises RuleViolation, or DecodeError for
    extensions that are not well formed.
    """
    required = required_capabilities(extensions)
    needed_extensions = {e.extension_type for e in extensions}
    needed_extensions -= _DEFAULT_EXTENSIONS
    required_extensions = set(required.extension_types) - _DEFAULT_EXTENSIONS
    required_proposals = set(required.proposal_types) - DEFAULT_PROPOSALS
    required_credentials = set(required.credential_types)
    for leaf in leaves:
        able = leaf.capabilities
        if not needed_extensions.issubset(able.extensions):
            raise RuleViolation(Rule.GROUP_EXTENSION_UNSUPPORTED)
        if not (
            required_extensions.issubset(able.extensions)
            and required_proposals.issubset(able.proposals)
            and required_credentials.issubset(able.credentials)
        ):
            raise RuleViolation(Rule.CAPABILITY_MISSING)


def check_credential_support(leaves: Iterable[LeafNode]) -> None:
    """Check that every leaf supports every credential type in use (§7.3).

    Costs one pass over the leaves and one over their capabilities.
    """
    leaves = tuple(leaves)
    in_use = {leaf.credential.credential_type for leaf in leaves}
    for leaf in leaves:
        if not in_use.issubset(leaf.capabilities.credentials):
            raise RuleViolation(Rule.CREDENTIAL_UNSUPPORTED)


def check_lifetime(leaf: LeafNode, now: int, longest: int = LONGEST_LIFETIME) -> None:
    """Check a leaf that we are about to send in an Add (§7.3).

    `now` is Unix time, `longest` the number of seconds that a leaf may be valid.
    """
    if not isinstance(leaf.source, FromKeyPackage):
        raise RuleViolation(Rule.WRONG_LEAF_SOURCE)
    check_total_lifetime(leaf, longest)
    if not leaf.source.not_before <= now <= leaf.source.not_after:
        raise RuleViolation(Rule.OUTSIDE_LIFETIME)


def check_total_lifetime(leaf: LeafNode, longest: int = LONGEST_LIFETIME) -> None:
    """Check how long a leaf was to be valid for in all; needs no clock (§7.2).

    `longest` is a number of seconds, the same for all members. A leaf that is of no
    key package has no lifetime. Raises RuleViolation.
    """
    source = leaf.source
    if not isinstance(source, FromKeyPackage):
        return
    if source.not_after - source.not_before > longest:
        raise RuleViolation(Rule.LIFETIME_TOO_LONG)


def validate_key_package(suite: CipherSuite, package: KeyPackage) -> None:
    """Check a key package for a group of this suite (§10.1).

    Raises RuleViolation, NotAuthentic, or DecodeError for an extension that is not
    well formed.
    """
    if package.version != MLS_10:
        raise RuleViolation(Rule.WRONG_VERSION, str(package.version))
    if package.cipher_suite != suite.code:
        raise RuleViolation(Rule.WRONG_SUITE, str(package.cipher_suite))
    suite.check_public_key(package.init_key)
    if package.init_key == package.leaf_node.encryption_key:
        raise RuleViolation(Rule.INIT_KEY_REUSED)
    check_extensions(package.extensions)
    check_source(package.leaf_node, FromKeyPackage)
    validate_leaf(suite, package.leaf_node)
    package.leaf_node.verify_signature(suite)
    package.verify_signature(suite)
