"""The store's threads: one that writes, one that reads, so that the loop stays free."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

__all__ = ["Disk"]

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Disk:
    """Runs blocking calls in their order, writes and reads each in one thread."""

    def __init__(self) -> None:
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="privity-write")
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="privity-read")

    async def write(
        self, call: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs
    ) -> _T:
        """Run a call that writes, behind all that were asked for before.

        A call that began is finished, also when its caller is cancelled.
        """
        return await self._run(self._writer, call, *args, **kwargs)

    async def read(
        self, call: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs
    ) -> _T:
        """Run a call that only reads."""
        return await self._run(self._reader, call, *args, **kwargs)

    def close(self) -> None:
        """Wait for what runs, and end both threads."""
        self._writer.shutdown()
        self._reader.shutdown()

    async def _run(
        self,
        executor: ThreadPoolExecutor,
        call: Callable[_P, _T],
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> _T:
        future = executor.submit(call, *args, **kwargs)
        return await asyncio.shield(asyncio.wrap_future(future))
