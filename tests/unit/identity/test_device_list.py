from dataclasses import replace

import pytest

from privity.errors import DecodeError, NotAuthentic, UsageError
from privity.identity import labels
from privity.identity.device_list import (
    SignedDeviceList,
    best_common_suite,
    check_successor,
    parse_device_list,
    sign_device_list,
)
from privity.identity.rules import Rule
from privity.identity.signing import sign_with_label


def signed_anyway(account, device_list):
    """Sign what the honest signer refuses to sign."""
    signature = sign_with_label(account.seed, labels.DEVICE_LIST, device_list.encode())
    return SignedDeviceList(device_list, signature).encode()


def test_a_signed_list_reads_back_and_holds(ana):
    signed = sign_device_list(ana.seed, ana.device_list())
    assert parse_device_list(signed.encode()) == signed


def test_a_device_is_found_by_its_id(ana):
    device_list = ana.device_list()
    assert device_list.device(b"\x02" * 16) == device_list.devices[1]
    assert device_list.device(b"\x09" * 16) is None


def test_a_list_of_sixteen_devices_is_the_largest(ana):
    full = ana.device_list(devices=ana.devices(*range(1, 17)))
    assert parse_device_list(sign_device_list(ana.seed, full).encode())
    with pytest.raises(UsageError):
        ana.device_list(devices=ana.devices(*range(1, 18))).encode()


def test_a_list_under_another_key_is_not_signed(ana, ben):
    with pytest.raises(UsageError):
        sign_device_list(ben.seed, ana.device_list())


def test_a_list_that_was_changed_is_not_authentic(ana):
    signed = sign_device_list(ana.seed, ana.device_list())
    changed = replace(signed, device_list=replace(signed.device_list, min_suite=0xF5A1))
    with pytest.raises(NotAuthentic):
        parse_device_list(changed.encode())


def test_a_list_of_an_unknown_version_is_refused(ana):
    with pytest.raises(DecodeError):
        parse_device_list(signed_anyway(ana, ana.device_list(version=2)))


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        (Rule.LIST_VERSION, {"list_version": 0}),
        (Rule.SUITES, {"suites": ()}),
        (Rule.SUITES, {"suites": (1, 1)}),
        (Rule.SUITES, {"suites": (0xF5A1,)}),
        (Rule.NEXT_KEY, {"next_key_hash": bytes(32)}),
        (Rule.SELF_STORAGE_HASH, {"self_storage_hash": bytes(31)}),
        (Rule.NO_DEVICE, {"devices": ()}),
    ],
)
def test_a_list_that_breaks_a_rule_is_rejected_by_its_name(ana, rejects, rule, changes):
    with rejects(rule):
        parse_device_list(signed_anyway(ana, ana.device_list(**changes)))


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        (Rule.DEVICE_TWICE, {"device_id": b"\x01" * 16}),
        (Rule.DEVICE_TWICE, {"mailbox_id": b"\xc9" * 16}),
        (Rule.KEY_TWICE, {"signature_key": b"\x01" * 32}),
        (Rule.KEY_TWICE, {"login_key": b"\x01" * 32}),
        (Rule.CERTIFICATE_DEVICE, {"device_id": b"\x03" * 16}),
        (Rule.CERTIFICATE_DEVICE, {"signature_key": b"\x03" * 32}),
    ],
)
def test_a_second_device_that_breaks_a_rule_is_rejected(ana, rejects, rule, changes):
    first, second = ana.devices(1, 2)
    devices = (first, replace(second, **changes))
    with rejects(rule):
        parse_device_list(signed_anyway(ana, ana.device_list(devices=devices)))


def test_a_device_of_another_account_is_rejected(ana, ben, rejects):
    devices = (ana.device(1), ben.device(2))
    with rejects(Rule.CERTIFICATE_ACCOUNT):
        sign_device_list(ana.seed, ana.device_list(devices=devices))


def test_a_certificate_from_the_future_is_rejected(ana, rejects):
    devices = (ana.device(1, list_version=4),)
    with rejects(Rule.CERTIFICATE_VERSION):
        sign_device_list(ana.seed, ana.device_list(devices=devices))


def test_a_certificate_with_a_false_signature_is_not_authentic(ana):
    device = ana.device(1)
    false = replace(device.certificate, signature=bytes(64))
    devices = (replace(device, certificate=false),)
    with pytest.raises(NotAuthentic):
        sign_device_list(ana.seed, ana.device_list(devices=devices))


def test_a_successor_is_newer_and_of_the_same_identity(ana, ben, rejects):
    old = ana.device_list()
    check_successor(old, replace(old, list_version=4))
    with rejects(Rule.NOT_NEWER):
        check_successor(old, old)
    with rejects(Rule.OTHER_IDENTITY):
        check_successor(old, replace(old, list_version=4, identity_key=ben.key))
    with rejects(Rule.OTHER_ACCOUNT):
        check_successor(old, replace(old, list_version=4, account_id=ben.account_id))


def test_the_best_suite_of_two_accounts_is_the_first_of_one_that_the_other_has(
    ana, ben
):
    one = ana.device_list(suites=(0xF5A1, 3, 1), min_suite=1)
    other = ben.device_list(suites=(3, 0xF5A1), min_suite=0xF5A1)
    assert best_common_suite(one, other) == 3
    assert best_common_suite(other, one) == 0xF5A1


def test_two_accounts_use_nothing_weaker_than_both_accept(ana, ben):
    mine = ana.device_list(suites=(0xF5A1, 1), min_suite=0xF5A1)
    weak = ben.device_list(suites=(1,), min_suite=1)
    assert best_common_suite(mine, weak) is None
    assert best_common_suite(weak, mine) is None
    strange = ben.device_list(suites=(7,), min_suite=7)
    assert best_common_suite(mine, strange) is None
