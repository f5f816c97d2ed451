"""The names under which a relay refuses something, and what a person is told."""

from enum import StrEnum, unique

from privity.errors import PrivityError

__all__ = ["RETRYABLE", "UNPAID", "Code", "Refusal"]


@unique
class Code(StrEnum):
    """Why a relay refused; the same names on the WebSocket and over HTTPS."""

    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    NOT_AUTHENTIC = "not_authentic"
    NOT_LOGGED_IN = "not_logged_in"
    NOT_ATTACHED = "not_attached"
    NO_SUCH_LOG = "no_such_log"
    LOG_EXISTS = "log_exists"
    STALE = "stale"
    AFTER_REFUSED = "after_refused"
    WRONG_GENERATION = "wrong_generation"
    GONE = "gone"
    TOO_SOON = "too_soon"
    RATE_LIMITED = "rate_limited"
    TOKEN_NEEDED = "token_needed"  # noqa: S105  a name, not a secret
    TOKEN_SPENT = "token_spent"  # noqa: S105
    HANDLE_TAKEN = "handle_taken"
    BAD_HANDLE = "bad_handle"
    CODE_NEEDED = "code_needed"
    CODE_INVALID = "code_invalid"
    CODE_USED = "code_used"
    CODE_EXPIRED = "code_expired"
    ACCOUNT_EXISTS = "account_exists"
    ACCOUNT_DISABLED = "account_disabled"
    NO_SUCH_ACCOUNT = "no_such_account"
    NO_SUCH_MAILBOX = "no_such_mailbox"
    ACCESS_KEY_NEEDED = "access_key_needed"
    MAILBOX_FULL = "mailbox_full"
    WORK_NEEDED = "work_needed"
    REQUESTS_CLOSED = "requests_closed"
    LOBBY_FULL = "lobby_full"
    NO_SUCH_PLEA = "no_such_plea"
    NO_KEY_PACKAGE = "no_key_package"
    BAD_DEVICE_LIST = "bad_device_list"
    ROLLED_BACK = "rolled_back"
    NO_SUCH_BLOB = "no_such_blob"
    BLOB_IN_USE = "blob_in_use"
    WRONG_OFFSET = "wrong_offset"
    WRONG_HASH = "wrong_hash"
    STORAGE_FULL = "storage_full"
    SHUTTING_DOWN = "shutting_down"
    NOT_FOUND = "not_found"
    INTERNAL = "internal"


RETRYABLE = frozenset(
    {Code.TOO_SOON, Code.RATE_LIMITED, Code.STORAGE_FULL, Code.SHUTTING_DOWN}
    | {Code.INTERNAL}
)
"""The same request can succeed later; every other refusal is final for its bytes."""
UNPAID = frozenset({Code.TOKEN_NEEDED, Code.TOKEN_SPENT})
"""Said of a request that lacks a good token: with another one it can succeed."""


class Refusal(PrivityError):
    """The relay refused a request by name; `wait_ms` says when a repeat makes sense."""

    def __init__(self, code: Code, detail: str = "", wait_ms: int = 0) -> None:
        super().__init__(f"{code.value}: {detail}" if detail else code.value)
        self.code = code
        self.detail = detail
        self.wait_ms = wait_ms
