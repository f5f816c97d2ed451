"""Sealed messages that are almost right, and judgements of single structures."""

from dataclasses import replace

import pytest
from admissions import deliver
from msgspec import structs

from privity import mls
from privity.core import inputs as i
from privity.core import requests as r
from privity.core.chat_rules import CommitStatement
from privity.core.errors import CommandRefused, OutcomeError, Reason, Refusal
from privity.core.events import Notice, RequestArrived
from privity.core.judging import parse_statement
from privity.core.sealed import Invitation, open_message, recipient_of, seal_message
from privity.errors import DecodeError, NotAuthentic, UsageError
from privity.identity.links import RegisterLink, RelayAddress, parse_link, render_link
from privity.wire.limits import MAILBOX_MESSAGE

SUITE = mls.suite(0xF5A1)


class Letter:
    """Ana's request to Ben over his link, before it is in his mailbox."""

    def __init__(self, ana, ben):
        self.ana, self.ben = ana, ben
        self.link = ben.take(i.MakeLink(uses=9))
        ana.take(i.RequestByLink(self.link, "hello"))
        self.private = next(iter(ben.state.links.values())).reply_private
        self.public = SUITE.kem.public_of(self.private)
        self.body = ana.requests.pop().request.body
        self.message = open_message(SUITE, self.private, Invitation, self.body)

    def sealed(self, **changes):
        seed = self.ana.state.account.signature_seed
        return seal_message(SUITE, self.public, replace(self.message, **changes), seed)

    def arrives(self, body):
        """Return the requests that Ben has, once this was the next in his mailbox."""
        deliver(self.ben, body)
        return [e for e in self.ben.events if isinstance(e, RequestArrived)]


@pytest.fixture
def letter(strangers):
    return Letter(*strangers[:2])


def test_a_letter_as_it_was_sent_is_a_request(letter):
    assert len(letter.arrives(letter.body)) == 1


def test_a_letter_of_another_size_is_refused(letter):
    with pytest.raises(DecodeError):
        open_message(SUITE, letter.private, Invitation, letter.body[:-1])


def test_a_letter_of_another_version_is_refused(letter):
    with pytest.raises(DecodeError):
        open_message(SUITE, letter.private, Invitation, letter.sealed(version=2))


def test_nobody_seals_a_letter_that_names_another_key(letter):
    with pytest.raises(UsageError):
        letter.sealed(recipient=bytes(32))


def passed_on(letter, message, tail=b""):
    """Seal what Ana signed for another key, or with something behind it."""
    seed = letter.ana.state.account.signature_seed
    other = SUITE.derive_key_pair(bytes(32))[1]
    signed = replace(message, recipient=recipient_of(other))
    body = seal_message(SUITE, other, signed, seed)
    private = SUITE.derive_key_pair(bytes(32))[0]
    size = SUITE.kem.enc_length
    ciphertext = mls.HPKECiphertext(body[:size], body[size:])
    info = b"privity invitation v1"
    plaintext = bytearray(SUITE.hpke_open(private, info, b"", ciphertext))
    plaintext[len(plaintext) - len(tail) :] = tail
    sealed = SUITE.hpke_seal(letter.public, info, b"", bytes(plaintext))
    assert len(sealed.kem_output + sealed.ciphertext) == MAILBOX_MESSAGE
    return sealed.kem_output + sealed.ciphertext


def test_a_letter_to_another_can_not_be_passed_on(letter):
    body = passed_on(letter, letter.message)
    with pytest.raises(NotAuthentic):
        open_message(SUITE, letter.private, Invitation, body)


def test_padding_that_says_something_is_refused(letter):
    body = passed_on(letter, letter.message, tail=b"\x01")
    with pytest.raises(DecodeError):
        open_message(SUITE, letter.private, Invitation, body)


@pytest.mark.parametrize(
    "changes",
    [{"host": b"elsewhere.example"}, {"link_secret": bytes(16)}, {"link_secret": None}],
    ids=["host", "secret", "none"],
)
def test_a_letter_that_does_not_belong_here_is_dropped(letter, changes):
    assert letter.arrives(letter.sealed(**changes)) == []
    assert not letter.ben.state.requests


def test_a_letter_without_a_link_brings_no_link_secret(letter):
    package = next(iter(letter.ben.state.packages.values()))
    letter.public = mls.KeyPackageBundle.decode(package.bundle).key_package.init_key
    assert letter.arrives(letter.sealed(recipient=recipient_of(letter.public))) == []


def test_a_contact_with_another_identity_key_is_named_and_dropped(pair):
    letter = Letter(*reversed(outsiders(pair)))
    known = letter.ben.state.contacts[letter.ana.id]
    other = structs.replace(known, identity_key=bytes(32))
    contacts = {**letter.ben.state.contacts, letter.ana.id: other}
    letter.ben.state = replace(letter.ben.state, contacts=contacts)
    asked = len(letter.arrives(letter.sealed()))
    assert len(letter.arrives(letter.sealed())) == asked
    codes = {e.code for e in letter.ben.events if isinstance(e, Notice)}
    assert "identity_changed" in codes


def outsiders(pair):
    """Return Ben, who forgot that he knows Ana, and Ana, who does not forget."""
    ben = pair.ben
    contacts = {k: v for k, v in ben.state.contacts.items() if k != pair.ana.id}
    ben.state = replace(ben.state, contacts=contacts)
    return pair.ana, ben


def test_who_talks_already_needs_no_request(pair):
    letter = Letter(*reversed(outsiders(pair)))
    asked = len(letter.arrives(letter.sealed()))
    assert len(letter.arrives(letter.sealed())) == asked


@pytest.mark.parametrize("data", [b"", CommitStatement(2, False, None).encode()])
def test_a_statement_that_says_nothing_known_is_invalid(data):
    with pytest.raises(OutcomeError) as error:
        parse_statement(data)
    assert error.value.reason is Reason.OPENS


def test_a_register_link_asks_nobody(strangers):
    address = RelayAddress(b"town.example", b"http://localhost", b"")
    link = render_link(RegisterLink(address, bytes(16), 0, 0, b"code"))
    with pytest.raises(CommandRefused, match=Refusal.WRONG_LINK.value):
        strangers[0].take(i.RequestByLink(link))


def test_a_link_to_another_relay_is_refused_by_name(strangers):
    ana, ben, _ = strangers
    link = parse_link(ben.take(i.MakeLink()))
    elsewhere = replace(link.relay, host=b"elsewhere.example")
    with pytest.raises(CommandRefused, match=Refusal.OTHER_RELAY.value):
        ana.take(i.RequestByLink(render_link(replace(link, relay=elsewhere))))


def test_an_answer_for_a_forgotten_invitation_only_ends_its_request(strangers):
    ana, ben, _ = strangers
    for request in (i.RequestByHandle("ben"), None):
        if request is not None:
            ana.take(request)
        send = ana.requests.pop()
        invites = ana.state.invites
        answer = ana.perform(send.request)
        ana.state = replace(ana.state, invites={})
        ana.take(i.Answered(send.job, answer))
        assert send.job not in ana.state.jobs
        ana.state = replace(ana.state, invites=invites)
        if request is not None:
            ana.take(i.RequestByHandle("ben"))
            found = ana.requests.pop()
            ana.take(i.Answered(found.job, ana.perform(found.request)))
    assert isinstance(send.request, r.ClaimPackages)
    assert not ben.state.requests
