from dataclasses import replace

import pytest
from mls_groups import (
    ALL_SUITES,
    DRAW,
    Company,
    body_of,
    identity,
    stored,
    unchanged,
    wrapped,
)
from rejecting import rejects

from privity.errors import NotAuthentic, UsageError
from privity.mls import (
    CommitOptions,
    ConfirmationTagMismatch,
    ExternalJoin,
    ExternalPSK,
    Group,
    GroupInfo,
    KnownPsks,
    OwnCommit,
    Remove,
    Rule,
    SenderType,
    StagedCommit,
    UnknownPsk,
    WrongEpoch,
)
from privity.mls.framing import PublicMessage, Sender
from privity.mls.inviting import make_group_info
from privity.mls.proposals import Commit, ExternalInit, InlineProposal, ProposalRef
from privity.mls.protection import sign


def info_of(group, **options):
    return GroupInfo.decode(group.group_info(**options))


def join(company, name, who="ada", **options):
    """Let somebody join by a commit of its own, and all follow."""
    group = company[who]
    options = {"tree": group.tree_bytes(), **options}
    me = company.meet(name)
    pending = Group.join_externally(info_of(group), me, ExternalJoin(**options), DRAW)
    staged = {n: g.process(pending.message) for n, g in company.groups.items()}
    for n, event in staged.items():
        company.groups[n] = event.next
    company.groups = {n: g for n, g in company.groups.items() if g is not None}
    company.groups[name] = pending.next
    return pending, staged


@pytest.mark.parametrize("code", ALL_SUITES)
def test_who_has_a_group_info_joins_by_a_commit_of_its_own(code):
    company = Company.of("ada", "bob", "cyd", code=code)
    _, staged = join(company, "dan")
    assert all(event.joins for event in staged.values())
    assert {event.committer for event in staged.values()} == {3}
    assert company.agree()
    company.commit("dan")
    company.commit("bob", add=("eve",))
    assert company.agree()
    assert company.hear(company.say("dan", b"here"), but="dan") == {b"here"}


def test_a_joiner_takes_the_leftmost_blank_place():
    company = Company.of("ada", "bob", "cyd", "dan", "eve")
    company.commit("ada", remove=("bob",))
    join(company, "fay")
    assert company["fay"].own_leaf == 1
    assert company.agree()


def test_a_member_without_its_state_takes_its_own_place_again():
    company = Company.of("ada", "bob", "cyd")
    lost = company.groups.pop("bob")
    _, staged = join(company, "bob", replaces=1)
    assert [leaf for leaf, _ in staged["ada"].removed] == [1]
    assert company["bob"].own_leaf == 1
    assert company.agree()
    assert lost.epoch < company["bob"].epoch


def test_the_former_self_sees_that_it_was_replaced():
    company = Company.of("ada", "bob")
    former = company["bob"]
    pending = Group.join_externally(
        info_of(former),
        company.meet("bob"),
        ExternalJoin(tree=former.tree_bytes(), replaces=1),
        DRAW,
    )
    event = former.process(pending.message)
    assert event.removes_me
    assert event.joins


def test_a_joiner_who_stands_in_the_tree_must_replace_itself():
    company = Company.of("ada", "bob")
    with rejects(Rule.DUPLICATE_SIGNATURE_KEY):
        join(company, "bob")


def test_a_pre_shared_key_enters_an_external_commit():
    company = Company.of("ada", "bob")
    key, known = ExternalPSK(b"door"), KnownPsks({b"door": b"secret"})
    group = company["ada"]
    options = ExternalJoin(tree=group.tree_bytes(), psks=(key,), known_psks=known)
    me = company.meet("dan")
    pending = Group.join_externally(info_of(group), me, options, DRAW)
    with unchanged(group), pytest.raises(UnknownPsk):
        group.process(pending.message)
    with pytest.raises(ConfirmationTagMismatch):
        group.process(pending.message, psks=KnownPsks({b"door": b"other"}))
    after = group.process(pending.message, psks=known).next
    assert after.epoch_authenticator == pending.next.epoch_authenticator
    with pytest.raises(UnknownPsk):
        Group.join_externally(
            info_of(group), me, replace(options, known_psks=KnownPsks()), DRAW
        )


def test_a_group_info_without_external_pub_lets_nobody_in():
    company = Company.of("ada")
    state = company["ada"].state
    private = state.membership.me.signature_private
    bare = replace(make_group_info(state, ()), extensions=()).signed(
        state.suite, private
    )
    me, options = company.meet("dan"), ExternalJoin(tree=state.tree.encode())
    with rejects(Rule.EXTERNAL_PUB_MISSING):
        Group.join_externally(bare, me, options, DRAW)
    with pytest.raises(UsageError):
        Group.join_externally(info_of(company["ada"]), me, ExternalJoin(), DRAW)


def test_a_joiner_whose_leaf_cannot_live_in_the_group_stays_out():
    company = Company.of("ada", "bob")
    unable = identity(company.crypto, "dan", cipher_suites=(2,))
    options = ExternalJoin(tree=company["ada"].tree_bytes())
    with rejects(Rule.SUITE_NOT_LISTED):
        Group.join_externally(info_of(company["ada"]), unable, options, DRAW)


class Intruder:
    """Somebody whose external commit to Ada's and Bob's group may be changed."""

    def __init__(self, name="dan", **options):
        self.company = Company.of("ada", "bob")
        self.group = self.company["ada"]
        self.me = self.company.meet(name)
        options = ExternalJoin(tree=self.group.tree_bytes(), **options)
        pending = Group.join_externally(info_of(self.group), self.me, options, DRAW)
        self.message = body_of(pending.message)

    def send(self, **changes):
        """Return the commit with some of its parts changed, and signed again."""
        content = self.message.content
        content = replace(content, content=replace(content.content, **changes))
        return self.signed(content)

    def signed(self, content):
        state = self.group.state
        signature = sign(
            state.suite,
            self.me.signature_private,
            1,
            content,
            state.public.encoded_context,
        )
        auth = replace(self.message.auth, signature=signature)
        return wrapped(PublicMessage(content, auth, None))


@pytest.fixture
def intruder():
    return Intruder()


def test_an_external_commit_has_a_path(intruder):
    with unchanged(intruder.group), rejects(Rule.PATH_MISSING):
        intruder.group.process(intruder.send(path=None))


def test_a_leaf_that_takes_its_old_place_brings_a_new_key():
    """As an Update of it would have to (§12.2)."""
    intruder = Intruder("bob", replaces=1)
    assert intruder.group.process(wrapped(intruder.message)).joins
    old = intruder.group.member(1).encryption_key
    path = intruder.message.content.content.path
    path = replace(path, leaf_node=replace(path.leaf_node, encryption_key=old))
    with unchanged(intruder.group), rejects(Rule.UPDATE_KEEPS_KEY):
        intruder.group.process(intruder.send(path=path))


def test_an_external_commit_names_no_proposal_by_reference(intruder):
    message, after = intruder.group.propose_remove(1)
    bob = intruder.company["bob"].process(message).next
    ((name, _),) = after.pending_proposals
    items = (*intruder.message.content.content.proposals, ProposalRef(name))
    with unchanged(bob), rejects(Rule.EXTERNAL_COMMIT_REFERENCE):
        bob.process(intruder.send(proposals=items))


@pytest.mark.parametrize("removes", [(), (0, 1)])
def test_an_external_commit_of_other_proposals_is_refused(intruder, removes):
    items = tuple(InlineProposal(Remove(leaf)) for leaf in removes)
    if removes:
        items = (*intruder.message.content.content.proposals, *items)
    with unchanged(intruder.group), rejects(Rule.EXTERNAL_COMMIT_PROPOSALS):
        intruder.group.process(intruder.send(proposals=items))


def test_an_external_commit_with_a_wrong_kem_output_is_not_authentic(intruder):
    for output in (b"", bytes(32)):
        items = (InlineProposal(ExternalInit(output)),)
        with unchanged(intruder.group), pytest.raises(NotAuthentic):
            intruder.group.process(intruder.send(proposals=items))


def test_an_external_commit_is_signed_by_the_leaf_of_its_path(intruder):
    auth = replace(intruder.message.auth, signature=bytes(64))
    with unchanged(intruder.group), pytest.raises(NotAuthentic):
        intruder.group.process(wrapped(replace(intruder.message, auth=auth)))


def test_an_external_commit_brings_keys_that_are_new(intruder):
    path = intruder.message.content.content.path
    taken = intruder.group.member(1).encryption_key
    leaf = replace(path.leaf_node, encryption_key=taken)
    with unchanged(intruder.group), rejects(Rule.PATH_KEY_REUSED):
        intruder.group.process(intruder.send(path=replace(path, leaf_node=leaf)))


def test_a_client_that_joins_says_nothing_but_its_commit(intruder):
    kind = SenderType.NEW_MEMBER_PROPOSAL
    content = replace(intruder.message.content, sender=Sender(kind))
    with unchanged(intruder.group), rejects(Rule.NOT_THIS_SENDERS):
        intruder.group.process(intruder.signed(content))


def test_an_external_commit_is_accepted_beside_an_own_pending_one(intruder):
    intruder.group.commit(CommitOptions(), DRAW)
    event = intruder.group.process(wrapped(intruder.message))
    assert isinstance(event, StagedCommit)
    assert event.next.own_leaf == 0


def test_who_only_watches_follows_an_external_commit(intruder):
    message = wrapped(intruder.message)
    seen = intruder.group.public.follow(message)
    assert seen.context == intruder.group.process(message).next.context
    assert isinstance(intruder.message.content.content, Commit)
    assert stored(intruder.group)


def test_the_echo_of_the_commit_that_one_joined_by_is_recognised():
    company = Company.of("ada", "bob")
    pending, _ = join(company, "dan")
    dan = company["dan"]
    with unchanged(dan), pytest.raises(OwnCommit):
        dan.process(pending.message)
    again = Group.load(*stored(dan), company.meet("dan"))
    with pytest.raises(OwnCommit):
        again.process(pending.message)
    # To everybody else it is a message of an epoch that has passed.
    with unchanged(company["ada"]), pytest.raises(WrongEpoch):
        company["ada"].process(pending.message)
    other, _ = join(company, "eve")
    with unchanged(company["dan"]), pytest.raises(WrongEpoch):
        company["dan"].process(other.message)
    company.commit("ada")
    with unchanged(company["dan"]), pytest.raises(WrongEpoch):
        company["dan"].process(pending.message)
