"""`privity doctor` and `privity lock`, which also help where nothing opens."""

import asyncio
from typing import Annotated

import typer

from privity.cli.options import Options
from privity.cli.perform import guarded, reach
from privity.cli.render import render
from privity.client.errors import NoProfile
from privity.client.profile import ProfileLock, find_profile
from privity.client.sentences import Exit
from privity.client.socket import connect
from privity.client.verbs import params, results

__all__ = ["doctor", "lock"]


_OneChat = Annotated[str, typer.Argument(metavar="[CHAT]", help="Only this chat.")]


def doctor(context: typer.Context, chat: _OneChat = "") -> None:
    """Check the profile, the relay and the chats, or one chat more closely."""
    options: Options = context.obj

    async def work() -> None:
        async with reach(options) as verbs:
            found = await verbs.call("doctor", params.Doctor(chat), lambda _: None)
        if options.output.for_people:
            options.output.lines(render(found))
        else:
            options.output.result(found)
        if isinstance(found, results.Checkup) and not found.well:
            raise typer.Exit(Exit.ERROR)

    guarded(options, work())


def lock(context: typer.Context) -> None:
    """Close the process that serves the profile, and forget the keyring's key."""
    options: Options = context.obj
    guarded(options, _lock(options))


async def _lock(options: Options) -> None:
    from privity.client.vault import remove_keyring

    profile = find_profile(options.profile)
    if not profile.exists:
        raise NoProfile(str(profile.root))
    profile.check()
    remote = await connect(profile.root)
    if remote is not None:
        await remote.call("lock", params.Nothing(), lambda _: None)
        await remote.close()
        # It holds the lock until everything of it is closed.
        lock = ProfileLock(profile)
        await lock.acquire()
        lock.release()
    await asyncio.to_thread(remove_keyring, profile.vault)
    locked = results.Locked(stopped=remote is not None)
    if options.output.for_people:
        options.output.lines(render(locked))
    else:
        options.output.result(locked)
