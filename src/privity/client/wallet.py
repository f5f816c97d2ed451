"""Single-use tokens, fetched in batches, spent on the anonymous plane.

A token is reserved for one job in the database before it leaves, so that the job
says the same after a restart; it is forgotten with the job. Tokens are taken blind
by who we are, and spent by nobody: batches keep the two moments apart. The keys that
the relay stated for a week are kept, so that it can't have others for somebody.
"""

from collections.abc import Collection, Sequence

from privity.client.database import Connection, Database
from privity.wire.tokens import TokenWeek

__all__ = ["BATCH", "Wallet", "blob_claim"]

BATCH = 8
"""How many tokens are fetched when one is needed and none is left."""


def blob_claim(claim: bytes) -> bytes:
    """Return the claim under which a job pays for the blob of its commit."""
    return claim + b"blob"


class Wallet:
    """The tokens of a profile; blocks for as long as the disk takes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._claimed: set[bytes] = set()

    def reserve(self, kind: str, claim: bytes) -> bytes | None:
        """Return the token that belongs to `claim`, or None if there is none left."""

        def work(db: Connection) -> bytes | None:
            own = db.execute(
                "SELECT token FROM tokens WHERE kind = ? AND claim = ?", (kind, claim)
            ).fetchone()
            if own is None:
                own = db.execute(
                    "UPDATE tokens SET claim = ? WHERE kind = ? AND token ="
                    " (SELECT token FROM tokens WHERE kind = ? AND claim IS NULL"
                    " LIMIT 1) RETURNING token",
                    (claim, kind, kind),
                ).fetchone()
            return bytes(own[0]) if own else None

        token = self._database.transact(work)
        if token is not None:
            self._claimed.add(claim)
        return token

    def has_claim(self, claim: bytes) -> bool:
        """Tell whether `claim` reserved a token since the start."""
        return claim in self._claimed

    def add(self, kind: str, tokens: Sequence[bytes]) -> None:
        """Keep tokens that the relay gave."""
        self._database.transact(
            lambda db: db.executemany(
                "INSERT OR IGNORE INTO tokens (kind, token) VALUES (?, ?)",
                [(kind, token) for token in tokens],
            )
        )

    def release(self, claim: bytes) -> None:
        """Forget the token of a claim: it was spent, or the relay refused it."""
        self._database.transact(
            lambda db: db.execute("DELETE FROM tokens WHERE claim = ?", (claim,))
        )
        self._claimed.discard(claim)

    def keep_only(self, claims: Collection[bytes]) -> None:
        """Forget the tokens of all claims but these; used once after a start."""

        def work(db: Connection) -> None:
            rows = db.execute("SELECT claim FROM tokens WHERE claim IS NOT NULL")
            gone = [row for row in rows.fetchall() if row[0] not in claims]
            db.executemany("DELETE FROM tokens WHERE claim = ?", gone)

        self._database.transact(work)

    def pin(self, head_key: bytes, weeks: Sequence[TokenWeek]) -> bool:
        """Keep what a relay stated of these weeks; False if it once said otherwise.

        What was kept first stays. A relay with another head key is another relay:
        that it has one is said elsewhere.
        """

        def work(db: Connection) -> bool:
            for week in weeks:
                db.execute(
                    "INSERT INTO token_weeks (head_key, week, stated) VALUES (?, ?, ?)"
                    " ON CONFLICT DO NOTHING",
                    (head_key, week.week, week.encode()),
                )
            kept = [_stated(db, head_key, week.week) for week in weeks]
            return kept == [week.encode() for week in weeks]

        return self._database.transact(work)

    def count(self, kind: str) -> int:
        """Return how many tokens of a kind are free."""
        row = self._database.read(
            lambda db: db.execute(
                "SELECT count(*) FROM tokens WHERE kind = ? AND claim IS NULL", (kind,)
            ).fetchone()
        )
        return int(row[0])


def _stated(db: Connection, head_key: bytes, week: int) -> bytes:
    row = db.execute(
        "SELECT stated FROM token_weeks WHERE head_key = ? AND week = ?",
        (head_key, week),
    ).fetchone()
    return bytes(row[0])
