"""People with open profiles at a real relay, and the command line in this process."""

import asyncio
import json
import time
from contextlib import AsyncExitStack
from pathlib import Path

import jsonschema
import msgspec
import pytest
from relay_process import RelayThread, quick_config

from privity.cli.app import main
from privity.client import accounts, vault
from privity.client.profile import Profile, ProfileLock
from privity.client.service import Service
from privity.client.session import open_session
from privity.client.store import Store
from privity.client.verbs.catalogue import VERBS
from privity.client.words import said_of

SCHEMAS = Path(__file__).parents[3] / "docs" / "spec" / "cli"
PASSPHRASE = "correct horse"


def valid(name: str, data) -> None:
    """Hold what a verb answered against its published schema."""
    schema = json.loads((SCHEMAS / f"{name}.json").read_text())
    jsonschema.validate(data, schema)


@pytest.fixture(autouse=True)
def _quick_vault(monkeypatch):
    monkeypatch.setattr(vault, "MEMORY", 64)
    monkeypatch.setattr(vault, "PASSES", 1)


@pytest.fixture(scope="session")
def relay(tmp_path_factory):
    with RelayThread(tmp_path_factory.mktemp("relay")) as running:
        yield running


@pytest.fixture
def closed_relay(tmp_path):
    """Serve a relay that takes newcomers by invitation only."""
    config = quick_config(is_open=False)
    with RelayThread(tmp_path / "closed-relay", config) as running:
        yield running


@pytest.fixture
def passphrase_file(tmp_path):
    path = tmp_path / "passphrase"
    path.write_text(PASSPHRASE + "\n")
    path.chmod(0o600)
    return path


class Someone:
    """A person whose profile is open; every answer is held against its schema."""

    def __init__(self, session) -> None:
        self.session = session
        self.service = Service(session)
        self.progress = []

    @property
    def state(self):
        return self.session.state

    async def do(self, name: str, *args, **kwargs):
        asked = VERBS[name].params(*args, **kwargs)
        result = await self.service.call(name, asked, self.progress.append)
        valid(name, json.loads(msgspec.json.encode(result)))
        return result

    async def texts(self, chat: str) -> list[str]:
        shown = await self.do("history", chat)
        return [m.text for m in shown.messages if m.kind != "line"]

    async def until(self, condition, seconds: float = 15):
        deadline = time.monotonic() + seconds
        while True:
            found = condition()
            if asyncio.iscoroutine(found):
                found = await found
            if found:
                return found
            assert time.monotonic() < deadline, "it did not happen"
            await asyncio.sleep(0.02)

    async def has_text(self, chat: str, text: str) -> None:
        async def there():
            return text in await self.texts(chat)

        await self.until(there)


@pytest.fixture
async def people(relay, tmp_path):
    """Open a profile for each name: `ana, ben = await people("Ana", "Ben")`."""
    async with AsyncExitStack() as stack:

        async def open_all(*names: str):
            return [await _one(stack, relay, tmp_path / name, name) for name in names]

        yield open_all


async def _one(stack, relay, root, name):
    profile = Profile(root)
    profile.create()
    key = vault.create_vault(profile.vault, PASSPHRASE)
    store = Store(profile.database, key, said_of, create=True)
    try:
        address = await accounts.ask_relay(relay.url, relay.fingerprint)
        accounts.create_account(store, accounts.Newcomer(address, name))
        await accounts.register(store)
    finally:
        store.close()
    lock = ProfileLock(profile)
    assert lock.try_acquire()
    stack.callback(lock.release)
    opening = open_session(profile, lock, lambda: PASSPHRASE)
    someone = Someone(await stack.enter_async_context(opening))
    someone.lock = lock
    await someone.session.with_news()
    return someone


async def befriend(one: Someone, other: Someone) -> None:
    link = (await one.do("invite")).link
    name = (await other.do("account")).name
    await other.do("join", link)

    async def asked():
        requests = (await one.do("requests")).requests
        return any(r.sender.name == name for r in requests)

    await one.until(asked)
    await one.do("accept", name)
    mine = (await one.do("account")).name
    for who, whom in ((one, name), (other, mine)):
        await who.until(lambda who=who, whom=whom: _talks(who, whom))


def _talks(who: Someone, whom: str) -> bool:
    for contact in who.state.contacts.values():
        chat = who.state.chats.get(contact.chat_id)
        if contact.name == whom and chat and chat.status.value == "active":
            return chat.chat_id in who.state.session.synced
    return False


@pytest.fixture
async def pair(people):
    """Ana and Ben, who talk to each other."""
    ana, ben = await people("Ana", "Ben")
    await befriend(ana, ben)
    return ana, ben


@pytest.fixture
def meet():
    return befriend


@pytest.fixture
def run(capsys, monkeypatch, passphrase_file):
    """Run the command line here; gives exit status, JSON data or error."""
    monkeypatch.setenv("PRIVITY_PASSPHRASE_FILE", str(passphrase_file))

    def command(profile, *arguments: str):
        capsys.readouterr()
        status = main(["--profile", str(profile), "--json", *map(str, arguments)])
        envelope = json.loads(capsys.readouterr().out)
        valid("envelope", envelope)
        return status, envelope.get("data", envelope.get("error"))

    return command


@pytest.fixture
def account(run, relay, tmp_path):
    """Make an account by `privity init`; gives its profile's directory."""

    def make(name: str, *options: str) -> Path:
        profile = tmp_path / f"profile-{name}"
        out = tmp_path / f"{name}.recovery"
        status, data = run(
            profile,
            *("init", relay.invite(), "--name", name),
            *("--recovery-out", out, *options),
        )
        assert status == 0, data
        valid("init", data)
        return profile

    return make


@pytest.fixture
def validate():
    return valid
