"""Whether what the recovery key opens is where it must be: asked at each login.

docs/spec/recovery-key.md. The account's signed device list states the SHA-256 of the
object that the relay keeps. A relay that lost it, or gives another one, would make the
recovery key worthless on the day that it is needed; so it is noticed before. That the
object opens can't be seen here: no device has the recovery key.
"""

import hmac
import time
from enum import StrEnum, unique

import msgspec

from privity.client.store import Store
from privity.client.transport.connection import Connection
from privity.client.transport.http import Call
from privity.core.effects import Cause
from privity.core.state import Account
from privity.identity.device_list import SignedDeviceList
from privity.identity.self_storage import self_storage_hash
from privity.wire import http
from privity.wire.codes import Code, Refusal

__all__ = ["NOTICES", "Checked", "Recovery", "ask", "keep", "last"]

_PATH = "/v1/self-storage"
_SETTING = "recovery-object"


@unique
class Recovery(StrEnum):
    """What is known of the object that the recovery key opens.

    `NONE`: the device list states none. `OTHER`: the relay gives one that the list
    does not state: an older one, or somebody else's.
    """

    UNCHECKED = "unchecked"
    IN_PLACE = "in_place"
    MISSING = "missing"
    OTHER = "other"
    NONE = "none"


NOTICES = {Recovery.MISSING: "recovery_missing", Recovery.OTHER: "recovery_other"}
"""The notices of what an owner must know."""


class Checked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the relay gave when it was last asked (Unix seconds; 0: never)."""

    found: Recovery = Recovery.UNCHECKED
    at: int = 0


async def ask(connection: Connection, account: Account) -> Checked:
    """Ask the relay for the object, and hold it against the device list.

    Raises Refusal, Unreachable, Misbehaved: then nothing is known anew.
    """
    listed = SignedDeviceList.decode(account.device_list).device_list
    if not listed.self_storage_hash:
        return _now(Recovery.NONE)
    asked = Call("GET", _PATH, _PATH, Cause("recovery"))
    bearer = f"Bearer {connection.session.hex()}"
    try:
        stored = await connection.identified.ask(
            asked.with_header("authorization", bearer), http.SelfStorage
        )
    except Refusal as refusal:
        if refusal.code is Code.NOT_FOUND:
            return _now(Recovery.MISSING)
        raise
    given = self_storage_hash(stored.object)
    is_stated = hmac.compare_digest(given, listed.self_storage_hash)
    return _now(Recovery.IN_PLACE if is_stated else Recovery.OTHER)


def keep(store: Store, checked: Checked) -> None:
    """Remember what was found, for who asks without a connection."""
    store.set_setting(_SETTING, msgspec.msgpack.encode(checked))


def last(store: Store) -> Checked:
    """Return what was found when the relay was last asked."""
    body = store.setting(_SETTING)
    return msgspec.msgpack.decode(body, type=Checked) if body else Checked()


def _now(found: Recovery) -> Checked:
    return Checked(found, int(time.time()))
