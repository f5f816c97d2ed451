from dataclasses import replace

import pytest
from mls_groups import DRAW, SUITES, Company, stored
from rejecting import rejects

from privity.codec import as_opaque
from privity.errors import DecodeError, UsageError
from privity.mls import CommitOptions, Group, Rule, suite
from privity.mls.secret_tree import RatchetKind, SecretTree
from privity.mls.sender_ratchet import MAX_FORWARD, MAX_SKIPPED, SenderRatchet
from privity.mls.state import _RatchetPart, _TreePart

CRYPTO = suite(0x0001)
APPLICATION = RatchetKind.APPLICATION


def tree(leaves=8):
    return SecretTree.of(b"s" * 32, leaves)


def test_sender_and_receiver_have_the_same_keys():
    sending = receiving = tree()
    for leaf in (5, 0, 5, 7):
        for kind in RatchetKind:
            key, sending = sending.next_key(CRYPTO, leaf, kind)
            again, receiving = receiving.key_for(CRYPTO, leaf, kind, key.generation)
            assert key == again


def test_keys_of_leaves_kinds_and_generations_all_differ():
    keys, current = set(), tree(4)
    for leaf in range(4):
        for kind in RatchetKind:
            for _ in range(3):
                key, current = current.next_key(CRYPTO, leaf, kind)
                keys.add(key.key)
    assert len(keys) == 24


def test_a_node_secret_is_gone_when_its_children_are_there():
    first = tree()
    assert list(first.nodes) == [7]
    _, second = first.next_key(CRYPTO, 2, APPLICATION)
    assert sorted(second.nodes) == [1, 6, 11]
    assert sorted(second.ratchets) == [2]
    _, third = second.next_key(CRYPTO, 3, APPLICATION)
    assert sorted(third.nodes) == [1, 11]
    assert b"s" * 32 not in third.encode()


def test_a_used_key_is_gone():
    key, after = tree().key_for(CRYPTO, 1, APPLICATION, 3)
    assert key.key not in after.encode()
    for generation in (3, 3):
        with rejects(Rule.GENERATION_CONSUMED):
            after.key_for(CRYPTO, 1, APPLICATION, generation)


def test_keys_that_were_stepped_over_open_late_messages_once():
    _, after = tree().key_for(CRYPTO, 1, APPLICATION, 3)
    late, rest = after.key_for(CRYPTO, 1, APPLICATION, 1)
    assert late == tree().key_for(CRYPTO, 1, APPLICATION, 1)[0]
    with rejects(Rule.GENERATION_CONSUMED):
        rest.key_for(CRYPTO, 1, APPLICATION, 1)
    rest.key_for(CRYPTO, 1, APPLICATION, 0)
    rest.key_for(CRYPTO, 1, APPLICATION, 2)


def test_steps_forward_are_limited():
    ratchet = SenderRatchet(0, b"s" * 32)
    ratchet.key_for(CRYPTO, MAX_FORWARD)
    for generation in (MAX_FORWARD + 1, 2**32 - 1):
        with rejects(Rule.GENERATION_TOO_FAR):
            ratchet.key_for(CRYPTO, generation)


def test_keys_that_wait_are_limited_and_the_oldest_go():
    ratchet = SenderRatchet(0, b"s" * 32)
    _, ratchet = ratchet.key_for(CRYPTO, MAX_SKIPPED + 10)
    assert len(ratchet.skipped) == MAX_SKIPPED
    with rejects(Rule.GENERATION_CONSUMED):
        ratchet.key_for(CRYPTO, 9)
    ratchet.key_for(CRYPTO, 10)


def test_what_a_hostile_account_makes_us_store_with_each_message_is_small():
    tree = SecretTree.of(bytes(32), 256)
    for device in range(16):
        for kind in RatchetKind:
            _, tree = tree.key_for(CRYPTO, device, kind, MAX_FORWARD)
    assert len(tree.encode()) < 80_000


def test_the_last_generation_is_never_used():
    last = SenderRatchet(2**32 - 1, b"s" * 32)
    with pytest.raises(UsageError):
        last.next_key(CRYPTO)
    with rejects(Rule.GENERATION_TOO_FAR):
        last.key_for(CRYPTO, 2**32 - 1)


def test_there_are_no_keys_beyond_the_tree():
    for leaf in (-1, 8, 2**31):
        with pytest.raises(UsageError):
            tree().next_key(CRYPTO, leaf, APPLICATION)


def test_how_far_ahead_is_counted_from_where_the_ratchet_stands():
    ratchet = SenderRatchet(0, b"s" * 32)
    for generation in (MAX_FORWARD, 2 * MAX_FORWARD):
        key, ratchet = ratchet.key_for(CRYPTO, generation)
        assert key.generation == generation
    assert ratchet.generation == 2 * MAX_FORWARD + 1


def test_the_limits_are_those_that_the_documents_state():
    assert (MAX_FORWARD, MAX_SKIPPED) == (1000, 64)


def test_a_stored_tree_comes_back_as_it_was():
    _, used = tree().key_for(CRYPTO, 6, APPLICATION, 4)
    assert SecretTree.decode(used.encode()) == used


def test_a_stored_tree_that_names_a_node_twice_is_refused():
    # leaves = 2, then the node 0 twice.
    twice = bytes.fromhex("00000002" + "0c" + "000000000161" * 2 + "00")
    with pytest.raises(DecodeError, match="twice"):
        SecretTree.decode(twice)
    ratchets = bytes.fromhex(
        "00000002" + "00" + "20" + "00000000000000000000000000000000" * 2
    )
    with pytest.raises(DecodeError, match="twice"):
        SecretTree.decode(ratchets)
    unordered = bytes.fromhex(
        "00000002" + "0c" + "000000020161" + "000000000161" + "00"
    )
    with pytest.raises(DecodeError, match="out of order"):
        SecretTree.decode(unordered)


@pytest.mark.parametrize("code", SUITES)
def test_a_stored_group_comes_back_as_it_was(code):
    company = Company.of("ada", "bob", "cyd", code=code)
    company.hear(company.say("bob", b"text"), but="bob")
    message, company.groups["cyd"] = company["cyd"].propose_update(random=DRAW)
    company.spread(message, but="cyd")
    for name, group in company.groups.items():
        loaded = Group.load(*stored(group), company.meet(name))
        assert loaded == group
        assert stored(loaded) == stored(group)
        company.groups[name] = loaded
    company.commit("ada")
    assert company.agree()


def test_sending_changes_the_small_part_of_the_state_only():
    company = Company.of("ada", "bob")
    before = stored(company["ada"])
    company.say("ada", b"text")
    after = stored(company["ada"])
    assert after[0] == before[0]
    assert after[1] != before[1]
    assert len(after[1]) < 300


def test_parts_of_different_epochs_do_not_load():
    company = Company.of("ada", "bob")
    old = stored(company["ada"])
    company.commit("bob")
    new = stored(company["ada"])
    me = company.meet("ada")
    for tree_part, ratchet_part in ((old[0], new[1]), (new[0], old[1])):
        with pytest.raises(DecodeError, match="different epochs"):
            Group.load(tree_part, ratchet_part, me)


def test_parts_of_two_forks_of_one_epoch_do_not_load():
    """A group may fork, and whoever changes branches must store both parts."""
    company = Company.of("ada", "bob", "cyd")
    one, other = (
        stored(company["cyd"].process(commit.message).next)
        for commit in (
            company[name].commit(CommitOptions(), DRAW) for name in ("ada", "bob")
        )
    )
    for parts in ((one[0], other[1]), (other[0], one[1])):
        with pytest.raises(DecodeError, match="two forks"):
            Group.load(*parts, company.meet("cyd"))


def test_a_damaged_or_newer_state_does_not_load():
    company = Company.of("ada", "bob")
    tree_part, ratchet_part = stored(company["ada"])
    me = company.meet("ada")
    for damaged in (
        (b"\4" + tree_part[1:], ratchet_part),
        (tree_part, b"\4" + ratchet_part[1:]),
        (tree_part[:-1], ratchet_part),
        (tree_part, ratchet_part + b"\0"),
        (b"", b""),
    ):
        with pytest.raises(DecodeError):
            Group.load(*damaged, me)


def test_a_state_whose_tables_are_out_of_order_or_name_one_twice_does_not_load():
    company = Company.of("ada", "bob", "cyd")
    company.groups["ada"] = company["ada"].keeping(1)
    company.commit("bob")
    message, company.groups["bob"] = company["bob"].propose_remove(2)
    company.spread(message, but="bob")
    tree_part, ratchet_part = stored(company["ada"])
    tree, ratchet = _TreePart.decode(tree_part), _RatchetPart.decode(ratchet_part)
    turned = replace(tree, private_keys=tree.private_keys[::-1])
    waiting = replace(ratchet, proposals=ratchet.proposals * 2)
    (epoch,) = ratchet.past.epochs
    epoch = replace(epoch, members=(epoch.members[0], *epoch.members))
    past = replace(ratchet, past=replace(ratchet.past, epochs=(epoch,)))
    for parts, fault in (
        ((turned.encode(), ratchet_part), "private keys"),
        ((tree_part, waiting.encode()), "waits twice"),
        ((tree_part, past.encode()), "stands twice"),
    ):
        with pytest.raises(DecodeError, match=fault):
            Group.load(*parts, company.meet("ada"))


def test_a_state_of_the_first_version_still_loads():
    company = Company.of("ada", "bob", "cyd")
    message, company.groups["bob"] = company["bob"].propose_remove(2)
    company.spread(message, but="bob")
    tree_part, ratchet_part = stored(company["ada"])
    # Version 1 had no `reinit` and no tag at the end, no type in front of a sender.
    tag = as_opaque(company["ada"].state.confirmation_tag)
    untagged = ratchet_part.removesuffix(tag)
    ((reference, _),) = company["ada"].pending_proposals
    typed = reference + b"\1" + bytes(3) + b"\1"
    assert ratchet_part.count(typed) == 1
    length = ratchet_part.index(reference) - 2
    shorter = ratchet_part[:length] + bytes([ratchet_part[length] - 1])
    rest = untagged[length + 1 :].replace(typed, reference + bytes(3) + b"\1")
    old = b"\1" + tree_part[1:-1], b"\1" + (shorter + rest)[1:]
    assert stored(Group.load(*old, company.meet("ada"))) == (tree_part, ratchet_part)


def test_secrets_of_the_past_are_not_in_the_state():
    company = Company.of("ada", "bob", "cyd")
    company.hear(company.say("bob", b"text"), but="bob")
    old = company["ada"].state
    used = old.secret_tree.ratchets[1][APPLICATION].secret
    company.commit("bob")
    new = b"".join(stored(company["ada"]))
    kept = old.secrets
    for name in kept.__dataclass_fields__:
        assert getattr(kept, name) not in new, name
    assert used not in new
    for secret in old.secret_tree.nodes.values():
        assert secret not in new
    company.commit("ada")
    newest = b"".join(stored(company["ada"]))
    for at, private in old.membership.keys.keys.items():
        assert private not in newest, at
