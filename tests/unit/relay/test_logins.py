"""Logins as steps on the database: what a refused one leaves behind."""

import secrets
from hashlib import sha256

import msgspec
import pytest
from refusing import refuses
from relay_clients import TestDevice, login_frame

from privity.relay import accounts, bearers, disabling, key_packages
from privity.relay.bearers import check_bearer, make_bearer
from privity.relay.logins import login, mailbox_of_device, renew, standing
from privity.relay.sessions import LIFETIME, Sessions
from privity.wire.codes import Code
from privity.wire.http import Claim, PublishKeyPackages

NONCE = bytes(32)


@pytest.fixture
def registered_ana(accounts_db, ana):
    """Ana, registered."""
    verified = accounts.verify_registration("localhost", ana.registration(NONCE))
    accounts.register(accounts_db, verified, 0, is_open=True)
    return ana


def stored(db):
    return db.execute("SELECT login_value FROM devices").fetchone()[0]


def test_a_login_stores_the_proposed_value(accounts_db, registered_ana):
    frame = login_frame(registered_ana, registered_ana.device, NONCE)
    login(accounts_db, "localhost", NONCE, frame)
    assert stored(accounts_db) == sha256(frame.proposed).digest()


def test_the_first_value_is_the_one_of_the_registration(accounts_db, registered_ana):
    first = registered_ana.registration(NONCE).first_next
    assert stored(accounts_db) == sha256(first).digest()


@pytest.mark.parametrize("size", [1, 31])
@pytest.mark.parametrize("field", ["prev", "next"])
def test_a_login_value_of_another_size_is_refused(
    accounts_db, registered_ana, field, size
):
    frame = login_frame(
        registered_ana, registered_ana.device, NONCE, **{field: bytes(size)}
    )
    with refuses(Code.MALFORMED, accounts_db):
        login(accounts_db, "localhost", NONCE, frame)


def test_no_value_at_all_is_no_login_of_a_known_device(accounts_db, registered_ana):
    frame = login_frame(registered_ana, registered_ana.device, NONCE, prev=b"")
    with refuses(Code.ROLLED_BACK, accounts_db):
        login(accounts_db, "localhost", NONCE, frame)


def test_a_device_that_a_list_brought_in_begins_with_no_value(
    accounts_db, registered_ana
):
    second = TestDevice.new()
    both = registered_ana.with_devices(registered_ana.device, second)
    accounts.publish_list(accounts_db, both.account_id, both.signed_list())
    frame = login_frame(both, second, NONCE, prev=b"")
    login(accounts_db, "localhost", NONCE, frame)
    with refuses(Code.ROLLED_BACK, accounts_db):
        login(accounts_db, "localhost", NONCE, login_frame(both, second, NONCE))


@pytest.mark.parametrize("field", ["nonce", "prev", "next", "proposed", "signature"])
def test_every_field_of_a_login_is_signed(accounts_db, registered_ana, field):
    frame = login_frame(
        registered_ana, registered_ana.device, NONCE, next=secrets.token_bytes(32)
    )
    size = len(getattr(frame, field))
    changed = msgspec.structs.replace(frame, **{field: secrets.token_bytes(size)})
    with refuses(Code.NOT_AUTHENTIC, accounts_db):
        login(accounts_db, "localhost", NONCE, changed)


@pytest.mark.parametrize("returns", [True, False])
def test_a_login_that_returns_is_signed_as_such(accounts_db, registered_ana, returns):
    """So nobody on the way makes an old copy come back, or a return a plain login."""
    frame = login_frame(registered_ana, registered_ana.device, NONCE, returns=returns)
    changed = msgspec.structs.replace(frame, returns=not returns)
    with refuses(Code.NOT_AUTHENTIC, accounts_db):
        login(accounts_db, "localhost", NONCE, changed)


def test_an_old_copy_comes_back_when_it_says_that_it_has_dropped_its_keys(
    accounts_db, registered_ana
):
    device = registered_ana.device
    login(accounts_db, "localhost", NONCE, login_frame(registered_ana, device, NONCE))
    with refuses(Code.ROLLED_BACK, accounts_db):
        login(
            accounts_db, "localhost", NONCE, login_frame(registered_ana, device, NONCE)
        )
    ids = (registered_ana.account_id, device.device_id)
    packages = PublishKeyPackages(0xF5A1, [b"one", b"two"], 9_000, b"last")
    key_packages.publish(accounts_db, ids, packages, 1_000)
    back = login_frame(registered_ana, device, NONCE, returns=True)
    login(accounts_db, "localhost", NONCE, back)
    assert stored(accounts_db) == sha256(back.proposed).digest()
    assert key_packages.count_one_time(accounts_db, ids, 1_000) == {}
    claim = Claim(registered_ana.account_id, 0xF5A1, b"")
    with refuses(Code.NO_KEY_PACKAGE, accounts_db):
        key_packages.claim(accounts_db, claim, 1_000, is_stranger=True)


def test_a_removed_device_can_do_nothing_more(accounts_db, registered_ana):
    device = (registered_ana.account_id, registered_ana.device.device_id)
    accounts.remove_account(accounts_db, registered_ana.account_id)
    with refuses(Code.NOT_LOGGED_IN, accounts_db):
        renew(accounts_db, device, b"", bytes(32))
    with refuses(Code.NOT_LOGGED_IN, accounts_db):
        mailbox_of_device(accounts_db, device)


def test_a_bearer_ends_after_its_hour_and_with_the_next_login_value(
    accounts_db, registered_ana
):
    device = (registered_ana.account_id, registered_ana.device.device_id)
    key = secrets.token_bytes(32)
    login(
        accounts_db,
        "localhost",
        NONCE,
        login_frame(registered_ana, registered_ana.device, NONCE, proposed=bytes(32)),
    )
    held = standing(accounts_db, device)
    bearer = make_bearer(key, device, LIFETIME, held)
    assert len(bearer) == bearers.SIZE
    assert check_bearer(accounts_db, key, bearer, LIFETIME) == device
    for made_up in (
        make_bearer(secrets.token_bytes(32), device, LIFETIME, held),
        make_bearer(key, (device[0], bytes(16)), LIFETIME, held),
        bearer[:32] + (2 * LIFETIME).to_bytes(8, "big") + bearer[40:],
        b"",
    ):
        with refuses(Code.NOT_LOGGED_IN, accounts_db):
            check_bearer(accounts_db, key, made_up, 0)
    with refuses(Code.NOT_LOGGED_IN, accounts_db):
        check_bearer(accounts_db, key, bearer, LIFETIME + 1)
    renew(accounts_db, device, held, b"\x01" * 32)
    with refuses(Code.NOT_LOGGED_IN, accounts_db):
        check_bearer(accounts_db, key, bearer, 0)


def test_a_session_that_was_replaced_elsewhere_can_not_be_renewed(
    accounts_db, registered_ana
):
    device = (registered_ana.account_id, registered_ana.device.device_id)
    frame = login_frame(registered_ana, registered_ana.device, NONCE)
    login(accounts_db, "localhost", NONCE, frame)
    with refuses(Code.NOT_LOGGED_IN, accounts_db):
        renew(accounts_db, device, secrets.token_bytes(32), bytes(32))


def test_a_session_that_ended_closes_its_connection():
    closed = []
    sessions = Sessions()
    sessions.begin((b"a", b"d"), b"v", 0.0, lambda: closed.append("d"))
    sessions.prolong((b"a", b"d"), b"w", LIFETIME)
    sessions.drop_ended(2.0 * LIFETIME)
    assert closed == []
    sessions.drop_ended(3.0 * LIFETIME)
    assert closed == ["d"]


def test_a_session_ends_that_does_not_hold_what_stands_in_the_database():
    closed, device = [], (b"a", b"d")
    sessions = Sessions()
    sessions.begin(device, b"first", 0.0, lambda: closed.append("d"))
    sessions.propose(device, b"second")
    for value in (b"first", b"second"):
        sessions.compare(device, value)
    assert closed == []
    sessions.prolong(device, b"second", 0.0)
    sessions.compare(device, b"first")
    assert closed == ["d"]


def test_a_disabled_account_logs_in_and_renews_only_once_it_is_enabled(
    accounts_db, registered_ana
):
    device = (registered_ana.account_id, registered_ana.device.device_id)
    frame = login_frame(registered_ana, registered_ana.device, NONCE)
    for _ in range(2):
        disabling.disable(accounts_db, registered_ana.account_id)
    with refuses(Code.ACCOUNT_DISABLED, accounts_db):
        login(accounts_db, "localhost", NONCE, frame)
    with refuses(Code.ACCOUNT_DISABLED, accounts_db):
        renew(accounts_db, device, b"", bytes(32))
    disabling.enable(accounts_db, registered_ana.account_id)
    login(accounts_db, "localhost", NONCE, frame)


def test_who_cannot_sign_for_it_does_not_learn_that_an_account_is_disabled(
    accounts_db, registered_ana
):
    disabling.disable(accounts_db, registered_ana.account_id)
    frame = login_frame(registered_ana, registered_ana.device, NONCE)
    forged = msgspec.structs.replace(frame, signature=bytes(64))
    with refuses(Code.NOT_AUTHENTIC, accounts_db):
        login(accounts_db, "localhost", NONCE, forged)


def test_a_removed_account_leaves_no_row_of_having_been_disabled(
    accounts_db, registered_ana
):
    disabling.disable(accounts_db, registered_ana.account_id)
    accounts.remove_account(accounts_db, registered_ana.account_id)
    assert not disabling.is_disabled(accounts_db, registered_ana.account_id)
