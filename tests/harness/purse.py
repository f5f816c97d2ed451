"""The tokens of one device in a town, on its disk; the relay counts what it takes."""

from minted import minted

from privity.relay import tokens
from privity.relay.config import TokenSettings
from privity.wire.tokens import week_of

__all__ = ["Purse"]


class Purse:
    """Each job pays with one token, however often it is sent."""

    def __init__(self, town, device):
        self._town, self._device = town, device
        self._reserved = {}
        self.job = 0

    def token(self, kind):
        """Return the token of this job, or take one of this day's; raises Refusal."""
        if not self.job or self.job not in self._reserved:
            self._reserved[self.job] = self._take(kind)
        return self._reserved[self.job]

    def _take(self, kind):
        now = self._town.now_ms // 1000
        daily = tokens.daily_number(kind, TokenSettings())
        counts = (1, daily)
        tokens.count_issued(self._town.accounts, self._device, kind, now, counts)
        random = self._town.random.randbytes
        return minted(self._town.logs, kind, week_of(now), random)

    def keep_only(self, jobs):
        """Forget the tokens of jobs that ended, as the driver does."""
        self._reserved = {k: v for k, v in self._reserved.items() if k in jobs}
