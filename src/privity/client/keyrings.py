"""The operating system's keyring, as a place for one wrapping key per profile.

A keyring that keeps its secrets in a plain file is none: it is refused.
"""

import base64
import binascii

from privity.client.errors import Locked
from privity.identity.ids import id_to_text

__all__ = ["forget", "load", "save"]

_SERVICE = "privity"
_LEAST_PRIORITY = 1
"""Below 1 the `keyring` library files what is not recommended, such as plain files."""


def save(name: bytes, key: bytes) -> None:
    """Keep `key` under a 16-byte name; raises Locked where there is no keyring."""
    import keyring
    from keyring.errors import KeyringError

    if keyring.get_keyring().priority < _LEAST_PRIORITY:
        raise Locked("this system has no keyring that protects a key")
    text = base64.b64encode(key).decode("ascii")
    try:
        keyring.set_password(_SERVICE, id_to_text(name), text)
    except KeyringError as error:
        raise Locked(f"the keyring refused: {error}") from None


def load(name: bytes) -> bytes:
    """Return the 32-byte key kept under `name`, or raise Locked."""
    import keyring
    from keyring.errors import KeyringError

    try:
        text = keyring.get_password(_SERVICE, id_to_text(name))
        key = base64.b64decode(text or "", validate=True)
    except (KeyringError, binascii.Error) as error:
        raise Locked(f"the keyring refused: {error}") from None
    if len(key) != 32:
        raise Locked("the keyring does not hold the key")
    return key


def forget(name: bytes) -> None:
    """Remove what is kept under `name`; harmless when nothing is."""
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.delete_password(_SERVICE, id_to_text(name))
    except KeyringError:
        return
