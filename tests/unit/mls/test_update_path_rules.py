from dataclasses import replace

import pytest
from mls_trees import DRAW, GROUP_ID, SUITE, Grove, Person
from rejecting import rejects

from privity.errors import NotAuthentic, UsageError
from privity.mls.extensions import Extension
from privity.mls.nodes import Capabilities, FromUpdate, UpdatePath
from privity.mls.path_keys import PathKeys
from privity.mls.proposal_list import AppliedProposals
from privity.mls.proposals import Add
from privity.mls.rules import Rule
from privity.mls.suites import suite
from privity.mls.tree_validation import validate_tree
from privity.mls.treekem import LeafSigner, merge_path, refresh_path

SENDER = 2


@pytest.fixture(scope="module")
def grown():
    return Grove.of(5)


@pytest.fixture
def grove(grown):
    """Five members; whatever a test tries, the tree stays what it was."""
    before = grown.tree.encode()
    yield grown
    assert grown.tree.encode() == before


@pytest.fixture
def path(grove):
    return grove.path(SENDER)


def merge(grove, path, extensions=()):
    decoded = UpdatePath.decode(path.encode())
    return merge_path(
        AppliedProposals(grove.tree, extensions), SENDER, decoded, GROUP_ID
    )


def resigned(grove, path, **changes):
    """Return the path with a changed leaf that is signed as it should be."""
    leaf = replace(path.leaf_node, **changes)
    seed = grove.people[SENDER].seed
    return replace(path, leaf_node=leaf.signed(SUITE, seed, GROUP_ID, SENDER))


def with_node(path, place, **changes):
    nodes = list(path.nodes)
    nodes[place] = replace(nodes[place], **changes)
    return replace(path, nodes=tuple(nodes))


def test_all_members_derive_the_same_secret_and_the_sender_too(grove):
    person = grove.people[SENDER]
    fresh = refresh_path(
        grove.tree, SENDER, grove.tree.member(SENDER), person.signer, DRAW
    )
    context = grove.context(fresh.tree).encode()
    merged = merge(grove, fresh.seal(context, ()))
    secrets = {
        merged.open(keys, context)[1]
        for leaf, keys in grove.keys.items()
        if leaf != SENDER
    }
    assert secrets == {fresh.commit_secret}
    with pytest.raises(UsageError):
        merged.open(grove.keys[SENDER], context)


def test_a_group_of_one_has_an_empty_path(grove):
    del grove
    alone = Grove.planted(Person("alone"))
    alone.commit(0)
    assert alone.tree.size == 1
    assert alone.tree.leaf(0).parent_hash == b""
    assert len(alone.commit_secret) == SUITE.hash_length


def test_secrets_do_not_print(grove):
    person = grove.people[SENDER]
    fresh = refresh_path(
        grove.tree, SENDER, grove.tree.member(SENDER), person.signer, DRAW
    )
    shown = repr(fresh) + repr(person.signer)
    for secret in (fresh.commit_secret, *fresh.secrets, *fresh.keys.keys.values()):
        assert repr(secret) not in shown
    assert repr(person.seed) not in shown


def test_a_path_has_a_node_for_each_step_of_the_filtered_direct_path(grove, path):
    for nodes in (path.nodes[:-1], (*path.nodes, path.nodes[0]), ()):
        with rejects(Rule.WRONG_PATH_LENGTH):
            merge(grove, replace(path, nodes=nodes))


def test_a_step_has_a_ciphertext_for_each_node_of_the_copaths_resolution(grove, path):
    sealed = path.nodes[0].encrypted_path_secret
    for ciphertexts in ((), sealed + sealed):
        with rejects(Rule.WRONG_CIPHERTEXT_COUNT):
            merge(grove, with_node(path, 0, encrypted_path_secret=ciphertexts))


def test_nothing_is_encrypted_to_members_of_the_same_commit(grove):
    package, _ = Person("new").package()
    applied = grove.apply(SENDER, Add(package))
    signer = grove.people[SENDER].signer
    leaf = applied.tree.member(SENDER)
    fresh = refresh_path(applied.tree, SENDER, leaf, signer, DRAW)
    context = grove.context(fresh.tree).encode()
    merge_path(applied, SENDER, fresh.seal(context, applied.added_leaves), GROUP_ID)
    with rejects(Rule.WRONG_CIPHERTEXT_COUNT):
        merge_path(applied, SENDER, fresh.seal(context, ()), GROUP_ID)


def test_keys_of_a_path_are_new_to_the_tree(grove, path):
    old = grove.tree.node(2 * SENDER).encryption_key
    parent = grove.tree.node(3).encryption_key
    with rejects(Rule.PATH_KEY_REUSED):
        merge(grove, resigned(grove, path, encryption_key=old))
    with rejects(Rule.PATH_KEY_REUSED):
        merge(grove, with_node(path, 1, encryption_key=parent))


def test_keys_of_a_path_differ_from_each_other(grove, path):
    with rejects(Rule.PATH_KEY_REUSED):
        merge(grove, with_node(path, 1, encryption_key=path.nodes[0].encryption_key))
    with rejects(Rule.PATH_KEY_REUSED):
        merge(grove, with_node(path, 0, encryption_key=path.leaf_node.encryption_key))


def test_one_planted_key_of_low_order_is_refused_before_anybody_uses_it(grove, path):
    with rejects(Rule.BAD_PUBLIC_KEY):
        merge(grove, with_node(path, 1, encryption_key=bytes(32)))
    with rejects(Rule.BAD_PUBLIC_KEY):
        merge(grove, resigned(grove, path, encryption_key=bytes(32)))


def test_the_leaf_of_a_path_was_made_for_it(grove, path):
    with rejects(Rule.WRONG_LEAF_SOURCE):
        merge(grove, resigned(grove, path, source=FromUpdate()))


def test_the_leaf_of_a_path_states_the_parent_hash(grove, path):
    _, other = SUITE.derive_key_pair(b"another key for the first step")
    with rejects(Rule.PATH_PARENT_HASH):
        merge(grove, with_node(path, 0, encryption_key=other))


def test_the_leaf_of_a_path_is_signed_for_this_place_of_this_group(grove, path):
    leaf = path.leaf_node
    for group, place in ((b"another", SENDER), (GROUP_ID, SENDER + 1)):
        forged = leaf.signed(SUITE, grove.people[SENDER].seed, group, place)
        with pytest.raises(NotAuthentic):
            merge(grove, replace(path, leaf_node=forged))


def test_the_leaf_of_a_path_does_not_take_anothers_signature_key(grove, path):
    thief = grove.people[3]
    leaf = replace(path.leaf_node, signature_key=grove.tree.leaf(3).signature_key)
    stolen = leaf.signed(SUITE, thief.seed, GROUP_ID, SENDER)
    with rejects(Rule.DUPLICATE_SIGNATURE_KEY):
        merge(grove, replace(path, leaf_node=stolen))


def test_a_member_may_change_its_signature_key_with_a_path(grove, path):
    other = Person("another key of the same")
    leaf = replace(
        path.leaf_node, signature_key=SUITE.signature.public_of(other.seed)
    ).signed(SUITE, other.seed, GROUP_ID, SENDER)
    merged = merge(grove, replace(path, leaf_node=leaf))
    assert merged.tree.find_signature_key(leaf.signature_key) == SENDER


def test_the_leaf_of_a_path_fits_the_group(grove, path):
    with rejects(Rule.GROUP_EXTENSION_UNSUPPORTED):
        merge(grove, path, (Extension(0xF5A3, b"rules"),))
    weaker = Capabilities(cipher_suites=(0xF5A1,), credentials=(1,))
    with rejects(Rule.SUITE_NOT_LISTED):
        merge(grove, resigned(grove, path, capabilities=weaker))


def test_the_leaf_of_a_path_keeps_credentials_common_to_all(grove, path):
    able = Capabilities(cipher_suites=(1,), credentials=(1, 0xF0F0))
    assert merge(grove, resigned(grove, path, capabilities=able)).sender == SENDER
    strange = replace(path.leaf_node.credential, credential_type=0xF0F0)
    with rejects(Rule.CREDENTIAL_UNSUPPORTED):
        merge(grove, resigned(grove, path, capabilities=able, credential=strange))


def test_a_poisoned_slot_is_found_by_its_receiver_alone(grove, path):
    """Only leaf 3 is below the first step's copath."""
    good = path.nodes[0].encrypted_path_secret[0]
    bad = replace(good, ciphertext=bytes(len(good.ciphertext)))
    merged = merge(grove, with_node(path, 0, encrypted_path_secret=(bad,)))
    context = grove.context(merged.tree).encode()
    with pytest.raises(NotAuthentic):
        merged.open(grove.keys[3], context)
    assert (
        merged.open(grove.keys[0], context)[1] == merged.open(grove.keys[4], context)[1]
    )


def test_a_path_secret_that_opens_must_give_the_public_keys(grove):
    honest = grove.path(SENDER)
    context = grove.context(merge(grove, honest).tree).encode()
    other = SUITE.encrypt_with_label(
        grove.tree.node(6).encryption_key, "UpdatePathNode", context, bytes(32)
    )
    merged = merge(grove, with_node(honest, 0, encrypted_path_secret=(other,)))
    with rejects(Rule.PATH_KEY_MISMATCH):
        merged.open(grove.keys[3], context)


def test_a_path_is_encrypted_for_one_context(grove, path):
    merged = merge(grove, path)
    context = replace(grove.context(merged.tree), epoch=1).encode()
    with pytest.raises(NotAuthentic):
        merged.open(grove.keys[0], context)


def test_a_former_member_cannot_open_what_comes_after():
    grove = Grove.of(4)
    former = grove.keys[3]
    grove.commit(0, remove=[3])
    path = grove.path(1)
    merged = merge_path(AppliedProposals(grove.tree, ()), 1, path, GROUP_ID)
    with pytest.raises(UsageError):
        merged.open(former, grove.context(merged.tree).encode())


def test_a_welcome_gives_the_keys_above_the_common_ancestor(grove):
    package, private = Person("new").package()
    applied = grove.apply(0, Add(package))
    ((place, _),) = applied.added
    leaf = applied.tree.member(0)
    fresh = refresh_path(applied.tree, 0, leaf, grove.people[0].signer, DRAW)
    keys = PathKeys.of_leaf(place, private)
    joined = keys.after_welcome(fresh.tree, 0, fresh.secret_for(place))
    assert set(joined.keys) == {2 * place, 7}
    with rejects(Rule.PATH_KEY_MISMATCH):
        keys.after_welcome(fresh.tree, 0, bytes(32))
    with pytest.raises(UsageError):
        keys.after_welcome(fresh.tree, place, bytes(32))


def test_there_is_no_path_secret_for_a_leaf_that_nobody_has(grove):
    leaf = grove.tree.member(4)
    fresh = refresh_path(grove.tree, 4, leaf, grove.people[4].signer, DRAW)
    with pytest.raises(UsageError):
        fresh.secret_for(5)


def test_a_welcome_whose_committer_has_no_path_to_us_is_refused(grove):
    """Leaf 5 is blank, so node 9 above leaf 4 is on no filtered path."""
    keys = PathKeys.of_leaf(5, bytes(32))
    with rejects(Rule.PATH_KEY_MISMATCH):
        keys.after_welcome(grove.tree, 4, bytes(32))


def test_a_signer_of_another_group_makes_a_path_that_nobody_takes(grove):
    seed = grove.people[SENDER].seed
    leaf = grove.tree.member(SENDER)
    signer = LeafSigner(seed, b"another")
    fresh = refresh_path(grove.tree, SENDER, leaf, signer, DRAW)
    with pytest.raises(NotAuthentic):
        merge(grove, fresh.seal(b"", ()))


def test_paths_work_with_post_quantum_keys_and_refuse_bad_halves():
    hybrid = suite(0xF5A1)
    grove = Grove.of(3, hybrid)
    validate_tree(grove.tree, grove.context())
    applied = AppliedProposals(grove.tree, ())
    path = grove.path(SENDER)
    good = path.nodes[0].encryption_key
    for bad in (
        good[:1184] + bytes(32),  # an X25519 half of low order
        b"\xff" * 1184 + good[1184:],  # coefficients out of range
        good[:-1],
    ):
        with rejects(Rule.BAD_PUBLIC_KEY):
            damaged = with_node(path, 0, encryption_key=bad)
            merge_path(applied, SENDER, damaged, GROUP_ID)


def test_the_leaf_of_a_path_does_not_share_a_key_with_an_add(grove, path):
    key = path.leaf_node.encryption_key
    package, _ = Person("new").package(encryption_key=key)
    applied = grove.apply(SENDER, Add(package))
    with rejects(Rule.PATH_KEY_REUSED):
        merge_path(applied, SENDER, path, GROUP_ID)
