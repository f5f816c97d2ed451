"""Key packages: who may take which, and that each is taken once."""

import secrets
import time
from hashlib import sha256

import pytest
from refusing import refuses
from relay_clients import TestDevice

from privity.relay import accounts, key_packages
from privity.wire import http, limits
from privity.wire.codes import Code, Refusal

NOW = 1_800_000_000
LATER = NOW + limits.KEY_PACKAGE_LIFETIME
SUITE = 0xF5A1


@pytest.fixture
def device(accounts_db, ana):
    """Ana's device, who is registered."""
    verified = accounts.verify_registration("localhost", ana.registration(bytes(32)))
    accounts.register(accounts_db, verified, 0, is_open=True)
    return (ana.account_id, ana.device.device_id)


def packages(count, last_resort=b"", suite=SUITE, not_after=LATER):
    return http.PublishKeyPackages(
        suite=suite,
        packages=[secrets.token_bytes(100) for _ in range(count)],
        not_after=not_after,
        last_resort=last_resort,
    )


def claim(db, account, *, is_stranger=False, suite=SUITE, now=NOW, key=None):
    request = http.Claim(
        account_id=account.account_id,
        suite=suite,
        mailbox_key=account.mailbox_key if key is None else key,
    )
    return key_packages.claim(db, request, now, is_stranger=is_stranger)


def test_every_package_is_handed_out_once(accounts_db, ana, device):
    request = packages(3)
    key_packages.publish(accounts_db, device, request, NOW)
    taken = [claim(accounts_db, ana).packages[0] for _ in range(3)]
    assert sorted(one.package for one in taken) == sorted(request.packages)
    assert {one.device_id for one in taken} == {ana.device.device_id}
    with refuses(Code.NO_KEY_PACKAGE, accounts_db):
        claim(accounts_db, ana)


def test_the_last_resort_is_handed_out_again_and_again(accounts_db, ana, device):
    key_packages.publish(accounts_db, device, packages(0, b"last"), NOW)
    for _ in range(2):
        (one,) = claim(accounts_db, ana).packages
        assert (one.package, one.last_resort) == (b"last", True)


def test_a_new_last_resort_replaces_the_old_one(accounts_db, ana, device):
    for last in (b"first", b"second"):
        key_packages.publish(accounts_db, device, packages(0, last), NOW)
    assert claim(accounts_db, ana).packages[0].package == b"second"


def test_strangers_leave_the_reserved_packages_to_contacts(accounts_db, ana, device):
    full = packages(limits.KEY_PACKAGES_ONE_TIME, b"last")
    key_packages.publish(accounts_db, device, full, NOW)
    free = limits.KEY_PACKAGES_ONE_TIME - limits.KEY_PACKAGES_RESERVED
    taken = [claim(accounts_db, ana, is_stranger=True).packages[0] for _ in range(9)]
    assert [one.last_resort for one in taken] == [False] * free + [True]
    assert not claim(accounts_db, ana).packages[0].last_resort


def test_a_claim_brings_one_package_of_each_device(accounts_db, ana, device):
    second = TestDevice.new()
    both = ana.with_devices(ana.device, second)
    accounts.publish_list(accounts_db, ana.account_id, both.signed_list())
    for one in (device, (ana.account_id, second.device_id)):
        key_packages.publish(accounts_db, one, packages(1), NOW)
    claimed = claim(accounts_db, ana)
    assert claimed.device_list == both.signed_list()
    assert {one.device_id for one in claimed.packages} == {
        ana.device.device_id,
        second.device_id,
    }


def test_a_wrong_mailbox_key_takes_nothing(accounts_db, ana, device):
    key_packages.publish(accounts_db, device, packages(1), NOW)
    with refuses(Code.ACCESS_KEY_NEEDED, accounts_db):
        claim(accounts_db, ana, key=bytes(32))


def test_an_unknown_account_has_no_packages(accounts_db, ben):
    with refuses(Code.NO_SUCH_ACCOUNT, accounts_db):
        claim(accounts_db, ben)


def test_packages_of_another_suite_are_not_taken(accounts_db, ana, device):
    key_packages.publish(accounts_db, device, packages(1, b"last", suite=1), NOW)
    with refuses(Code.NO_KEY_PACKAGE, accounts_db):
        claim(accounts_db, ana)


def test_expired_packages_are_not_handed_out(accounts_db, ana, device):
    request = packages(1, b"last", not_after=NOW + 10)
    key_packages.publish(accounts_db, device, request, NOW)
    with refuses(Code.NO_KEY_PACKAGE, accounts_db):
        claim(accounts_db, ana, now=NOW + 10)
    key_packages.drop_expired(accounts_db, NOW + 10)
    assert accounts_db.execute("SELECT * FROM key_packages").fetchall() == []


def test_the_same_packages_again_are_not_added_twice(accounts_db, device):
    request = packages(4)
    for _ in range(2):
        key_packages.publish(accounts_db, device, request, NOW)
    assert key_packages.count_one_time(accounts_db, device, NOW) == {SUITE: 4}


def test_a_shelf_holds_twenty(accounts_db, device):
    key_packages.publish(accounts_db, device, packages(20), NOW)
    with refuses(Code.TOO_LARGE, accounts_db):
        key_packages.publish(accounts_db, device, packages(1), NOW)


@pytest.mark.parametrize(
    "request_",
    [
        packages(1, not_after=NOW),
        packages(1, not_after=NOW + 32 * 86_400),
        packages(1, suite=0),
        packages(1, suite=1 << 16),
        http.PublishKeyPackages(SUITE, [b""], LATER),
    ],
)
def test_packages_that_make_no_sense_are_refused(accounts_db, device, request_):
    with refuses(Code.MALFORMED, accounts_db):
        key_packages.publish(accounts_db, device, request_, NOW)


async def test_a_claim_that_finds_nothing_costs_no_token(caller, planes, ana, ben):
    await caller.register(ana)
    _, logged_in = await planes.log_in(ana)
    caller.session = logged_in.session
    (token,) = await caller.tokens("claim")
    caller.session = b""
    for account, code in ((ana, Code.NO_KEY_PACKAGE), (ben, Code.NO_SUCH_ACCOUNT)):
        asked = http.Claim(account_id=account.account_id, suite=SUITE, token=token)
        for _ in range(2):
            with pytest.raises(Refusal) as refused:
                await caller.call("POST", "/v1/claims", asked)
            assert refused.value.code is code


async def test_packages_are_published_and_claimed_over_http(caller, planes, ana):
    await caller.register(ana)
    value = sha256(b"value").digest()
    _, logged_in = await planes.log_in(ana, proposed=value)
    caller.session = logged_in.session
    not_after = int(time.time()) + 86_400
    request = packages(2, b"last", not_after=not_after)
    await caller.call("POST", "/v1/key-packages", request)
    (token,) = await caller.tokens("claim")
    caller.session = b""
    asked = http.Claim(account_id=ana.account_id, suite=SUITE, token=token)
    claimed = await caller.call("POST", "/v1/claims", asked, answer=http.Claimed)
    assert [one.last_resort for one in claimed.packages] == [True]
    with pytest.raises(Refusal) as refused:
        await caller.call("POST", "/v1/claims", asked)
    assert refused.value.code is Code.TOKEN_SPENT
    _, logged_in = await planes.log_in(ana, prev=value)
    assert logged_in.key_packages == {SUITE: 2}
