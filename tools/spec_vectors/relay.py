"""Vectors of what a device signs for its relay: registration and login."""

from collections.abc import Callable, Iterator
from functools import partial
from hashlib import sha256

from privity.codec import Struct
from privity.identity import labels
from privity.identity.signing import public_of, sign_with_label
from privity.wire.http import LoginClaim, RegisterClaim
from tools.spec_vectors import Case, Maker, refusal

Random = Callable[[int], bytes]

HOST = b"chat.example"


def make_http(random: Random) -> list[Case]:
    """Return a registration, two logins, and what is no claim."""
    seed, account, device = random(32), random(16), random(16)
    value = random(32)
    register = RegisterClaim(
        version=1,
        host=HOST,
        relay_nonce=random(32),
        account_id=account,
        identity_key=public_of(seed),
        device_list_hash=sha256(random(40)).digest(),
        handle=b"ana",
        code=b"welcome-7",
        first_next=value,
        mailbox_key_hash=sha256(random(32)).digest(),
    )
    cases = [_signed("a registration", register, seed, labels.REGISTER)]
    cases += _logins(random, (account, device), value)
    return cases + _refused(register.encode())


def _logins(random: Random, ids: tuple[bytes, bytes], value: bytes) -> Iterator[Case]:
    login_seed = random(32)
    for name, prev, following, label in (
        ("a login", value, b"", labels.RELAY_LOGIN),
        (
            "a login after an answer was lost",
            value,
            random(32),
            labels.RELAY_LOGIN,
        ),
        (
            "the first login of a device that a list brought in",
            b"",
            b"",
            labels.RELAY_LOGIN,
        ),
        ("a login that returns", value, b"", labels.RELAY_RETURN),
    ):
        login = LoginClaim(
            version=1,
            host=HOST,
            relay_nonce=random(32),
            client_nonce=random(32),
            account_id=ids[0],
            device_id=ids[1],
            prev=prev,
            next=following,
            proposed=random(32),
        )
        yield _signed(name, login, login_seed, label)


def _signed(name: str, claim: Struct, seed: bytes, label: str) -> Case:
    content = claim.encode()
    return {
        "name": name,
        "label": label,
        "seed": seed.hex(),
        "public_key": public_of(seed).hex(),
        "claim": content.hex(),
        "signature": sign_with_label(seed, label, content).hex(),
    }


def _refused(claim: bytes) -> list[Case]:
    damaged = {"a claim cut short": claim[:-1], "a byte too many": claim + b"\0"}
    return [
        {
            "name": name,
            "claim": data.hex(),
            "refused": refusal(partial(RegisterClaim.decode, data)),
        }
        for name, data in damaged.items()
    ]


MAKERS: dict[str, Maker] = {"http": make_http}
