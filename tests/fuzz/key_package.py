"""Any bytes as a key package, its signatures made to fit or not.

Credentials too: basic ones, and X.509 ones whose certificates are anything.
"""

import datetime as dt
from dataclasses import replace

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from privity.mls import (
    Credential,
    KeyPackage,
    check_lifetime,
    make_key_package,
    validate_key_package,
)
from tests.fuzz.target import REFUSALS, Fault, Target
from tests.fuzz.world import World, seeded, world

__all__ = ["TARGET"]


def run(data: bytes) -> None:
    """Judge a key package; the first byte says whether it is signed anew."""
    here = world()
    suite = here.company.crypto
    try:
        package = KeyPackage.decode(data[1:])
        if package.encode() != data[1:]:
            raise Fault("not the bytes that it was read from")
        if data[:1] == b"\1":
            package = _signed(here, package)
        validate_key_package(suite, package)
        check_lifetime(package.leaf_node, 500)
    except REFUSALS:
        return


def _signed(here: World, package: KeyPackage) -> KeyPackage:
    key, suite = here.outsider.signature_private, here.company.crypto
    leaf = replace(
        package.leaf_node, signature_key=here.outsider.signature_public(suite)
    )
    package = replace(package, leaf_node=leaf.signed(suite, key))
    return package.signed(suite, key)


def seeds() -> list[bytes]:
    """Return key packages with either credential, and of last resort."""
    here = world()
    suite = here.company.crypto
    certified = replace(
        here.outsider,
        credential=Credential.x509((_certificate(here.outsider.signature_private),)),
        capabilities=replace(here.outsider.capabilities, credentials=(1, 2)),
    )
    found = [here.bundle.key_package.encode()]
    with seeded(b"key packages") as draw:
        for me, last in ((certified, False), (here.outsider, True)):
            bundle = make_key_package(
                suite, me, random=draw, not_before=0, not_after=1000, last_resort=last
            )
            found.append(bundle.key_package.encode())
    return [bytes([mode]) + one for one in found for mode in (0, 1)]


def _certificate(seed: bytes) -> bytes:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "fay")])
    day = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    made = made.public_key(key.public_key()).serial_number(7)
    made = made.not_valid_before(day).not_valid_after(day + dt.timedelta(9))
    return made.sign(key, None).public_bytes(Encoding.DER)


TARGET = Target("key_package", run, seeds)
