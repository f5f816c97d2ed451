"""Whether a device is still its account's: by the lists that this device was given.

docs/spec/validity.md, Duties. What is answered here makes a device do or leave
something, and judges no commit: a relay can show a newer list to some members and not
to others, and so would make them disagree. Where a transparency log is read, it is
read here.
"""

from privity.core.step import Draft
from privity.identity.certificates import DeviceClaim
from privity.identity.device_list import DeviceList, SignedDeviceList

__all__ = ["is_omitted", "newest_list"]


def newest_list(draft: Draft, account_id: bytes) -> DeviceList | None:
    """Return the newest device list of an account that this device has seen, if any.

    It was verified when it came.
    """
    account = draft.state.account
    contact = draft.state.contacts.get(account_id)
    known = contact.device_list if contact else b""
    if account_id == account.account_id:
        known = account.device_list
    return SignedDeviceList.decode(known).device_list if known else None


def is_omitted(draft: Draft, claim: DeviceClaim) -> bool:
    """Tell whether a list as new as a device's certificate lacks it, or its key."""
    known = newest_list(draft, claim.account_id)
    if known is None or known.list_version < claim.list_version:
        return False
    device = known.device(claim.device_id)
    return device is None or device.signature_key != claim.signature_key
