"""From a command to its verb: here, or in the process that holds the profile."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import msgspec
import typer

from privity.cli.options import CommandFailed, Options, passphrase_of
from privity.cli.render import beside, render
from privity.client.errors import Busy, NoProfile
from privity.client.profile import LOCK_PATIENCE, ProfileLock, find_profile
from privity.client.sentences import Exit, Failure, exit_of, explain, failure
from privity.client.socket import Verbs, connect
from privity.client.verbs.params import Params
from privity.client.verbs.results import Result

__all__ = ["guarded", "hold", "perform", "reach", "refusing"]

_RETRY = 0.05
_RENEWING = "Sorting your messages for this version. This happens once."

Render = Callable[[Result], str]


def perform(
    context: typer.Context, name: str, params: Params, show: Render = render
) -> None:
    """Do one verb, print its result, and end with its exit status."""
    options: Options = context.obj

    async def work() -> None:
        async with reach(options) as verbs:
            result = await verbs.call(name, params, options.output.progress)
        if options.output.for_people:
            options.output.lines(show(result))
            if advice := beside(result):
                options.output.note(advice)
        else:
            options.output.result(result)

    guarded(options, work())


@contextmanager
def refusing(context: typer.Context) -> Generator[None, None, None]:
    """Tell of a refusal that comes before the verb, as the verb's would be told."""
    try:
        yield
    except (CommandFailed, msgspec.ValidationError) as error:
        _stop(context.obj, explain(error))


def guarded(options: Options, work: Coroutine[Any, Any, None]) -> None:
    """Run a command; whatever stops it is told by its sentence and exit status."""
    try:
        asyncio.run(work)
    except typer.Exit:
        raise
    except KeyboardInterrupt:
        _stop(options, failure("interrupted"))
    except Exception as error:
        if exit_of(explain(error).code) is Exit.ERROR and _is_a_bug(error):
            raise
        _stop(options, explain(error))


def _stop(options: Options, failed: Failure) -> None:
    options.output.failure(failed)
    raise typer.Exit(exit_of(failed.code))


def _is_a_bug(error: Exception) -> bool:
    return explain(error).code == "internal_error"


@asynccontextmanager
async def reach(options: Options) -> AsyncGenerator[Verbs, None]:
    """Yield the verbs of the profile, wherever they are done.

    Raises NoProfile; Busy if another process holds the profile for longer than a
    command waits and serves nobody.
    """
    profile = find_profile(options.profile)
    if not profile.exists:
        raise NoProfile(str(profile.root))
    profile.check()
    lock = ProfileLock(profile)
    deadline = time.monotonic() + LOCK_PATIENCE
    while True:
        remote = await connect(profile.root)
        if remote is not None:
            try:
                yield remote
            finally:
                await remote.close()
            return
        if lock.try_acquire():
            break
        if time.monotonic() > deadline:
            raise Busy
        await asyncio.sleep(_RETRY)
    try:
        async with _opened(options, lock) as verbs:
            yield verbs
    finally:
        lock.release()


@asynccontextmanager
async def hold(options: Options) -> AsyncGenerator[Verbs, None]:
    """Yield the verbs of the profile and serve them to other commands meanwhile.

    Where another process serves them already, its verbs are used.
    """
    from privity.client.service import Service
    from privity.client.socket import serve

    async with reach(options) as verbs:
        if not isinstance(verbs, Service):
            yield verbs
            return
        async with serve(verbs.session.profile.root, verbs):
            yield verbs


@asynccontextmanager
async def _opened(options: Options, lock: ProfileLock) -> AsyncGenerator[Verbs, None]:
    from privity.client.service import Service
    from privity.client.session import open_session

    profile = find_profile(options.profile)
    async with open_session(
        profile,
        lock,
        passphrase_of(options),
        renewing=lambda: options.output.note(_RENEWING),
    ) as session:
        yield Service(session)
