"""Accounts that their owners delete: by the identity key, with all that hangs on them.

docs/spec/http.md. What stays is what keeps others safe: the handle and the mailbox ids
are never given to anybody else.
"""

from privity.errors import NotAuthentic
from privity.identity import labels
from privity.identity.signing import verify_with_label
from privity.relay.accounts import directory, remove_account, verified_list
from privity.relay.sessions import Device
from privity.relay.storage.store import Connection
from privity.wire import http
from privity.wire.codes import Code, Refusal

__all__ = ["delete"]


def delete(
    accounts: Connection, host: str, asked: http.DeleteAccount
) -> tuple[Device, ...]:
    """Delete an account by the word of its identity key; return whose sessions end.

    Raises Refusal: NO_SUCH_ACCOUNT, NOT_AUTHENTIC.
    """
    account_id = asked.account_id
    known = verified_list(directory(accounts, account_id).device_list)
    claim = http.DeleteClaim(1, host.encode(), asked.nonce, account_id)
    try:
        verify_with_label(
            known.identity_key,
            labels.DELETE_ACCOUNT,
            claim.encode(),
            asked.signature,
        )
    except NotAuthentic:
        raise Refusal(Code.NOT_AUTHENTIC, "the deletion's signature") from None
    remove_account(accounts, account_id)
    return tuple((account_id, device.device_id) for device in known.devices)
