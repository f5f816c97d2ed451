"""A NATS server that knows keys lets a relay in that shows one, and nobody else."""

import asyncio
import base64
import json
import secrets
import time

import pytest
from nacl.signing import SigningKey
from nats_server import NatsServer, needs_nats

from privity.errors import UsageError
from privity.identity.signing import public_of
from privity.relay.bus.credentials import BusKey, _checksum, read_key
from privity.relay.bus.wires import NatsWire
from privity.relay.config_sources import read_config

# From the documentation of NATS.
SEED = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY"
NAME = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4"
USER, ACCOUNT, OPERATOR = 20 << 3, 0, 14 << 3


def encoded(body):
    return base64.b32encode(body + _checksum(body)).rstrip(b"=").decode()


def seed_text(seed):
    return encoded(b"\x95\x00" + seed)


def creds(jwt, seed):
    return (
        f"-----BEGIN NATS USER JWT-----\n{jwt}\n------END NATS USER JWT------\n\n"
        "Keep it to yourself.\n\n"
        f"-----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
    )


class Party:
    """An operator, an account or a user, and the JWTs that it signs."""

    def __init__(self, kind):
        self.seed = secrets.token_bytes(32)
        self.name = encoded(bytes([kind]) + public_of(self.seed))

    def vouch(self, other, nats):
        """Return the JWT of another, or of itself."""
        claims = {
            "jti": secrets.token_hex(16),
            "iat": int(time.time()),
            "iss": self.name,
            "sub": other.name,
            "name": "test",
            "nats": {"version": 2, **nats},
        }
        head = {"typ": "JWT", "alg": "ed25519-nkey"}
        parts = [_in_base64(json.dumps(one).encode()) for one in (head, claims)]
        text = ".".join(parts)
        signed = SigningKey(self.seed).sign(text.encode()).signature
        return f"{text}.{_in_base64(signed)}"


def _in_base64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@pytest.fixture
def key_file(tmp_path):
    return tmp_path / "bus.creds"


def test_a_seed_is_read_and_its_name_is_as_nats_writes_it(key_file):
    key_file.write_text(f"{SEED}\n")
    key = read_key(key_file)
    assert (key.name, key.jwt) == (NAME, b"")
    assert key.seed.hex() not in repr(key)


def test_a_file_of_credentials_has_a_jwt_too(key_file):
    key_file.write_text(creds("eyJ0.eyJq.c2ln", SEED))
    key = read_key(key_file)
    assert (key.name, key.jwt) == (NAME, b"eyJ0.eyJq.c2ln")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SUACSSL3",
        SEED[:-1] + "A",
        NAME,
        "nothing of the kind",
        encoded(b"\x90\x00" + bytes(32)),  # the seed of an account
        creds("eyJ0.eyJq.c2ln", "SUACSSL3"),
        "\u00e9" * 58,
    ],
)
def test_what_is_no_seed_of_a_user_is_refused_and_not_repeated(key_file, text):
    key_file.write_text(text)
    with pytest.raises(UsageError, match="holds no seed of a NATS user") as refused:
        read_key(key_file)
    assert not text or text not in str(refused.value)


def test_a_file_that_is_not_there_is_named(key_file):
    with pytest.raises(UsageError, match=r"bus\.creds: No such file"):
        read_key(key_file)


@pytest.mark.parametrize("url", ["", "nats://relay:word@bus:4222"])
def test_a_key_stands_in_the_place_of_names_in_the_url(url):
    names = {"PRIVITY_RELAY__BUS__CREDENTIALS": "bus.creds"}
    with pytest.raises(UsageError, match=r"bus\.credentials comes with"):
        read_config("", {**names, "PRIVITY_RELAY__BUS__URL": url})
    bus = read_config("", {**names, "PRIVITY_RELAY__BUS__URL": "nats://bus"}).bus
    assert bus.credentials == "bus.creds"


async def comes_through(server, one, other, patience=5):
    """Whether what one sends the other gets."""
    came = asyncio.Queue()
    up = [asyncio.Event(), asyncio.Event()]
    wires = [
        NatsWire(server.url, "privity.test", came.put_nowait, there.set, key)
        for there, key in zip(up, (one, other), strict=True)
    ]
    running = [asyncio.create_task(wire.run()) for wire in wires]
    try:
        async with asyncio.timeout(patience):
            for there in up:
                await there.wait()
            while came.empty():
                wires[0].send(b"a hint")
                await asyncio.sleep(0.02)
            return await came.get() == b"a hint"
    except TimeoutError:
        return False
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        for wire in wires:
            await wire.close()


async def is_kept_out(server, own, stranger):
    """Whether a server refuses the stranger; it does so at once."""
    return not await comes_through(server, own, stranger, patience=0.3)


@needs_nats
async def test_a_server_that_knows_an_nkey_takes_who_has_it_and_nobody_else(tmp_path):
    own, strange = BusKey(secrets.token_bytes(32)), BusKey(secrets.token_bytes(32))
    config = tmp_path / "nats.conf"
    config.write_text(f"authorization {{ users = [ {{ nkey: {own.name} }} ] }}\n")
    with NatsServer(config) as server:
        assert await comes_through(server, own, own)
        assert await is_kept_out(server, own, strange)
        assert await is_kept_out(server, own, None)


@needs_nats
async def test_a_server_of_accounts_takes_a_user_whom_its_account_vouches_for(tmp_path):
    operator, account, user = Party(OPERATOR), Party(ACCOUNT), Party(USER)
    free = dict.fromkeys(("subs", "data", "payload"), -1)
    more = dict.fromkeys(("conn", "leaf", "imports", "exports"), -1)
    limits = {**free, **more, "wildcards": True}
    of_account = operator.vouch(account, {"type": "account", "limits": limits})
    config = tmp_path / "nats.conf"
    config.write_text(
        f"operator: {operator.vouch(operator, {'type': 'operator'})}\n"
        f"resolver: MEMORY\nresolver_preload: {{ {account.name}: {of_account} }}\n"
    )
    jwt = account.vouch(user, {"type": "user", **free})
    path = tmp_path / "bus.creds"
    path.write_text(creds(jwt, seed_text(user.seed)))
    vouched = read_key(path)
    with NatsServer(config) as server:
        assert await comes_through(server, vouched, vouched)
        assert await is_kept_out(server, vouched, BusKey(user.seed))
        stolen = BusKey(secrets.token_bytes(32), jwt.encode())
        assert await is_kept_out(server, vouched, stolen)
