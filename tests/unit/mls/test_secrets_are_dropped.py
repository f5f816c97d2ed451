"""Every secret that was ever derived is looked for in what is stored and printed."""

import pytest
from mls_groups import DRAW, SUITES, Company, key_package, stored

from privity.mls import CommitOptions, Group
from privity.mls.committing import create_commit
from privity.mls.hpke import Context
from privity.mls.processing import open_message
from privity.mls.suites import CipherSuite


@pytest.fixture
def derived(monkeypatch):
    """Return the set that every secret goes into when it is derived."""
    found = set()
    for name in ("extract", "expand", "decrypt_with_label"):
        _record(monkeypatch, found, name)
    original = CipherSuite.derive_key_pair

    def derive_key_pair(self, ikm):
        pair = original(self, ikm)
        found.update((bytes(ikm), pair[0]))
        return pair

    monkeypatch.setattr(CipherSuite, "derive_key_pair", derive_key_pair)
    return found


def _record(monkeypatch, found, name):
    original = getattr(CipherSuite, name)

    def recording(self, *arguments):
        value = original(self, *arguments)
        # A nonce is short enough to be met by chance, and no secret by itself.
        if len(value) >= 16:
            found.add(value)
        return value

    monkeypatch.setattr(CipherSuite, name, recording)


def living(group):
    """Return what an epoch may hold: its secrets, its tree's, its private keys."""
    state = group.state
    secrets = {getattr(state.secrets, f) for f in state.secrets.__dataclass_fields__}
    ratchets = {
        one.secret for pair in state.secret_tree.ratchets.values() for one in pair
    }
    skipped = {
        key.key
        for pair in state.secret_tree.ratchets.values()
        for one in pair
        for key in one.skipped
    }
    keys = set(state.membership.keys.keys.values())
    return secrets | ratchets | skipped | keys | set(state.secret_tree.nodes.values())


def held(group, secrets):
    data = b"".join(stored(group))
    return {secret for secret in secrets if secret in data}


@pytest.mark.parametrize("code", SUITES)
def test_a_state_holds_the_secrets_of_its_own_epoch_only(derived, code):
    company = Company.of("ada", "bob", "cyd", "dan", code=code)
    company.commit("bob")
    late = company.say("dan", b"late")
    company.hear(company.say("dan", b"first"), but="dan")
    company.hear(late, but="dan")
    message, company.groups["cyd"] = company["cyd"].propose_update(random=DRAW)
    company.spread(message, but="cyd")
    before = set(derived)
    keys_before = {
        name: set(group.state.membership.keys.keys.values())
        | {own.private for own in group.state.own_updates}
        for name, group in company.groups.items()
    }
    company.commit("ada", add=("eve",), remove=("dan",))
    for name, group in company.groups.items():
        assert held(group, derived) <= living(group), name
        assert held(group, before) <= keys_before.get(name, set()), name


@pytest.mark.parametrize("code", SUITES)
def test_a_key_is_gone_when_its_message_was_sent_or_read(derived, code):
    company = Company.of("ada", "bob", code=code)
    for who in ("ada", "bob", "ada"):
        derived.clear()
        company.hear(company.say(who, b"text"), but=who)
        for name, group in company.groups.items():
            found = held(group, derived)
            assert found, name
            assert found <= living(group), name


def test_after_its_own_leaf_is_replaced_nobody_keeps_a_path_key(derived):
    company = Company.of("ada", "bob", "cyd")
    company.commit("cyd")
    old = set(derived)
    company.commit("ada")
    assert held(company["ada"], old) == set()


def test_secrets_and_what_people_write_do_not_print(derived):
    company = Company.of("ada", "bob")
    ada, bob = company["ada"], company["bob"]
    eve = key_package(company.crypto, company.meet("eve"))
    pending = ada.commit(CommitOptions(add=(eve.key_package,)), DRAW)
    committed = create_commit(ada.state, CommitOptions(), DRAW)
    message = company.say("ada", b"what ada writes")
    received = open_message(bob.state, message)
    bob = Group.load(*stored(bob), company.people["bob"]).keeping(3)
    things = (
        *(ada, ada.state, bob, bob.state, eve, pending, committed, received),
        *(bob.process(message), bob.process(pending.message), ada.public),
        *(company.people["ada"], committed.path),
    )
    secrets = derived | living(ada) | living(bob)
    secrets.add(company.people["ada"].signature_private)
    for thing in things:
        text = repr(thing)
        assert "what ada writes" not in text, type(thing)
        for secret in secrets:
            assert repr(secret)[2:-1] not in text, type(thing)


def test_what_an_encapsulation_gives_does_not_print():
    parts = (b"k" * 16, b"n" * 12, b"e" * 32)
    context = Context(*parts)
    assert (context.key, context.base_nonce, context.exporter_secret) == parts
    assert not any(part.decode() in repr(context) for part in parts)
