from dataclasses import replace

import pytest
from mls_groups import (
    DRAW,
    SUITES,
    Company,
    private,
    resealed,
    stored,
    unchanged,
    wrapped,
)
from rejecting import rejects

from privity.errors import NotAuthentic, UsageError
from privity.mls import CommitOptions, Group, Rule, WrongEpoch
from privity.mls.past_epochs import MAX_KEPT


@pytest.fixture(params=SUITES)
def company(request):
    company = Company.of("ada", "bob", "cyd", code=request.param)
    company.groups["bob"] = company["bob"].keeping(2)
    return company


def test_a_late_message_opens_once_if_its_epoch_is_kept(company):
    late = company.say("ada", b"late")
    company.commit("cyd")
    company.commit("ada")
    event = company["bob"].process(late)
    assert (event.data, event.sender, event.epoch) == (b"late", 0, 1)
    assert event.leaf.credential == company.meet("ada").credential
    with unchanged(event.next), rejects(Rule.GENERATION_CONSUMED):
        event.next.process(late)


def test_what_was_opened_while_a_commit_waited_does_not_open_again(company):
    seen, late = company.say("ada", b"seen"), company.say("ada", b"late")
    pending = company["bob"].commit(CommitOptions(), DRAW)
    reading = company["bob"].process(seen).next
    begun = reading.begin(pending.next)
    with unchanged(begun), rejects(Rule.GENERATION_CONSUMED):
        begun.process(seen)
    assert begun.process(late).data == b"late"
    assert begun.epoch_authenticator == pending.next.epoch_authenticator
    assert reading.keeping(0).begin(pending.next).state.past.epochs == ()


def test_only_the_epoch_that_follows_can_be_begun(company):
    pending = company["bob"].commit(CommitOptions(), DRAW)
    other = Company.of("bob")["bob"]
    for after in (company["bob"], other, pending.next):
        with pytest.raises(UsageError):
            pending.next.begin(after)


def test_late_messages_of_epochs_that_are_not_kept_are_stale(company):
    late = company.say("ada", b"late")
    for _ in range(3):
        company.commit("cyd")
    for name in ("bob", "cyd"):
        with unchanged(company[name]), pytest.raises(WrongEpoch):
            company[name].process(late)


def test_a_sender_is_judged_by_the_members_of_its_own_epoch(company):
    late = company.say("cyd", b"last words")
    company.hear(company.say("ada", b"hello"), but="ada")
    company.commit("ada", remove=("cyd",))
    company.commit("bob", add=("dan",))
    event = company["bob"].process(late)
    assert event.leaf.credential.identity == b"cyd"
    assert company["bob"].member(event.sender).credential.identity == b"dan"


def test_a_late_sender_whose_leaf_was_blank_is_refused(company):
    ada = company["ada"]
    sealed = private(ada, b"late")
    forged = resealed(ada, sealed, lambda data: replace(data, leaf_index=3))
    company.commit("cyd")
    with unchanged(company["bob"]), rejects(Rule.SENDER_IS_BLANK):
        company["bob"].process(wrapped(forged))


def test_a_late_message_of_another_group_is_refused(company):
    sealed = private(company["ada"], b"late")
    company.commit("cyd")
    with unchanged(company["bob"]), rejects(Rule.WRONG_GROUP):
        company["bob"].process(wrapped(replace(sealed, group_id=b"other")))


def test_handshakes_of_a_kept_epoch_are_still_stale(company):
    proposal, _ = company["ada"].propose_remove(2)
    commit = company["ada"].commit(CommitOptions(), DRAW).message
    company.commit("cyd")
    for message in (proposal, commit):
        with unchanged(company["bob"]), pytest.raises(WrongEpoch):
            company["bob"].process(message)


def test_a_damaged_late_message_changes_nothing(company):
    late = bytearray(company.say("ada", b"late"))
    company.commit("cyd")
    late[-1] ^= 1
    with unchanged(company["bob"]), pytest.raises(NotAuthentic):
        company["bob"].process(bytes(late))


def test_kept_epochs_survive_a_restart_and_are_dropped_when_told(company):
    late = company.say("ada", b"late")
    company.commit("cyd")
    loaded = Group.load(*stored(company["bob"]), company.meet("bob"))
    assert loaded == company["bob"]
    assert loaded.process(late).data == b"late"
    forgetful = loaded.keeping(0)
    with pytest.raises(WrongEpoch):
        forgetful.process(late)
    old = company["bob"].state.past.epochs[0]
    assert old.sender_data_secret in loaded.dump_ratchet()
    assert old.sender_data_secret not in b"".join(stored(forgetful))


def test_by_default_nothing_of_an_epoch_outlives_it(company):
    company.commit("bob")
    assert company["ada"].state.past.epochs == ()
    assert len(company["bob"].state.past.epochs) == 1


def test_there_is_a_limit_to_what_is_kept(company):
    for wrong in (-1, MAX_KEPT + 1):
        with pytest.raises(UsageError):
            company["bob"].keeping(wrong)
