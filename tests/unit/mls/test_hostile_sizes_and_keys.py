"""What a hostile member or relay can make costly, ambiguous or unusable."""

from dataclasses import replace

import pytest
from mls_groups import (
    CLASSIC,
    DRAW,
    HYBRID,
    Company,
    forge,
    key_package,
    stored,
    unchanged,
)
from mls_trees import SUITE, Person
from rejecting import rejects

from privity.codec import write_varint
from privity.errors import DecodeError
from privity.mls import (
    CommitOptions,
    Group,
    GroupInfo,
    PublicGroup,
    Rule,
    suite,
    verify_group_info,
)
from privity.mls.extensions import Extension, ExtensionType, ExternalPub
from privity.mls.joining import check_group_info
from privity.mls.leaf_validation import validate_leaf
from privity.mls.messages import MAX_MESSAGE
from privity.mls.nodes import OptionalNode, ParentNode
from privity.mls.proposals import (
    Commit,
    GroupContextExtensions,
    InlineProposal,
    PreSharedKey,
    PreSharedKeyID,
    Remove,
    ResumptionPSK,
    ResumptionPSKUsage,
)
from privity.mls.public_state import MAX_WAITING_PROPOSAL, MAX_WAITING_TOGETHER
from privity.mls.ratchet_tree import MAX_LEAVES, RatchetTree
from privity.mls.resumption import check_welcome_psks
from privity.mls.secret_tree import RatchetKind, SecretTree
from privity.mls.tree_draft import TreeDraft

P = 2**255 - 19
RULES = Extension(0xF5A2, b"")


class Compared(int):
    """An extension type that counts how often it is compared."""

    count = 0

    def __eq__(self, other):
        Compared.count += 1
        return int(self) == int(other)

    __hash__ = int.__hash__


def test_the_extensions_of_a_leaf_cost_no_square():
    leaf, _ = Person("ada").leaf()
    number = 1000
    kinds = tuple(map(Compared, range(100, 100 + number)))
    able = replace(leaf.capabilities, extensions=kinds)
    listed = tuple(Extension(int(kind), b"") for kind in kinds)
    Compared.count = 0
    validate_leaf(SUITE, replace(leaf, capabilities=able, extensions=listed))
    assert Compared.count < 10 * number


def encoded(nodes):
    body, out = bytearray(), bytearray()
    for node in nodes:
        OptionalNode.write(body, node)
    write_varint(out, len(body))
    return bytes(out + body)


def test_a_tree_of_too_many_leaves_is_refused_before_it_is_hashed():
    first, last = Person("ada").leaf()[0], Person("bob").leaf()[0]
    wide = [first, *[None] * (2 * MAX_LEAVES - 1), last]
    with rejects(Rule.TREE_TOO_LARGE):
        RatchetTree.decode(SUITE, encoded(wide))
    widest = [first, *[None] * (2 * MAX_LEAVES - 3), last]
    assert RatchetTree.decode(SUITE, encoded(widest)).size == MAX_LEAVES


def test_nobody_is_added_to_a_tree_that_is_full():
    nodes = [Person("ada").leaf()[0], *[None] * (2 * MAX_LEAVES - 2)]
    draft = TreeDraft(RatchetTree(SUITE, nodes, first_blank=MAX_LEAVES))
    with rejects(Rule.TREE_TOO_LARGE):
        draft.add(Person("bob").leaf()[0])


def test_a_tree_that_ends_in_a_parent_is_refused():
    leaf, parent = Person("ada").leaf()[0], ParentNode(b"k" * 32, b"")
    with rejects(Rule.MALFORMED_TREE):
        RatchetTree.decode(SUITE, encoded([leaf, parent]))


def test_an_x25519_key_has_one_encoding():
    _, public = SUITE.derive_key_pair(DRAW(32))
    SUITE.check_public_key(public)
    # RFC 7748 reads both as the keys 9 and `public`, which would stand twice.
    beyond = (P + 9).to_bytes(32, "little")
    for other in (beyond, public[:31] + bytes([public[31] | 0x80])):
        with rejects(Rule.BAD_PUBLIC_KEY):
            SUITE.check_public_key(other)
    hybrid = suite(HYBRID)
    _, public = hybrid.derive_key_pair(DRAW(32))
    hybrid.check_public_key(public)
    with rejects(Rule.BAD_PUBLIC_KEY):
        hybrid.check_public_key(public[:-32] + beyond)


def info_with(group, *extensions):
    state = group.state
    info = GroupInfo.decode(group.group_info())
    return replace(info, extensions=extensions).signed(
        state.suite, state.membership.me.signature_private
    )


@pytest.mark.parametrize("code", [CLASSIC, HYBRID])
@pytest.mark.parametrize("key", [b"", bytes(32), bytes(1216)])
def test_an_external_pub_that_nobody_can_use_is_refused(code, key):
    ada = Company.of("ada", "bob", code=code)["ada"]
    kind = ExtensionType.EXTERNAL_PUB
    info = info_with(ada, Extension(kind, ExternalPub(key).encode()))
    with rejects(Rule.BAD_PUBLIC_KEY):
        verify_group_info(ada.public, info)
    with rejects(Rule.BAD_PUBLIC_KEY):
        check_group_info(ada.suite, info, ada.tree_bytes())


def test_a_group_info_is_not_ambiguous():
    ada = Company.of("ada", "bob")["ada"]
    twice = info_with(ada, Extension(0xF5A4, b"one"), Extension(0xF5A4, b"two"))
    with rejects(Rule.DUPLICATE_EXTENSION):
        verify_group_info(ada.public, twice)


def test_a_checkpoint_of_another_version_of_mls_is_refused():
    ada = Company.of("ada", "bob")["ada"]
    state = ada.state.public
    other = replace(state, context=replace(state.context, version=2))
    with pytest.raises(DecodeError):
        PublicGroup.decode(PublicGroup(other).encode())


def test_a_proposal_that_is_too_large_does_not_wait():
    company = Company.of("ada", "bob")
    large = Extension(0xF5A3, bytes(MAX_WAITING_PROPOSAL))
    message = forge(company["ada"], GroupContextExtensions((large,)))
    with unchanged(company["bob"]), rejects(Rule.TOO_MANY_PROPOSALS):
        company["bob"].process(message)


def test_no_more_than_a_mebibyte_of_proposals_waits():
    """Each message stores them once more."""
    company = Company.of("ada", "bob")
    bob = company["bob"]
    size = MAX_WAITING_PROPOSAL - 100
    for n in range(MAX_WAITING_TOGETHER // size):
        large = Extension(0xF5A3, bytes([n]) * size)
        bob = bob.process(forge(company["ada"], GroupContextExtensions((large,)))).next
    again = Group.load(*stored(bob), company.meet("bob"))
    assert again.state.public == bob.state.public
    message = forge(company["ada"], GroupContextExtensions((large, RULES)))
    for group in (bob, again):
        with unchanged(group), rejects(Rule.TOO_MANY_PROPOSALS):
            group.process(message)
        with unchanged(group), rejects(Rule.TOO_MANY_PROPOSALS):
            group.propose_extensions((large, RULES))
        with rejects(Rule.TOO_MANY_PROPOSALS):
            group.public.follow(message)
    # What has room still waits, and the next epoch begins with nothing.
    assert bob.process(forge(company["ada"], Remove(1))).next.commit_required
    assert bob.commit(CommitOptions(), DRAW).next.propose_extensions((large, RULES))


def keys(number):
    """Return that many pre-shared keys which are all the epoch's own."""
    named = ResumptionPSK(ResumptionPSKUsage.APPLICATION, b"company", 1)
    return (PreSharedKeyID(named, n.to_bytes(32, "big")) for n in range(number))


def test_more_keys_than_an_epoch_can_count_are_refused_by_all():
    """Their number is a uint16 in what is derived of them (§8.4)."""
    company = Company.of("ada", "bob")
    bob = company["bob"]
    body = Commit(tuple(InlineProposal(PreSharedKey(key)) for key in keys(1 << 16)))
    message = forge(company["ada"], body, b"tag")
    for refuse in (bob.process, bob.public.follow):
        with unchanged(bob), rejects(Rule.TOO_MANY_PSKS):
            refuse(message)
    fewer = replace(body, proposals=body.proposals[1:])
    followed = bob.public.follow(forge(company["ada"], fewer, b"tag"))
    assert followed.context.epoch == bob.epoch + 1


def test_a_welcome_that_names_too_many_keys_is_refused():
    check_welcome_psks(SUITE, tuple(keys(0xFFFF)), None)
    with rejects(Rule.TOO_MANY_PSKS):
        check_welcome_psks(SUITE, tuple(keys(1 << 16)), None)


def test_a_welcome_that_is_too_long_is_not_read():
    company = Company.of("ada")
    bob = company.meet("bob")
    bundle = key_package(company.crypto, bob)
    with rejects(Rule.MESSAGE_TOO_LONG):
        Group.join(bytes(MAX_MESSAGE + 1), bundle, bob)


def test_a_stored_secret_tree_that_lacks_a_leaf_does_not_spin():
    damaged = SecretTree.decode(SecretTree(4, {1: bytes(32)}, {}).encode())
    with pytest.raises(DecodeError):
        damaged.next_key(SUITE, 3, RatchetKind.APPLICATION)
