import pytest
from mls_groups import DRAW, Company, key_package, stored, unchanged
from rejecting import rejects

from privity.errors import NotAuthentic
from privity.mls import (
    Add,
    CommitOptions,
    Credential,
    Epoch,
    Extension,
    ExtensionType,
    ExternalSender,
    ExternalSenders,
    Group,
    Remove,
    Rule,
    SenderType,
    Update,
    propose_from_outside,
    propose_own_add,
)


class Watched:
    """A group of Ada and Bob that lists one external sender."""

    def __init__(self):
        crypto = Company.of("x").crypto
        self.private, public = crypto.generate_signature_pair(DRAW)
        sender = ExternalSender(public, Credential.basic(b"server"))
        content = ExternalSenders((sender,)).encode()
        listed = Extension(ExtensionType.EXTERNAL_SENDERS, content)
        self.company = Company.of("ada", "bob", extensions=(listed,))
        group = self.company["ada"]
        self.epoch = Epoch(crypto, group.group_id, group.epoch)

    def outside(self, proposal, index=0, private=None):
        key = private or self.private
        return propose_from_outside(self.epoch, index, key, proposal)


@pytest.fixture
def watched():
    return Watched()


def test_a_listed_sender_proposes_and_members_commit_it(watched):
    company = watched.company
    message = watched.outside(Remove(1))
    proposed = company["ada"].process(message)
    assert (proposed.sender, proposed.sender_type) == (0, SenderType.EXTERNAL)
    again = Group.load(*stored(proposed.next), company.meet("ada"))
    assert stored(again) == stored(proposed.next)
    assert again.pending_proposals == proposed.next.pending_proposals
    pending = again.commit(CommitOptions(), DRAW)
    bob = company["bob"].process(message).next
    assert bob.process(pending.message).removes_me


def test_a_client_proposes_its_own_add(watched):
    company = watched.company
    me = company.meet("dan")
    bundle = key_package(company.crypto, me)
    message = propose_own_add(watched.epoch, me, bundle.key_package)
    ada = company["ada"].process(message).next
    pending = ada.commit(CommitOptions(), DRAW)
    joined = Group.join(
        pending.welcome, bundle, me, tree=pending.next.tree_bytes()
    ).group
    assert joined.epoch_authenticator == pending.next.epoch_authenticator


def test_a_sender_who_is_not_listed_is_refused(watched):
    ada = watched.company["ada"]
    with unchanged(ada), rejects(Rule.UNKNOWN_EXTERNAL_SENDER):
        ada.process(watched.outside(Remove(1), index=1))
    with unchanged(ada), pytest.raises(NotAuthentic):
        ada.process(watched.outside(Remove(1), private=bytes(32)))


def test_an_add_that_another_key_signed_is_not_authentic(watched):
    company = watched.company
    bundle = key_package(company.crypto, company.meet("dan"))
    message = propose_own_add(watched.epoch, company.meet("eve"), bundle.key_package)
    with unchanged(company["ada"]), pytest.raises(NotAuthentic):
        company["ada"].process(message)


def test_a_listed_sender_does_not_propose_what_is_a_members_own(watched):
    ada = watched.company["ada"]
    with unchanged(ada), rejects(Rule.NOT_THIS_SENDERS):
        ada.process(watched.outside(Update(ada.member(1))))


def test_who_only_watches_remembers_proposals_from_outside(watched):
    company = watched.company
    bundle = key_package(company.crypto, company.meet("dan"))
    message = watched.outside(Add(bundle.key_package))
    seen = company["bob"].public.follow(message)
    ada = company["ada"].process(message).next
    pending = ada.commit(CommitOptions(), DRAW)
    assert seen.follow(pending.message).context == pending.next.context
