"""Links that lead to a relay or to a person: `privity:1#<base64url structure>`.

Format: docs/spec/links.md. A link is all that a newcomer needs: where the relay is,
the certificate to pin, a secret that proves one has the link. Who has it can use it,
so it is handed over as carefully as what it opens. Expiry, uses and approval are
the issuer's to enforce; a reader only spares itself a useless try.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import Annotated

from privity.codec import (
    U8,
    U32,
    U64,
    Bytes,
    FieldType,
    Fixed,
    Select,
    Struct,
    Vector,
)
from privity.errors import DecodeError, Stale, UsageError
from privity.identity.handles import check_host
from privity.identity.text import from_base64url, to_base64url

__all__ = [
    "PREFIX",
    "REPLY_KEY_SIZE",
    "VERSION",
    "ContactLink",
    "Link",
    "LinkError",
    "LinkExpired",
    "LinkProblem",
    "RegisterLink",
    "RelayAddress",
    "check_link_usable",
    "parse_link",
    "render_link",
]

VERSION = 1
PREFIX = "privity:1#"
REPLY_KEY_SIZE = 1216
"""An X-Wing public key."""

_MAX_TEXT = 8 * 1024
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9.-]+|\[[0-9a-f:]+\])"
    r"(?::[1-9][0-9]{0,4})?(?:/[A-Za-z0-9._~-]+)*"
)
_LOOPBACK = re.compile(r"localhost|127(?:\.[0-9]{1,3}){3}|\[::1\]")


@unique
class LinkProblem(StrEnum):
    """What is wrong with a link, told to a person."""

    NOT_A_LINK = "this is not a Privity link; one begins with privity:1#"
    OTHER_VERSION = "this link needs another version of Privity; update, or ask anew"
    DAMAGED = "this link is cut short or changed; copy all of it again"
    BAD_ADDRESS = "the relay's address in this link is not one that is safe to use"


class LinkError(DecodeError):
    """A text that is no usable link; `problem` says why in words for a person."""

    def __init__(self, problem: LinkProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


class LinkExpired(Stale):
    """A well-formed link whose time is over: ask for a new one."""


@dataclass(frozen=True, slots=True)
class RelayAddress(Struct):
    """A relay: its name for ever, where it is reached, and what to pin.

    `fingerprint` is SHA-256 of its TLS certificate (DER), or empty where ordinary
    certificate authorities vouch for it.
    """

    host: Annotated[bytes, Bytes(253)]
    url: Annotated[bytes, Bytes(255)]
    fingerprint: Annotated[bytes, Bytes(32)]


@dataclass(frozen=True, slots=True)
class RegisterLink(Struct):
    """Leads to an account at a relay; `code` is the relay's invite code."""

    relay: RelayAddress
    secret: Annotated[bytes, Fixed(16)] = field(repr=False)
    expiry: U64
    uses: U32
    code: Annotated[bytes, Bytes(64)] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ContactLink(Struct):
    """Leads to a person; the request is sealed to `reply_key` (X-Wing).

    `expiry` is Unix time (0: never), `uses` a count (0: no limit). `code`, if there
    is one, lets the reader register at the same relay first.
    """

    relay: RelayAddress
    secret: Annotated[bytes, Fixed(16)] = field(repr=False)
    expiry: U64
    uses: U32
    account_id: Annotated[bytes, Fixed(16)]
    identity_key: Annotated[bytes, Fixed(32)]
    mailbox_ids: Annotated[tuple[bytes, ...], Vector(Fixed(16), 16)]
    reply_key: Annotated[bytes, Fixed(REPLY_KEY_SIZE)]
    code: Annotated[bytes, Bytes(64)] = field(repr=False)


_Body: FieldType = Select(1, {1: RegisterLink, 2: ContactLink})


@dataclass(frozen=True, slots=True)
class Link(Struct):
    """A version, a kind (register 1, contact 2), and what the kind holds."""

    version: U8
    body: Annotated[RegisterLink | ContactLink, _Body]


def render_link(body: RegisterLink | ContactLink) -> str:
    """Return the text of a link; raises UsageError where no reader would take it."""
    try:
        _check(body)
    except LinkError as error:
        raise UsageError(str(error)) from None
    return PREFIX + to_base64url(Link(version=VERSION, body=body).encode())


def parse_link(text: str) -> RegisterLink | ContactLink:
    """Return what a link holds; white space around it is forgiven, nothing else is.

    Raises LinkError, whose text a person can be shown. Nothing is trusted yet: the
    host, the keys and the fingerprint are what the issuer of the link says.
    """
    text = text.strip()
    if not text.startswith(PREFIX):
        other = re.match(r"privity:[0-9]+#", text)
        problem = LinkProblem.OTHER_VERSION if other else LinkProblem.NOT_A_LINK
        raise LinkError(problem)
    if len(text) > _MAX_TEXT:
        raise LinkError(LinkProblem.DAMAGED)
    try:
        link = Link.decode(from_base64url(text.removeprefix(PREFIX)))
    except DecodeError:
        raise LinkError(LinkProblem.DAMAGED) from None
    if link.version != VERSION:
        raise LinkError(LinkProblem.OTHER_VERSION)
    _check(link.body)
    return link.body


def check_link_usable(body: RegisterLink | ContactLink, now: int) -> None:
    """Raise LinkExpired if the link's time was over at `now` (Unix seconds)."""
    if body.expiry and now >= body.expiry:
        raise LinkExpired("this link has expired; ask for a new one")


def _check(body: RegisterLink | ContactLink) -> None:
    relay = body.relay
    if len(relay.fingerprint) not in (0, 32):
        raise LinkError(LinkProblem.DAMAGED)
    if isinstance(body, ContactLink):
        ids = body.mailbox_ids
        if not ids or len(set(ids)) != len(ids):
            raise LinkError(LinkProblem.DAMAGED)
    try:
        check_host(relay.host.decode("ascii"))
        body.code.decode("ascii")
        url = _URL.fullmatch(relay.url.decode("ascii"))
    except (DecodeError, UnicodeDecodeError):
        raise LinkError(LinkProblem.BAD_ADDRESS) from None
    if not url or (url["scheme"] == "http" and not _LOOPBACK.fullmatch(url["host"])):
        raise LinkError(LinkProblem.BAD_ADDRESS)
