"""Having the verbs of a profile: by opening it here, or by whoever holds it already."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from privity.client.errors import Locked, NoProfile
from privity.client.profile import Profile, ProfileLock
from privity.client.service import Service
from privity.client.session import Session, open_session
from privity.client.socket import Remote, Verbs, connect, serve
from privity.client.vault import has_keyring, open_vault, open_with_keyring
from privity.identity.secret import Secret

__all__ = ["Held", "hold", "is_held", "key_of", "no_passphrase"]


@dataclass(frozen=True, slots=True)
class Held:
    """The verbs, and a way to wait until they are over."""

    verbs: Verbs
    session: Session | None
    """The session that runs here; None where another process holds the profile."""

    async def wait_over(self) -> None:
        """Wait until somebody closes the profile, or its holder ends."""
        if self.session is not None:
            await self.session.stopping.wait()
        elif isinstance(self.verbs, Remote):
            await self.verbs.wait_ended()


def no_passphrase() -> str:
    """Open by the keyring of the operating system or not at all; Locked."""
    raise Locked("no passphrase was given")


@asynccontextmanager
async def hold(
    profile: Profile, passphrase: Callable[[], str], *, asked: bool = False
) -> AsyncGenerator[Held, None]:
    """Yield the verbs of a profile until the block ends.

    What is opened here is served to other commands meanwhile. With `asked`, somebody
    typed the passphrase, so it must be right also where another process holds the
    profile or the keyring would open it. Raises NoProfile, Locked, Damaged,
    NewerProfile, Busy.
    """
    if not profile.exists:
        raise NoProfile(str(profile.root))
    profile.check()
    remote = await connect(profile.root)
    if remote is not None:
        try:
            if asked:
                await asyncio.to_thread(open_vault, profile.vault, passphrase())
            yield Held(remote, None)
        finally:
            await remote.close()
        return
    if asked and has_keyring(profile.vault):
        await asyncio.to_thread(open_vault, profile.vault, passphrase())
    lock = ProfileLock(profile)
    await lock.acquire()
    try:
        async with open_session(profile, lock, passphrase) as session:
            service = Service(session)
            async with serve(profile.root, service):
                yield Held(service, session)
    finally:
        lock.release()


async def key_of(profile: Profile, passphrase: Callable[[], str]) -> Secret:
    """Return the key of a profile's database; Locked."""
    if has_keyring(profile.vault):
        with suppress(Locked):
            return await asyncio.to_thread(open_with_keyring, profile.vault)
    return await asyncio.to_thread(open_vault, profile.vault, passphrase())


async def is_held(profile: Profile) -> bool:
    """Tell whether another process serves the verbs of this profile."""
    remote = await connect(profile.root)
    if remote is None:
        return False
    await remote.close()
    return True
