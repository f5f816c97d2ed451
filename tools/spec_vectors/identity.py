"""Vectors of accounts: certificates, device lists, links, recovery, safety numbers."""

from collections.abc import Callable
from dataclasses import replace

from privity.identity import labels
from privity.identity.certificates import (
    DeviceCertificate,
    DeviceClaim,
    certify,
    credential_identity,
    parse_certificate,
)
from privity.identity.device_list import (
    Device,
    DeviceList,
    SignedDeviceList,
    parse_device_list,
    sign_device_list,
)
from privity.identity.links import (
    ContactLink,
    Link,
    LinkError,
    RegisterLink,
    RelayAddress,
    parse_link,
    render_link,
)
from privity.identity.recovery import (
    RecoveryKeyError,
    parse_recovery_key,
    render_recovery_key,
)
from privity.identity.safety_number import AccountKey, render_qr, safety_number
from privity.identity.secret import Secret
from privity.identity.self_storage import SelfStorage, seal_self_storage
from privity.identity.signing import public_of, sign_with_label
from privity.identity.text import to_base64url
from tools.spec_vectors import Case, Maker, refusal

Random = Callable[[int], bytes]


def make_certificates(random: Random) -> list[Case]:
    """Return two certificates, and what is refused."""
    seed = random(32)
    plain = certify(seed, _claim(seed, random, None))
    heir = certify(seed, _claim(seed, random, random(16)))
    cases = [
        _certificate("a device's certificate", seed, plain),
        _certificate("a certificate that replaces a lost device", seed, heir),
    ]
    newer = replace(plain.claim, version=2)
    odd = {
        "an unknown version": DeviceCertificate(
            newer, sign_with_label(seed, labels.DEVICE_CERTIFICATE, newer.encode())
        ),
        "another label": DeviceCertificate(
            plain.claim,
            sign_with_label(seed, labels.DEVICE_LIST, plain.claim.encode()),
        ),
        "a changed key": DeviceCertificate(
            replace(plain.claim, signature_key=random(32)), plain.signature
        ),
    }
    for name, certificate in odd.items():
        cases.append(_refused(name, certificate.encode(), parse_certificate))
    cases.append(_refused("a byte too many", plain.encode() + b"\0", parse_certificate))
    return cases


def make_device_lists(random: Random) -> list[Case]:
    """Return a list of two devices, and lists that break a rule each."""
    seed = random(32)
    good = _device_list(seed, random)
    signed = sign_device_list(seed, good)
    cases: list[Case] = [
        {
            "name": "a list of two devices",
            "identity_seed": seed.hex(),
            "signed_device_list": signed.encode().hex(),
        }
    ]
    odd = {
        "an unknown version": {"version": 2},
        "version zero": {"list_version": 0},
        "min_suite is not among the suites": {"min_suite": 2},
        "a next key": {"next_key_hash": bytes(32)},
        "a short self-storage hash": {"self_storage_hash": bytes(31)},
        "no device": {"devices": ()},
        "one device twice": {"devices": good.devices[:1] * 2},
        "a list older than its certificates": {"list_version": 1},
    }
    for name, changes in odd.items():
        spoiled = replace(good, **changes)  # type: ignore[arg-type]
        signature = sign_with_label(seed, labels.DEVICE_LIST, spoiled.encode())
        data = SignedDeviceList(spoiled, signature).encode()
        cases.append(_refused(name, data, parse_device_list))
    unsigned = replace(signed, signature=bytes(64)).encode()
    cases.append(_refused("no signature", unsigned, parse_device_list))
    return cases


def make_links(random: Random) -> list[Case]:
    """Return links of both kinds, and texts that are none."""
    relay = RelayAddress(b"chat.example", b"https://chat.example:8443", random(32))
    register = RegisterLink(relay, random(16), 1_800_000_000, 1, b"welcome-7")
    contact = ContactLink(
        relay=replace(relay, fingerprint=b""),
        secret=random(16),
        expiry=0,
        uses=5,
        account_id=random(16),
        identity_key=public_of(random(32)),
        mailbox_ids=(random(16), random(16)),
        reply_key=random(1216),
        code=b"",
    )
    good: dict[str, RegisterLink | ContactLink] = {
        "a register link": register,
        "a contact link": contact,
    }
    cases: list[Case] = [
        {
            "name": name,
            "structure": Link(version=1, body=body).encode().hex(),
            "text": render_link(body),
        }
        for name, body in good.items()
    ]
    plain = replace(relay, url=b"http://chat.example")
    odd = {
        "another scheme": "https://chat.example/join",
        "a newer link": "privity:2#AAAA",
        "cut short": render_link(register)[:-5],
        "plain http to another machine": "privity:1#"
        + to_base64url(Link(1, replace(register, relay=plain)).encode()),
    }
    for name, text in odd.items():
        cases.append({"name": name, "text": text, "refused": _problem(text)})
    return cases


def make_recovery_keys(random: Random) -> list[Case]:
    """Return keys as text, slips of the pen, and a sealed self-storage."""
    key = random(32)
    text = render_recovery_key(Secret(key))
    storage = SelfStorage(
        version=1,
        account_id=random(16),
        identity_seed=random(32),
        relay=RelayAddress(b"chat.example", b"https://chat.example", b""),
        name=b"ana",
        list_version=3,
    )
    zero = render_recovery_key(Secret(bytes(32)))
    wrong = text[:7] + ("A" if text[7] != "A" else "B") + text[8:]
    return [
        {"name": "a recovery key", "key": key.hex(), "text": text},
        {"name": "the key of zeros", "key": bytes(32).hex(), "text": zero},
        {"name": "one wrong letter", "text": wrong, **_slip(wrong)},
        {"name": "a group missing", "text": text[:-5], **_slip(text[:-5])},
        {
            "name": "a self-storage",
            "key": key.hex(),
            "structure": storage.encode().hex(),
            "object": seal_self_storage(Secret(key), storage, random).hex(),
        },
    ]


def make_safety_numbers(random: Random) -> list[Case]:
    """Return numbers of pairs, and the code that one shows the other."""
    cases = []
    for name in ("two accounts", "two others", "two more"):
        mine, yours = (AccountKey(random(16), public_of(random(32))) for _ in range(2))
        cases.append(
            {
                "name": name,
                "mine": mine.encode().hex(),
                "yours": yours.encode().hex(),
                "safety_number": " ".join(safety_number(mine, yours)),
                "qr_text": render_qr(mine, yours),
            }
        )
    return cases


def _claim(seed: bytes, random: Random, replaces: bytes | None) -> DeviceClaim:
    return DeviceClaim(
        version=1,
        account_id=random(16),
        identity_key=public_of(seed),
        signature_key=public_of(random(32)),
        device_id=random(16),
        list_version=2,
        replaces=replaces,
    )


def _certificate(name: str, seed: bytes, certificate: DeviceCertificate) -> Case:
    claim = certificate.claim
    identity = credential_identity(claim.account_id, claim.device_id)
    return {
        "name": name,
        "identity_seed": seed.hex(),
        "credential_identity": identity.hex(),
        "signature_key": claim.signature_key.hex(),
        "certificate": certificate.encode().hex(),
    }


def _device_list(seed: bytes, random: Random) -> DeviceList:
    account_id = random(16)
    devices = []
    for _ in range(2):
        claim = replace(_claim(seed, random, None), account_id=account_id)
        devices.append(
            Device(
                device_id=claim.device_id,
                signature_key=claim.signature_key,
                login_key=public_of(random(32)),
                mailbox_id=random(16),
                certificate=certify(seed, claim),
            )
        )
    return DeviceList(
        version=1,
        account_id=account_id,
        identity_key=public_of(seed),
        list_version=2,
        suites=(0xF5A1, 1),
        min_suite=1,
        next_key_hash=b"",
        self_storage_hash=random(32),
        devices=tuple(devices),
    )


def _refused(name: str, data: bytes, parse: Callable[[bytes], object]) -> Case:
    return {"name": name, "bytes": data.hex(), "refused": refusal(lambda: parse(data))}


def _problem(text: str) -> str:
    try:
        parse_link(text)
    except LinkError as error:
        return error.problem.name
    raise AssertionError("a link that should be refused was accepted")


def _slip(text: str) -> Case:
    try:
        parse_recovery_key(text)
    except RecoveryKeyError as error:
        return {"refused": error.problem.name, "group": error.group}
    raise AssertionError("a recovery key that should be refused was accepted")


MAKERS: dict[str, Maker] = {
    "device-certificate": make_certificates,
    "device-list": make_device_lists,
    "links": make_links,
    "recovery-key": make_recovery_keys,
    "safety-number": make_safety_numbers,
}
