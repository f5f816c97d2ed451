"""Registration is saved first and can be taken up again wherever it stopped."""

import asyncio
import os

import pytest

from privity.client import accounts, logins
from privity.client.errors import (
    Insecure,
    NoProfile,
    RolledBack,
    Unreachable,
    WrongHost,
)
from privity.client.ledger import read_lines
from privity.client.transport.connection import Connection
from privity.identity.handles import check_host
from privity.identity.links import RelayAddress
from privity.identity.self_storage import OBJECT_SIZE, open_self_storage
from privity.wire.codes import Code, Refusal


@pytest.fixture
async def address(relay):
    return await accounts.ask_relay(relay.url)


async def test_the_relay_says_its_own_name(relay, address):
    assert address == RelayAddress(relay.host.encode(), relay.url.encode(), b"")
    check_host(address.host.decode())


async def test_an_account_is_saved_whole_before_anything_is_sent(store, address):
    account = accounts.create_account(store, accounts.Newcomer(address, "Ana"))
    assert not accounts.is_registered(store)
    assert logins.load(store.database) is not None
    assert accounts.unconfirmed_recovery_key(store) is not None
    assert read_lines(store.database) == []
    assert account.name == "Ana"
    assert account.handle == ""


async def test_a_second_account_in_one_profile_is_refused(store, address):
    first = accounts.create_account(store, accounts.Newcomer(address, "Ana"))
    with pytest.raises(NoProfile):
        accounts.create_account(store, accounts.Newcomer(address, "Ben"))
    assert accounts._account(store) == first


async def test_registering_twice_is_registering_once(store, address, handle):
    accounts.create_account(store, accounts.Newcomer(address, "Ana", handle))
    await accounts.register(store)
    assert accounts.is_registered(store)
    lines = len(read_lines(store.database))
    await accounts.register(store)
    assert len(read_lines(store.database)) == lines


@pytest.mark.parametrize("step", ["_post", "_put_self_storage"])
async def test_a_registration_that_stopped_goes_on(
    store, address, handle, monkeypatch, step
):
    """The process ends right behind a step, before it knows of its success."""
    accounts.create_account(store, accounts.Newcomer(address, "Ana", handle))
    whole = getattr(accounts, step)

    async def die_behind(*arguments):
        await whole(*arguments)
        raise KeyError

    monkeypatch.setattr(accounts, step, die_behind)
    with pytest.raises(KeyError):
        await accounts.register(store)
    monkeypatch.undo()
    assert not accounts.is_registered(store)
    await accounts.register(store)
    assert accounts.is_registered(store)


async def test_a_taken_handle_is_named_and_another_can_be_chosen(
    store, address, handle, person_of, relay
):
    await person_of(relay, "first").register(handle)
    accounts.create_account(store, accounts.Newcomer(address, "Ana", handle))
    with pytest.raises(Refusal) as refused:
        await accounts.register(store)
    assert refused.value.code is Code.HANDLE_TAKEN
    accounts.discard_account(store)
    assert store.load() == []
    assert accounts.unconfirmed_recovery_key(store) is None
    accounts.create_account(store, accounts.Newcomer(address, "Ana", handle + "x"))
    await accounts.register(store)
    with pytest.raises(NoProfile):
        accounts.discard_account(store)


async def test_another_relay_behind_the_url_is_noticed(store, address):
    other = RelayAddress(b"elsewhere.example", address.url, address.fingerprint)
    accounts.create_account(store, accounts.Newcomer(other, "Ana"))
    with pytest.raises(WrongHost):
        await accounts.register(store)
    assert [line.what for _, line in read_lines(store.database)] == [""]


async def test_plain_http_to_another_machine_is_refused_unsent():
    with pytest.raises(Insecure):
        await accounts.ask_relay("http://relay.example")


async def test_a_relay_that_is_not_there_is_unreachable():
    with pytest.raises(Unreachable):
        await accounts.ask_relay("http://127.0.0.1:1")


async def test_the_recovery_key_opens_what_the_relay_keeps(store, address):
    account = accounts.create_account(store, accounts.Newcomer(address, "Ana"))
    pending = store.setting("registration") or b""
    await accounts.register(store)
    key = accounts.unconfirmed_recovery_key(store)
    assert key is not None
    opened = open_self_storage(key, pending[-OBJECT_SIZE:])
    assert opened.identity_seed == account.identity_seed
    accounts.confirm_recovery(store)
    assert accounts.unconfirmed_recovery_key(store) is None


async def test_an_unconfirmed_login_value_is_proposed_again(store, address):
    """Killed between the relay's answer and its confirmation: the next login works."""
    accounts.create_account(store, accounts.Newcomer(address, "Ana"))
    await accounts.register(store)
    settled = logins.load(store.database)
    assert settled is not None
    await login(store)
    held = logins.load(store.database)
    assert held is not None
    # As if the confirmation had been lost: prev is old, next is what the relay holds.
    logins._store(store.database, settled[0], held[0])
    await login(store)
    confirmed = logins.load(store.database)
    assert confirmed == (held[0], b"")


async def test_a_login_with_values_of_the_past_is_rolled_back(store, address):
    accounts.create_account(store, accounts.Newcomer(address, "Ana"))
    await accounts.register(store)
    old = logins.load(store.database)
    assert old is not None
    await login(store)
    logins._store(store.database, *old)
    with pytest.raises(RolledBack):
        await login(store)


async def login(store):
    identity = accounts.Identity(
        account=accounts._account(store),
        store=store,
        wallet=accounts.Wallet(store.database),
        random=os.urandom,
        note=lambda _: None,
    )
    connection = Connection(identity)
    await connection.open(lambda _: None)
    await asyncio.sleep(0)
    await connection.close()
