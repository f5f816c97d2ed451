from contextlib import contextmanager
from dataclasses import replace

import pytest
from mls_groups import Company, forge, key_package, unchanged
from mls_trees import Grove, Person

from privity.errors import NotAuthentic
from privity.mls import proposal_choice
from privity.mls.nodes import Capabilities
from privity.mls.proposal_choice import choose_proposals
from privity.mls.proposal_list import SentProposal
from privity.mls.proposals import Add, ExternalInit, ReInit, Remove, Update
from privity.mls.suites import CipherSuite


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


def test_of_those_that_clash_only_with_each_other_the_newest_is_taken(grove):
    """And the two of one member throw nobody else's out."""
    key = Person("key").leaf()[0].encryption_key
    chosen = choose(
        grove,
        good=add_of("good"),
        one=add_of("one", encryption_key=key),
        fine=update_of(grove, 3),
        other=add_of("other", encryption_key=key),
        late=add_of("late"),
        remove=SentProposal(1, Remove(1)),
    )
    assert chosen == ["good", "fine", "other", "late", "remove"]


def taken_key(grove, number):
    """Return Adds of that many, each with a key that is in the tree."""
    key = grove.tree.leaf(0).encryption_key
    return {f"bad {n}": add_of(f"bad {n}", encryption_key=key) for n in range(number)}


def test_thirty_that_clash_are_told_from_those_that_do_not(grove):
    bad = list(taken_key(grove, 30).items())
    good = [(f"good {n}", add_of(f"good {n}")) for n in range(90)]
    mixed = [item for n in range(30) for item in (bad[n], *good[3 * n : 3 * n + 3])]
    assert choose(grove, **dict(mixed)) == [name for name, _ in good]


@contextmanager
def counted(monkeypatch, owner, name):
    """Count the calls of one function."""
    honest, calls = getattr(owner, name), []

    def counting(*arguments):
        calls.append(arguments)
        return honest(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, counting)
        yield calls


def test_a_member_who_sends_many_that_clash_costs_a_bounded_number_of_attempts(
    grove, monkeypatch
):
    bad = taken_key(grove, 300)
    with counted(monkeypatch, proposal_choice, "combine_proposals") as attempts:
        chosen = choose(grove, remove=SentProposal(1, Remove(1)), **bad)
    assert chosen == ["remove"]
    assert len(attempts) <= 256


@pytest.mark.parametrize("number", [64, 128, 256, 700])
def test_a_member_who_sends_many_that_clash_keeps_nobody_elses_out(grove, number):
    chosen = choose(
        grove,
        honest=replace(add_of("honest"), sender=2),
        update=update_of(grove, 3),
        **taken_key(grove, number),
    )
    assert chosen == ["honest", "update"]


def test_a_member_who_clashes_a_little_has_a_share_beside_one_who_clashes_a_lot(grove):
    bad = taken_key(grove, 300)
    few = {f"few {name}": replace(bad[name], sender=2) for name in list(bad)[:3]}
    chosen = choose(grove, good=replace(add_of("good"), sender=2), **few, **bad)
    assert chosen == ["good"]


def test_choosing_verifies_no_signature_again(grove, monkeypatch):
    required = [Add(Person(f"ours {n}").package()[0]) for n in range(3)]
    bad = taken_key(grove, 3)
    with counted(monkeypatch, CipherSuite, "verify_with_label") as verified:
        chosen = choose(grove, *required, good=add_of("good"), **bad)
    assert chosen == ["good"]
    assert verified == []


def test_beside_a_reinit_nothing_is_taken_not_even_a_removal(grove):
    chosen = choose(
        grove,
        ReInit(b"next", 1, 1, ()),
        remove=SentProposal(1, Remove(1)),
        update=update_of(grove, 2),
    )
    assert chosen == []


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
