"""A group of 250 hybrid leaves: real clients, a real relay, blobs of 300 KB and more.

248 of the leaves are key packages of nobody: they cost what members cost, and only two
people have to run.
"""

import os
import sqlite3
import time
from types import SimpleNamespace

import msgspec
import pytest
from forger import make_package
from relay_process import RelayThread, quick_config

from privity.client.store import Store
from privity.core import accounts, inputs
from privity.core.effects import Kind, Put
from privity.core.state import Chat, Intent, Status
from privity.core.step import Context
from privity.core.values import encode
from privity.identity.links import RelayAddress
from privity.relay.config import LogSettings
from privity.wire.entry import BlobRef, Header
from privity.wire.entry import Kind as EntryKind

NOBODIES = 248
PATIENCE = 240.0

pytestmark = pytest.mark.slow


@pytest.fixture
def relay(tmp_path):
    settings = LogSettings(commit_spacing_ms=0, commits_per_minute=1_000)
    config = msgspec.structs.replace(quick_config(), log=settings)
    with RelayThread(tmp_path / "relay", config) as running:
        yield running


def nobody(number: int) -> Intent:
    """Return the Add of a leaf behind which nobody stands."""
    now_ms = time.time_ns() // 1_000_000
    here = RelayAddress(b"localhost", b"http://localhost", b"")
    made = accounts.new_account(here, "", f"n{number}", Context(now_ms, os.urandom))
    random = SimpleNamespace(randbytes=os.urandom)
    town = SimpleNamespace(now_ms=now_ms, random=random)
    package = make_package(town, made.account).encode()
    return Intent("add", made.account.account_id, os.urandom(16), package)


def intend(store: Store, chat: Chat, intents: tuple[Intent, ...]) -> None:
    changed = msgspec.structs.replace(chat, intents=intents)
    store.apply([Put(Kind.CHAT, chat.chat_id, encode(changed))])


def members(person, chat_id) -> int:
    group = person.driver.state.groups.get(chat_id)
    return 0 if group is None else len(group.members())


def sizes(relay) -> list[int]:
    """Return the sizes of the big commits that the relay has."""
    logs = sqlite3.connect(relay.data / "logs.sqlite")
    rows = logs.execute("SELECT header, envelope FROM entries ORDER BY log_id, seq")
    found = [
        BlobRef.parse(envelope).size
        for header, envelope in rows
        if Header.parse(header).kind is EntryKind.BIG_COMMIT
    ]
    logs.close()
    return found


async def group_with_an_invited(ana, ben, until):
    """Return a group of Ana's, and the invitation that waits at Ben's."""
    members = (ben.account.account_id,)
    # Ben's mailbox key comes in the chat of the two.
    await until(lambda: ana.driver.state.contacts[members[0]].mailbox_key)
    chat_id = await ana.driver.do(inputs.CreateGroup("Everybody", members))

    def pending():
        requests = ben.driver.state.requests.items()
        return next((k for k, v in requests if v.state == "pending"), None)

    invite_id = await until(pending)
    await until(lambda: ana.driver.state.chats[chat_id].status is Status.ACTIVE)
    return chat_id, invite_id


async def intend_nobodies(ana, chat_id):
    chat = ana.driver.state.chats[chat_id]
    await ana.stop()
    store = ana.open()
    intend(store, chat, tuple(nobody(n) for n in range(NOBODIES)))
    store.close()
    await ana.start()


async def test_a_group_of_250_leaves_grows_talks_and_removes(
    make_person, pair, relay, eventually
):
    ana, ben, _ = pair
    chat_id, invite_id = await group_with_an_invited(ana, ben, eventually)
    await intend_nobodies(ana, chat_id)
    full = NOBODIES + 1
    await eventually(lambda: members(ana, chat_id) == full, PATIENCE)
    await ben.driver.do(inputs.Accept(invite_id))
    await eventually(lambda: members(ben, chat_id) == full + 1, PATIENCE)
    await ana.send(chat_id, "are all here?")
    await eventually(lambda: "are all here?" in ben.texts(chat_id), PATIENCE)
    people = (ana.account.account_id, ben.account.account_id)
    leaves = ana.driver.state.groups[chat_id].members()
    accounts = (leaf.credential.identity[:16] for _, leaf in leaves)
    gone = next(account for account in accounts if account not in people)
    await ana.driver.do(inputs.RemoveMember(chat_id, gone))
    await eventually(lambda: members(ben, chat_id) == full, PATIENCE)
    await ben.send(chat_id, "one is not")
    await eventually(lambda: "one is not" in ana.texts(chat_id), PATIENCE)
    keys = [p.driver.state.groups[chat_id].epoch_authenticator for p in (ana, ben)]
    assert keys[0] == keys[1]
    big = sizes(relay)
    # 128 Adds at once, 15 times eight, Ben, and the removal: a path to all others.
    assert len(big) == 18
    assert 290_000 < big[-1] < 330_000
