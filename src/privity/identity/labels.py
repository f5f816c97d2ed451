"""The labels of every signature of ours, in full (`docs/spec/signatures.md`).

A signature made under one label is worth nothing under another. Two structures
never share a label, and none is a prefix trick on another: the label is written
behind its length (`signing.SignContent`).
"""

from typing import Final

__all__ = [
    "ACCEPTANCE",
    "ADMISSION",
    "ALL",
    "ANSWER",
    "ATTACH",
    "DELETE_ACCOUNT",
    "DEVICE_CERTIFICATE",
    "DEVICE_LIST",
    "HEAD",
    "INVITATION",
    "LEAVE",
    "LOBBY",
    "MAILBOX",
    "OPENING",
    "PLEA",
    "REFOUND",
    "REGISTER",
    "RELAY_LOGIN",
    "RELAY_RETURN",
    "TOKEN_KEYS",
]

RELAY_LOGIN: Final = "Privity 1.0 relay-login"
RELAY_RETURN: Final = "Privity 1.0 relay-return"
"""By a device's login key, over the challenge of a relay."""
REGISTER: Final = "Privity 1.0 register"
"""By the identity key, over what creates an account at a relay."""
DELETE_ACCOUNT: Final = "Privity 1.0 delete-account"
"""By the identity key, over what deletes an account at a relay."""
ATTACH: Final = "Privity 1.0 attach"
"""By a generation's access key, over the right that a connection asks for."""
OPENING: Final = "Privity 1.0 opening"
"""By a new access key, over the header of the commit that opens its generation."""
DEVICE_LIST: Final = "Privity 1.0 device-list"
"""By the identity key, over the account's devices."""
DEVICE_CERTIFICATE: Final = "Privity 1.0 device-certificate"
"""By the identity key, over one device's MLS signature key."""
INVITATION: Final = "Privity 1.0 invitation"
"""By the inviting device, over an invitation or a contact request."""
ACCEPTANCE: Final = "Privity 1.0 acceptance"
"""By the invited device, over its fresh key package."""
ADMISSION: Final = "Privity 1.0 admission"
"""By a member's device, over what lets a joiner in."""
LEAVE: Final = "Privity 1.0 leave"
"""By a leaf that wants to be removed."""
LOBBY: Final = "Privity 1.0 lobby"
"""By a generation's lobby or access key, over one call to the log's lobby."""
PLEA: Final = "Privity 1.0 plea"
"""By a leaf that cannot follow its chat."""
ANSWER: Final = "Privity 1.0 answer"
"""By a leaf that answers a plea."""
REFOUND: Final = "Privity 1.0 refound"
"""By an owner or admin who founds a chat anew."""
HEAD: Final = "Privity 1.0 head"
"""By a relay, over the newest place of a log."""
TOKEN_KEYS: Final = "Privity 1.0 token-keys"  # noqa: S105  no password
"""By a relay, over the keys under which it makes single-use tokens."""
MAILBOX: Final = "Privity 1.0 mailbox"
"""By a device, over any other message to a mailbox."""

ALL: Final = frozenset(
    {
        RELAY_LOGIN,
        RELAY_RETURN,
        REGISTER,
        DELETE_ACCOUNT,
        ATTACH,
        OPENING,
        DEVICE_LIST,
        DEVICE_CERTIFICATE,
        INVITATION,
        ACCEPTANCE,
        ADMISSION,
        LEAVE,
        LOBBY,
        PLEA,
        ANSWER,
        REFOUND,
        HEAD,
        TOKEN_KEYS,
        MAILBOX,
    }
)
