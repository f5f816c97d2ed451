"""SelfRemove (draft-ietf-mls-extensions): leaving by a proposal that joiners commit."""

from dataclasses import replace

import pytest
from mls_groups import (
    DRAW,
    Company,
    body_of,
    forge,
    identity,
    private,
    seal,
    stored,
    unchanged,
    wrapped,
)
from rejecting import rejects

from privity.errors import NotAuthentic
from privity.mls import (
    CommitOptions,
    CommitRequired,
    Epoch,
    Extension,
    ExtensionType,
    ExternalJoin,
    Group,
    GroupInfo,
    ProposalType,
    Remove,
    RequiredCapabilities,
    Rule,
    SelfRemove,
    WrongEpoch,
    check_commit,
    propose_from_outside,
)
from privity.mls.committing import sign_content
from privity.mls.following import proposal_reference
from privity.mls.framing import WireFormat
from privity.mls.proposals import Commit, InlineProposal, ProposalRef
from privity.mls.protection import as_signed

ABLE = (ProposalType.SELF_REMOVE,)


class Leavers(Company):
    """People who can all leave by themselves, but for those of another kind."""

    unable: tuple[str, ...] = ()

    def meet(self, name):
        if name not in self.people and name not in self.unable:
            self.people[name] = identity(self.crypto, name, proposals=ABLE)
        return super().meet(name)


@pytest.fixture
def company():
    return Leavers.of("ada", "bob", "cyd", "dan")


def leave(company, name, **options):
    """Let one propose to leave and everybody hear it."""
    message, company.groups[name] = company[name].propose_self_remove(**options)
    company.spread(message, but=name)
    return message


def join(company, name, *messages, **options):
    """Return the commit by which somebody joins."""
    group = company["ada"]
    chosen = ExternalJoin(
        tree=group.tree_bytes(), self_removes=tuple(messages), **options
    )
    info = GroupInfo.decode(group.group_info())
    return Group.join_externally(info, company.meet(name), chosen, DRAW)


def test_whoever_leaves_is_out_with_the_next_commit_of_anybody(company):
    leave(company, "bob")
    with pytest.raises(CommitRequired):
        company.say("ada", b"not yet")
    pending = company.commit("cyd", path=False)
    assert [leaf for leaf, _ in pending.removed] == [1]
    assert body_of(pending.message).content.content.path is not None
    assert set(company.groups) == {"ada", "cyd", "dan"}
    assert company.agree()


def test_several_leave_at_once_and_a_new_one_takes_a_place(company):
    leave(company, "bob")
    leave(company, "dan")
    pending = company.commit("ada", add=("eve",))
    assert sorted(leaf for leaf, _ in pending.removed) == [1, 3]
    assert company["eve"].own_leaf == 1
    assert company.agree()


def test_a_proposal_to_leave_survives_storage(company):
    leave(company, "bob")
    again = Group.load(*stored(company["cyd"]), company.meet("cyd"))
    assert again.pending_proposals == company["cyd"].pending_proposals
    assert stored(again) == stored(company["cyd"])


def test_who_joins_by_a_commit_takes_out_all_who_wait_to_leave(company):
    messages = (leave(company, "bob"), leave(company, "cyd"))
    pending = join(company, "eve", *messages)
    assert sorted(leaf for leaf, _ in pending.removed) == [1, 2]
    assert company["bob"].process(pending.message).removes_me
    after = company["ada"].process(pending.message).next
    assert after.epoch_authenticator == pending.next.epoch_authenticator
    assert pending.next.own_leaf == 1
    watched = company["ada"].public.follow(pending.message)
    assert watched.context == pending.next.context


def test_a_joiner_may_replace_itself_and_take_out_another(company):
    message = leave(company, "cyd")
    pending = join(company, "dan", message, replaces=3)
    assert sorted(leaf for leaf, _ in pending.removed) == [2, 3]

    class Strict:
        def validate(self, leaf):
            assert leaf.credential.identity == b"dan"

        def validate_external_sender(self, sender):
            raise AssertionError(sender)

        def succeeds(self, before, after):
            return before.credential == after.credential

    # Only the leaf whose place it takes must be its own.
    ada = company["ada"]
    check_commit(Strict(), ada, ada.process(pending.message))


def test_who_left_and_comes_back_at_once_is_removed_once(company):
    message = leave(company, "dan")
    pending = join(company, "dan", message, replaces=3)
    assert [leaf for leaf, _ in pending.removed] == [3]
    after = company["ada"].process(pending.message).next
    assert after.epoch_authenticator == pending.next.epoch_authenticator


def test_for_a_leaf_that_leaves_by_itself_no_remove_is_committed(company):
    message, company.groups["ada"] = company["ada"].propose_remove(1)
    company.spread(message, but="ada")
    leave(company, "bob")
    pending = company.groups["cyd"].commit(CommitOptions(remove=(1,)), DRAW)
    (only,) = company["dan"].process(pending.message).proposals
    assert only.proposal == SelfRemove()


def commit_of(group, *items):
    """Return a commit that no rule was asked about."""
    return forge(group, Commit(tuple(items)), b"tag")


def names_of(group, kind):
    return [n for n, s in group.pending_proposals if isinstance(s.proposal, kind)]


def test_a_remove_and_a_self_removal_of_one_leaf_clash(company):
    leave(company, "bob")
    (name,) = names_of(company["ada"], SelfRemove)
    message = commit_of(company["ada"], ProposalRef(name), InlineProposal(Remove(1)))
    with unchanged(company["cyd"]), rejects(Rule.LEAF_CHANGED_TWICE):
        company["cyd"].process(message)


def test_an_update_and_a_self_removal_of_one_leaf_clash(company):
    message, company.groups["bob"] = company["bob"].propose_update(random=DRAW)
    company.spread(message, but="bob")
    leave(company, "bob")
    names = [name for name, _ in company["ada"].pending_proposals]
    message = commit_of(company["ada"], *map(ProposalRef, names))
    with unchanged(company["cyd"]), rejects(Rule.LEAF_CHANGED_TWICE):
        company["cyd"].process(message)
    pending = company.commit("cyd")
    assert [leaf for leaf, _ in pending.removed] == [1]


def test_it_is_committed_by_reference_only(company):
    message = commit_of(company["bob"], InlineProposal(SelfRemove()))
    with unchanged(company["ada"]), rejects(Rule.SELF_REMOVE_BY_VALUE):
        company["ada"].process(message)


def test_nobody_commits_its_own_removal(company):
    leave(company, "bob")
    (name,) = names_of(company["bob"], SelfRemove)
    with unchanged(company["bob"]), rejects(Rule.COMMITTER_REMOVED):
        company["bob"].commit(CommitOptions(by_reference=(name,)), DRAW)
    with unchanged(company["ada"]), rejects(Rule.COMMITTER_REMOVED):
        company["ada"].process(commit_of(company["bob"], ProposalRef(name)))
    assert company["bob"].commit(CommitOptions(), DRAW).removed == ()


def test_it_needs_a_path(company):
    leave(company, "bob")
    (name,) = names_of(company["ada"], SelfRemove)
    with unchanged(company["cyd"]), rejects(Rule.PATH_MISSING):
        company["cyd"].process(commit_of(company["ada"], ProposalRef(name)))


def test_it_travels_in_the_open_because_joiners_must_read_it(company):
    message = wrapped(private(company["bob"], SelfRemove()))
    with unchanged(company["ada"]), rejects(Rule.SELF_REMOVE_ENCRYPTED):
        company["ada"].process(message)


def test_one_is_sent_in_an_epoch_and_more_do_no_harm(company):
    leave(company, "bob")
    with unchanged(company["bob"]), rejects(Rule.SELF_REMOVE_TWICE):
        company["bob"].propose_self_remove(authenticated_data=b"again")
    # Who got another one of them must still understand a commit that names it.
    state = company["bob"].state
    twin = sign_content(state, WireFormat.PUBLIC_MESSAGE, SelfRemove(), b"again")
    again = seal(company["bob"], twin)
    company.spread(again, but="")
    pending = company.commit("cyd")
    assert [leaf for leaf, _ in pending.removed] == [1]
    assert company.agree()


def test_it_is_not_proposed_where_somebody_does_not_support_it():
    company = Leavers.of("ada")
    company.unable = ("bob",)
    company.commit("ada", add=("bob", "cyd"))
    for name in ("ada", "bob"):
        with unchanged(company[name]), rejects(Rule.PROPOSAL_UNSUPPORTED):
            company[name].propose_self_remove()
    company.spread(forge(company["cyd"], SelfRemove()), but="")
    (name,) = names_of(company["ada"], SelfRemove)
    message = commit_of(company["ada"], ProposalRef(name))
    with unchanged(company["bob"]), rejects(Rule.PROPOSAL_UNSUPPORTED):
        company["bob"].process(message)
    # It waits, keeps nobody from committing, and whoever asks may still remove.
    pending = company.commit("ada", remove=("cyd",))
    assert [leaf for leaf, _ in pending.removed] == [2]
    assert company.agree()


def test_a_group_may_require_it():
    needed = RequiredCapabilities(proposal_types=ABLE)
    listed = Extension(ExtensionType.REQUIRED_CAPABILITIES, needed.encode())
    company = Leavers.of("ada", "bob", extensions=(listed,))
    company.unable = ("eve",)
    with unchanged(company["ada"]), rejects(Rule.CAPABILITY_MISSING):
        company.commit("ada", add=("eve",))


def test_an_external_sender_cannot_leave(company):
    group = company["ada"]
    epoch = Epoch(group.suite, group.group_id, group.epoch)
    key = company.meet("eve").signature_private
    message = propose_from_outside(epoch, 0, key, SelfRemove())
    with unchanged(group), rejects(Rule.UNKNOWN_EXTERNAL_SENDER):
        group.process(message)


def test_a_joiner_takes_nothing_but_sound_self_removals(company):
    remove, _ = company["bob"].propose_remove(1)
    with rejects(Rule.EXTERNAL_COMMIT_REFERENCE):
        join(company, "eve", remove)
    with rejects(Rule.NOT_A_GROUP_MESSAGE):
        join(company, "eve", wrapped(GroupInfo.decode(company["ada"].group_info())))
    signed = as_signed(body_of(forge(company["bob"], SelfRemove())))
    broken = replace(signed, auth=replace(signed.auth, signature=bytes(64)))
    with pytest.raises(NotAuthentic):
        join(company, "eve", seal(company["bob"], broken))
    old = leave(company, "bob")
    company.commit("dan", by_reference=())
    with pytest.raises(WrongEpoch):
        join(company, "eve", old)


def test_a_member_who_asks_twice_to_leave_keeps_nobody_from_joining(company):
    first = leave(company, "bob")
    state = company["bob"].state
    twin = sign_content(state, WireFormat.PUBLIC_MESSAGE, SelfRemove(), b"again")
    again = seal(company["bob"], twin)
    company.spread(again, but="")
    for messages in ((first, again), (again, first)):
        pending = join(company, "eve", *messages)
        assert [leaf for leaf, _ in pending.removed] == [1]
        after = company["ada"].process(pending.message).next
        assert after.epoch_authenticator == pending.next.epoch_authenticator


def test_where_a_member_cannot_read_self_removals_joiners_leave_them_out():
    company = Leavers.of("ada")
    company.unable = ("bob",)
    company.commit("ada", add=("bob", "cyd"))
    message = forge(company["cyd"], SelfRemove())
    company.spread(message, but="")
    pending = join(company, "eve", message)
    assert pending.removed == ()
    after = company["bob"].process(pending.message).next
    assert after.epoch_authenticator == pending.next.epoch_authenticator


def test_a_joiner_follows_when_all_members_leave(company):
    messages = [leave(company, name) for name in ("ada", "bob", "cyd", "dan")]
    pending = join(company, "eve", *messages)
    assert pending.next.members() == ((0, pending.next.member(0)),)
    assert company["ada"].process(pending.message).removes_me


def test_a_joiner_names_no_self_removal_that_members_did_not_see(company):
    message, _ = company["bob"].propose_self_remove()
    pending = join(company, "eve", message)
    reference = proposal_reference(company.crypto, as_signed(body_of(message)))
    assert ProposalRef(reference) in body_of(pending.message).content.content.proposals
    ada = company["ada"]
    with unchanged(ada), rejects(Rule.UNKNOWN_PROPOSAL):
        ada.process(pending.message)
    heard = ada.process(message).next
    assert heard.process(pending.message).joins
