"""Who has been let in: launch tokens that work once, and the sessions they are for.

Tokens are 256 random bits; only their hashes are kept, so that a core dump of this
process opens no window. A session ends with the process, or when it is locked out.
"""

import hmac
import os
from collections.abc import Callable
from hashlib import sha256

from privity.client.errors import ClientError
from privity.web import clock

__all__ = ["LAUNCH_SECONDS", "LaunchRefused", "Sessions"]

LAUNCH_SECONDS = 60.0
MOST_SESSIONS = 16
MOST_LAUNCHES = 64


class LaunchRefused(ClientError):
    """The token was used, is late, or was never given out."""

    code = "launch_refused"


class Sessions:
    """The tokens that were given out and still work."""

    def __init__(self, now: Callable[[], float] = clock.now) -> None:
        self._now = now
        self._launches: dict[bytes, float] = {}
        self._sessions: dict[bytes, None] = {}
        self._handed: dict[bytes, str] = {}
        self._own = os.urandom(32)

    def new_launch(self, handed: str = "") -> str:
        """Return a token that opens one session within a minute.

        `handed` is a link that the page gets with its session.
        """
        token = _token()
        self._launches[_hash(token)] = self._now() + LAUNCH_SECONDS
        if handed:
            self._handed[_hash(token)] = handed
        while len(self._launches) > MOST_LAUNCHES:
            oldest = next(iter(self._launches))
            self._handed.pop(oldest, None)
            self._launches.pop(oldest)
        return token

    def handed(self, launch: str) -> str:
        """Return the link that goes with a launch token, once."""
        return self._handed.pop(_hash(launch), "")

    def redeem(self, launch: str) -> str:
        """Return a session for a launch token, which works no more; LaunchRefused.

        The oldest session ends where there would be too many.
        """
        until = self._launches.pop(_hash(launch), 0.0)
        if not until or until < self._now():
            raise LaunchRefused
        session = _token()
        self._sessions[_hash(session)] = None
        while len(self._sessions) > MOST_SESSIONS:
            self._sessions.pop(next(iter(self._sessions)))
        return session

    def knows(self, session: str) -> bool:
        """Tell whether a session is one of ours."""
        # A look-up by hash tells nothing of the token by its time.
        return _hash(session) in self._sessions

    def countersign(self, session: str) -> str:
        """Return what tells a page that it still talks to this process.

        After its end, any program of this machine can listen on the same port.
        """
        return hmac.digest(self._own, session.encode(), "sha256").hex()


def _token() -> str:
    return os.urandom(32).hex()


def _hash(token: str) -> bytes:
    return sha256(token.encode()).digest()
