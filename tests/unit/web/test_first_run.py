"""An account made in the window: all that `privity init` can, and its recovery key."""

import pytest

from privity.client import accounts
from privity.client.errors import Unreachable

WORDS = "correct horse"


def typed(begun, **wrong):
    groups = begun["recovery_key"].split("-")
    return {str(n): wrong.get(f"g{n}", groups[n - 1].lower()) for n in begun["ask"]}


async def begun_by(page, relay, **more):
    asked = {"link": relay.invite(), "name": "Ana", "passphrase": WORDS, **more}
    return await page.call("ui.init", **asked)


async def test_an_account_is_made_and_opens_once_the_key_was_typed_back(opened, relay):
    page = await opened()
    begun = (await begun_by(page, relay))["result"]
    assert begun["account"]["name"] == "Ana"
    assert len(begun["ask"]) == 3
    state = (await page.call("ui.state"))["result"]
    assert (state["phase"], state["recovery_due"]) == ("new", True)
    assert (await page.call("chats"))["error"]["data"]["code"] == "locked"
    answer = await page.call("ui.recovery_check", groups=typed(begun))
    assert answer["result"]["phase"] == "open"
    assert answer["result"]["recovery_due"] is False
    assert (await page.call("ui.recovery"))["error"]["data"]["code"] == "wrong_phase"
    assert (await page.call("account"))["result"]["name"] == "Ana"


async def test_a_wrong_group_is_named_and_the_key_stays_due(opened, relay):
    page = await opened()
    begun = (await begun_by(page, relay))["result"]
    first = begun["ask"][0]
    wrong = typed(begun, **{f"g{first}": "aaaa"})
    refused = (await page.call("ui.recovery_check", groups=wrong))["error"]["data"]
    assert refused["code"] == "recovery_unchecked"
    assert f"group {first}" in refused["message"]
    assert (await page.call("ui.recovery"))["result"] == begun


async def test_not_answering_what_was_asked_confirms_nothing(opened, relay):
    page = await opened()
    begun = (await begun_by(page, relay))["result"]
    groups = begun["recovery_key"].split("-")
    others = {str(n + 1): g for n, g in enumerate(groups) if n + 1 not in begun["ask"]}
    for answer in ({}, dict(list(others.items())[:3])):
        refused = (await page.call("ui.recovery_check", groups=answer))["error"]["data"]
        assert refused["code"] == "recovery_unchecked"
    assert (await page.call("ui.state"))["result"]["recovery_due"]


async def test_closing_the_window_before_that_shows_the_key_at_the_next_unlock(
    opened, relay, profile
):
    page = await opened()
    begun = (await begun_by(page, relay))["result"]
    await page.call("ui.lock")
    state = (await page.call("ui.unlock", passphrase=WORDS))["result"]
    assert (state["phase"], state["recovery_due"]) == ("new", True)
    again = (await page.call("ui.recovery"))["result"]
    assert again["recovery_key"] == begun["recovery_key"]
    answer = await page.call("ui.recovery_check", groups=typed(again))
    assert answer["result"]["phase"] == "open"


@pytest.mark.parametrize(
    ("where", "code"),
    [
        ({"link": "nonsense"}, "bad_link"),
        ({"relay": "https://127.0.0.1:1"}, "unreachable"),
        ({}, "bad_link"),
    ],
)
async def test_a_link_that_leads_nowhere_is_told_and_nothing_is_kept(
    opened, profile, where, code
):
    page = await opened()
    answer = await page.call("ui.init", **where, name="Ana", passphrase=WORDS)
    assert answer["error"]["data"]["code"] == code
    assert not profile.exists
    assert (await page.call("ui.state"))["result"]["phase"] == "new"


async def test_a_handle_that_is_taken_can_be_chosen_anew(opened, relay, tmp_path):
    from privity.client.profile import Profile

    page = await opened()
    assert "result" in await begun_by(page, relay, handle="taken")
    other = Profile(tmp_path / "other")
    other.create()
    page = await opened(other)
    refused = await begun_by(page, relay, handle="taken")
    assert refused["error"]["data"]["code"] == "handle_taken"
    assert not other.exists
    assert "result" in await begun_by(page, relay, handle="free")


async def test_a_relay_that_vanishes_leaves_an_account_that_can_be_finished(
    opened, relay, profile, monkeypatch
):
    page = await opened()

    async def lost(_store):
        raise Unreachable

    with monkeypatch.context() as away:
        away.setattr(accounts, "register", lost)
        answer = await begun_by(page, relay)
    assert answer["error"]["data"]["code"] == "unreachable"
    assert profile.exists
    begun = (await begun_by(page, relay))["result"]
    answer = await page.call("ui.recovery_check", groups=typed(begun))
    assert answer["result"]["phase"] == "open"


async def test_an_open_relay_needs_its_address_only(opened, relay):
    page = await opened()
    asked = {"relay": relay.url, "fingerprint": relay.fingerprint.hex()}
    begun = await page.call("ui.init", name="Ana", passphrase=WORDS, **asked)
    assert begun["result"]["account"]["host"] == relay.host


async def test_an_account_is_made_once(opened, account, relay):
    page = await opened(account)
    refused = await begun_by(page, relay)
    assert refused["error"]["data"]["code"] == "wrong_phase"


async def test_a_passphrase_that_is_empty_is_refused_before_anything(opened, relay):
    page = await opened()
    answer = await begun_by(page, relay, passphrase="")
    assert answer["error"]["code"] == -32602
