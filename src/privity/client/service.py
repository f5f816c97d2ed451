"""The verbs done here, by the session of this process."""

from collections.abc import AsyncIterator

import msgspec

from privity.client.session import Session
from privity.client.socket import Report
from privity.client.verbs.catalogue import VERBS
from privity.client.verbs.handlers import HANDLERS, STREAMS
from privity.client.verbs.params import Params
from privity.client.verbs.results import Result

__all__ = ["Service"]


class Service:
    """All verbs over one session; for this process and for its socket."""

    def __init__(self, session: Session) -> None:
        self.session = session

    async def call(self, name: str, params: Params, report: Report) -> Result:
        """Do a verb; raises what its handler raises, ValidationError for bad params."""
        asked = _checked(name, params)
        self.session.driver.network.attend()
        if VERBS[name].sync:
            await self.session.with_news()
        return await HANDLERS[name](self.session, asked, report)

    async def stream(self, name: str, params: Params) -> AsyncIterator[Result]:
        """Yield the items of a streaming verb."""
        asked = _checked(name, params)
        async for item in STREAMS[name](self.session, asked):
            yield item


def _checked(name: str, params: Params) -> Params:
    """Hold parameters to their limits, wherever they were made."""
    kind = VERBS[name].params
    return msgspec.convert(msgspec.to_builtins(params), type=kind)
