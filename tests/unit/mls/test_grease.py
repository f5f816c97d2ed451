"""Values that mean nothing (RFC 9420 §13.5) are sent if asked for, and ignored."""

import random
from dataclasses import replace

import pytest
from mls_groups import DRAW, Company, identity, unchanged
from rejecting import rejects

from privity.errors import UsageError
from privity.mls import (
    CommitOptions,
    Extension,
    ExternalJoin,
    Group,
    GroupInfo,
    KeyPackage,
    Rule,
    grease_extension,
    greased,
    make_key_package,
    suite,
    validate_key_package,
)
from privity.mls.grease import GREASE, without_grease

CRYPTO = suite(1)


def packed(me, **options):
    return make_key_package(
        CRYPTO, me, random=DRAW, not_before=0, not_after=1000, **options
    )


class Greasy(Company):
    """People of whom every second one sends GREASE."""

    def meet(self, name):
        if name not in self.people:
            me = identity(self.crypto, name)
            self.people[name] = greased(me, DRAW) if len(self.people) % 2 else me
        return super().meet(name)


def lists_of(able):
    return able.cipher_suites, able.extensions, able.proposals, able.credentials


def test_the_values_are_those_that_the_rfc_reserves():
    assert tuple(0x1010 * n + 0x0A0A for n in range(15)) == GREASE
    assert (GREASE[0], GREASE[-1]) == (0x0A0A, 0xEAEA)


def test_each_list_of_capabilities_gets_one_and_nothing_is_lost():
    plain = identity(CRYPTO, "ada")
    me = greased(plain, DRAW)
    for before, after in zip(
        lists_of(plain.capabilities), lists_of(me.capabilities), strict=True
    ):
        (more,) = set(after) - set(before)
        assert more in GREASE
        assert [code for code in after if code != more] == list(before)
    (extension,) = me.extensions
    assert extension.extension_type in me.capabilities.extensions
    assert me.capabilities.versions == plain.capabilities.versions
    assert without_grease(me.capabilities) == plain.capabilities
    assert greased(plain, DRAW).capabilities != me.capabilities


def test_nobody_sends_it_who_did_not_ask_for_it():
    package = packed(identity(CRYPTO, "ada")).key_package
    sent = {*lists_of(package.leaf_node.capabilities)}
    assert not {code for codes in sent for code in codes} & {*GREASE}
    assert package.extensions == package.leaf_node.extensions == ()


def test_a_key_package_carries_it_and_is_valid():
    me = greased(identity(CRYPTO, "ada"), DRAW)
    listed = next(c for c in me.capabilities.extensions if c in GREASE)
    more = Extension(listed, b"any content")
    package = packed(me, extensions=(more,), last_resort=True).key_package
    assert more in package.extensions
    again = KeyPackage.decode(package.encode())
    validate_key_package(CRYPTO, again)
    assert again == package


def test_a_key_package_has_only_extensions_that_its_leaf_lists():
    me = identity(CRYPTO, "ada")
    with pytest.raises(UsageError):
        packed(me, extensions=(Extension(GREASE[0], b""),))


def test_people_with_and_without_it_make_one_group():
    company = Greasy.of("ada", "bob", "cyd", "dan")
    message, company.groups["bob"] = company["bob"].propose_update(random=DRAW)
    company.spread(message, but="bob")
    company.commit("cyd", add=("eve", "fay"), tree_in_welcome=True)
    company.commit("bob", remove=("ada",))
    info = GroupInfo.decode(company["bob"].group_info((grease_extension(DRAW),)))
    me = greased(identity(CRYPTO, "gus"), DRAW)
    joined = Group.join_externally(
        info, me, ExternalJoin(tree=company["bob"].tree_bytes()), DRAW
    )
    company.people["gus"] = me
    company.follow("gus", joined)
    company.groups["gus"] = joined.next
    assert company.agree()
    for leaf, name in ((1, "bob"), (3, "dan")):
        node = company["gus"].member(leaf)
        assert node.extensions == company.people[name].extensions
        assert {*node.capabilities.proposals} & {*GREASE}
    assert company.hear(company.say("dan", b"hello"), but="dan") == {b"hello"}


@pytest.mark.parametrize("seed", range(10))
def test_a_group_info_carries_it_and_joiners_ignore_it(seed):
    extension = grease_extension(random.Random(seed).randbytes)
    assert extension.extension_type in GREASE
    company = Company.of("ada")
    company.commit("ada", add=("bob",), group_info_extensions=lambda _: (extension,))
    assert company.agree()


def test_it_may_not_stand_in_a_group_context():
    """What one claims as GREASE one cannot do, though the list names it."""
    me = greased(identity(CRYPTO, "ada"), DRAW)
    (claimed,) = me.extensions
    with rejects(Rule.GROUP_EXTENSION_UNSUPPORTED):
        Group.create(CRYPTO, b"group", me, random=DRAW, extensions=(claimed,))
    # A group of members who all list it could have it; whoever joins refuses.
    company = Company(CRYPTO)
    able = identity(CRYPTO, "x").capabilities
    able = replace(able, extensions=(*able.extensions, claimed.extension_type))
    for name in ("ada", "bob", "eve"):
        company.people[name] = replace(identity(CRYPTO, name), capabilities=able)
    company.groups["ada"] = Group.create(
        CRYPTO, b"group", company.people["ada"], random=DRAW
    )
    company.commit("ada", add=("bob",), extensions=())
    company.commit("ada", extensions=(claimed,))
    with rejects(Rule.GROUP_EXTENSION_UNSUPPORTED):
        company.commit("ada", add=("eve",))
    info = GroupInfo.decode(company["bob"].group_info(with_tree=True))
    with rejects(Rule.GROUP_EXTENSION_UNSUPPORTED):
        Group.join_externally(info, company.people["eve"], ExternalJoin(), DRAW)


def test_an_extension_that_somebody_does_not_list_is_refused_grease_or_not():
    company = Company.of("ada", "bob")
    for code in (GREASE[3], 0xF0F0):
        wanted = (Extension(code, b""),)
        with (
            unchanged(company["ada"]),
            rejects(Rule.GROUP_EXTENSION_UNSUPPORTED),
        ):
            company["ada"].commit(CommitOptions(extensions=wanted), DRAW)
