"""Every HTTPS call of a relay: what it takes, gives, and is refused for by name.

The relay makes its routes from this table and serves it as an OpenAPI document; tests
take what they try from it. In words: docs/spec/http.md.
"""

from dataclasses import dataclass
from typing import TypeAlias

import msgspec

from privity.wire import http, limits, lobby
from privity.wire.codes import Code

__all__ = [
    "CALLS",
    "OFFSET_HEADER",
    "UPLOAD_KEY_HEADER",
    "Call",
    "Shape",
]

UPLOAD_KEY_HEADER = "privity-upload-key"
OFFSET_HEADER = "privity-offset"

Shape: TypeAlias = type[msgspec.Struct] | type[bytes] | None
"""What a body is: a structure, plain bytes, or nothing."""

_ALWAYS = frozenset({Code.MALFORMED, Code.INTERNAL})
_WITH_BODY = frozenset({Code.TOO_LARGE})
_IDENTIFIED = frozenset({Code.NOT_LOGGED_IN, Code.ACCOUNT_DISABLED})
_TOKEN = frozenset({Code.TOKEN_NEEDED, Code.TOKEN_SPENT})
_LOBBY = frozenset({Code.NO_SUCH_LOG, Code.WRONG_GENERATION, Code.NOT_AUTHENTIC})


@dataclass(frozen=True, slots=True)
class Call:
    """One call; `own` are the refusals that not every call has.

    `is_identified`: it shows a session. `keeps`: it stores something, so that the disk
    can be too full for it. `headers` are those that it must have beside; `most` bytes
    its body may have, if it is a structure.
    """

    method: str
    path: str
    says: str
    body: Shape = None
    answer: Shape = None
    own: frozenset[Code] = frozenset()
    is_identified: bool = False
    keeps: bool = False
    headers: tuple[str, ...] = ()
    most: int = limits.HTTP_BODY

    @property
    def refusals(self) -> frozenset[Code]:
        """All codes that an answer to this call can carry."""
        found = self.own | _ALWAYS
        if self.body is not None:
            found |= _WITH_BODY
        if self.is_identified:
            found |= _IDENTIFIED
        if self.keeps:
            found |= {Code.STORAGE_FULL}
        return found

    @property
    def longest(self) -> int:
        """The most bytes that its body may have."""
        if self.body is None:
            return 0
        return limits.BLOB_PART if self.body is bytes else self.most


_ACCOUNTS = (
    Call("GET", "/v1/info", "What anybody may know of this relay.", answer=http.Info),
    Call(
        "POST",
        "/v1/nonce",
        "A nonce for a registration or for calls to lobbies.",
        answer=http.Nonce,
        own=frozenset({Code.RATE_LIMITED}),
    ),
    Call(
        "POST",
        "/v1/accounts",
        "Register an account.",
        body=http.Register,
        own=frozenset(
            {
                Code.NOT_AUTHENTIC,
                Code.BAD_DEVICE_LIST,
                Code.BAD_HANDLE,
                Code.ACCOUNT_EXISTS,
                Code.HANDLE_TAKEN,
                Code.CODE_NEEDED,
                Code.CODE_INVALID,
                Code.CODE_USED,
                Code.CODE_EXPIRED,
                Code.RATE_LIMITED,
            }
        ),
        keeps=True,
    ),
    Call(
        "POST",
        "/v1/account-deletions",
        "Delete an account, with its devices and mailboxes.",
        body=http.DeleteAccount,
        own=frozenset({Code.NOT_AUTHENTIC, Code.NO_SUCH_ACCOUNT, Code.RATE_LIMITED}),
        keeps=True,
    ),
    Call(
        "GET",
        "/v1/accounts/{id}",
        "The signed device list of an account.",
        answer=http.Directory,
        own=frozenset({Code.NO_SUCH_ACCOUNT, Code.RATE_LIMITED}),
    ),
    Call(
        "GET",
        "/v1/handles/{name}",
        "The account behind a handle's name, with its signed device list.",
        answer=http.Directory,
        own=frozenset({Code.NO_SUCH_ACCOUNT, Code.RATE_LIMITED}),
    ),
    Call(
        "POST",
        "/v1/claims",
        "Take one key package for each device of an account.",
        body=http.Claim,
        answer=http.Claimed,
        own=_TOKEN
        | {
            Code.NO_SUCH_ACCOUNT,
            Code.ACCESS_KEY_NEEDED,
            Code.REQUESTS_CLOSED,
            Code.NO_KEY_PACKAGE,
            Code.RATE_LIMITED,
        },
        keeps=True,
    ),
    Call(
        "GET",
        "/v1/work",
        "What work a stranger's message needs.",
        answer=http.WorkAsked,
    ),
    Call(
        "POST",
        "/v1/mailboxes/{id}",
        "Put a sealed message into the mailbox of a device.",
        body=http.PostMessage,
        own=_TOKEN
        | {
            Code.NO_SUCH_MAILBOX,
            Code.ACCESS_KEY_NEEDED,
            Code.WORK_NEEDED,
            Code.REQUESTS_CLOSED,
            Code.MAILBOX_FULL,
        },
        keeps=True,
        most=limits.MAILBOX_POST,
    ),
    Call(
        "PUT",
        "/v1/device-list",
        "Replace the account's device list by a successor.",
        body=http.PublishList,
        own=frozenset({Code.BAD_DEVICE_LIST}),
        is_identified=True,
        keeps=True,
    ),
    Call(
        "POST",
        "/v1/key-packages",
        "Add key packages of this device.",
        body=http.PublishKeyPackages,
        is_identified=True,
        keeps=True,
    ),
    Call(
        "PUT",
        "/v1/mailbox-key",
        "Replace the account's mailbox access key.",
        body=http.SetMailboxKey,
        is_identified=True,
        keeps=True,
    ),
    Call(
        "PUT",
        "/v1/requests-lane",
        "Close the account's lane of strangers but for doors, or open it.",
        body=http.SetRequestsLane,
        is_identified=True,
        keeps=True,
    ),
    Call(
        "PUT",
        "/v1/self-storage",
        "Store the object that is sealed under the recovery key.",
        body=http.SelfStorage,
        own=frozenset({Code.STALE}),
        is_identified=True,
        keeps=True,
    ),
    Call(
        "GET",
        "/v1/self-storage",
        "The object that is sealed under the recovery key.",
        answer=http.SelfStorage,
        own=frozenset({Code.NOT_FOUND}),
        is_identified=True,
    ),
    Call(
        "POST",
        "/v1/tokens",
        "Take single-use tokens of one kind.",
        body=http.TokenRequest,
        answer=http.TokenBatch,
        own=frozenset({Code.RATE_LIMITED}),
        is_identified=True,
        keeps=True,
    ),
)

_LOGS = (
    Call(
        "POST",
        "/v1/logs",
        "Make a log.",
        body=http.CreateLog,
        own=_TOKEN | {Code.LOG_EXISTS},
        keeps=True,
    ),
    Call(
        "GET",
        "/v1/token-keys",
        "The keys of tokens, the same to everybody.",
        answer=http.StatedTokenKeys,
    ),
    Call(
        "POST",
        "/v1/lobby/pleas",
        "Plead in the lobby of a log.",
        body=lobby.PostPlea,
        own=_LOBBY | _TOKEN | {Code.GONE},
        keeps=True,
    ),
    Call(
        "POST",
        "/v1/lobby/pleas/list",
        "The pleas that wait for this generation.",
        body=lobby.ListPleas,
        answer=lobby.WaitingPleas,
        own=_LOBBY | {Code.RATE_LIMITED},
    ),
    Call(
        "POST",
        "/v1/lobby/pleas/drop",
        "Hide a plea from this generation.",
        body=lobby.DropPlea,
        own=_LOBBY,
        keeps=True,
    ),
    Call(
        "POST",
        "/v1/lobby/answers",
        "Answer a plea.",
        body=lobby.PostAnswer,
        own=_LOBBY | {Code.NO_SUCH_PLEA, Code.LOBBY_FULL},
        keeps=True,
    ),
    Call(
        "POST",
        "/v1/lobby/answers/read",
        "The answers to a plea.",
        body=lobby.ReadAnswers,
        answer=lobby.Answers,
        own=_LOBBY | {Code.NO_SUCH_PLEA, Code.GONE, Code.RATE_LIMITED},
    ),
    Call(
        "POST",
        "/v1/lobby/commits",
        "Which commit of a generation stands under which.",
        body=lobby.ReadCommits,
        answer=lobby.Commits,
        own=_LOBBY | {Code.GONE, Code.RATE_LIMITED},
    ),
)

_BLOBS = (
    Call(
        "POST",
        "/v1/blobs",
        "Begin an upload, or ask where it stands.",
        body=http.OpenBlob,
        answer=http.BlobOpened,
        own=_TOKEN | {Code.NOT_AUTHENTIC},
        keeps=True,
    ),
    Call(
        "PATCH",
        "/v1/blobs/{id}",
        "Upload the next part.",
        body=bytes,
        answer=http.BlobOffset,
        own=frozenset(
            {
                Code.NO_SUCH_BLOB,
                Code.NOT_AUTHENTIC,
                Code.WRONG_OFFSET,
                Code.TOO_SOON,
            }
        ),
        keeps=True,
        headers=(UPLOAD_KEY_HEADER, OFFSET_HEADER),
    ),
    Call(
        "POST",
        "/v1/blobs/{id}/finish",
        "End an upload: all is there, and this is its hash.",
        body=http.FinishBlob,
        own=frozenset(
            {
                Code.NO_SUCH_BLOB,
                Code.NOT_AUTHENTIC,
                Code.WRONG_OFFSET,
                Code.WRONG_HASH,
                Code.TOO_SOON,
            }
        ),
        keeps=True,
        headers=(UPLOAD_KEY_HEADER,),
    ),
    Call(
        "GET",
        "/v1/blobs/{id}",
        "A finished blob, or one range of it.",
        answer=bytes,
        own=frozenset({Code.NO_SUCH_BLOB, Code.WRONG_OFFSET}),
    ),
    Call(
        "DELETE",
        "/v1/blobs/{id}",
        "Delete a blob.",
        own=frozenset(
            {
                Code.NO_SUCH_BLOB,
                Code.NOT_AUTHENTIC,
                Code.BLOB_IN_USE,
                Code.TOO_SOON,
            }
        ),
        keeps=True,
        headers=(UPLOAD_KEY_HEADER,),
    ),
)

CALLS = (*_ACCOUNTS, *_LOGS, *_BLOBS)
