import pytest

from privity.errors import DecodeError, UsageError
from privity.mls.credentials import Credential, CredentialType
from privity.mls.extensions import (
    Extension,
    RequiredCapabilities,
    find_extension,
    required_capabilities,
)


def test_a_basic_credential_states_an_identity():
    credential = Credential.basic(b"alice")
    assert credential.encode() == b"\x00\x01\x05alice"
    assert Credential.decode(credential.encode()).identity == b"alice"
    with pytest.raises(UsageError):
        assert credential.certificates


def test_an_x509_credential_holds_certificates():
    credential = Credential.decode(b"\x00\x02\x05\x02ab\x01c")
    assert credential.credential_type == CredentialType.X509
    assert credential.certificates == (b"ab", b"c")
    with pytest.raises(UsageError):
        assert credential.identity


def test_certificates_that_end_too_early_are_refused():
    with pytest.raises(DecodeError):
        Credential.decode(b"\x00\x02\x02\x05a")


def test_a_credential_of_unknown_type_is_carried_unread():
    data = b"\xf0\xf0\x03???"
    assert Credential.decode(data).encode() == data


def test_an_extension_is_found_by_its_type():
    listed = (Extension(9, b"nine"), Extension(0x0A0A, b""))
    assert find_extension(listed, 9) == b"nine"
    assert find_extension(listed, 8) is None


def test_a_group_without_the_extension_requires_nothing():
    assert required_capabilities(()) == RequiredCapabilities()
    needed = RequiredCapabilities(extension_types=(0xF5A2,), credential_types=(1,))
    assert required_capabilities((Extension(3, needed.encode()),)) == needed
