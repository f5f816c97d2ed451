"""A device that its account's newest list omits is brought into no chat."""

from dataclasses import replace

import pytest
from msgspec import structs

from privity.core import inputs as i
from privity.core.events import Notice
from privity.core.state import Status
from privity.identity.certificates import certify
from privity.identity.device_list import parse_device_list, sign_device_list
from privity.identity.signing import public_of


def list_without(person, version):
    """Return a list of somebody's account in which another device stands."""
    account = person.state.account
    own = parse_device_list(account.device_list).device_list
    (device,) = own.devices
    claim = replace(
        device.certificate.claim,
        device_id=b"n" * 16,
        signature_key=public_of(b"n" * 32),
        list_version=version,
    )
    other = replace(
        device,
        device_id=claim.device_id,
        signature_key=claim.signature_key,
        login_key=public_of(b"l" * 32),
        mailbox_id=b"m" * 16,
        certificate=certify(account.identity_seed, claim),
    )
    newer = replace(own, list_version=version, devices=(other,))
    return sign_device_list(account.identity_seed, newer).encode()


def is_told(person, who, device_list):
    """Let somebody have seen a device list."""
    known = person.state.contacts[who.id]
    seen = structs.replace(known, device_list=device_list)
    contacts = {**person.state.contacts, who.id: seen}
    person.state = replace(person.state, contacts=contacts)


@pytest.fixture
def asked(pair, ask):
    """Ben is asked into a group of Ana's."""
    chat = pair.ana.take(i.CreateGroup("Choir"))
    pair.town.run()
    pair.ana.take(i.AddMembers(chat, (pair.ben.id,)))
    pair.town.run()
    return chat, ask(pair.ben)


def codes(person):
    return [(e.code, e.detail) for e in person.events if isinstance(e, Notice)]


def test_its_acceptance_is_refused_by_name(pair, asked):
    chat, invite_id = asked
    is_told(pair.ana, pair.ben, list_without(pair.ben, 2))
    pair.ben.take(i.Accept(invite_id))
    pair.town.run()
    assert ("acceptance_refused", "a device that its account's newest list omits") in (
        codes(pair.ana)
    )
    assert chat not in pair.ben.state.chats
    assert len(pair.ana.state.groups[chat].members()) == 1


def test_an_add_that_waits_is_not_committed_once_a_list_omits_it(pair, asked):
    chat, invite_id = asked
    before = pair.ana.state.chats[chat].parent
    pair.ana.say(chat, "answered late")
    late, pair.ana.requests = pair.ana.requests, []
    pair.ben.take(i.Accept(invite_id))
    pair.town.run(seconds=0)
    # A commit waits until what was sent in its epoch is answered.
    assert pair.ana.state.chats[chat].intents
    pair.ana.requests = late
    is_told(pair.ana, pair.ben, list_without(pair.ben, 2))
    pair.town.run()
    assert pair.ana.state.chats[chat].parent == before
    assert not pair.ana.state.chats[chat].intents
    assert "commit_impossible" in dict(codes(pair.ana))


@pytest.mark.parametrize("version", [0, 1])
def test_the_list_that_brought_it_in_and_none_at_all_let_it_in(pair, asked, version):
    chat, invite_id = asked
    account = pair.ben.state.account
    is_told(pair.ana, pair.ben, account.device_list if version else b"")
    pair.ben.take(i.Accept(invite_id))
    pair.town.run()
    assert pair.ben.state.chats[chat].status is Status.ACTIVE
