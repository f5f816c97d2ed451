"""`privity open LINK`: the link reaches the page with its session, and nothing else."""

import asyncio
import json
import time

import pytest

from privity.cli.app import main
from privity.client.profile import Profile
from privity.identity.links import RegisterLink, RelayAddress, render_link
from privity.web.door import ask_link, door

HANDED = "privity:1#AQIhanded"


def token_of(url):
    return url.partition("#launch=")[2]


async def test_the_page_of_one_launch_gets_it_once_and_no_address_has_it(opened):
    page = await opened()
    url = page.served.link(HANDED)
    assert "privity:" not in url
    assert (await page.redeem("guess")).status_code == 403
    told = (await page.redeem(token_of(url))).json()
    assert told["link"] == HANDED
    assert (await page.redeem(token_of(url))).status_code == 403
    assert (await page.redeem(page.launch_token)).json()["link"] == ""


async def test_a_window_that_is_open_takes_one_from_a_second_command(opened):
    page = await opened()
    profile = page.served.window.profile
    async with door(profile, page.served):
        url = await ask_link(profile, HANDED)
        plain = await ask_link(profile)
    assert (await page.redeem(token_of(url))).json()["link"] == HANDED
    assert (await page.redeem(token_of(plain))).json()["link"] == ""


def relay_link(expiry=0):
    relay = RelayAddress(b"relay.example", b"https://relay.example", b"")
    return render_link(RegisterLink(relay, bytes(16), expiry, 0, b""))


@pytest.mark.parametrize(
    ("link", "code"),
    [
        ("https://example.org", "bad_link"),
        (relay_link(expiry=int(time.time()) - 9), "link_expired"),
    ],
)
def test_what_serves_nothing_is_refused_before_a_window_opens(
    tmp_path, capsys, link, code
):
    profile = Profile(tmp_path / "nobody")
    assert main(["--profile", str(profile.root), "--json", "open", link])
    assert json.loads(capsys.readouterr().out)["error"]["code"] == code
    assert not profile.root.exists()


async def test_who_has_an_account_is_not_led_to_another_relay(account, capsys):
    status = await asyncio.to_thread(
        main, ["--profile", str(account.root), "--json", "open", relay_link()]
    )
    assert status
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "register_link"
