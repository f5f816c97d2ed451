"""Groups of any size with two people in them, for `bench_protocol`.

All other leaves are key packages behind which nobody stands: to the two, to the relay
and to the disk they cost what members cost.
"""

import os
import time

from msgspec import structs

from bench.client_pair import Client, until
from privity import mls
from privity.client.driver import Driver
from privity.core import accounts, engine, inputs
from privity.core.effects import Kind, Put
from privity.core.leaves import leaf_identity
from privity.core.state import Intent, State, Status
from privity.core.step import Context
from privity.core.values import encode
from privity.identity.links import RelayAddress

__all__ = ["change", "common_group", "leavers", "members", "nobodies", "state_of"]

_DAY = 86_400
_HERE = RelayAddress(b"localhost", b"http://localhost", b"")


async def common_group(a: Driver, b: Driver) -> bytes:
    """Return the id of a new group in which two friends are."""
    other = b.account.account_id
    await until(lambda: bool(a.state.contacts[other].mailbox_key))
    chat_id = await a.do(inputs.CreateGroup("Everybody", (other,)))
    if not isinstance(chat_id, bytes):
        raise TypeError("a chat has an id")

    def asked() -> list[bytes]:
        requests = b.state.requests.items()
        return [key for key, request in requests if request.state == "pending"]

    await until(lambda: bool(asked()))
    await b.do(inputs.Accept(asked()[0]))
    await until(lambda: members(a, chat_id) == members(b, chat_id) == 2)
    await until(lambda: b.state.chats[chat_id].status is Status.ACTIVE)
    return chat_id


def nobodies(count: int) -> tuple[Intent, ...]:
    """Return the Adds of so many leaves behind which nobody stands."""
    now = int(time.time())
    return tuple(_nobody(now) for _ in range(count))


def leavers(client: Client, chat_id: bytes, count: int) -> tuple[Intent, ...]:
    """Return the removals of so many nobodies; the client does not run."""
    leaves = state_of(client).groups[chat_id].members()[-count:]
    accounts = (leaf.credential.identity[:16] for _, leaf in leaves)
    return tuple(Intent("remove", account) for account in accounts)


async def change(client: Client, chat_id: bytes, intents: tuple[Intent, ...]) -> None:
    """Let a client that does not run commit changes of a group, and rest again."""
    chat = structs.replace(state_of(client).chats[chat_id], intents=intents)
    store = client.store()
    store.apply([Put(Kind.CHAT, chat_id, encode(chat))])
    store.close()
    async with client.running() as driver:

        def is_done() -> bool:
            is_synced = chat_id in driver.state.session.synced
            waits = driver.state.chats[chat_id].intents or driver.state.pending
            return is_synced and not waits

        await until(is_done)


def state_of(client: Client) -> State:
    """Return the state of a client that does not run."""
    store = client.store()
    try:
        return engine.load(store.load())
    finally:
        store.close()


def members(driver: Driver, chat_id: bytes) -> int:
    """Return how many leaves a group has, as a client sees it."""
    group = driver.state.groups.get(chat_id)
    return 0 if group is None else len(group.members())


def _nobody(now: int) -> Intent:
    context = Context(now * 1000, os.urandom)
    account = accounts.new_account(_HERE, "", "nobody", context).account
    bundle = mls.make_key_package(
        mls.suite(account.suite),
        leaf_identity(account),
        random=os.urandom,
        not_before=now - 60,
        not_after=now + _DAY,
    )
    package = bundle.key_package.encode()
    return Intent("add", account.account_id, os.urandom(16), package)
