"""The relay is gone for a while: the window says so, keeps words and sends them."""

import pytest
from pages import box, chat_link, row, say
from playwright.sync_api import expect
from relay_process import RelayProcess
from windows import befriend

GONE = "You are offline"


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
