"""The network's many failures, under our few names."""

import re
import ssl
from collections.abc import Generator, Iterator
from contextlib import contextmanager

import httpx2
from websockets import CloseCode
from websockets.exceptions import ConnectionClosed, InvalidMessage, WebSocketException

from privity.client.errors import (
    ClientError,
    Misbehaved,
    Restarting,
    Unreachable,
    WrongCertificate,
)
from privity.client.transport.pinned import OtherCertificateError
from privity.errors import DecodeError
from privity.wire import limits

__all__ = ["named_failures"]

_COME_BACK = re.compile(re.escape(limits.COME_BACK) + "([0-9]{1,4})")


@contextmanager
def named_failures() -> Generator[None, None, None]:
    """Turn what the libraries raise into ClientError; cancellation passes."""
    try:
        yield
    except DecodeError as error:
        raise Misbehaved(str(error)) from error
    except (
        OSError,
        EOFError,
        TimeoutError,
        httpx2.HTTPError,
        WebSocketException,
    ) as error:
        raise _named(error) from error


def _named(error: BaseException) -> ClientError:
    chain = tuple(_chain(error))
    if any(isinstance(one, OtherCertificateError) for one in chain):
        return WrongCertificate("another certificate than the pinned one")
    if any(isinstance(one, ssl.SSLCertVerificationError) for one in chain):
        return WrongCertificate(str(error))
    if isinstance(error, ConnectionClosed) and (within := _within(error)):
        return Restarting(within)
    if isinstance(error, ConnectionClosed | InvalidMessage | OSError | EOFError):
        return Unreachable(str(error) or type(error).__name__)
    if isinstance(error, WebSocketException | httpx2.RemoteProtocolError):
        return Unreachable(f"no relay answers there: {error}")
    return Unreachable(str(error) or type(error).__name__)


def _within(error: ConnectionClosed) -> int:
    """Return within how many seconds a relay wants everybody back, 0 if it is mute."""
    if error.rcvd is None or error.rcvd.code != CloseCode.SERVICE_RESTART:
        return 0
    found = _COME_BACK.fullmatch(error.rcvd.reason)
    return min(int(found[1]), limits.COME_BACK_SECONDS) if found else 0


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
