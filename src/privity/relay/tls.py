"""The relay's certificate: made by itself and pinned by its fingerprint, or given.

A self-made certificate vouches for nothing but its own key; the fingerprint that
rides in every link is what clients compare before they send a byte. Certificates
in files are read again when the files change, so that whoever renews them need not
restart the relay.
"""

import datetime as dt
import ipaddress
import os
import ssl
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from privity.errors import UsageError

__all__ = ["Certificate", "fingerprint_of", "host_of", "make_certificate"]

_VALID_DAYS = 3650
"""Pinned, not checked for its dates: a renewal would break every link."""


class Certificate:
    """The certificate that a server shows; `reload` takes changed files over."""

    def __init__(self, cert: Path, key: Path) -> None:
        self._cert = cert
        self._key = key
        self._state = self._stat()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_3
        self._load()

    def reload(self) -> bool:
        """Load the files again if they changed; raises UsageError, keeping the old."""
        state = self._stat()
        if state == self._state:
            return False
        self._load()
        self._state = state
        return True

    def _load(self) -> None:
        try:
            self.context.load_cert_chain(self._cert, self._key)
        except (OSError, ssl.SSLError) as error:
            raise UsageError(f"{self._cert}, {self._key}: {error}") from None

    def _stat(self) -> tuple[int, ...]:
        try:
            return (self._cert.stat().st_mtime_ns, self._key.stat().st_mtime_ns)
        except FileNotFoundError as error:
            raise UsageError(f"{error.filename} is missing") from None


def make_certificate(cert: Path, key: Path, names: list[str]) -> None:
    """Make a key (P-256, which every TLS library takes) and sign its certificate."""
    private = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, names[0])])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=_VALID_DAYS))
        .add_extension(
            x509.SubjectAlternativeName(_general_names(names)), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(private, SHA256())
    )
    cert.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    _write_private(key, pem)
    cert.write_bytes(made.public_bytes(Encoding.PEM))


def fingerprint_of(cert: Path) -> bytes:
    """Return SHA-256 of the first certificate (DER) in a PEM file."""
    try:
        certificate = x509.load_pem_x509_certificate(cert.read_bytes())
    except (OSError, ValueError) as error:
        raise UsageError(f"{cert}: {error}") from None
    return sha256(certificate.public_bytes(Encoding.DER)).digest()


def host_of(url: str) -> str:
    """Return the host name or address in a URL."""
    return urlsplit(url).hostname or ""


def _general_names(names: list[str]) -> list[x509.GeneralName]:
    return [_general_name(name) for name in dict.fromkeys(names)]


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _write_private(path: Path, data: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
        file.write(data)
