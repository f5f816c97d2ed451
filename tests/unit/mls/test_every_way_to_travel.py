"""Content of each type in the open and encrypted, padded; trees inside and beside."""

from dataclasses import replace

import pytest
from mls_groups import (
    DRAW,
    Company,
    body_of,
    identity,
    key_package,
    resealed,
    stored,
    unchanged,
    wrapped,
)
from rejecting import rejects

from privity.errors import PrivityError, UsageError
from privity.mls import (
    Add,
    Capabilities,
    CommitOptions,
    Extension,
    ExternalJoin,
    ExternalPSK,
    Group,
    GroupContextExtensions,
    GroupInfo,
    KnownPsks,
    OwnCommit,
    PreSharedKey,
    ReInit,
    Remove,
    Rule,
    SelfRemove,
    Update,
    make_key_package,
    suite,
)
from privity.mls.framing import PrivateMessage, PublicMessage, SenderData
from privity.mls.proposals import PreSharedKeyID
from privity.mls.protection import open_sender_data

KNOWN = KnownPsks({b"agreed on": b"a secret"})
RULES = Extension(0xF5A3, b"rules")


@pytest.fixture
def company():
    return Company.of("ada", "bob", "cyd", "dan")


def proposals(company):
    bundle = key_package(company.crypto, company.meet("eve"))
    psk = PreSharedKeyID(ExternalPSK(b"agreed on"), DRAW(32))
    return {
        "add": Add(bundle.key_package),
        "remove": Remove(3),
        "psk": PreSharedKey(psk),
        "reinit": ReInit(b"next", 1, 1, ()),
        "extensions": GroupContextExtensions((RULES,)),
    }


@pytest.mark.parametrize("encrypted", [False, True])
@pytest.mark.parametrize("kind", ["add", "remove", "psk", "reinit", "extensions"])
def test_a_proposal_of_each_type_travels_and_is_committed(company, kind, encrypted):
    ada, proposal = company["ada"], proposals(company)[kind]
    if encrypted:
        message, company.groups["ada"] = ada.propose_privately(proposal, random=DRAW)
    else:
        message, company.groups["ada"] = {
            "add": lambda: ada.propose_add(proposal.key_package),
            "remove": lambda: ada.propose_remove(3),
            "psk": lambda: ada.propose_psk(proposal.psk.key, random=DRAW),
            "reinit": lambda: ada.propose_reinit(proposal),
            "extensions": lambda: ada.propose_extensions(proposal.extensions),
        }[kind]()
    body = body_of(message)
    assert isinstance(body, PrivateMessage if encrypted else PublicMessage)
    company.spread(message, but="ada")
    options = CommitOptions(known_psks=KNOWN, private=encrypted)
    pending = company["bob"].commit(options, DRAW)
    body = body_of(pending.message)
    assert isinstance(body, PrivateMessage if encrypted else PublicMessage)
    for name in ("ada", "cyd"):
        staged = company[name].process(pending.message, psks=KNOWN)
        (sent,) = staged.proposals
        assert type(sent.proposal) is type(proposal)
        after = staged.next
        assert after.epoch_authenticator == pending.next.epoch_authenticator
        assert after.interim_transcript_hash == pending.next.interim_transcript_hash


def test_an_update_travels_encrypted_and_its_key_is_kept(company):
    update = company["bob"].propose_update(random=DRAW, private=True)
    message, company.groups["bob"] = update
    assert isinstance(body_of(message), PrivateMessage)
    company.groups["bob"] = Group.load(*stored(company["bob"]), company.meet("bob"))
    company.spread(message, but="bob")
    pending = company["ada"].commit(CommitOptions(private=True), DRAW)
    staged = company["cyd"].process(pending.message)
    assert [leaf for leaf, _ in staged.updated] == [1]
    company.follow("ada", pending)
    assert company.agree()
    company.commit("bob", private=True)
    company.commit("dan", private=True)
    assert company.agree()


def test_an_update_whose_key_nobody_keeps_is_not_proposed(company):
    leaf = company["ada"].member(0)
    with unchanged(company["ada"]), pytest.raises(UsageError):
        company["ada"].propose_privately(Update(leaf), random=DRAW)


def test_a_self_removal_is_not_proposed_encrypted(company):
    with unchanged(company["ada"]), rejects(Rule.SELF_REMOVE_ENCRYPTED):
        company["ada"].propose_privately(SelfRemove(), random=DRAW)


def test_an_encrypted_commit_adds_and_removes(company):
    company.commit("ada", add=("eve",), remove=("bob",), private=True)
    company.commit("eve", private=True, tree_in_welcome=True, add=("fay",))
    assert company.agree()
    assert company.hear(company.say("fay", b"hello"), but="fay") == {b"hello"}


def test_who_only_watches_cannot_follow_what_is_encrypted(company):
    pending = company["ada"].commit(CommitOptions(private=True), DRAW)
    with rejects(Rule.NOT_A_GROUP_MESSAGE):
        company["bob"].public.follow(pending.message)


def test_an_own_commit_comes_back_known_unless_it_was_encrypted(company):
    """Sender data with our index prove nothing: every member can seal them."""
    shown = company["ada"].commit(CommitOptions(), DRAW)
    with unchanged(company["ada"]), pytest.raises(OwnCommit):
        company["ada"].process(shown.message)
    hidden = company["ada"].commit(CommitOptions(private=True), DRAW)
    group = Group.load(*stored(hidden.before), company.meet("ada"))
    with unchanged(group), rejects(Rule.GENERATION_CONSUMED):
        group.process(hidden.message)
    forged = resealed(
        company["bob"],
        body_of(company["bob"].commit(CommitOptions(private=True), DRAW).message),
        lambda data: replace(data, leaf_index=0),
    )
    with unchanged(group), pytest.raises(PrivityError) as refused:
        group.process(wrapped(forged))
    assert not isinstance(refused.value, OwnCommit)


def sender_of(group, message):
    state = group.state
    secret = state.secrets.sender_data_secret
    return open_sender_data(state.suite, secret, body_of(message))


def test_two_encrypted_commits_of_one_epoch_have_different_keys(company):
    """The first may have been lost: its key must not seal another."""
    ada = company["ada"]
    assert ada.commit(CommitOptions(), DRAW).before is None
    first = ada.commit(CommitOptions(private=True), DRAW)
    again = Group.load(*stored(first.before), company.meet("ada"))
    assert again.context == ada.context
    second = again.commit(CommitOptions(private=True), DRAW)
    guard = sender_of(ada, second.message).reuse_guard
    assert sender_of(ada, first.message).generation == 0
    assert sender_of(ada, second.message) == SenderData(0, 1, guard)
    company.groups["ada"] = second.before
    company.follow("ada", second)
    assert company.agree()


@pytest.mark.parametrize("padding", [0, 1, 63, 64, 10_000])
def test_padding_is_sealed_and_taken_off(company, padding):
    ada = company["ada"]
    plain, _ = ada.protect(b"text", random=DRAW)
    padded, company.groups["ada"] = ada.protect(b"text", random=DRAW, padding=padding)
    size = len(body_of(padded).ciphertext) - len(body_of(plain).ciphertext)
    assert size == padding
    assert company.hear(padded, but="ada") == {b"text"}


def test_there_is_no_negative_padding(company):
    with unchanged(company["ada"]), pytest.raises(UsageError):
        company["ada"].protect(b"text", random=DRAW, padding=-1)


@pytest.mark.parametrize("inside", [False, True])
def test_a_joiner_finds_the_tree_in_the_welcome_or_beside_it(company, inside):
    bundle = key_package(company.crypto, company.meet("eve"))
    options = CommitOptions(add=(bundle.key_package,), tree_in_welcome=inside)
    pending = company["ada"].commit(options, DRAW)
    tree = None if inside else pending.next.tree_bytes()
    joined = Group.join(pending.welcome, bundle, company.meet("eve"), tree=tree)
    assert joined.group.context == pending.next.context
    without = GroupInfo.decode(pending.group_info)
    assert all(e.extension_type != 2 for e in without.extensions)


@pytest.mark.parametrize("inside", [False, True])
def test_a_group_info_has_the_tree_or_it_comes_beside(company, inside):
    ada = company["ada"]
    info = GroupInfo.decode(ada.group_info(with_tree=inside))
    options = ExternalJoin(tree=None if inside else ada.tree_bytes())
    pending = Group.join_externally(info, company.meet("eve"), options, DRAW)
    after = company["bob"].process(pending.message).next
    assert after.epoch_authenticator == pending.next.epoch_authenticator


def test_a_key_package_of_last_resort_leads_into_several_groups():
    crypto = suite(1)
    able = Capabilities(cipher_suites=(1,), extensions=(0x000A,), credentials=(1,))
    me = identity(crypto, "eve", extensions=able.extensions)
    bundle = make_key_package(
        crypto, me, random=DRAW, not_before=0, not_after=1000, last_resort=True
    )
    groups = []
    for name in ("ada", "bob"):
        company = Company.of(name)
        options = CommitOptions(add=(bundle.key_package,), tree_in_welcome=True)
        pending = company[name].commit(options, DRAW)
        joined = Group.join(pending.welcome, bundle, me).group
        assert joined.epoch_authenticator == pending.next.epoch_authenticator
        groups.append(joined)
    one, other = groups
    assert one.member(1) == other.member(1)
    assert one.epoch_authenticator != other.epoch_authenticator
