"""Invite codes: who may register at a relay that is not open to everybody.

The account side keeps SHA-256 of a code, what is left of it and until when it is
good; never who used which.
"""

from hashlib import sha256

from privity.relay.storage.store import Connection
from privity.wire.codes import Code, Refusal

__all__ = ["add_code", "drop_expired_codes", "use_code"]

KEPT_SECONDS = 30 * 86_400
"""How long a code that expired is still answered with CODE_EXPIRED."""


def add_code(accounts: Connection, code: str, uses: int | None, expires: int) -> None:
    """Make `code` good for `uses` registrations (None: any number) until `expires`."""
    accounts.execute(
        "INSERT INTO codes (hash, uses_left, expires) VALUES (?, ?, ?)",
        (_hash(code), uses, expires),
    )


def use_code(accounts: Connection, code: str, now: int) -> None:
    """Take one use of `code`.

    Raises Refusal: CODE_NEEDED, CODE_INVALID, CODE_EXPIRED, CODE_USED.
    """
    if not code:
        raise Refusal(Code.CODE_NEEDED, "this relay registers with an invite only")
    row = accounts.execute(
        "SELECT uses_left, expires FROM codes WHERE hash = ?", (_hash(code),)
    ).fetchone()
    if row is None:
        raise Refusal(Code.CODE_INVALID, "this relay did not make this invite")
    uses_left, expires = row
    if expires and expires <= now:
        raise Refusal(Code.CODE_EXPIRED, "the invite has expired")
    if uses_left == 0:
        raise Refusal(Code.CODE_USED, "the invite was used up")
    accounts.execute(
        "UPDATE codes SET uses_left = uses_left - 1 WHERE hash = ?", (_hash(code),)
    )


def drop_expired_codes(accounts: Connection, now: int) -> None:
    """Forget codes that expired long ago."""
    accounts.execute(
        "DELETE FROM codes WHERE expires != 0 AND expires < ?", (now - KEPT_SECONDS,)
    )


def _hash(code: str) -> bytes:
    return sha256(code.encode()).digest()
