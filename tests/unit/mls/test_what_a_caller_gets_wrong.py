"""A mistake of the application is a `UsageError`, and never a message to others."""

from dataclasses import replace

import pytest
from mls_groups import DRAW, Company, identity, key_package
from rejecting import rejects

from privity.errors import DecodeError, Unsupported, UsageError
from privity.mls import (
    CommitOptions,
    Credential,
    ExternalJoin,
    Group,
    GroupEnded,
    GroupInfo,
    ReInit,
    Rule,
    branch,
    make_key_package,
    reinitialize,
    suite,
)
from privity.mls.messages import MAX_MESSAGE


@pytest.fixture
def company():
    return Company.of("ada", "bob", "cyd")


def test_a_stored_group_is_loaded_by_its_own_member_only(company):
    ada = company["ada"]
    with pytest.raises(UsageError):
        Group.load(ada.dump_tree(), ada.dump_ratchet(), company.people["bob"])


def test_a_stored_group_is_loaded_with_the_key_that_its_last_commit_brought(company):
    former, now = company.people["ada"], identity(company.crypto, "ada")
    company.commit("ada", me=now)
    tree, ratchet = company["ada"].dump_tree(), company["ada"].dump_ratchet()
    with pytest.raises(UsageError):
        Group.load(tree, ratchet, former)
    company.groups["ada"] = Group.load(tree, ratchet, now)
    assert company.hear(company.say("ada", b"still me"), but="ada") == {b"still me"}


def test_a_stored_group_without_our_leaf_is_damaged(company):
    ada, cyd = company["ada"], company["cyd"]
    tree, own = ada.dump_tree(), cyd.dump_tree()
    differs = [at for at in range(len(tree)) if tree[at : at + 4] != own[at : at + 4]]
    # The leaf index of ada is the first place where the two members' parts differ.
    at = differs[0]
    assert (tree[at : at + 4], own[at : at + 4]) == (bytes(4), b"\0\0\0\2")
    damaged = tree[:at] + b"\0\0\0\7" + tree[at + 4 :]
    with pytest.raises(DecodeError):
        Group.load(damaged, ada.dump_ratchet(), company.people["ada"])


@pytest.mark.parametrize("length", [-1, 0, 255 * 32 + 1, 1 << 16])
def test_an_exporter_gives_no_length_that_it_cannot(company, length):
    with pytest.raises(UsageError):
        company["ada"].export("label", b"", length)
    assert len(company["ada"].export("label", b"", 255 * 32)) == 255 * 32


def test_a_message_that_nobody_would_open_is_not_made(company):
    with pytest.raises(UsageError):
        company["ada"].protect(bytes(MAX_MESSAGE), random=DRAW)


@pytest.mark.parametrize("code", [1, 2, 4])
def test_a_signature_key_of_another_scheme_is_noticed_at_once(code):
    crypto = suite(code)
    me = replace(identity(crypto, "ada"), signature_private=b"short")
    if code == 2:
        me = replace(me, signature_private=bytes(32))
    with pytest.raises(UsageError):
        Group.create(crypto, b"group", me, random=DRAW)
    with pytest.raises(UsageError):
        key_package(crypto, me)


def test_a_seed_with_another_public_key_behind_it_is_not_taken():
    """A signature made under a public key that is not the seed's gives it away."""
    crypto = suite(1)
    me, other = identity(crypto, "ada"), identity(crypto, "eve")
    joined = me.signature_private + other.signature_public(crypto)
    with pytest.raises(UsageError):
        key_package(crypto, replace(me, signature_private=joined))


def test_one_private_key_may_serve_two_suites_that_both_take_it():
    """A P-256 scalar and an Ed25519 seed are 32 bytes; each suite signs its way."""
    me = identity(suite(1), "ada", cipher_suites=(1, 2))
    for code in (1, 2, 1):
        group = Group.create(suite(code), b"group", me, random=DRAW)
        pending = group.commit(CommitOptions(), DRAW)
        group.public.follow(pending.message)


def test_a_lifetime_does_not_end_before_it_begins():
    me = identity(suite(1), "ada")
    with pytest.raises(UsageError):
        make_key_package(suite(1), me, random=DRAW, not_before=2, not_after=1)


def test_no_group_follows_a_reinit_to_a_version_that_does_not_exist(company):
    reinit = ReInit(b"next", 2, 1, ())
    ended = company["ada"].commit(CommitOptions(reinit=reinit), DRAW).next
    with pytest.raises(Unsupported):
        reinitialize(ended, company.people["ada"], (), random=DRAW)


def test_a_group_is_reinitialised_only_if_that_was_agreed_on(company):
    with pytest.raises(UsageError):
        reinitialize(company["ada"], company.people["ada"], (), random=DRAW)


def test_nothing_branches_off_a_group_that_has_ended(company):
    reinit = ReInit(b"next", 1, 1, ())
    ended = company["ada"].commit(CommitOptions(reinit=reinit), DRAW).next
    with pytest.raises(GroupEnded):
        branch(ended, b"branch", company.people["ada"], (), random=DRAW)


def test_we_do_not_take_a_credential_that_others_cannot_read(company):
    strange = replace(
        identity(company.crypto, "eve", credentials=(7,)),
        credential=Credential(7, b"eve"),
    )
    ada = company["ada"]
    with rejects(Rule.CREDENTIAL_UNSUPPORTED):
        ada.commit(CommitOptions(me=strange), DRAW)
    info = GroupInfo.decode(ada.group_info(with_tree=True))
    with rejects(Rule.CREDENTIAL_UNSUPPORTED):
        Group.join_externally(info, strange, ExternalJoin(), DRAW)
