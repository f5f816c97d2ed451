"""The settings of a relay: what there is, its defaults, and what contradicts itself.

`config_sources` reads them. docs/operator/running.md lists all.
"""

import re
from typing import Annotated, Any, Literal, cast

import msgspec

from privity.errors import DecodeError, UsageError
from privity.identity.handles import check_host
from privity.wire import limits
from privity.wire.work import MOST_BITS

__all__ = [
    "CONFIG_NAME",
    "ENV_PREFIX",
    "BlobSettings",
    "BusSettings",
    "CallSettings",
    "Config",
    "DBSettings",
    "LogSettings",
    "MailboxSettings",
    "MetricsSettings",
    "RetentionSettings",
    "TLSSettings",
    "TokenSettings",
    "check_config",
    "render_config",
    "resolve_url",
    "shown_value",
]

CONFIG_NAME = "relay.toml"
ENV_PREFIX = "PRIVITY_RELAY__"

_LISTEN = re.compile(r"(\[[^\s\]]+\]|[^\s:]*):([0-9]{1,5})")

_BUS = re.compile(r"(nats|tls)://([^\s@/]+@)?[^\s@/]+")
_BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._/-]*)?")
_ENDPOINT = re.compile(r"https?://[^\s@/]+/?")
_DB = re.compile(r"postgres(ql)?://([^\s@/]+@)?[^\s@/?]*/[^\s@/?]+(\?[^\s@]*)?")
SECRETS = frozenset({"blobs.secret_access_key", "bus.url", "db.url"})
"""The settings that `config show` and `repr` keep to themselves."""

Count = Annotated[int, msgspec.Meta(ge=0, le=1 << 40)]
Positive = Annotated[int, msgspec.Meta(ge=1, le=1 << 40)]


class _Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    def __repr__(self) -> str:
        return f"{type(self).__name__}(...)"


class DBSettings(_Section, frozen=True):
    """Where the databases are, if they are not files of the data directory."""

    url: str = ""
    """`postgresql://USER@HOST/NAME`: NAME_accounts and NAME_logs on that server."""


class TLSSettings(_Section, frozen=True):
    """Where the certificate comes from; relative paths start at the data directory.

    `self` is a certificate that `init` made and whose fingerprint rides in links,
    `files` one that somebody renews, `none` is for loopback and Unix sockets.
    """

    mode: Literal["self", "files", "none"] = "self"
    cert: str = "tls/cert.pem"
    key: str = "tls/key.pem"


class LogSettings(_Section, frozen=True):
    """Limits of chats' logs; rates are per generation and per second unless named."""

    commit_spacing_ms: Count = limits.COMMIT_SPACING_MS
    appends_per_second: Positive = 20
    append_burst: Positive = 100
    closed_appends_per_second: Positive = 1
    """The rate of a generation that an opening has closed."""
    commits_per_minute: Positive = 10
    paid_commits_per_minute: Positive = 60
    """Commits that cost a token have a rate of their own, and no spacing."""


class MailboxSettings(_Section, frozen=True):
    """Limits of devices' mailboxes."""

    idem_days: Positive = 30
    """How long a repeated message is recognized."""
    retention_days: Positive = 90
    """How long a message waits for a device that does not come."""
    work_bits: Annotated[int, msgspec.Meta(ge=0, le=MOST_BITS)] = 18
    """What a stranger's message costs its device: about 2^bits hashes."""


class TokenSettings(_Section, frozen=True):
    """Single-use tokens that a device may take each day, by what they pay for."""

    log: Count = 50
    blob: Count = 500
    request: Count = 50
    claim: Count = 200
    child: Count = 100
    plea: Count = 20


class BlobSettings(_Section, frozen=True):
    """Limits of encrypted attachments."""

    max_bytes: Positive = limits.BLOB
    retention_days: Positive = 90
    unfinished_days: Positive = 2
    reserve_bytes: Count = 256 * 1024 * 1024
    """Free space that blobs leave to messages; below it uploads get STORAGE_FULL."""
    url: str = ""
    """`s3://bucket/prefix`, or empty for files in the data directory."""
    endpoint: str = ""
    """Where a store that is not Amazon's listens, as `https://s3.example`."""
    region: str = "us-east-1"
    access_key_id: str = ""
    secret_access_key: str = ""


class RetentionSettings(_Section, frozen=True):
    """How long the messages of chats stay; what chats are made of stays with them."""

    entries_days: Annotated[int, msgspec.Meta(ge=14, le=1_000)] = 30
    """A device that was away for so long misses nothing. Messages go by the week."""


class MetricsSettings(_Section, frozen=True):
    """Where Prometheus asks, over plain HTTP; nowhere unless set."""

    listen: str = ""


class CallSettings(_Section, frozen=True):
    """How fast one address may ask who is who here; counted in memory only.

    And how fast the lobby of a log is read with the keys of one generation.
    """

    lookups_per_second: Positive = 10
    lookup_burst: Positive = 200
    lobby_reads_per_second: Positive = 20
    lobby_read_burst: Positive = 500


class BusSettings(_Section, frozen=True):
    """How processes of one relay tell each other that something came.

    `url` is that of a NATS server, `nats://` or `tls://` with what it asks for
    (`user:password@`, `token@`); empty where this process is the only one.
    """

    url: str = ""
    credentials: str = ""
    """A file with an NKey's seed, or with a user's JWT and seed; as paths of TLS."""


class Config(_Section, frozen=True, kw_only=True):
    """All settings of one relay.

    `host` is the name that addresses and signatures carry and never changes;
    `url` is where clients connect; `listen` is `address:port`, or `uds` the path
    of a Unix socket behind a web server that ends TLS.
    """

    host: str = "localhost"
    url: Annotated[str, msgspec.Meta(pattern=r"^https?://[^\s/]+$")] = (
        "https://localhost:8743"
    )
    listen: str = "127.0.0.1:8743"
    uds: str = ""
    open: bool = False
    """Registration needs no code."""
    token_quotas: Literal["blind", "identified"] = "blind"  # noqa: S105  no password
    """`identified` tokens are weaker: whoever runs the relay can link them."""
    tls: TLSSettings = TLSSettings()
    db: DBSettings = DBSettings()
    log: LogSettings = LogSettings()
    mailbox: MailboxSettings = MailboxSettings()
    tokens: TokenSettings = TokenSettings()
    blobs: BlobSettings = BlobSettings()
    retention: RetentionSettings = RetentionSettings()
    calls: CallSettings = CallSettings()
    metrics: MetricsSettings = MetricsSettings()
    bus: BusSettings = BusSettings()


def render_config(config: Config) -> str:
    """Return a TOML text that `config_sources.read_config` reads back to `config`.

    Tables that are as this version has them by default are left out, so that a
    later version may improve on them.
    """
    tree: dict[str, Any] = msgspec.to_builtins(config)
    default: dict[str, Any] = msgspec.to_builtins(Config())
    lines: list[str] = []
    tables: list[str] = []
    for name, value in tree.items():
        if not isinstance(value, dict):
            lines.append(_line(name, value))
        elif name == "tls" or value != default[name]:
            table = cast("dict[str, object]", value)
            tables += ["", f"[{name}]", *map(_line, table.keys(), table.values())]
    return "\n".join(lines + tables) + "\n"


def check_config(config: Config) -> None:
    """Refuse (UsageError) settings that contradict each other or leak plaintext."""
    try:
        check_host(config.host)
    except DecodeError as error:
        raise UsageError(f"{CONFIG_NAME}: host: {error}") from None
    if not config.uds and not _is_place(config.listen):
        raise UsageError(f"{CONFIG_NAME}: listen is address:port, as 127.0.0.1:8743")
    _check_bus(config.bus)
    _check_blobs(config.blobs)
    _check_db(config.db)
    if config.metrics.listen and not _is_place(config.metrics.listen):
        raise UsageError(
            f"{CONFIG_NAME}: metrics.listen is address:port, as 127.0.0.1:9464"
        )
    secure = config.url.startswith("https://")
    if config.tls.mode != "none" and not config.uds and not secure:
        raise UsageError(f"{CONFIG_NAME}: with TLS the url begins with https://")
    if config.tls.mode == "none" and not config.uds and not _is_loopback(config):
        raise UsageError(
            f"{CONFIG_NAME}: without TLS a relay listens on loopback or a Unix socket"
        )


def resolve_url(config: Config, url: str) -> str:
    """Return `url`, or the one that `host` and `listen` suggest where it is empty."""
    if url:
        return url.rstrip("/")
    if config.uds:
        return f"https://{config.host}"
    scheme = "http" if config.tls.mode == "none" else "https"
    return f"{scheme}://{config.host}:{config.listen.rpartition(':')[2]}"


def shown_value(name: str, value: object) -> object:
    """Return a setting's value without what is secret of it; `name` is dotted."""
    if not isinstance(value, str) or not value or name not in SECRETS:
        return value
    scheme, is_url, rest = value.partition("://")
    if not is_url:
        return "(hidden)"
    _, has_user, place = rest.rpartition("@")
    return f"{scheme}://{'(hidden)@' if has_user else ''}{place}"


def _line(name: str, value: object) -> str:
    if isinstance(value, str):
        return f"{name} = {msgspec.json.encode(value).decode()}"
    return f"{name} = {str(value).lower()}"


def _check_bus(bus: BusSettings) -> None:
    if bus.url and not _BUS.fullmatch(bus.url):
        raise UsageError("bus.url is nats://host:port or tls://host:port")
    if bus.credentials and (not bus.url or "@" in bus.url):
        raise UsageError("bus.credentials comes with a bus.url that names nobody")


def _check_blobs(blobs: BlobSettings) -> None:
    if blobs.url and not _BUCKET.fullmatch(blobs.url):
        raise UsageError("blobs.url is s3://bucket or s3://bucket/prefix")
    if blobs.endpoint and not _ENDPOINT.fullmatch(blobs.endpoint):
        raise UsageError("blobs.endpoint is https://host:port")
    if bool(blobs.access_key_id) != bool(blobs.secret_access_key):
        raise UsageError("blobs.access_key_id and secret_access_key come together")


def _check_db(db: DBSettings) -> None:
    if not db.url:
        return
    if not _DB.fullmatch(db.url) or "password=" in db.url:
        raise UsageError("db.url is postgresql://USER@HOST/NAME, or USER:PASSWORD@")


def _is_place(listen: str) -> bool:
    found = _LISTEN.fullmatch(listen)
    return found is not None and int(found[2]) < 1 << 16


def _is_loopback(config: Config) -> bool:
    address = config.listen.rpartition(":")[0]
    return address in {"127.0.0.1", "localhost", "[::1]"}
