"""What each call and each frame answers to somebody who has no right to it.

Whoever adds a call or a frame adds a row, or a test fails. `filled` bodies are well
formed and hold zeros; `stranger` is the answer to one from somebody without a session,
a key or a token, `foreign` the answer to one with those of somebody else.
"""

from typing import NamedTuple

from privity.wire import frames
from privity.wire.codes import Code

__all__ = ["CALL_ROWS", "FRAME_ROWS", "Row"]


class Row(NamedTuple):
    """`None`: it is answered, to anybody, and changes nothing of anybody's."""

    stranger: Code | None
    foreign: Code | None
    why: str


ITS_OWN = "acts for the account of the session shown; nothing in it names another"

CALL_ROWS = {
    "GET /v1/info": Row(None, None, "the same to everybody"),
    "POST /v1/nonce": Row(None, None, "stateless; by address at a bounded rate"),
    "POST /v1/accounts": Row(
        Code.NOT_AUTHENTIC,
        Code.NOT_AUTHENTIC,
        "a nonce of this relay, then a signature",
    ),
    "POST /v1/account-deletions": Row(
        Code.NOT_AUTHENTIC,
        Code.NOT_AUTHENTIC,
        "a nonce of this relay, then the identity key's signature",
    ),
    "GET /v1/accounts/{id}": Row(
        Code.NO_SUCH_ACCOUNT, Code.NO_SUCH_ACCOUNT, "public to who knows the id"
    ),
    "GET /v1/handles/{name}": Row(
        Code.NO_SUCH_ACCOUNT, Code.NO_SUCH_ACCOUNT, "public, at a bounded rate"
    ),
    "POST /v1/claims": Row(
        Code.NO_SUCH_ACCOUNT, Code.ACCESS_KEY_NEEDED, "mailbox access key, or a token"
    ),
    "GET /v1/work": Row(None, None, "the same to everybody"),
    "POST /v1/mailboxes/{id}": Row(
        Code.MALFORMED, Code.ACCESS_KEY_NEEDED, "mailbox access key, or a token"
    ),
    "PUT /v1/device-list": Row(Code.NOT_LOGGED_IN, Code.BAD_DEVICE_LIST, ITS_OWN),
    "POST /v1/key-packages": Row(Code.NOT_LOGGED_IN, Code.MALFORMED, ITS_OWN),
    "PUT /v1/mailbox-key": Row(Code.NOT_LOGGED_IN, None, ITS_OWN),
    "PUT /v1/requests-lane": Row(Code.NOT_LOGGED_IN, None, ITS_OWN),
    "PUT /v1/self-storage": Row(Code.NOT_LOGGED_IN, None, ITS_OWN),
    "GET /v1/self-storage": Row(Code.NOT_LOGGED_IN, None, ITS_OWN),
    "POST /v1/tokens": Row(Code.NOT_LOGGED_IN, Code.MALFORMED, ITS_OWN),
    "POST /v1/logs": Row(Code.TOKEN_SPENT, Code.TOKEN_SPENT, "a token"),
    "GET /v1/token-keys": Row(None, None, "the same to everybody"),
    "POST /v1/lobby/pleas": Row(
        Code.NOT_AUTHENTIC, Code.NOT_AUTHENTIC, "nonce, then the lobby key's signature"
    ),
    "POST /v1/lobby/pleas/list": Row(
        Code.NOT_AUTHENTIC, Code.NOT_AUTHENTIC, "nonce, then the access key's signature"
    ),
    "POST /v1/lobby/pleas/drop": Row(
        Code.NOT_AUTHENTIC, Code.NOT_AUTHENTIC, "nonce, then the access key's signature"
    ),
    "POST /v1/lobby/answers": Row(
        Code.NOT_AUTHENTIC, Code.NOT_AUTHENTIC, "nonce, then the access key's signature"
    ),
    "POST /v1/lobby/answers/read": Row(
        Code.NOT_AUTHENTIC, Code.NOT_AUTHENTIC, "nonce, then the lobby key's signature"
    ),
    "POST /v1/lobby/commits": Row(
        Code.NOT_AUTHENTIC, Code.NOT_AUTHENTIC, "nonce, then the lobby key's signature"
    ),
    "POST /v1/blobs": Row(Code.TOKEN_SPENT, Code.NOT_AUTHENTIC, "a token"),
    "PATCH /v1/blobs/{id}": Row(
        Code.NO_SUCH_BLOB, Code.NOT_AUTHENTIC, "the key of the upload"
    ),
    "POST /v1/blobs/{id}/finish": Row(
        Code.NO_SUCH_BLOB, Code.NOT_AUTHENTIC, "the key of the upload"
    ),
    "GET /v1/blobs/{id}": Row(
        Code.NO_SUCH_BLOB, Code.NO_SUCH_BLOB, "who knows the id of a finished blob"
    ),
    "DELETE /v1/blobs/{id}": Row(
        Code.NO_SUCH_BLOB, Code.NOT_AUTHENTIC, "the key of the upload"
    ),
}

NO_ANSWER = "has no answer: without the right it does nothing"

FRAME_ROWS = {
    frames.Login: Row(
        Code.NO_SUCH_ACCOUNT, Code.NOT_AUTHENTIC, "the login key, over this nonce"
    ),
    frames.Renew: Row(Code.NOT_LOGGED_IN, None, "after a login, for that device alone"),
    frames.MailboxOpen: Row(
        Code.NOT_LOGGED_IN, None, "after a login, for that device alone"
    ),
    frames.MailboxAck: Row(
        Code.NOT_LOGGED_IN, None, "after a login, for that device alone"
    ),
    frames.Attach: Row(
        Code.NO_SUCH_LOG, Code.NOT_AUTHENTIC, "the access key, over this nonce"
    ),
    frames.Detach: Row(None, None, NO_ANSWER),
    frames.Append: Row(Code.MALFORMED, Code.NOT_ATTACHED, "the right to append"),
    frames.Sync: Row(Code.NOT_ATTACHED, Code.NOT_ATTACHED, "the right to read"),
    frames.Subscribe: Row(Code.NOT_ATTACHED, Code.NOT_ATTACHED, "the right to read"),
    frames.Received: Row(None, None, NO_ANSWER),
    frames.Fetch: Row(Code.NOT_ATTACHED, Code.NOT_ATTACHED, "the right to read"),
    frames.Lease: Row(Code.NOT_ATTACHED, Code.NOT_ATTACHED, "the right to append"),
    frames.Signal: Row(None, None, NO_ANSWER),
}
"""Of the identified plane `foreign` says what a login as somebody else meets."""
