"""A relay that answers with another list, key or package than is the account's."""

from dataclasses import replace

import pytest
from msgspec import structs

from privity.core import inputs as i
from privity.core import requests as r
from privity.core.events import Notice
from privity.identity.device_list import parse_device_list, sign_device_list

pytestmark = pytest.mark.usefixtures("group")


@pytest.fixture
def group(pair):
    chat = pair.ana.take(i.CreateGroup("Choir"))
    pair.town.run()
    pair.ana.take(i.AddMembers(chat, (pair.ben.id,)))
    return chat


def answer_with(pair, change):
    """Let the relay answer Ana's claim with something else; returns the notice."""
    send = pair.ana.requests.pop(0)
    claimed = pair.ana.perform(send.request)
    asked = len(pair.ben.state.requests)
    pair.ana.take(i.Answered(send.job, change(claimed)))
    pair.town.run()
    assert len(pair.ben.state.requests) == asked
    notice = next(e for e in pair.ana.events if isinstance(e, Notice))
    assert notice.code == "invitation_failed"
    return notice.detail


def relisted(person, version, **changes):
    own = parse_device_list(person.state.account.device_list).device_list
    newer = replace(own, list_version=version, **changes)
    return sign_device_list(person.state.account.identity_seed, newer).encode()


def test_an_older_device_list_than_was_seen_is_refused(pair):
    contact = pair.ana.state.contacts[pair.ben.id]
    newer = structs.replace(contact, device_list=relisted(pair.ben, 2))
    contacts = {**pair.ana.state.contacts, pair.ben.id: newer}
    pair.ana.state = replace(pair.ana.state, contacts=contacts)
    detail = answer_with(pair, lambda claimed: claimed)
    assert "older device list" in detail


def test_a_key_package_of_a_suite_that_its_account_no_longer_accepts_is_refused(pair):
    """The list says that only suite 3 is good enough; the relay hands out another."""
    stricter = relisted(pair.ben, 2, suites=(3,), min_suite=3)
    detail = answer_with(pair, lambda c: r.Claimed(stricter, c.packages))
    assert "weaker" in detail


def test_the_device_list_of_another_account_is_refused(pair, strangers):
    cem = strangers[2].state.account.device_list
    detail = answer_with(pair, lambda c: r.Claimed(cem, c.packages))
    assert "another identity key" in detail


def test_a_device_list_with_a_false_signature_is_refused(pair):
    def damage(claimed):
        data = claimed.device_list
        return r.Claimed(data[:-1] + bytes([data[-1] ^ 1]), claimed.packages)

    answer_with(pair, damage)


def test_a_key_package_of_another_account_is_refused(pair, strangers):
    cem = strangers[2]
    claim = r.ClaimPackages(cem.id, 0xF5A1)
    other = pair.ana.perform(claim)

    def swap(claimed):
        device_id = claimed.packages[0][0]
        return r.Claimed(claimed.device_list, ((device_id, other.packages[0][1]),))

    answer_with(pair, swap)


def test_an_account_without_packages_is_named(pair):
    detail = answer_with(pair, lambda c: r.Claimed(c.device_list, ()))
    assert "no key package" in detail
