from dataclasses import replace

import pytest
from mls_trees import GROUP_ID, SUITE, Grove, Person
from rejecting import rejects

from privity.errors import NotAuthentic
from privity.mls.extensions import Extension
from privity.mls.framing import SenderType
from privity.mls.nodes import Capabilities, FromCommit, FromKeyPackage
from privity.mls.proposal_list import SentProposal, apply_proposals, check_proposal
from privity.mls.proposals import (
    Add,
    ExternalInit,
    ExternalPSK,
    GroupContextExtensions,
    PreSharedKey,
    PreSharedKeyID,
    ReInit,
    Remove,
    ResumptionPSK,
    ResumptionPSKUsage,
    Update,
)
from privity.mls.rules import Rule
from privity.mls.tree_validation import validate_tree

NAMED = ExternalPSK(b"id")
RULES = Extension(0xF5A3, b"rules")


@pytest.fixture(scope="module")
def grown():
    return Grove.of(4)


@pytest.fixture
def grove(grown):
    """Four members; whatever a test tries, the tree stays what it was."""
    before = grown.tree.encode()
    yield grown
    assert grown.tree.encode() == before


def package_of(name, **changes):
    return Person(name).package(**changes)[0]


def update_of(grove, leaf, **changes):
    new, _ = grove.people[leaf].updated_leaf(leaf, **changes)
    return SentProposal(leaf, Update(new))


def test_proposals_apply_in_the_order_of_the_rfc_whatever_their_order(grove):
    new = package_of("new")
    applied = grove.apply_sent(
        0,
        [
            SentProposal(0, Add(new)),
            SentProposal(0, Remove(1)),
            update_of(grove, 2),
        ],
    )
    # The Remove came first: its place is free for the Add.
    assert applied.added == ((1, new),)
    assert applied.added_leaves == {1}
    assert applied.removed == ((1, grove.tree.leaf(1)),)
    assert [at for at, _ in applied.updated] == [2]
    assert applied.tree.leaf(1) == new.leaf_node
    assert applied.needs_path
    validate_tree(applied.tree, grove.context(applied.tree))


def test_adds_alone_need_no_path_and_everything_else_does(grove):
    assert not grove.apply(0, Add(package_of("new"))).needs_path
    assert grove.apply(0).needs_path
    assert grove.apply(0, Remove(1)).needs_path
    assert grove.apply(0, GroupContextExtensions(())).needs_path
    assert grove.apply(0, Add(package_of("new")), Remove(1)).needs_path


def test_an_empty_list_changes_nothing(grove):
    applied = grove.apply(0)
    assert applied.tree is grove.tree
    assert applied.extensions == ()


def test_new_extensions_replace_all_old_ones():
    first = Person("first")
    grove = Grove.planted(first)
    able = Capabilities(cipher_suites=(1,), credentials=(1,), extensions=(0xF5A3,))
    leaf = first.package(capabilities=able)[0].leaf_node
    grove.tree = type(grove.tree).of_one(SUITE, leaf)
    grove.extensions = (RULES,)
    changed = (Extension(0xF5A3, b"other rules"),)
    assert grove.apply(0, GroupContextExtensions(changed)).extensions == changed
    assert grove.apply(0, GroupContextExtensions(())).extensions == ()


def test_whoever_is_removed_need_not_support_new_extensions():
    able = Capabilities(cipher_suites=(1,), credentials=(1,), extensions=(0xF5A3,))
    grove = Grove.planted(Person("unable"))
    grove.tree = grove.apply(0, Add(package_of("able", capabilities=able))).tree
    wanted = GroupContextExtensions((RULES,))
    with rejects(Rule.GROUP_EXTENSION_UNSUPPORTED):
        grove.apply(1, wanted)
    assert grove.apply(1, wanted, Remove(0)).extensions == (RULES,)


def test_a_committer_does_not_update_itself_by_proposal(grove):
    with rejects(Rule.UPDATE_BY_COMMITTER):
        grove.apply_sent(2, [update_of(grove, 2)])


def test_a_committer_is_not_removed_by_value_or_by_reference(grove):
    for sender in (1, 2):
        with rejects(Rule.COMMITTER_REMOVED):
            grove.apply_sent(1, [SentProposal(sender, Remove(1))])


def test_a_leaf_is_changed_once(grove):
    for twice in (
        [SentProposal(0, Remove(1)), SentProposal(2, Remove(1))],
        [SentProposal(0, Remove(1)), update_of(grove, 1)],
        [update_of(grove, 1), SentProposal(0, Remove(1))],
        [update_of(grove, 1), update_of(grove, 1)],
    ):
        with rejects(Rule.LEAF_CHANGED_TWICE):
            grove.apply_sent(0, twice)


@pytest.mark.parametrize("leaf", [4, 5, 2**31, 2**32 - 1])
def test_only_an_occupied_leaf_is_removed(grove, leaf):
    with rejects(Rule.BLANK_LEAF):
        grove.apply(0, Remove(leaf))


def test_a_client_is_added_once(grove):
    one, other = package_of("new"), package_of("new")
    with rejects(Rule.DUPLICATE_SIGNATURE_KEY):
        grove.apply(0, Add(one), Add(other))
    with rejects(Rule.DUPLICATE_INIT_KEY):
        grove.apply(0, Add(one), Add(one))


def test_a_member_is_not_added_again_unless_it_is_removed_too(grove):
    again = package_of("person 3")
    with rejects(Rule.DUPLICATE_SIGNATURE_KEY):
        grove.apply(0, Add(again))
    applied = grove.apply(0, Remove(3), Add(again))
    assert applied.tree.find_signature_key(again.leaf_node.signature_key) == 3


def test_keys_are_unique_across_all_proposals_of_a_commit(grove):
    update = update_of(grove, 2)
    stolen = update.proposal.leaf_node.encryption_key
    package = package_of("new", encryption_key=stolen)
    with rejects(Rule.DUPLICATE_ENCRYPTION_KEY):
        grove.apply_sent(0, [update, SentProposal(0, Add(package))])


def test_a_new_leaf_does_not_take_the_key_of_a_parent(grove):
    package = package_of("new", encryption_key=grove.tree.node(1).encryption_key)
    with rejects(Rule.DUPLICATE_ENCRYPTION_KEY):
        grove.apply(0, Add(package))


def test_an_update_brings_a_new_key(grove):
    old = grove.tree.leaf(1).encryption_key
    with rejects(Rule.UPDATE_KEEPS_KEY):
        grove.apply_sent(0, [update_of(grove, 1, encryption_key=old)])


@pytest.mark.parametrize("source", [FromKeyPackage(0, 1), FromCommit(b"")])
def test_an_update_holds_a_leaf_that_was_made_for_it(grove, source):
    with rejects(Rule.WRONG_LEAF_SOURCE):
        grove.apply_sent(0, [update_of(grove, 1, source=source)])


def test_an_update_is_signed_by_its_own_leaf_for_its_own_place(grove):
    leaf, _ = grove.people[1].updated_leaf(2)
    with pytest.raises(NotAuthentic):
        grove.apply_sent(0, [SentProposal(1, Update(leaf))])
    other_group = leaf.signed(SUITE, grove.people[1].seed, GROUP_ID + b"!", 1)
    with pytest.raises(NotAuthentic):
        grove.apply_sent(0, [SentProposal(1, Update(other_group))])


def test_an_update_from_a_blank_leaf_is_refused(grove):
    leaf, _ = Person("ghost").updated_leaf(9)
    with rejects(Rule.BLANK_LEAF):
        grove.apply_sent(0, [SentProposal(9, Update(leaf))])


def test_an_invalid_key_package_is_not_added(grove):
    package = package_of("new")
    with rejects(Rule.WRONG_SUITE):
        grove.apply(0, Add(replace(package, cipher_suite=0xF5A1)))


def test_extensions_are_replaced_once_and_well_formed(grove):
    none = GroupContextExtensions(())
    with rejects(Rule.DUPLICATE_GROUP_CONTEXT_EXTENSIONS):
        grove.apply(0, none, none)
    with rejects(Rule.DUPLICATE_EXTENSION):
        grove.apply(0, GroupContextExtensions((RULES, RULES)))


def test_a_member_does_not_initialise_from_outside(grove):
    with rejects(Rule.EXTERNAL_INIT_BY_MEMBER):
        grove.apply(0, ExternalInit(b"kem output"))


def psk_of(key=NAMED, nonce=bytes(32)):
    return PreSharedKey(PreSharedKeyID(key, nonce))


def test_pre_shared_keys_change_no_leaf_and_need_no_path(grove):
    one, other = psk_of(), psk_of(nonce=bytes(31) + b"\1")
    applied = grove.apply(0, one, other)
    assert applied.psks == (one.psk, other.psk)
    assert not applied.needs_path
    assert applied.tree is grove.tree


def test_a_pre_shared_key_is_named_once_and_with_a_whole_nonce(grove):
    with rejects(Rule.DUPLICATE_PSK):
        grove.apply(0, psk_of(), psk_of())
    for length in (0, 31, 33):
        with rejects(Rule.PSK_NONCE_LENGTH):
            grove.apply(0, psk_of(nonce=bytes(length)))


@pytest.mark.parametrize(
    "usage", [ResumptionPSKUsage.REINIT, ResumptionPSKUsage.BRANCH]
)
def test_a_resumption_key_is_used_as_its_usage_says(grove, usage):
    sent = SentProposal(0, psk_of(ResumptionPSK(usage, b"group", 1)))
    later = replace(grove.context(), epoch=1)
    with rejects(Rule.PSK_USAGE):
        apply_proposals(grove.tree, later, 0, [sent])
    with rejects(Rule.PSK_USAGE):
        check_proposal(grove.tree, later, sent)
    apply_proposals(grove.tree, grove.context(), 0, [sent])


def test_a_reinit_stands_alone_and_lowers_no_version(grove):
    reinit = ReInit(b"next", 1, 1, ())
    applied = grove.apply(0, reinit)
    assert applied.reinit == reinit
    assert not applied.needs_path
    for beside in (Remove(1), psk_of(), ReInit(b"other", 1, 1, ())):
        with rejects(Rule.REINIT_NOT_ALONE):
            grove.apply(0, reinit, beside)
    with rejects(Rule.REINIT_LOWERS_VERSION):
        grove.apply(0, ReInit(b"next", 0, 1, ()))
    with rejects(Rule.DUPLICATE_EXTENSION):
        grove.apply(0, ReInit(b"next", 1, 1, (RULES, RULES)))


def test_an_external_commit_holds_one_init_and_at_most_one_remove(grove):
    init = ExternalInit(b"kem output")
    for sound in ([init], [init, Remove(1)], [Remove(1), psk_of(), init]):
        applied = grove.apply_joining(*sound)
        assert applied.kem_output == b"kem output"
        assert applied.needs_path
    for unsound in (
        [],
        [Remove(1)],
        [init, init],
        [init, Remove(1), Remove(2)],
        [init, Add(package_of("new"))],
        [init, GroupContextExtensions(())],
        [init, ReInit(b"next", 1, 1, ())],
    ):
        with rejects(Rule.EXTERNAL_COMMIT_PROPOSALS):
            grove.apply_joining(*unsound)


@pytest.mark.parametrize("kind", [SenderType.EXTERNAL, SenderType.NEW_MEMBER_PROPOSAL])
def test_who_is_outside_proposes_no_update(grove, kind):
    update = replace(update_of(grove, 2), sender_type=kind)
    with rejects(Rule.NOT_THIS_SENDERS):
        check_proposal(grove.tree, grove.context(), update)
    remove = SentProposal(0, Remove(1), SenderType.NEW_MEMBER_PROPOSAL)
    with rejects(Rule.NOT_THIS_SENDERS):
        check_proposal(grove.tree, grove.context(), remove)


def test_a_proposal_is_checked_by_itself_before_it_waits(grove):
    context = grove.context()
    for sound in (
        SentProposal(0, Add(package_of("person 3"))),
        SentProposal(0, Remove(0)),
        SentProposal(0, GroupContextExtensions((RULES,))),
        SentProposal(0, psk_of()),
        SentProposal(0, ReInit(b"next", 1, 1, ())),
        SentProposal(0, Remove(1), SenderType.EXTERNAL),
        SentProposal(0, Add(package_of("new")), SenderType.NEW_MEMBER_PROPOSAL),
        update_of(grove, 2),
    ):
        check_proposal(grove.tree, context, sound)


def test_a_proposal_that_no_commit_could_hold_is_refused_at_once(grove):
    forged = replace(package_of("new"), signature=bytes(64))
    with pytest.raises(NotAuthentic):
        check_proposal(grove.tree, grove.context(), SentProposal(0, Add(forged)))
    for unsound, rule in (
        (SentProposal(0, Remove(9)), Rule.BLANK_LEAF),
        (SentProposal(0, ExternalInit(b"")), Rule.EXTERNAL_INIT_BY_MEMBER),
        (
            SentProposal(0, GroupContextExtensions((RULES, RULES))),
            Rule.DUPLICATE_EXTENSION,
        ),
        (
            update_of(grove, 1, encryption_key=grove.tree.leaf(1).encryption_key),
            Rule.UPDATE_KEEPS_KEY,
        ),
        (
            update_of(grove, 1, capabilities=Capabilities(credentials=(1,))),
            Rule.SUITE_NOT_LISTED,
        ),
        (SentProposal(0, ReInit(b"next", 0, 1, ())), Rule.REINIT_LOWERS_VERSION),
    ):
        with rejects(rule):
            check_proposal(grove.tree, grove.context(), unsound)


def test_new_extensions_count_for_adds_of_the_same_commit():
    able = Capabilities(cipher_suites=(1,), credentials=(1,), extensions=(0xF5A3,))
    grove = Grove.planted(Person("old"))
    leaf = Person("old").package(capabilities=able)[0].leaf_node
    grove.tree = type(grove.tree).of_one(SUITE, leaf)
    wanted = GroupContextExtensions((RULES,))
    with rejects(Rule.GROUP_EXTENSION_UNSUPPORTED):
        grove.apply(0, Add(package_of("unable")), wanted)
    new = package_of("able", capabilities=able)
    assert grove.apply(0, Add(new), wanted).extensions == (RULES,)


def test_old_extensions_count_for_whoever_is_added_under_them():
    able = Capabilities(cipher_suites=(1,), credentials=(1,), extensions=(0xF5A3,))
    grove = Grove.planted(Person("old"))
    leaf = Person("old").package(capabilities=able)[0].leaf_node
    grove.tree = type(grove.tree).of_one(SUITE, leaf)
    grove.extensions = (RULES,)
    with rejects(Rule.GROUP_EXTENSION_UNSUPPORTED):
        grove.apply(0, Add(package_of("unable")))
    new = package_of("able", capabilities=able)
    assert grove.apply(0, Add(new)).extensions == (RULES,)


def test_a_tree_whose_right_half_leaves_is_half_as_wide(grove):
    left = grove.apply(0, Remove(2), Remove(3))
    assert (grove.tree.size, left.tree.size) == (4, 2)
    # What is added then finds the narrow tree.
    after = grove.apply(0, Remove(2), Remove(3), Add(package_of("new")))
    assert after.added_leaves == {2}
    assert after.tree.size == 4
