"""`privity watch`: everything that happens, until it is stopped.

It holds the profile and serves other commands on its socket meanwhile.
"""

import asyncio
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated

import typer

from privity.cli.message_words import message_line
from privity.cli.options import Options
from privity.cli.perform import guarded, hold
from privity.cli.render import plea_line, request_lines
from privity.cli.terminal import one_line
from privity.client.sentences import CAUSES
from privity.client.verbs import params, results, watch_results

__all__ = ["command", "item_text", "stoppable"]


def command(
    context: typer.Context,
    chat: Annotated[str, typer.Option(help="Only this chat.", metavar="CHAT")] = "",
    after: Annotated[
        int | None,
        typer.Option(help="First what came behind this number; 0: all.", min=0),
    ] = None,
) -> None:
    """Print everything that happens."""
    options: Options = context.obj
    guarded(options, _watch(options, params.Watch(chat=chat, after=after)))


async def _watch(options: Options, asked: params.Watch) -> None:
    async with stoppable(), hold(options) as verbs:
        async for item in verbs.stream("watch", asked):
            if not options.output.for_people:
                options.output.result(item)
            elif text := item_text(item):
                options.output.lines(text)


@asynccontextmanager
async def stoppable() -> AsyncGenerator[None, None]:
    """End the block quietly on SIGTERM and SIGINT, with everything closed."""
    task = asyncio.current_task()
    loop = asyncio.get_running_loop()
    signals = (signal.SIGTERM, signal.SIGINT)
    stopped = False

    def stop() -> None:
        nonlocal stopped
        stopped = True
        if task is not None:
            task.cancel()

    for number in signals:
        loop.add_signal_handler(number, stop)
    try:
        yield
    except asyncio.CancelledError:
        if not stopped:
            raise
        if task is not None:
            task.uncancel()
    finally:
        for number in signals:
            loop.remove_signal_handler(number)


def item_text(item: results.Result) -> str:
    """Return what a person is told of an item; empty for what is no news to them."""
    match item:
        case watch_results.WatchReady():
            return f"Watching as {one_line(item.account.name)}; Ctrl-C ends it."
        case watch_results.WatchMessage():
            if item.change == "folded":
                return ""
            change = "" if item.change == "new" else f"({item.change}) "
            return change + message_line(item.message)
        case watch_results.WatchFailed():
            return message_line(item.message)
        case watch_results.WatchRequest():
            return request_lines(item.request)
    return _rarer(item)


def _rarer(item: results.Result) -> str:
    match item:
        case watch_results.WatchDropped():
            cause = CAUSES.get(item.cause) or one_line(item.cause)
            return f"An entry was refused and is not shown: {cause}"
        case watch_results.WatchChat():
            cause = CAUSES.get(item.chat.cause) or one_line(item.chat.cause)
            why = f": {cause}" if cause else ""
            return f"{one_line(item.chat.title)}: {item.chat.status}{why}"
        case watch_results.WatchPlea(plea):
            return f"waits for you: {plea_line(plea)}"
        case watch_results.WatchTyping():
            where = f" in “{one_line(item.title)}”" if item.title else ""
            return (
                f"{one_line(item.person.name)} is typing{where}" if item.typing else ""
            )
        case watch_results.WatchNotice():
            return one_line(f"{item.message} {item.next}")
    return ""
