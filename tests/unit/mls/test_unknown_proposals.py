"""Proposals of types that we do not know are carried, and never half understood."""

import pytest
from mls_groups import (
    DRAW,
    Company,
    body_of,
    forge,
    private,
    stored,
    unchanged,
    wrapped,
)
from mls_trees import Grove, Person
from rejecting import rejects

from privity.errors import DecodeError, Unsupported, UsageError
from privity.mls import (
    Add,
    Capabilities,
    CommitOptions,
    Group,
    Remove,
    Rule,
    UnknownProposal,
)
from privity.mls.proposal_list import SentProposal
from privity.mls.proposals import Commit, InlineProposal, ProposalRef
from privity.mls.public_state import MAX_WAITING_PROPOSAL

STRANGE = 0xF0F0
TYPES = [0, 8, 9, 11, 0x0A0A, STRANGE, 0xFFFF]


@pytest.fixture
def company():
    return Company.of("ada", "bob", "cyd")


def commit_of(group, *items):
    return forge(group, Commit(tuple(items)), b"tag")


@pytest.mark.parametrize("kind", TYPES)
def test_it_is_carried_unread_and_encodes_to_what_it_came_in(kind):
    proposal = UnknownProposal(kind, b"content")
    commit = Commit((InlineProposal(proposal), InlineProposal(Remove(1)))).encode()
    assert kind.to_bytes(2, "big") + b"\7content" in commit
    decoded = Commit.decode(commit)
    assert decoded.proposals[0].proposal == proposal
    assert decoded.proposals[1].proposal == Remove(1)
    assert decoded.encode() == commit


def test_its_length_is_bounded_by_what_is_there():
    commit = Commit((InlineProposal(UnknownProposal(STRANGE, b"content")),)).encode()
    for length in (b"\x06", b"\x08", b"\xbf\xff\xff\xff", b"\xff"):
        with pytest.raises(DecodeError):
            Commit.decode(commit.replace(b"\7content", length + b"content"))


def test_a_known_type_is_not_disguised_as_an_unknown_one():
    with pytest.raises(UsageError):
        Commit((InlineProposal(UnknownProposal(3, b"")),)).encode()


@pytest.mark.parametrize("kind", TYPES)
def test_a_commit_with_it_is_refused_and_what_waits_survives(company, kind):
    message, company.groups["bob"] = company["bob"].propose_update(random=DRAW)
    company.spread(message, but="bob")
    ada = company["ada"]
    assert len(ada.pending_proposals) == 1
    strange = InlineProposal(UnknownProposal(kind, b"content"))
    message = commit_of(company["cyd"], strange)
    for refuse in (ada.process, ada.public.follow):
        with unchanged(ada), rejects(Rule.PROPOSAL_UNSUPPORTED):
            refuse(message)
    company.commit("ada")
    assert company.agree()


def test_it_waits_without_keeping_anybody_from_committing(company):
    strange = UnknownProposal(STRANGE, b"content")
    company.spread(forge(company["bob"], strange), but="")
    ada = company["ada"]
    ((name, sent),) = ada.pending_proposals
    assert sent == SentProposal(1, strange)
    again = Group.load(*stored(ada), company.meet("ada"))
    assert again.pending_proposals == ada.pending_proposals
    with unchanged(company["cyd"]), rejects(Rule.PROPOSAL_UNSUPPORTED):
        company["cyd"].process(commit_of(ada, ProposalRef(name)))
    with unchanged(ada), rejects(Rule.PROPOSAL_UNSUPPORTED):
        ada.commit(CommitOptions(by_reference=(name,)), DRAW)
    pending = company.commit("ada")
    assert body_of(pending.message).content.content.proposals == ()
    company.hear(company.say("bob", b"we go on"), but="bob")


def test_it_comes_in_private_messages_too(company):
    strange = UnknownProposal(STRANGE, b"content")
    event = company["ada"].process(wrapped(private(company["bob"], strange)))
    assert event.proposal == strange


def test_a_large_one_does_not_wait(company):
    strange = UnknownProposal(STRANGE, bytes(MAX_WAITING_PROPOSAL))
    with unchanged(company["ada"]), rejects(Rule.TOO_MANY_PROPOSALS):
        company["ada"].process(forge(company["bob"], strange))


def test_one_that_is_no_vector_does_not_decode(company):
    message = forge(company["bob"], UnknownProposal(STRANGE, b"content"))
    bare = message.replace(b"\xf0\xf0\7content", b"\xf0\xf0\xffcontent")
    assert bare != message
    with unchanged(company["ada"]), pytest.raises(DecodeError):
        company["ada"].process(bare)


def test_whoever_is_added_or_removed_need_not_support_it():
    """What all others support and this library lacks is `Unsupported`, no fault."""
    able = Capabilities(cipher_suites=(1,), credentials=(1,), proposals=(STRANGE,))
    grove = Grove.planted(Person("unable"))
    grown, _ = Person("able").package(capabilities=able)
    grove.tree = grove.apply(0, Add(grown)).tree
    strange = UnknownProposal(STRANGE, b"")
    new = Person("new").package()[0]
    with rejects(Rule.PROPOSAL_UNSUPPORTED):
        grove.apply(1, strange, Add(new))
    with pytest.raises(Unsupported, match="0xf0f0"):
        grove.apply(1, strange, Add(new), Remove(0))
