"""The relay is gone for a while: the window says so, keeps words and sends them."""

import re
import time

import pytest
from pages import box, chat_link, row, say
from playwright.sync_api import expect
from relay_process import RelayProcess
from windows import befriend

GONE = "You are offline"
BACK_SECONDS = 6
"""Two between tries, what a login takes, and what this machine is late."""


@pytest.fixture
def own_relay(tmp_path):
    """A relay that nobody else is at, so that it can go."""
    with RelayProcess(tmp_path / "relay") as running:
        yield running


def test_what_is_said_while_the_relay_is_gone_arrives_once_it_is_back(
    own_relay, newcomer, show, shoot
):
    ana, ben = (newcomer(name).register(own_relay.invite()) for name in ("Ana", "Ben"))
    for one in (ana, ben):
        one.open()
    befriend(ana, ben)
    pages = show(ana), show(ben)
    for page, name in zip(pages, ("Ben", "Ana"), strict=True):
        chat_link(page, name).click()
    say(pages[0], "before")
    expect(row(pages[1], "before")).to_be_visible()
    own_relay.stop()
    for page in pages:
        expect(page.get_by_text(GONE)).to_be_visible(timeout=60_000)
    say(pages[0], "said into the dark")
    waiting = row(pages[0], "said into the dark")
    expect(waiting).to_contain_text("Waits for the relay")
    expect(box(pages[0])).to_have_value("")
    shoot(pages[0], "talk-offline")
    own_relay.start()
    for page in pages:
        expect(page.get_by_text(GONE)).to_have_count(0, timeout=60_000)
    expect(row(pages[1], "said into the dark")).to_be_visible(timeout=60_000)
    expect(waiting).to_contain_text("Sent")
    say(pages[1], "and back again")
    expect(row(pages[0], "and back again")).to_have_count(1)
    shoot(pages[0], "talk-back")


def test_who_is_offline_sees_the_next_try_and_has_it_made_now(
    own_relay, newcomer, show, shoot
):
    ana = newcomer("Ana").register(own_relay.invite())
    page = show(ana)
    expect(page.get_by_role("heading", name="Chats")).to_be_visible()
    own_relay.stop()
    banner = page.locator(".banner", has_text=GONE)
    expect(banner).to_be_visible(timeout=60_000)
    expect(banner).to_contain_text(
        re.compile(r"Next try in \W?[2-9] seconds"), timeout=60_000
    )
    button = banner.get_by_role("button", name="Try now")
    button.click()
    expect(button).to_have_attribute("aria-busy", "true")
    shoot(page, "offline-trying")
    expect(button).not_to_have_attribute("aria-busy", "true")
    expect(button).to_be_focused()
    expect(banner).to_contain_text(
        re.compile(r"Next try in \W?[3-9] seconds"), timeout=60_000
    )
    shoot(page, "offline-next-try")
    page.set_viewport_size({"width": 390, "height": 780})
    page.emulate_media(color_scheme="dark")
    shoot(page, "offline-next-try-phone-dark")
    own_relay.start()
    began = time.monotonic()
    button.click()
    expect(banner).to_have_count(0, timeout=60_000)
    assert time.monotonic() - began < BACK_SECONDS


def test_a_network_that_is_there_again_is_used_at_once(own_relay, newcomer, show):
    ana = newcomer("Ana").register(own_relay.invite())
    page = show(ana)
    own_relay.stop()
    banner = page.locator(".banner", has_text=GONE)
    expect(banner).to_contain_text(
        re.compile(r"Next try in \W?[4-9] seconds"), timeout=60_000
    )
    own_relay.start()
    began = time.monotonic()
    page.context.set_offline(True)
    page.context.set_offline(False)
    expect(banner).to_have_count(0, timeout=60_000)
    assert time.monotonic() - began < BACK_SECONDS
