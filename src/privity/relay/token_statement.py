"""What a relay states of the keys of its tokens: the same bytes to whoever asks."""

from collections.abc import Callable
from dataclasses import dataclass

from privity.relay.heads import Heads
from privity.relay.storage.store import Connection, Store
from privity.relay.token_keys import keep_weeks, stated_weeks
from privity.wire.tokens import Scheme, week_of

__all__ = ["TokenStatement"]


@dataclass(slots=True)
class TokenStatement:
    """Signs the keys of the running week and the next, once a week."""

    database: Store
    heads: Heads
    scheme: Scheme
    clock: Callable[[], float]
    random: Callable[[int], bytes]
    _week: int = -1
    _signed: bytes = b""

    async def signed(self) -> bytes:
        """Return the statement of this week; makes keys that are not there yet."""
        week = week_of(int(self.clock()))
        if week != self._week:
            await self.database.write(lambda db: self.keep(db, week))
            weeks = await self.database.read(lambda db: stated_weeks(db, week))
            self._signed = self.heads.sign_token_keys(weeks)
            self._week = week
        return self._signed

    def keep(self, logs: Connection, week: int) -> None:
        """Have keys for a week and the next; a step on the database."""
        keep_weeks(logs, week, self.scheme, self.random)
