"""Pre-shared keys, and groups that end in favour of another one or have branches."""

from dataclasses import replace

import pytest
from mls_groups import (
    ALL_SUITES,
    DRAW,
    HYBRID,
    Company,
    forge,
    identity,
    key_package,
    stored,
    unchanged,
)
from rejecting import rejects

from privity.errors import DecodeError
from privity.mls import (
    CommitOptions,
    ConfirmationTagMismatch,
    Extension,
    ExternalPSK,
    Group,
    GroupEnded,
    KnownPsks,
    PublicGroup,
    ReInit,
    Remove,
    ResumptionPSK,
    ResumptionPSKUsage,
    Rule,
    UnknownPsk,
    branch,
    reinitialize,
    suite,
)
from privity.mls.proposals import Commit

KEY = ExternalPSK(b"agreed on")
KNOWN = KnownPsks({b"agreed on": b"a secret"})
RULES = Extension(0xF5A3, b"rules")


@pytest.fixture
def company():
    return Company.of("ada", "bob", "cyd")


@pytest.mark.parametrize("code", ALL_SUITES)
def test_a_key_that_all_share_enters_the_epoch(code):
    company = Company.of("ada", "bob", code=code)
    bundle = key_package(company.crypto, company.meet("cyd"))
    options = CommitOptions(
        add=(bundle.key_package,), psks=(KEY,), known_psks=KNOWN, path=False
    )
    pending = company["ada"].commit(options, DRAW)
    bob = company["bob"].process(pending.message, psks=KNOWN).next
    tree = pending.next.tree_bytes()
    joined = Group.join(
        pending.welcome, bundle, company.meet("cyd"), tree=tree, psks=KNOWN
    )
    company.groups = {"ada": pending.next, "bob": bob, "cyd": joined.group}
    assert company.agree()
    with pytest.raises(UnknownPsk):
        Group.join(pending.welcome, bundle, company.meet("cyd"), tree=tree)


def test_who_lacks_the_key_or_has_another_one_cannot_follow(company):
    options = CommitOptions(psks=(KEY,), known_psks=KNOWN)
    pending = company["ada"].commit(options, DRAW)
    bob = company["bob"]
    with unchanged(bob), pytest.raises(UnknownPsk):
        bob.process(pending.message)
    with unchanged(bob), pytest.raises(ConfirmationTagMismatch):
        bob.process(pending.message, psks=KnownPsks({b"agreed on": b"another"}))
    with pytest.raises(UnknownPsk):
        company["ada"].commit(CommitOptions(psks=(KEY,)), DRAW)


def test_a_past_epoch_of_the_group_can_enter_a_later_one(company):
    past = company["ada"]
    company.commit("bob")
    usage = ResumptionPSKUsage.APPLICATION
    known = KnownPsks().with_epoch(past.group_id, past.epoch, past.resumption_psk)
    keys = (
        ResumptionPSK(usage, past.group_id, past.epoch),
        ResumptionPSK(usage, past.group_id, company["ada"].epoch),
    )
    pending = company["ada"].commit(CommitOptions(psks=keys, known_psks=known), DRAW)
    after = company["cyd"].process(pending.message, psks=known).next
    assert after.epoch_authenticator == pending.next.epoch_authenticator


def test_a_proposed_key_is_committed_by_who_knows_it(company):
    message, company.groups["bob"] = company["bob"].propose_psk(KEY, random=DRAW)
    company.spread(message, but="bob")
    left_out = company["ada"].commit(CommitOptions(), DRAW)
    assert company["cyd"].process(left_out.message).proposals == ()
    pending = company["ada"].commit(CommitOptions(known_psks=KNOWN), DRAW)
    staged = company["cyd"].process(pending.message, psks=KNOWN)
    assert [sent.sender for sent in staged.proposals] == [1]
    assert staged.next.epoch_authenticator == pending.next.epoch_authenticator


def test_proposed_extensions_are_committed_once():
    company = Company.of("ada", "bob", "cyd")
    for who, content in (("ada", b"first"), ("bob", b"second")):
        wanted = (Extension(0xF5A3, content),)
        message, company.groups[who] = company[who].propose_extensions(wanted)
        company.spread(message, but=who)
    company.commit("cyd")
    assert company["ada"].context.extensions == (Extension(0xF5A3, b"second"),)
    assert company.agree()


def test_a_key_that_is_not_known_is_named_in_a_few_words():
    long = bytes(range(256)) * 4096
    for key in (
        ExternalPSK(long),
        ResumptionPSK(ResumptionPSKUsage.APPLICATION, long, 2**64 - 1),
    ):
        with pytest.raises(UnknownPsk) as unknown:
            KNOWN.find(key)
        assert long[:32].hex() in str(unknown.value)
        assert len(str(unknown.value)) < 200
    with pytest.raises(UnknownPsk, match=b"short".hex() + "$"):
        KNOWN.find(ExternalPSK(b"short"))


def end(company, who, reinit):
    company.commit(who, reinit=reinit, path=False)
    return company


def test_a_reinitialised_group_ends_and_says_what_follows(company):
    reinit = ReInit(b"next", 1, HYBRID, (RULES,))
    end(company, "ada", reinit)
    for name, group in company.groups.items():
        assert group.reinit == reinit
        again = Group.load(*stored(group), company.meet(name))
        assert again.reinit == reinit
        assert stored(again) == stored(group)
        for attempt in (
            lambda g=group: g.protect(b"text", random=DRAW),
            lambda g=group: g.propose_remove(0),
            lambda g=group: g.commit(CommitOptions(), DRAW),
        ):
            with pytest.raises(GroupEnded):
                attempt()


def test_what_is_sent_in_an_ended_group_is_refused(company):
    end(company, "ada", ReInit(b"next", 1, 1, ()))
    ada, bob = company["ada"], company["bob"]
    for body, tag in ((Remove(0), None), (Commit(()), bytes(32))):
        message = forge(ada, body, tag)
        with unchanged(bob), rejects(Rule.GROUP_HAS_ENDED):
            bob.process(message)
    with rejects(Rule.GROUP_HAS_ENDED):
        bob.public.follow(forge(ada, Remove(0)))


def test_a_proposed_reinit_waits_until_nothing_else_is_to_be_done(company):
    message, company.groups["bob"] = company["bob"].propose_reinit(
        ReInit(b"next", 1, 1, ())
    )
    company.spread(message, but="bob")
    beside = company["ada"].commit(CommitOptions(remove=(2,)), DRAW)
    assert beside.next.reinit is None
    alone = company["ada"].commit(CommitOptions(), DRAW)
    assert alone.next.reinit == ReInit(b"next", 1, 1, ())


def test_whoever_ends_the_group_itself_leaves_what_waits(company):
    for make in (company["bob"].propose_remove, company["cyd"].propose_remove):
        message, _ = make(2)
        company.spread(message, but="")
    end(company, "ada", ReInit(b"next", 1, 1, ()))
    assert all(group.reinit for group in company.groups.values())
    assert len(company.groups) == 3


def clients(company, code, names):
    """Return new clients of the same people for another suite, with key packages."""
    crypto = suite(code)
    people = {name: identity(crypto, name) for name in names}
    bundles = {name: key_package(crypto, me) for name, me in people.items()}
    return people, bundles


def packages(bundles, *names):
    return tuple(bundles[name].key_package for name in names)


def test_everybody_moves_to_the_group_that_was_agreed_on(company):
    end(company, "ada", ReInit(b"next", 1, HYBRID, (RULES,)))
    people, bundles = clients(company, HYBRID, ("ada", "bob", "cyd"))
    pending = reinitialize(
        company["bob"], people["bob"], packages(bundles, "ada", "cyd"), random=DRAW
    )
    tree = pending.next.tree_bytes()
    assert pending.next.group_id == b"next"
    assert pending.next.context.extensions == (RULES,)
    for name in ("ada", "cyd"):
        joined = Group.join(
            pending.welcome,
            bundles[name],
            people[name],
            tree=tree,
            former=company[name],
        )
        assert joined.group.epoch == 1
        assert joined.group.epoch_authenticator == pending.next.epoch_authenticator
    with rejects(Rule.PSK_USAGE):
        Group.join(pending.welcome, bundles["ada"], people["ada"], tree=tree)


def test_a_group_that_is_not_what_was_agreed_on_is_refused(company):
    end(company, "ada", ReInit(b"next", 1, 1, ()))
    people, bundles = clients(company, 1, ("ada", "bob", "cyd"))
    bob = company["bob"]
    for other in (
        ReInit(b"else", 1, 1, ()),
        ReInit(b"next", 1, 1, (RULES,)),
    ):
        state = bob.state
        cheat = Group(replace(state, public=replace(state.public, reinit=other)))
        pending = reinitialize(
            cheat, people["bob"], packages(bundles, "ada", "cyd"), random=DRAW
        )
        with rejects(Rule.RESUMED_PARAMETERS):
            Group.join(
                pending.welcome,
                bundles["ada"],
                people["ada"],
                tree=pending.next.tree_bytes(),
                former=company["ada"],
            )
    without = reinitialize(bob, people["bob"], packages(bundles, "ada"), random=DRAW)
    with rejects(Rule.RESUMED_MEMBERS):
        Group.join(
            without.welcome,
            bundles["ada"],
            people["ada"],
            tree=without.next.tree_bytes(),
            former=company["ada"],
        )


def test_some_members_branch_off(company):
    people, bundles = clients(company, 1, ("ada", "bob"))
    pending = branch(
        company["ada"], b"branch", people["ada"], packages(bundles, "bob"), random=DRAW
    )
    tree = pending.next.tree_bytes()
    joined = Group.join(
        pending.welcome, bundles["bob"], people["bob"], tree=tree, former=company["bob"]
    )
    assert joined.group.epoch_authenticator == pending.next.epoch_authenticator
    company.commit("cyd")
    with rejects(Rule.PSK_USAGE):
        # Another epoch than that of the branch.
        Group.join(
            pending.welcome,
            bundles["bob"],
            people["bob"],
            tree=tree,
            former=company["bob"],
        )


def test_a_branch_holds_members_of_its_group_only(company):
    people, bundles = clients(company, 1, ("ada", "bob", "eve"))
    pending = branch(
        company["ada"],
        b"branch",
        people["ada"],
        packages(bundles, "bob", "eve"),
        random=DRAW,
    )
    with rejects(Rule.RESUMED_MEMBERS):
        Group.join(
            pending.welcome,
            bundles["bob"],
            people["bob"],
            tree=pending.next.tree_bytes(),
            former=company["bob"],
        )


def test_a_welcome_that_resumes_nothing_is_no_branch(company):
    stranger = Company.of("ada", "bob")
    bundle = key_package(company.crypto, company.meet("bob"))
    pending = stranger["ada"].commit(
        CommitOptions(remove=(1,), add=(bundle.key_package,)), DRAW
    )
    with rejects(Rule.PSK_USAGE):
        Group.join(
            pending.welcome,
            bundle,
            company.meet("bob"),
            tree=pending.next.tree_bytes(),
            former=company["bob"],
        )


def test_secrets_do_not_print():
    assert b"a secret".decode() not in repr(KNOWN)


def test_a_checkpoint_of_an_ended_group_says_that_it_ended():
    company = Company.of("ada", "bob")
    before = company["ada"].public
    assert before.encode()[:1] == b"\1"
    company.commit("ada", reinit=ReInit(b"next", 1, 1, ()))
    ended = PublicGroup.decode(company["bob"].public.encode())
    assert ended.encode() == company["bob"].public.encode()
    assert ended.reinit == ReInit(b"next", 1, 1, ())
    message = forge(company["ada"], Remove(1))
    with rejects(Rule.GROUP_HAS_ENDED):
        ended.follow(message)
    with pytest.raises(DecodeError):
        PublicGroup.decode(ended.encode()[:-1])
    with pytest.raises(DecodeError):
        PublicGroup.decode(b"\2" + before.encode())
