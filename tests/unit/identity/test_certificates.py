from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privity.errors import DecodeError, NotAuthentic, UsageError
from privity.identity.certificates import (
    DeviceCertificate,
    certify,
    credential_identity,
    parse_certificate,
    split_credential,
    verify_leaf,
)
from privity.identity.rules import Rule


@pytest.mark.parametrize("replaces", [None, b"L" * 16])
def test_a_certificate_reads_back_and_holds(ana, replaces):
    certificate = certify(ana.seed, ana.claim(replaces=replaces))
    assert parse_certificate(certificate.encode()) == certificate


def test_a_certificate_of_another_identity_key_is_not_authentic(ana, ben):
    certificate = certify(ana.seed, ana.claim())
    stolen = replace(
        certificate, claim=replace(certificate.claim, identity_key=ben.key)
    )
    with pytest.raises(NotAuthentic):
        parse_certificate(stolen.encode())


def test_every_changed_byte_of_a_certificate_is_refused(ana):
    data = certify(ana.seed, ana.claim()).encode()
    for at in range(len(data)):
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        with pytest.raises((DecodeError, NotAuthentic)):
            parse_certificate(changed)


@given(st.binary(max_size=260))
def test_any_bytes_are_refused_or_are_the_encoding_of_a_certificate(data):
    try:
        certificate = DeviceCertificate.decode(data)
    except DecodeError:
        return
    assert certificate.encode() == data


def test_the_issuer_keeps_to_its_own_key_and_version(ana, ben):
    with pytest.raises(UsageError):
        certify(ben.seed, ana.claim())
    with pytest.raises(UsageError):
        certify(ana.seed, ana.claim(version=2))


def leaf(account, number=1):
    certificate = certify(account.seed, account.claim(number)).encode()
    credential = credential_identity(account.account_id, bytes([number]) * 16)
    return certificate, credential, bytes([number]) * 32


def test_a_leaf_and_its_certificate_speak_of_the_same_device(ana):
    assert verify_leaf(*leaf(ana)).claim == ana.claim()


def test_a_leaf_of_another_account_device_or_key_is_rejected(ana, ben, rejects):
    certificate, _, key = leaf(ana)
    with rejects(Rule.LEAF_ACCOUNT):
        verify_leaf(certificate, credential_identity(ben.account_id, b"\x01" * 16), key)
    with rejects(Rule.LEAF_DEVICE):
        verify_leaf(certificate, credential_identity(ana.account_id, b"\x02" * 16), key)
    with rejects(Rule.LEAF_KEY):
        verify_leaf(certificate, leaf(ana)[1], b"\x02" * 32)


def test_a_credential_is_two_ids():
    assert split_credential(credential_identity(b"a" * 16, b"d" * 16)) == (
        b"a" * 16,
        b"d" * 16,
    )
    with pytest.raises(DecodeError):
        split_credential(bytes(31))
    with pytest.raises(UsageError):
        credential_identity(b"a" * 15, b"d" * 17)
