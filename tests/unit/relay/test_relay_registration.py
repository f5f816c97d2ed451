"""Registration, the directory, device lists: every refusal, and what it leaves."""

import secrets
from dataclasses import replace

import msgspec
import pytest
from refusing import refuses
from relay_clients import TestAccount, TestDevice

from privity.identity.device_list import SignedDeviceList
from privity.identity.ids import id_to_text
from privity.relay import accounts, codes
from privity.relay.logins import mailbox_of_device
from privity.relay.nonces import LIFETIME, check_nonce, make_nonce
from privity.wire import http
from privity.wire.codes import Code, Refusal

NOW = 1_800_000_000
NONCE = bytes(32)


def registered(db, account, **options):
    """Register an account in one step and return what was verified."""
    is_open = options.pop("is_open", True)
    request = account.registration(NONCE, **options)
    verified = accounts.verify_registration("localhost", request)
    accounts.register(db, verified, NOW, is_open=is_open)
    return verified


def test_a_registered_account_is_found_by_id_and_by_handle(accounts_db, ana):
    registered(accounts_db, ana, handle="ana")
    by_id = accounts.directory(accounts_db, ana.account_id)
    assert by_id.device_list == ana.signed_list()
    assert accounts.account_of_handle(accounts_db, "ana") == ana.account_id


def test_the_same_registration_with_another_nonce_changes_nothing(accounts_db, ana):
    codes.add_code(accounts_db, "code", 1, 0)
    registered(accounts_db, ana, handle="ana", code="code", is_open=False)
    before = list(accounts_db.iterdump())
    again = ana.registration(secrets.token_bytes(32), handle="ana", code="code")
    verified = accounts.verify_registration("localhost", again)
    accounts.register(accounts_db, verified, NOW, is_open=False)
    assert list(accounts_db.iterdump()) == before


def test_an_id_that_is_taken_is_refused(accounts_db, ana):
    registered(accounts_db, ana)
    with refuses(Code.ACCOUNT_EXISTS, accounts_db):
        registered(accounts_db, ana, handle="other")


def test_a_taken_handle_is_refused(accounts_db, ana, ben):
    registered(accounts_db, ana, handle="ana")
    with refuses(Code.HANDLE_TAKEN, accounts_db):
        registered(accounts_db, ben, handle="ana")


def test_a_handle_is_never_given_again(accounts_db, ana, ben):
    registered(accounts_db, ana, handle="ana")
    accounts.remove_account(accounts_db, ana.account_id)
    with refuses(Code.NO_SUCH_ACCOUNT, accounts_db):
        accounts.account_of_handle(accounts_db, "ana")
    with refuses(Code.HANDLE_TAKEN, accounts_db):
        registered(accounts_db, ben, handle="ana")


@pytest.mark.parametrize("name", ["a\0b", "\udc80abc", "Ana", ""])
def test_what_can_be_no_handle_is_nobody_s(accounts_db, name):
    with refuses(Code.NO_SUCH_ACCOUNT, accounts_db):
        accounts.account_of_handle(accounts_db, name)


@pytest.mark.parametrize("handle", ["an", "Ana", "-ana", "a" * 33, "ana@x", "añá"])
def test_a_name_that_is_no_handle_is_refused(accounts_db, ana, handle):
    with refuses(Code.BAD_HANDLE, accounts_db):
        registered(accounts_db, ana, handle=handle)


def test_a_mailbox_of_another_device_cannot_be_taken(accounts_db, ana, ben):
    registered(accounts_db, ana)
    thief = replace(ben.device, mailbox_id=ana.device.mailbox_id)
    with refuses(Code.BAD_DEVICE_LIST, accounts_db):
        registered(accounts_db, replace(ben, devices=(thief,)))


def test_a_mailbox_is_not_taken_over_after_its_account_is_gone(accounts_db, ana, ben):
    registered(accounts_db, ana)
    accounts.remove_account(accounts_db, ana.account_id)
    heir = replace(ben.device, mailbox_id=ana.device.mailbox_id)
    with refuses(Code.BAD_DEVICE_LIST, accounts_db):
        registered(accounts_db, replace(ben, devices=(heir,)))


@pytest.mark.parametrize(
    ("uses", "expires", "given", "code"),
    [
        (1, 0, "", Code.CODE_NEEDED),
        (1, 0, "another", Code.CODE_INVALID),
        (0, 0, "code", Code.CODE_USED),
        (1, NOW, "code", Code.CODE_EXPIRED),
    ],
)
def test_a_closed_relay_refuses_without_a_good_code(
    accounts_db, ana, uses, expires, given, code
):
    codes.add_code(accounts_db, "code", uses, expires)
    with refuses(code, accounts_db):
        registered(accounts_db, ana, code=given, is_open=False)


def test_a_code_is_good_for_its_uses(accounts_db):
    codes.add_code(accounts_db, "code", 2, 0)
    for _ in range(2):
        registered(accounts_db, TestAccount.new(), code="code", is_open=False)
    with refuses(Code.CODE_USED, accounts_db):
        registered(accounts_db, TestAccount.new(), code="code", is_open=False)


def test_a_code_without_limit_is_good_any_number_of_times(accounts_db):
    codes.add_code(accounts_db, "code", None, 0)
    for _ in range(3):
        registered(accounts_db, TestAccount.new(), code="code", is_open=False)


def test_a_refused_registration_takes_no_use_of_its_code(accounts_db, ana, ben):
    codes.add_code(accounts_db, "code", 2, 0)
    registered(accounts_db, ana, handle="ana", code="code", is_open=False)
    with refuses(Code.HANDLE_TAKEN, accounts_db):
        registered(accounts_db, ben, handle="ana", code="code", is_open=False)
    registered(accounts_db, ben, handle="ben", code="code", is_open=False)


def test_codes_are_forgotten_long_after_they_expired(accounts_db, ana):
    codes.add_code(accounts_db, "code", 1, NOW)
    codes.drop_expired_codes(accounts_db, NOW + 31 * 86_400)
    with refuses(Code.CODE_INVALID, accounts_db):
        registered(accounts_db, ana, code="code", is_open=False)


@pytest.mark.parametrize(
    "changes",
    [
        {"handle": "other"},
        {"code": "other"},
        {"nonce": bytes([1]) * 32},
        {"first_next": bytes(32)},
        {"mailbox_key_hash": bytes(32)},
        {"signature": bytes(64)},
    ],
)
def test_every_field_of_a_registration_is_signed(ana, changes):
    request = msgspec.structs.replace(ana.registration(NONCE, handle="ana"), **changes)
    with refuses(Code.NOT_AUTHENTIC):
        accounts.verify_registration("localhost", request)


def test_a_registration_for_another_host_is_refused(ana):
    with refuses(Code.NOT_AUTHENTIC):
        accounts.verify_registration("other.example", ana.registration(NONCE))


def test_an_account_begins_with_the_first_version_of_its_list(ana):
    later = ana.with_devices(*ana.devices)
    with refuses(Code.BAD_DEVICE_LIST):
        accounts.verify_registration("localhost", later.registration(NONCE))


@pytest.mark.parametrize("field", ["account_id", "identity_key"])
def test_a_list_of_another_account_is_refused(ana, ben, field):
    theirs = getattr(ben.registration(NONCE), field)
    request = msgspec.structs.replace(ana.registration(NONCE), **{field: theirs})
    with refuses(Code.BAD_DEVICE_LIST):
        accounts.verify_registration("localhost", request)


@pytest.mark.parametrize("damage", [b"", b"\0", b"x" * 600])
def test_bytes_that_are_no_device_list_are_refused(ana, damage):
    request = msgspec.structs.replace(ana.registration(NONCE), device_list=damage)
    with refuses(Code.BAD_DEVICE_LIST):
        accounts.verify_registration("localhost", request)


def test_a_list_with_a_false_signature_is_refused(ana):
    signed = SignedDeviceList.decode(ana.signed_list())
    forged = replace(signed, signature=bytes(64)).encode()
    with refuses(Code.BAD_DEVICE_LIST):
        accounts.verified_list(forged)


def test_a_nonce_is_good_for_five_minutes_of_this_process():
    nonce = make_nonce(b"k" * 32, NOW, secrets.token_bytes(8))
    check_nonce(b"k" * 32, nonce, NOW + LIFETIME)
    for key, now in ((b"k" * 32, NOW + LIFETIME + 1), (b"o" * 32, NOW)):
        with refuses(Code.NOT_AUTHENTIC):
            check_nonce(key, nonce, now)


def test_a_nonce_that_was_changed_is_refused():
    nonce = make_nonce(b"k" * 32, NOW, bytes(8))
    with refuses(Code.NOT_AUTHENTIC):
        check_nonce(b"k" * 32, bytes([nonce[0] ^ 1]) + nonce[1:], NOW)


def test_a_later_list_brings_devices_in_and_out(accounts_db, ana):
    registered(accounts_db, ana)
    second = TestDevice.new()
    both = ana.with_devices(ana.device, second)
    accounts.publish_list(accounts_db, ana.account_id, both.signed_list())
    one = both.with_devices(second)
    gone = accounts.publish_list(accounts_db, ana.account_id, one.signed_list())
    rows = accounts_db.execute("SELECT device_id FROM devices").fetchall()
    assert (gone, rows) == ((ana.device.device_id,), [(second.device_id,)])


def test_the_same_list_again_changes_nothing(accounts_db, ana):
    registered(accounts_db, ana)
    before = list(accounts_db.iterdump())
    again = accounts.publish_list(accounts_db, ana.account_id, ana.signed_list())
    assert again == ()
    assert list(accounts_db.iterdump()) == before


def test_an_older_list_is_refused(accounts_db, ana):
    registered(accounts_db, ana)
    newer = ana.with_devices(*ana.devices)
    accounts.publish_list(accounts_db, ana.account_id, newer.signed_list())
    with refuses(Code.BAD_DEVICE_LIST, accounts_db):
        accounts.publish_list(accounts_db, ana.account_id, ana.signed_list())


def test_a_device_may_change_its_login_key_and_keeps_its_mailbox(accounts_db, ana):
    registered(accounts_db, ana)
    rekeyed = replace(ana.device, login_seed=secrets.token_bytes(32))
    later = ana.with_devices(rekeyed)
    ended = accounts.publish_list(accounts_db, ana.account_id, later.signed_list())
    assert ended == (rekeyed.device_id,)
    own = (ana.account_id, rekeyed.device_id)
    assert mailbox_of_device(accounts_db, own) == ana.device.mailbox_id


def test_what_is_sealed_for_recovery_only_grows_in_version(accounts_db, ana):
    registered(accounts_db, ana)
    first = http.SelfStorage(version=1, object=b"sealed")
    accounts.put_self_storage(accounts_db, ana.account_id, first)
    accounts.put_self_storage(accounts_db, ana.account_id, first)
    with refuses(Code.STALE, accounts_db):
        accounts.put_self_storage(
            accounts_db, ana.account_id, http.SelfStorage(version=1, object=b"other")
        )
    assert accounts.read_self_storage(accounts_db, ana.account_id) == first


def test_nothing_is_left_of_a_removed_account_but_its_names(accounts_db, ana):
    registered(accounts_db, ana, handle="ana")
    stored = http.SelfStorage(version=1, object=b"sealed")
    accounts.put_self_storage(accounts_db, ana.account_id, stored)
    accounts.remove_account(accounts_db, ana.account_id)
    with refuses(Code.NOT_FOUND, accounts_db):
        accounts.read_self_storage(accounts_db, ana.account_id)
    with refuses(Code.NO_SUCH_ACCOUNT, accounts_db):
        accounts.remove_account(accounts_db, ana.account_id)
    left = [line for line in accounts_db.iterdump() if line.startswith("INSERT")]
    assert len(left) == 2


async def test_registration_and_directory_work_over_http(caller, ana):
    await caller.register(ana, handle="ana")
    await caller.register(ana, handle="ana")
    path = f"/v1/accounts/{id_to_text(ana.account_id)}"
    by_id = await caller.call("GET", path, answer=http.Directory)
    by_handle = await caller.call("GET", "/v1/handles/ana", answer=http.Directory)
    assert by_id == by_handle
    info = await caller.call("GET", "/v1/info", answer=http.Info)
    assert (info.host, info.open) == ("localhost", True)


async def test_an_old_nonce_registers_nobody(caller, ana):
    with pytest.raises(Refusal) as refused:
        await caller.call("POST", "/v1/accounts", ana.registration(NONCE))
    assert refused.value.code is Code.NOT_AUTHENTIC
