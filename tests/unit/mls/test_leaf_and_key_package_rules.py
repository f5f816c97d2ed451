from dataclasses import replace

import pytest
from mls_groups import Company
from mls_trees import GROUP_ID, SUITE, YEAR, Grove, Person
from rejecting import rejects

from privity.errors import DecodeError, NotAuthentic, RuleViolation
from privity.mls.extensions import Extension, ExtensionType, RequiredCapabilities
from privity.mls.key_packages import KeyPackage
from privity.mls.leaf_validation import (
    LONGEST_LIFETIME,
    check_lifetime,
    check_total_lifetime,
    validate_key_package,
    validate_leaf,
)
from privity.mls.nodes import (
    Capabilities,
    FromCommit,
    FromKeyPackage,
    FromUpdate,
    LeafNode,
)
from privity.mls.proposals import Add, GroupContextExtensions
from privity.mls.rules import Rule

ALICE = Person("alice")
ABLE = Capabilities(cipher_suites=(1,), credentials=(1,))
LOW_ORDER = bytes(32)
OURS = 0xF5A2


def check(of_package=None, **of_leaf):
    package, _ = ALICE.package(of_package=of_package, **of_leaf)
    validate_key_package(SUITE, KeyPackage.decode(package.encode()))


def test_an_honest_key_package_is_valid_and_survives_its_encoding():
    check()
    check(
        extensions=(Extension(OURS, b"certificate"), Extension(1, b"\x02id")),
        capabilities=replace(ABLE, extensions=(OURS, 0x0A0A), proposals=(0x1A1A,)),
    )


def test_a_package_of_another_version_is_refused():
    with rejects(Rule.WRONG_VERSION):
        check({"version": 2})


def test_a_package_of_another_suite_is_refused():
    with rejects(Rule.WRONG_SUITE):
        check({"cipher_suite": 0xF5A1})


def test_an_init_key_that_is_the_leafs_key_is_refused():
    leaf, _ = ALICE.leaf()
    with rejects(Rule.INIT_KEY_REUSED):
        check({"init_key": leaf.encryption_key}, encryption_key=leaf.encryption_key)


def test_keys_to_which_nobody_could_encrypt_are_refused_when_they_arrive():
    with rejects(Rule.BAD_PUBLIC_KEY):
        check({"init_key": LOW_ORDER})
    with rejects(Rule.BAD_PUBLIC_KEY):
        check(encryption_key=LOW_ORDER)
    with rejects(Rule.BAD_PUBLIC_KEY):
        check(encryption_key=b"short")


@pytest.mark.parametrize("source", [FromUpdate(), FromCommit(b"")])
def test_a_package_holds_a_leaf_that_was_made_for_it(source):
    with rejects(Rule.WRONG_LEAF_SOURCE):
        check(source=source)


def test_a_leaf_lists_the_type_of_its_own_credential():
    with rejects(Rule.CREDENTIAL_NOT_LISTED):
        check(capabilities=replace(ABLE, credentials=(2,)))


def test_a_leaf_lists_the_types_of_its_own_extensions():
    with rejects(Rule.EXTENSION_NOT_LISTED):
        check(extensions=(Extension(OURS, b""),))


@pytest.mark.parametrize(
    "able", [replace(ABLE, versions=()), replace(ABLE, cipher_suites=(0xF5A1,))]
)
def test_a_leaf_lists_version_and_suite_of_the_group(able):
    with rejects(Rule.SUITE_NOT_LISTED):
        check(capabilities=able)


def test_an_extension_stands_once_in_a_list():
    twice = (Extension(OURS, b"a"), Extension(OURS, b"b"))
    with rejects(Rule.DUPLICATE_EXTENSION):
        check(extensions=twice, capabilities=replace(ABLE, extensions=(OURS,)))
    with rejects(Rule.DUPLICATE_EXTENSION):
        check({"extensions": twice})


@pytest.mark.parametrize("kind", [1, 3, 4, 5])
def test_a_known_extension_decodes_to_its_last_byte(kind):
    with pytest.raises(DecodeError):
        check({"extensions": (Extension(kind, b"\x00\x00\x00\x00\x00"),)})


def test_both_signatures_are_checked():
    package, _ = ALICE.package()
    other, _ = Person("bob").package()
    with pytest.raises(NotAuthentic):
        validate_key_package(SUITE, replace(package, signature=other.signature))
    leaf = replace(package.leaf_node, signature=other.leaf_node.signature)
    forged = replace(package, leaf_node=leaf).signed(SUITE, ALICE.seed)
    with pytest.raises(NotAuthentic):
        validate_key_package(SUITE, forged)


def test_a_leaf_is_signed_for_one_place_of_one_group():
    leaf, _ = ALICE.updated_leaf(3)
    leaf.verify_signature(SUITE, GROUP_ID, 3)
    for group, place in ((b"another", 3), (GROUP_ID, 2)):
        with pytest.raises(NotAuthentic):
            leaf.verify_signature(SUITE, group, place)


def test_a_leaf_of_a_package_is_signed_for_no_place():
    leaf = ALICE.package()[0].leaf_node
    leaf.verify_signature(SUITE)
    leaf.verify_signature(SUITE, GROUP_ID, 7)


def test_every_byte_of_a_leaf_is_under_its_signature():
    leaf = ALICE.package()[0].leaf_node
    data = leaf.encode()
    for place in range(len(data)):
        flipped = bytearray(data)
        flipped[place] ^= 1
        with pytest.raises((NotAuthentic, DecodeError, RuleViolation)):
            LeafNode.decode(bytes(flipped)).verify_signature(SUITE)


def test_an_add_is_sent_within_the_lifetime_only():
    leaf, _ = ALICE.leaf(source=FromKeyPackage(100, 200))
    for now in (100, 150, 200):
        check_lifetime(leaf, now)
    for now in (99, 201):
        with rejects(Rule.OUTSIDE_LIFETIME):
            check_lifetime(leaf, now)


def test_an_add_is_not_sent_for_a_leaf_that_would_live_too_long():
    leaf, _ = ALICE.leaf(source=FromKeyPackage(0, LONGEST_LIFETIME + 1))
    with rejects(Rule.LIFETIME_TOO_LONG):
        check_lifetime(leaf, YEAR)
    with rejects(Rule.WRONG_LEAF_SOURCE):
        check_lifetime(replace(leaf, source=FromUpdate()), YEAR)


def test_validity_has_no_clock():
    leaf, _ = ALICE.leaf(source=FromKeyPackage(2, 1))
    validate_leaf(SUITE, leaf)


def required(**types):
    data = RequiredCapabilities(**types).encode()
    return Extension(ExtensionType.REQUIRED_CAPABILITIES, data)


@pytest.mark.parametrize(
    "requirement",
    [
        required(extension_types=(OURS,)),
        required(proposal_types=(0xF5F0,)),
        required(credential_types=(2,)),
    ],
)
def test_a_new_leaf_has_what_the_group_requires(requirement):
    grove = Grove.planted(ALICE)
    grove.extensions = (requirement,)
    package, _ = Person("bob").package()
    before = grove.tree.encode()
    with rejects(Rule.CAPABILITY_MISSING):
        grove.apply(0, Add(package))
    assert grove.tree.encode() == before


def test_what_the_rfc_defines_need_not_be_listed():
    grove = Grove.planted(ALICE)
    defaults = required(extension_types=(1, 2), proposal_types=(1, 7))
    grove.extensions = (defaults,)
    package, _ = Person("bob").package()
    assert grove.apply(0, Add(package)).tree.size == 2


def test_a_new_leaf_supports_the_extensions_of_the_group():
    grove = Grove.planted(ALICE)
    grove.extensions = (Extension(0xF5A3, b"rules"),)
    package, _ = Person("bob").package()
    with rejects(Rule.GROUP_EXTENSION_UNSUPPORTED):
        grove.apply(0, Add(package))
    able = replace(ABLE, extensions=(0xF5A3,))
    package, _ = Person("bob").package(capabilities=able)
    assert len(grove.apply(0, Add(package)).added) == 1


def test_new_extensions_of_a_group_need_the_support_of_all_who_stay():
    grove = Grove.planted(ALICE)
    wanted = GroupContextExtensions((Extension(0xF5A3, b"rules"),))
    with rejects(Rule.GROUP_EXTENSION_UNSUPPORTED):
        grove.apply(0, wanted)
    with rejects(Rule.CAPABILITY_MISSING):
        grove.apply(0, GroupContextExtensions((required(extension_types=(OURS,)),)))


def test_credentials_in_use_are_supported_by_all():
    grove = Grove.planted(ALICE)
    odd = Person("odd")
    strange = replace(odd.leaf()[0].credential, credential_type=0xF0F0)
    able = replace(ABLE, credentials=(1, 0xF0F0))
    package, _ = odd.package(credential=strange, capabilities=able)
    with rejects(Rule.CREDENTIAL_UNSUPPORTED):
        grove.apply(0, Add(package))
    able = replace(ABLE, credentials=(0xF0F0,))
    package, _ = odd.package(credential=strange, capabilities=able)
    with rejects(Rule.CREDENTIAL_UNSUPPORTED):
        grove.apply(0, Add(package))


def test_a_total_lifetime_is_bounded_without_a_clock():
    """So that all members can judge alike, at any time (§7.2)."""
    bound = 100
    for first, last in ((0, 100), (5, 105), (2**63, 2**63)):
        leaf = Person("ada").package(source=FromKeyPackage(first, last))[0].leaf_node
        check_total_lifetime(leaf, bound)
    for first, last in ((0, 101), (0, 2**64 - 1)):
        leaf = Person("ada").package(source=FromKeyPackage(first, last))[0].leaf_node
        with rejects(Rule.LIFETIME_TOO_LONG):
            check_total_lifetime(leaf, bound)
    check_total_lifetime(Person("ada").updated_leaf(0)[0], bound)


def test_nobody_but_its_creator_sees_a_leaf_that_is_valid_for_ever():
    company = Company.of("ada")
    with rejects(Rule.LIFETIME_TOO_LONG):
        check_total_lifetime(company["ada"].member(0))
    company.commit("ada", add=("bob",))
    for _, leaf in company["bob"].members():
        check_total_lifetime(leaf, 1000)
