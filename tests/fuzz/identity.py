"""Any bytes as what says who somebody is: certificates, lists, links, codes, letters.

A certificate and a device list can be signed anew; a letter is sealed to us by a
stranger, whose certificate is as good as any.
"""

from dataclasses import replace

from privity import mls
from privity.codec import Struct
from privity.core.sealed import (
    _HPKE_INFO,
    _SIGNED_AS,
    Acceptance,
    Admission,
    Invitation,
    InvitationKind,
    Locator,
    MailboxRef,
    open_message,
    recipient_of,
)
from privity.errors import ProtocolError
from privity.identity import labels
from privity.identity.certificates import (
    DeviceCertificate,
    DeviceClaim,
    certify,
    parse_certificate,
)
from privity.identity.device_list import (
    Device,
    DeviceList,
    SignedDeviceList,
    parse_device_list,
)
from privity.identity.handles import parse_handle
from privity.identity.links import (
    REPLY_KEY_SIZE,
    ContactLink,
    RegisterLink,
    RelayAddress,
    parse_link,
    render_link,
)
from privity.identity.recovery import parse_recovery_key, render_recovery_key
from privity.identity.safety_number import AccountKey, parse_qr, render_qr
from privity.identity.secret import Secret
from privity.identity.signing import public_of, sign_with_label
from privity.identity.text import from_base64url, to_base64url
from privity.wire.limits import MAILBOX_MESSAGE
from tests.fuzz.target import Fault, Target

__all__ = ["TARGET"]

SEED, DEVICE_SEED = b"a" * 32, b"d" * 32
SUITE = mls.suite(1)
PRIVATE, PUBLIC = SUITE.derive_key_pair(bytes(32))
CERTIFICATE, LIST, LINK, CODE, RECOVERY, HANDLE, LETTER = range(7)
LETTERS: tuple[type[Struct], ...] = (Invitation, Acceptance, Admission)


def run(data: bytes) -> None:
    """Read what the first byte names; 128 more says that it is signed anew."""
    if not data:
        return
    kind, anew, body = data[0] & 127, bool(data[0] & 128), data[1:]
    try:
        _read(kind, body, anew=anew)
    except ProtocolError:
        return


def _read(kind: int, body: bytes, *, anew: bool) -> None:
    match kind:
        case 0:
            body = _certificate(body) if anew else body
            _same(parse_certificate(body).encode(), body)
        case 1:
            body = _list(body) if anew else body
            _same(parse_device_list(body).encode(), body)
        case 2:
            text = parse_text(body)
            _same(parse_link(render_link(parse_link(text))), parse_link(text))
        case 3:
            parse_qr(parse_text(body))
        case 4:
            text = parse_text(body)
            key = parse_recovery_key(text)
            again = parse_recovery_key(render_recovery_key(key))
            _same(again.reveal(), key.reveal())
        case 5:
            parse_handle(parse_text(body))
        case _:
            _letter(body)


def parse_text(body: bytes) -> str:
    """Return any text; what is no UTF-8 becomes something that is."""
    head, link, tail = body.partition(b"#")
    # The fuzzer finds structures sooner than base64.
    return head.decode(errors="replace") + ("#" + to_base64url(tail) if link else "")


def _certificate(body: bytes) -> bytes:
    claim = replace(DeviceCertificate.decode(body).claim, identity_key=public_of(SEED))
    return _certified(claim).encode()


def _certified(claim: DeviceClaim) -> DeviceCertificate:
    signature = sign_with_label(SEED, labels.DEVICE_CERTIFICATE, claim.encode())
    return DeviceCertificate(claim, signature)


def _list(body: bytes) -> bytes:
    known = SignedDeviceList.decode(body).device_list
    devices = tuple(
        replace(device, certificate=_certified(device.certificate.claim))
        for device in known.devices
    )
    known = replace(known, devices=devices)
    signature = sign_with_label(SEED, labels.DEVICE_LIST, known.encode())
    return SignedDeviceList(known, signature).encode()


def _letter(body: bytes) -> None:
    kind = LETTERS[body[0] % 3] if body else Invitation
    content = body[1:]
    signature = sign_with_label(DEVICE_SEED, _SIGNED_AS[kind], content)
    room = MAILBOX_MESSAGE - SUITE.kem.enc_length - 16
    plain = (content + signature)[:room].ljust(room, b"\0")
    sealed = SUITE.hpke_seal(PUBLIC, _HPKE_INFO[kind], b"", plain)
    found = open_message(SUITE, PRIVATE, kind, sealed.kem_output + sealed.ciphertext)
    if not content.startswith(found.encode()):
        raise Fault("a letter that says something else")


def _same(one: object, other: object) -> None:
    if one != other:
        raise Fault("not what it was read from")


def seeds() -> list[bytes]:
    """Return one of each, valid as it stands."""
    claim = DeviceClaim(
        1, bytes(16), public_of(SEED), public_of(DEVICE_SEED), bytes(16), 1, None
    )
    made = certify(SEED, claim)
    device = Device(
        bytes(16), public_of(DEVICE_SEED), bytes([1]) * 32, bytes([2]) * 16, made
    )
    listed = DeviceList(
        1, bytes(16), public_of(SEED), 1, (0xF5A1, 1), 1, b"", b"", (device,)
    )
    signature = sign_with_label(SEED, labels.DEVICE_LIST, listed.encode())
    key = AccountKey(bytes(16), public_of(SEED))
    other = AccountKey(bytes([1]) * 16, public_of(DEVICE_SEED))
    certificate, signed = made.encode(), SignedDeviceList(listed, signature).encode()
    texts = (*_links(), render_qr(key, other))
    found = [bytes([CERTIFICATE | more]) + certificate for more in (0, 128)]
    found += [bytes([LIST | more]) + signed for more in (0, 128)]
    found += [bytes([LINK]) + _structured(text) for text in texts[:2]]
    found.append(bytes([CODE]) + _structured(texts[2]))
    recovery = render_recovery_key(Secret(bytes(32)))
    found.append(bytes([RECOVERY]) + recovery.encode())
    found.append(bytes([HANDLE]) + b"ada@chat.example")
    return [*found, *_letters(made)]


def _structured(text: str) -> bytes:
    head, _, tail = text.partition("#")
    return head.encode() + b"#" + from_base64url(tail)


def _links() -> tuple[str, str]:
    relay = RelayAddress(b"localhost", b"http://localhost:8000", b"")
    secret, key = bytes(16), bytes(REPLY_KEY_SIZE)
    return (
        render_link(RegisterLink(relay, secret, 0, 1, b"code")),
        render_link(
            ContactLink(
                relay, secret, 0, 1, bytes(16), bytes(32), (bytes(16),), key, b""
            )
        ),
    )


def _letters(made: DeviceCertificate) -> list[bytes]:
    to, some = recipient_of(PUBLIC), bytes(16)
    boxes = (MailboxRef(some, some),)
    place = Locator(1, 0, bytes(32))
    letters = (
        Invitation(
            1, to, made, InvitationKind.DIRECT, some, b"localhost", b"ada", b"",
            b"", b"hello", boxes, bytes(REPLY_KEY_SIZE), None,
        ),
        Acceptance(1, to, made, some, bytes(900), b"ada", b"", boxes, bytes(32)),
        Admission(
            1, to, made, some, some, b"localhost", some, 0, bytes(32), 1, bytes(32),
            bytes(32), place, place, b"a chat",
        ),
    )  # fmt: skip
    return [
        bytes([LETTER, place]) + letter.encode() for place, letter in enumerate(letters)
    ]


TARGET = Target("identity", run, seeds)
