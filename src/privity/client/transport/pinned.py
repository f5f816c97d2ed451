"""TLS that believes one certificate, by its SHA-256, and no authority.

The comparison is part of every handshake: the certificate is read and compared
before the handshake counts as done, so that nothing of ours is sent to another
server. TLS itself proves that the server holds the certificate's key. Names and
dates in it say nothing that the fingerprint does not.
"""

import hmac
import ssl
from hashlib import sha256

__all__ = ["OtherCertificateError", "pinned_context"]


class OtherCertificateError(ssl.SSLError):
    """The server showed another certificate than the pinned one."""


def pinned_context(fingerprint: bytes) -> ssl.SSLContext:
    """Return a client context for the one certificate with this SHA-256."""

    class Pinned(ssl.SSLObject):
        """A TLS connection that is not established with another certificate."""

        def do_handshake(self) -> None:
            super().do_handshake()
            certificate = self.getpeercert(binary_form=True)
            shown = sha256(certificate or b"").digest()
            if not hmac.compare_digest(shown, fingerprint):
                raise OtherCertificateError("not the pinned certificate")

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    # No authority is asked: `Pinned` compares the whole certificate instead.
    context.verify_mode = ssl.CERT_NONE
    context.sslobject_class = Pinned
    return context
