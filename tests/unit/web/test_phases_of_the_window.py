"""The window from locked to open and back, as its page sees it."""

import asyncio
import time

import pytest
from relay_process import RelayThread

from privity.client import keyrings, vault
from privity.web import clock, window

PASSPHRASE = "correct horse"


async def test_a_profile_without_an_account_is_new(opened):
    page = await opened()
    state = (await page.call("ui.state"))["result"]
    assert state["phase"] == "new"


async def test_the_passphrase_opens_it_and_every_phase_is_told(account, opened):
    page = await opened(account)
    assert (await page.call("ui.state"))["result"]["phase"] == "locked"
    answer = await page.call("ui.unlock", passphrase=PASSPHRASE)
    assert answer["result"]["phase"] == "open"
    told = [m["params"]["phase"] for m in page.told if m["method"] == "ui.phase"]
    assert told == ["opening", "open"]
    assert (await page.call("account"))["result"]["name"] == "Ana"


async def test_a_wrong_passphrase_leaves_it_locked_and_says_so(account, opened):
    page = await opened(account)
    answer = await page.call("ui.unlock", passphrase="wrong")
    assert answer["error"]["data"]["code"] == "locked"
    state = (await page.call("ui.state"))["result"]
    assert (state["phase"], state["error"]["code"]) == ("locked", "locked")
    answer = await page.call("ui.unlock", passphrase=PASSPHRASE)
    assert answer["result"]["phase"] == "open"


async def test_locking_closes_the_profile_and_nothing_is_read_then(account, opened):
    page = await opened(account)
    await page.call("ui.unlock", passphrase=PASSPHRASE)
    assert (await page.call("ui.lock"))["result"]["phase"] == "locked"
    assert (await page.call("chats"))["error"]["data"]["code"] == "locked"
    assert not account.socket.exists()


async def test_a_second_window_speaks_the_verbs_of_the_first(account, opened):
    first = await opened(account)
    await first.call("ui.unlock", passphrase=PASSPHRASE)
    second = await opened(account)
    assert (await second.call("ui.state"))["result"]["phase"] == "open"
    assert (await second.call("account"))["result"]["name"] == "Ana"


@pytest.mark.parametrize("method", ["save", "lock", "nonsense"])
async def test_a_verb_that_names_files_is_none_of_the_window(account, opened, method):
    page = await opened(account)
    assert (await page.call(method))["error"]["code"] == -32601


async def test_a_page_can_not_send_a_file_of_this_machine(account, opened):
    page = await opened(account)
    await page.call("ui.unlock", passphrase=PASSPHRASE)
    answer = await page.call("send", chat="Ana", files=["/etc/passwd"])
    assert answer["error"]["code"] == -32602


async def test_a_window_that_nobody_uses_locks_itself(account, opened, monkeypatch):
    page = await opened(account)
    await page.do("ui.unlock", passphrase=PASSPHRASE)
    moment = clock.now()
    monkeypatch.setattr(clock, "now", lambda: moment)
    monkeypatch.setattr(window, "_LOOKS_EVERY", 0.01)
    page.served.window.touch()
    locking = asyncio.create_task(page.served.window.lock_when_idle(100))
    for method in ("account", "ui.prefs", "ui.prefs", "account", "account"):
        moment += 60
        await asyncio.sleep(0.03)
        await page.do(method)
    assert page.served.window.state.phase == "open"
    moment += 101
    assert await locked(page)
    assert (await page.call("chats"))["error"]["data"]["code"] == "locked"
    assert not account.socket.exists()
    locking.cancel()


async def locked(page):
    for _ in range(200):
        await asyncio.sleep(0.02)
        if (await page.do("ui.state"))["phase"] == "locked":
            return True
    return False


async def test_an_idle_window_locks_itself_and_not_the_holder_of_the_profile(
    account, opened
):
    holder = await opened(account)
    await holder.do("ui.unlock", passphrase=PASSPHRASE)
    page = await opened(account)
    assert (await page.do("ui.state"))["phase"] == "open"
    locking = asyncio.create_task(page.served.window.lock_when_idle(0.1))
    assert await locked(page)
    locking.cancel()
    assert (await page.call("chats"))["error"]["data"]["code"] == "locked"
    assert (await page.media("a", "b")).status_code == 423
    assert (await holder.do("account"))["name"] == "Ana"


async def test_the_passphrase_must_be_right_also_where_another_holds_the_profile(
    account, opened
):
    holder = await opened(account)
    await holder.do("ui.unlock", passphrase=PASSPHRASE)
    page = await opened(account)
    await page.served.window.leave()
    for wrong in ("anything", PASSPHRASE.upper(), f"{PASSPHRASE} "):
        answer = await page.call("ui.unlock", passphrase=wrong)
        assert answer["error"]["data"]["code"] == "locked"
        state = await page.do("ui.state")
        assert (state["phase"], state["error"]["code"]) == ("locked", "locked")
        assert (await page.call("chats"))["error"]["data"]["code"] == "locked"
    assert (await page.do("ui.unlock", passphrase=PASSPHRASE))["phase"] == "open"
    assert (await page.do("account"))["name"] == "Ana"
    assert (await holder.do("account"))["name"] == "Ana"


async def test_the_passphrase_must_be_right_also_where_a_keyring_opens_the_profile(
    account, opened, monkeypatch
):
    kept = {}
    monkeypatch.setattr(keyrings, "save", kept.__setitem__)
    monkeypatch.setattr(keyrings, "load", kept.__getitem__)
    vault.add_keyring(account.vault, PASSPHRASE)
    page = await opened(account)
    await page.served.window.start()
    assert (await page.do("ui.state"))["phase"] == "open"
    await page.do("ui.lock")
    answer = await page.call("ui.unlock", passphrase="x")
    assert answer["error"]["data"]["code"] == "locked"
    assert (await page.do("ui.state"))["phase"] == "locked"
    assert (await page.call("chats"))["error"]["data"]["code"] == "locked"
    assert (await page.do("ui.unlock", passphrase=PASSPHRASE))["phase"] == "open"


async def test_the_lock_of_its_owner_closes_the_profile_wherever_it_is_held(
    account, opened
):
    holder = await opened(account)
    await holder.do("ui.unlock", passphrase=PASSPHRASE)
    page = await opened(account)
    assert (await page.do("ui.lock"))["phase"] == "locked"
    assert await locked(holder)
    assert not account.socket.exists()


async def test_a_window_that_slept_with_its_machine_locks_when_it_wakes(
    account, opened, monkeypatch
):
    page = await opened(account)
    await page.do("ui.unlock", passphrase=PASSPHRASE)
    monkeypatch.setattr(window, "_LOOKS_EVERY", 0.02)
    locking = asyncio.create_task(page.served.window.lock_when_idle(3600))
    await asyncio.sleep(0.05)
    assert page.served.window.state.phase == "open"
    woken = clock.now() + 3601
    monkeypatch.setattr(clock, "now", lambda: woken)
    for _ in range(100):
        await asyncio.sleep(0.02)
        if page.served.window.state.phase == "locked":
            break
    assert page.served.window.state.phase == "locked"
    assert not account.socket.exists()
    locking.cancel()


@pytest.mark.parametrize("method", ["account", "chats", "contacts", "requests"])
async def test_a_call_after_waking_is_no_use_of_the_window(
    account, opened, monkeypatch, method
):
    page = await opened(account)
    await page.do("ui.unlock", passphrase=PASSPHRASE)
    monkeypatch.setattr(window, "_LOOKS_EVERY", 0.5)
    locking = asyncio.create_task(page.served.window.lock_when_idle(3600))
    await asyncio.sleep(0.05)
    woken = clock.now() + 3601
    monkeypatch.setattr(clock, "now", lambda: woken)
    for _ in range(2):
        answer = await page.call(method)
        assert answer["error"]["data"]["code"] == "locked"
    assert await locked(page)
    assert (await page.do("ui.unlock", passphrase=PASSPHRASE))["phase"] == "open"
    assert (await page.do("account"))["name"] == "Ana"
    locking.cancel()


@pytest.mark.parametrize("method", ["chats", "contacts", "requests"])
async def test_what_a_page_asks_by_itself_is_no_use_of_the_window(
    account, opened, monkeypatch, method
):
    page = await opened(account)
    await page.do("ui.unlock", passphrase=PASSPHRASE)
    moment = clock.now()
    monkeypatch.setattr(clock, "now", lambda: moment)
    monkeypatch.setattr(window, "_LOOKS_EVERY", 0.01)
    page.served.window.touch()
    locking = asyncio.create_task(page.served.window.lock_when_idle(100))
    await asyncio.sleep(0.03)
    moment += 60
    await page.do(method)
    moment += 60
    assert await locked(page)
    locking.cancel()


def test_the_clock_of_the_idle_lock_counts_sleep():
    asleep = time.clock_gettime(time.CLOCK_BOOTTIME)
    assert abs(clock.now() - asleep) < 1


async def test_what_the_verbs_refuse_after_a_crash_of_the_holder_is_locked(
    account, opened
):
    first = await opened(account)
    await first.do("ui.unlock", passphrase=PASSPHRASE)
    second = await opened(account)
    await first.do("ui.lock")
    for _ in range(100):
        await asyncio.sleep(0.02)
        if (await second.do("ui.state"))["phase"] == "locked":
            break
    assert (await second.call("account"))["error"]["data"]["code"] == "locked"


async def test_the_page_hears_when_the_relay_is_lost(tmp_path, profile, opened, signup):
    with RelayThread(tmp_path / "relay") as relay:
        await signup(relay, profile, "Ana")
        page = await opened(profile)
        await page.call("ui.unlock", passphrase=PASSPHRASE)
        assert (await page.call("ui.state"))["result"]["online"]
    await page.until("ui.state", lambda state: not state["online"])
    assert (await page.call("ui.state"))["result"]["phase"] == "open"
