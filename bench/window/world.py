"""Who is there: Ana, who has a window and a long past, Ben, who writes to her, a relay.

Accounts, chats and the group are made by real clients at a real relay. The members of
the group but two are leaves behind which nobody stands, the other chats of the list are
groups in which Ana is alone, and what was said before today is put into her store.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from bench.client_pair import (
    Client,
    Relay,
    active,
    befriended,
    enrolled,
    registered,
    until,
)
from bench.full_group import change, common_group, nobodies
from bench.window.past import Talk, fill, strangers
from privity.client import accounts
from privity.client.driver import Driver
from privity.client.profile import Profile
from privity.client.vault import create_vault
from privity.core import inputs

__all__ = ["Plan", "World", "made"]

PASSPHRASE = "four words of mine"  # noqa: S105  of nobody
_AT_ONCE = 20
_UNREAD = 3
_LEAST_WEIGHT = 10


@dataclass(frozen=True, slots=True)
class Plan:
    """How large what is measured is, and how often it is."""

    messages: int
    chats: int
    members: int
    repeats: int
    typed: int
    """Characters of one typing."""
    scrolled: int
    """Messages that one scrolls back over."""


@dataclass(frozen=True, slots=True)
class World:
    """Ana's profile and the file with her passphrase, Ben's client, their chats."""

    relay: Relay
    profile: Path
    passphrase: Path
    ana: Client
    ben: Client
    chat_id: bytes
    """The chat of two: half of all that was said."""
    said: int
    """How much was said there before today."""
    group_id: bytes


def made(folder: Path, relay: Relay, plan: Plan) -> World:
    """Make all of them; everybody rests."""
    return asyncio.run(_made(folder, relay, plan))


async def _made(folder: Path, relay: Relay, plan: Plan) -> World:
    ana = await _with_profile(folder / "ana", relay)
    ben = await registered(folder / "ben", relay)
    async with ana.running() as a, ben.running() as b:
        chat_id = await befriended(a, b)
        group_id = await common_group(a, b)
        alone = await _groups_of_one(a, plan.chats - 2)
        both = (a.account.account_id, b.account.account_id)
    await change(ana, group_id, nobodies(plan.members - 2))
    said = plan.messages // 2
    people = strangers(plan.chats)
    others = [(both[0], one.account_id) for one in people]
    counts = _shares(plan.messages - said, len(alone))
    talks = [
        Talk(chat, who, count, _UNREAD if count % 5 == 0 else 0)
        for chat, who, count in zip(alone, others, counts, strict=False)
    ]
    fill(ana, [*talks, Talk(chat_id, both, said)], people)
    passphrase = folder / "passphrase"
    passphrase.touch(0o600)
    passphrase.write_text(PASSPHRASE)
    return World(relay, folder / "ana", passphrase, ana, ben, chat_id, said, group_id)


async def _with_profile(root: Path, relay: Relay) -> Client:
    """Return a new account in a profile that `privity open` opens."""
    profile = Profile(root)
    profile.create()
    key = create_vault(profile.vault, PASSPHRASE)
    client = Client(profile.database, key.reveal())
    await enrolled(client, relay, "Ana")
    store = client.store()
    accounts.confirm_recovery(store)
    store.close()
    return client


async def _groups_of_one(driver: Driver, count: int) -> list[bytes]:
    """Return new groups of somebody alone."""
    before = set(active(driver))
    for first in range(0, count, _AT_ONCE):
        for number in range(first, min(first + _AT_ONCE, count)):
            await driver.do(inputs.CreateGroup(f"Group {number}", ()))
        wanted = len(before) + min(first + _AT_ONCE, count)
        await until(lambda wanted=wanted: len(active(driver)) >= wanted)  # type: ignore[misc]
    return [chat for chat in active(driver) if chat not in before]


def _shares(messages: int, chats: int) -> list[int]:
    """Divide messages among chats: much is said in few of them."""
    weights = [1 / (number + _LEAST_WEIGHT) for number in range(chats)]
    return [max(1, int(messages * weight / sum(weights))) for weight in weights]
