"""Where a relay is, and what may be believed about the connection to it.

`https://host[:port][/path]`, checked against the system's authorities or, with a
fingerprint, against that one certificate; `http://` to this machine only; and
`http+unix:/path/to/socket`, which leaves this machine even less.
"""

import re
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from privity.client.errors import Insecure
from privity.client.transport.pinned import pinned_context
from privity.errors import UsageError

__all__ = ["Address"]

_UNIX = "http+unix:"
_LOOPBACK = re.compile(r"localhost|127(?:\.[0-9]{1,3}){3}|::1")
_BEHIND_SOCKET = "localhost"
_FINGERPRINT = 32


@dataclass(frozen=True, slots=True)
class Address:
    """One relay's URL and the SHA-256 of its pinned certificate, if any.

    Raises Insecure (plain http to another machine, or a pin without TLS) and
    UsageError (no URL of a relay), before anything is sent.
    """

    url: str
    fingerprint: bytes = field(default=b"")

    def __post_init__(self) -> None:
        if self.fingerprint and len(self.fingerprint) != _FINGERPRINT:
            raise UsageError("a fingerprint is a SHA-256")
        if self.socket is None:
            self._check()
        elif self.fingerprint:
            raise Insecure("a pinned certificate needs https")

    def _check(self) -> None:
        try:
            parts = urlsplit(self.url)
            host, _ = parts.hostname, parts.port
        except ValueError:
            raise UsageError(f"{self.url!r} is no URL") from None
        extra = parts.username or parts.password or parts.query or parts.fragment
        if parts.scheme not in {"http", "https"} or not host or extra:
            raise UsageError(f"{self.url!r} is no URL of a relay")
        if parts.scheme == "https":
            return
        if not _LOOPBACK.fullmatch(host):
            raise Insecure(f"plain http to {host}; a relay elsewhere needs https")
        if self.fingerprint:
            raise Insecure("a pinned certificate needs https")

    @property
    def socket(self) -> Path | None:
        """The Unix socket, if this is one."""
        path = self.url.removeprefix(_UNIX)
        return Path(path) if path != self.url else None

    @property
    def http(self) -> str:
        """What the paths of HTTP calls are put behind."""
        if self.socket is not None:
            return f"http://{_BEHIND_SOCKET}"
        return self.url.rstrip("/")

    @property
    def websocket(self) -> str:
        """What the paths of WebSockets are put behind."""
        return "ws" + self.http.removeprefix("http")

    def tls(self) -> ssl.SSLContext | None:
        """Return a fresh TLS context; None where there is no TLS.

        Each plane takes its own, so that no session ticket joins them.
        """
        if not self.http.startswith("https:"):
            return None
        if self.fingerprint:
            return pinned_context(self.fingerprint)
        # Not `create_default_context`: it writes keys where the environment says.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_default_certs()
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        return context
