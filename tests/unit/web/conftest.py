"""A window that is served on a real port, and pages that talk to it."""

import asyncio
import json
from contextlib import AsyncExitStack, asynccontextmanager

import httpx2
import pytest
import pytest_asyncio
import websockets
from relay_process import RelayThread

from privity.client import accounts, vault
from privity.client.profile import Profile
from privity.client.store import Store
from privity.client.words import words_of
from privity.web.serving import running

PASSPHRASE = "correct horse"


@pytest.fixture(autouse=True)
def _quick_vault(monkeypatch):
    monkeypatch.setattr(vault, "MEMORY", 64)
    monkeypatch.setattr(vault, "PASSES", 1)


@pytest.fixture(scope="session")
def relay(tmp_path_factory):
    with RelayThread(tmp_path_factory.mktemp("relay")) as running_relay:
        yield running_relay


@pytest.fixture
def profile(tmp_path):
    made = Profile(tmp_path / "profile")
    made.create()
    return made


@pytest.fixture
async def account(relay, profile):
    """Make an account in the profile; it is closed again."""
    await register(relay, profile, "Ana")
    return profile


@pytest.fixture
def signup():
    """Make an account: `await signup(relay, profile, "Ana")`."""
    return register


async def register(relay, profile, name):
    key = vault.create_vault(profile.vault, PASSPHRASE)
    store = Store(profile.database, key, words_of, create=True)
    try:
        address = await accounts.ask_relay(relay.url, relay.fingerprint)
        accounts.create_account(store, accounts.Newcomer(address, name))
        await accounts.register(store)
        accounts.confirm_recovery(store)
    finally:
        store.close()


class Page:
    """What a browser with our page in it sends: the origin, the bearer."""

    def __init__(self, served, http) -> None:
        self.served = served
        self.origin = f"http://{served.host}"
        self.http = http
        self.session = ""
        self.socket = None
        self.told = []
        self._last = 0

    @property
    def bearer(self):
        return {"authorization": f"Bearer {self.session}", "origin": self.origin}

    async def upload(self, name, body, **headers):
        """Hand a file in; returns the whole answer."""
        url = f"{self.origin}/upload?name={name}"
        return await self.http.post(url, content=body, headers=self.bearer | headers)

    async def media(self, chat, message, **headers):
        url = f"{self.origin}/media/{chat}/{message}"
        return await self.http.get(url, headers=self.bearer | headers)

    async def do(self, method, **params):
        """Call a method that must succeed and return its result."""
        answer = await self.call(method, **params)
        assert "result" in answer, answer
        return answer["result"]

    async def until(self, method, ready, **params):
        """Call a method again until its result is as it has to be."""
        for _ in range(400):
            answer = await self.call(method, **params)
            if "result" in answer and (found := ready(answer["result"])):
                return found
            await asyncio.sleep(0.05)
        raise AssertionError(answer)

    @property
    def launch_token(self):
        return self.served.link().partition("#launch=")[2]

    async def redeem(self, token, **headers):
        headers = {"origin": self.origin, **headers}
        url = f"{self.origin}/launch"
        return await self.http.post(url, json={"token": token}, headers=headers)

    async def launch(self):
        answer = await self.redeem(self.launch_token)
        assert answer.status_code == 200
        self.session = answer.json()["session"]
        return self

    def connect(self, *, protocols=None, **options):
        chosen = protocols or ["privity.v1", f"session.{self.session}"]
        options.setdefault("origin", self.origin)
        return websockets.connect(
            f"ws://{self.served.host}/rpc",
            subprotocols=chosen,
            compression=None,
            proxy=None,
            **options,
        )

    async def call(self, method, **params):
        """Call a method and return its answer, whole."""
        self._last += 1
        asked = {"jsonrpc": "2.0", "id": self._last, "method": method}
        await self.socket.send(json.dumps({**asked, "params": params}))
        while True:
            message = json.loads(await asyncio.wait_for(self.socket.recv(), 20))
            if message.get("id") == self._last:
                return message
            self.told.append(message)


@pytest.fixture
async def opened(profile):
    """Serve windows of profiles: `page = await opened()`, launched and connected."""
    async with _opening() as open_one:

        async def open_here(of=profile, site=None):
            return await open_one(of, site)

        yield open_here


@asynccontextmanager
async def _opening():
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx2.AsyncClient(trust_env=False))

        async def open_one(of, site=None):
            served = await stack.enter_async_context(running(of, site))
            page = await Page(served, http).launch()
            page.socket = await stack.enter_async_context(page.connect())
            return page

        yield open_one


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pair(relay, tmp_path_factory):
    """Ana's and Ben's windows, who talk to each other; the tests of a file share them.

    They run in the module's loop: `pytestmark = pytest.mark.asyncio(loop_scope=...)`.
    """
    home = tmp_path_factory.mktemp("pair")
    with pytest.MonkeyPatch.context() as quick:
        quick.setattr(vault, "MEMORY", 64)
        quick.setattr(vault, "PASSES", 1)
        async with _opening() as open_one:
            ana, ben = [await _person(relay, home, open_one, n) for n in ("Ana", "Ben")]
            ana.open_one = open_one
            await ben.do("join", target=(await ana.do("invite"))["link"])
            await ana.until("accept", lambda _: True, request="Ben")
            await ben.until("history", lambda _: True, chat="Ana")
            await ana.until("history", lambda _: True, chat="Ben")
            yield ana, ben


async def _person(relay, home, open_one, name):
    profile = Profile(home / name)
    profile.create()
    await register(relay, profile, name)
    page = await open_one(profile)
    await page.do("ui.unlock", passphrase=PASSPHRASE)
    return page
