"""One account with two devices, and `rejects`: the refusal that a test names."""

import random as stdlib_random
from dataclasses import dataclass

import pytest
from rejecting import rejects

from privity.identity.certificates import DeviceClaim, certify
from privity.identity.device_list import Device, DeviceList
from privity.identity.signing import public_of


@pytest.fixture
def random():
    return stdlib_random.Random(7).randbytes


@pytest.fixture(name="rejects")
def _rejects():
    return rejects


@dataclass(frozen=True)
class Account:
    """An account whose keys are derived from one letter."""

    seed: bytes
    account_id: bytes

    @property
    def key(self):
        return public_of(self.seed)

    def claim(self, number=1, **changes):
        fields = {
            "version": 1,
            "account_id": self.account_id,
            "identity_key": self.key,
            "signature_key": bytes([number]) * 32,
            "device_id": bytes([number]) * 16,
            "list_version": 1,
            "replaces": None,
        }
        return DeviceClaim(**(fields | changes))

    def device(self, number=1, **changes):
        certificate = certify(self.seed, self.claim(number, **changes))
        return Device(
            device_id=certificate.claim.device_id,
            signature_key=certificate.claim.signature_key,
            login_key=bytes([100 + number]) * 32,
            mailbox_id=bytes([200 + number]) * 16,
            certificate=certificate,
        )

    def devices(self, *numbers):
        return tuple(self.device(number) for number in numbers)

    def device_list(self, **changes):
        fields = {
            "version": 1,
            "account_id": self.account_id,
            "identity_key": self.key,
            "list_version": 3,
            "suites": (0xF5A1, 1),
            "min_suite": 1,
            "next_key_hash": b"",
            "self_storage_hash": b"",
            "devices": self.devices(1, 2),
        }
        return DeviceList(**(fields | changes))


@pytest.fixture
def ana():
    return Account(seed=b"a" * 32, account_id=b"A" * 16)


@pytest.fixture
def ben():
    return Account(seed=b"b" * 32, account_id=b"B" * 16)
