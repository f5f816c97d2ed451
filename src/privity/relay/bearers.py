"""Bearers of the identified plane: good at every process of a relay, stored at none.

    account id ‖ device id ‖ until when ‖ MAC over these and `standing`

The MAC covers the login key and the login value that the relay has of the device, so
that a newer login, a renewal, another key and the removal of the device each end what
was given before. Which
bearer was shown where leaves no trace.
"""

import hmac

from privity.relay.disabling import check_enabled
from privity.relay.logins import standing
from privity.relay.sessions import Device
from privity.relay.storage.store import Connection
from privity.wire.codes import Code, Refusal

__all__ = ["SIZE", "check_bearer", "make_bearer"]

_ID = 16
_TIME = 8
_CLAIM = 2 * _ID + _TIME
SIZE = _CLAIM + 32


def make_bearer(key: bytes, device: Device, ends: int, held: bytes) -> bytes:
    """Return a bearer until `ends` (Unix time); `held` is the session's."""
    claim = device[0] + device[1] + ends.to_bytes(_TIME, "big")
    return claim + _mac(key, claim, held)


def check_bearer(accounts: Connection, key: bytes, bearer: bytes, now: int) -> Device:
    """Return whose bearer this is; a step that reads.

    Raises Refusal: NOT_LOGGED_IN, whatever is wrong with it; ACCOUNT_DISABLED.
    """
    claim, mac = bearer[:_CLAIM], bearer[_CLAIM:]
    device = (claim[:_ID], claim[_ID : 2 * _ID])
    held = standing(accounts, device)
    is_ours = hmac.compare_digest(mac, _mac(key, claim, held or b""))
    ends = int.from_bytes(claim[2 * _ID :], "big")
    if held is None or not is_ours or ends < now:
        raise Refusal(Code.NOT_LOGGED_IN, "log in again")
    check_enabled(accounts, device[0])
    return device


def _mac(key: bytes, claim: bytes, held: bytes) -> bytes:
    return hmac.digest(key, b"privity/bearer/v1" + claim + held, "sha256")
