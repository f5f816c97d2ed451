"""What schemathesis has to know of our bodies: msgpack, and byte strings of a size.

Loaded by schemathesis itself; `calls` names this file to it and says in the environment
which ids exist, so that some calls come further than "no such".
"""

import base64
import binascii
import json
import os

import msgspec
import schemathesis
from hypothesis import strategies as st

MSGPACK = "application/msgpack"
KNOWN = [bytes.fromhex(one) for one in os.environ.get("PRIVITY_KNOWN", "").split()]


@schemathesis.serializer(MSGPACK)
def serialize(_context, value):
    return msgspec.msgpack.encode(_with_bytes(value))


@schemathesis.deserializer(MSGPACK)
def deserialize(_context, response):
    return json.loads(msgspec.json.encode(msgspec.msgpack.decode(response.content)))


def _with_bytes(value):
    """Return a JSON value with bytes where a string looks like some."""
    if isinstance(value, dict):
        return {str(key): _with_bytes(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_with_bytes(one) for one in value]
    if isinstance(value, str):
        return _bytes_in(value)
    is_small = not isinstance(value, int) or -(1 << 63) <= value < 1 << 64
    return value if is_small else float(value)


def _bytes_in(text):
    plain = text.encode("utf-8", "replace")
    if len(plain) < 20:
        return plain.decode()
    try:
        return base64.b64decode(plain, validate=True)
    except (binascii.Error, ValueError):
        return plain.decode()


def bytes_between(least, most):
    """Return base64 of byte strings, the ones that the relay knows among them."""
    known = [one for one in KNOWN if least <= len(one) <= most]
    sizes = st.integers(least, min(most, least + 64))
    made = sizes.flatmap(lambda size: st.binary(min_size=size, max_size=size))
    found = st.one_of(st.sampled_from(known), made) if known else made
    if least > 256:
        found = st.integers(0, 255).map(lambda byte: bytes([byte]) * least)
    return found.map(lambda data: base64.b64encode(data).decode())


def _text(data):
    return base64.b32encode(data).decode().lower().rstrip("=")


def _register():
    names = os.environ.get("PRIVITY_FORMATS", "").split()
    for name in names:
        least, most = map(int, name.split("-")[2:])
        schemathesis.openapi.format(name, bytes_between(least, most))
    ids = [_text(one) for one in KNOWN if len(one) == 16]
    made = st.binary(min_size=16, max_size=16).map(_text)
    schemathesis.openapi.format(
        "x-id", st.one_of(st.sampled_from(ids), made) if ids else made
    )


_register()
