from dataclasses import replace

import pytest
from mls_groups import Company, forge, key_package, unchanged
from mls_trees import Grove, Person

from privity.errors import NotAuthentic
from privity.mls.nodes import Capabilities
from privity.mls.proposal_choice import choose_proposals
from privity.mls.proposal_list import SentProposal
from privity.mls.proposals import Add, ExternalInit, Remove, Update


@pytest.fixture(scope="module")
def grove():
    return Grove.of(4)


def update_of(grove, leaf, **changes):
    return SentProposal(
        leaf, Update(grove.people[leaf].updated_leaf(leaf, **changes)[0])
    )


def add_of(name, **changes):
    return SentProposal(1, Add(Person(name).package(**changes)[0]))


def choose(grove, *required, **waiting):
    named = {name.encode(): sent for name, sent in waiting.items()}
    ours = [SentProposal(0, proposal) for proposal in required]
    context = grove.context()
    names = choose_proposals(grove.tree, context, 0, ours, named)
    return [name.decode() for name in names]


def test_all_that_can_stand_together_is_taken_in_its_order(grove):
    chosen = choose(
        grove,
        add=add_of("new"),
        update=update_of(grove, 1),
        remove=SentProposal(1, Remove(2)),
    )
    assert chosen == ["add", "update", "remove"]


def test_for_one_leaf_a_removal_is_preferred_and_then_the_newest_update(grove):
    chosen = choose(
        grove,
        old=update_of(grove, 1),
        new=update_of(grove, 1),
        void=update_of(grove, 2),
        remove=SentProposal(2, Remove(2)),
    )
    assert chosen == ["new", "remove"]


def test_what_the_committer_must_not_commit_is_left_for_others(grove):
    chosen = choose(
        grove,
        own=update_of(grove, 0),
        leave=SentProposal(0, Remove(0)),
        blank=SentProposal(1, Remove(9)),
        outside=SentProposal(1, ExternalInit(b"")),
    )
    assert chosen == []


def test_what_the_committer_does_itself_is_not_taken_twice(grove):
    new = Person("new").package()[0]
    chosen = choose(
        grove,
        Remove(2),
        Add(new),
        remove=SentProposal(1, Remove(2)),
        same=add_of("new"),
        other=add_of("other"),
    )
    assert chosen == ["other"]


def test_one_proposal_that_clashes_does_not_spoil_the_others(grove):
    """A member again, a credential that nobody else reads, a key that is taken."""
    able = Capabilities(cipher_suites=(1,), credentials=(1, 0xF0F0))
    strange = Person("strange").leaf()[0].credential
    odd = type(strange)(0xF0F0, b"")
    stolen = grove.tree.leaf(0).encryption_key
    chosen = choose(
        grove,
        again=add_of("person 3"),
        good=add_of("good"),
        odd=add_of("strange", credential=odd, capabilities=able),
        thief=update_of(grove, 2, encryption_key=stolen),
        fine=update_of(grove, 3),
        remove=SentProposal(1, Remove(1)),
    )
    assert chosen == ["good", "fine", "remove"]


def test_those_that_clash_only_with_each_other_are_left_out_together(grove):
    key = Person("key").leaf()[0].encryption_key
    chosen = choose(
        grove,
        one=add_of("one", encryption_key=key),
        other=add_of("other", encryption_key=key),
        remove=SentProposal(1, Remove(1)),
    )
    assert chosen == ["remove"]


def test_a_client_whose_old_leaf_goes_may_come_back(grove):
    chosen = choose(grove, back=add_of("person 3"), remove=SentProposal(1, Remove(3)))
    assert chosen == ["back", "remove"]


@pytest.fixture
def company():
    return Company.of("ada", "bob", "cyd")


def test_a_proposal_that_no_commit_could_hold_does_not_wait(company):
    """It would keep everybody from committing, and so from sending."""
    package = key_package(company.crypto, company.meet("eve")).key_package
    message = forge(company["bob"], Add(replace(package, signature=bytes(64))))
    ada = company["ada"]
    # Whoever follows without secrets refuses alike.
    for refuse in (ada.process, ada.public.follow):
        with unchanged(ada), pytest.raises(NotAuthentic):
            refuse(message)
    company.hear(company.say("ada", b"we go on"), but="ada")


def test_a_member_cannot_block_a_group_by_a_proposal_that_clashes(company):
    """Bob proposes to add himself once more, rightly signed."""
    again = key_package(company.crypto, company.meet("bob")).key_package
    message = forge(company["bob"], Add(again))
    company.spread(message, but="")
    pending = company.commit("ada", add=("dan",))
    assert [leaf for leaf, _ in pending.added] == [3]
    assert company.agree()
    company.hear(company.say("cyd", b"we go on"), but="cyd")
