"""Who was removed from a group and is let in again; words that did not get there."""

import re

import pytest
from hands import Hands
from pages import box, chat_link, row, say
from playwright.sync_api import expect
from relay_process import RelayProcess
from windows import befriend

REMOVED = "You were removed from this chat. You can read what was said until then."


@pytest.fixture
def own_relay(tmp_path):
    """A relay that nobody else is at, so that it can go."""
    with RelayProcess(tmp_path / "relay") as running:
        yield running


def gather(newcomer, relay):
    """Return Ana, Ben and Cyd with windows, in Ana's group."""
    people = [newcomer(name).register(relay.invite()) for name in ("Ana", "Ben", "Cyd")]
    ana, ben, cyd = people
    for one in people:
        one.open()
    for one in (ben, cyd):
        befriend(ana, one)
    # Where mail for them goes comes a moment behind their first words.
    ana.until("group", "new", "Apples", "Ben", "Cyd")
    for one in (ben, cyd):
        one.until("accept", "Apples")
        one.until("history", "Apples")
    return people


def enter(page):
    chat_link(page, "Apples").click()
    expect(box(page)).to_be_visible()
    return page


def test_who_is_let_in_again_reads_on_and_nothing_of_the_time_between(
    relay, newcomer, show, shoot
):
    ana, ben, cyd = gather(newcomer, relay)
    pages = [enter(show(one)) for one in (ana, ben, cyd)]
    hers = pages[2]
    say(pages[0], "Said before")
    expect(row(hers, "Said before")).to_be_visible()
    ana("group", "remove", "Apples", "Cyd")
    expect(hers.get_by_text(REMOVED)).to_be_visible()
    expect(box(hers)).to_have_count(0)
    say(pages[1], "Said between")
    expect(row(pages[0], "Said between")).to_be_visible()
    shoot(hers, "let-in-removed")
    ana("group", "add", "Apples", "Cyd")
    hers.get_by_role("link", name=re.compile("request to talk")).click()
    asked = hers.get_by_role("listitem", name="Ana")
    expect(asked).to_contain_text("Apples")
    shoot(hers, "let-in-asked")
    asked.get_by_role("button", name="Accept").click()
    enter(hers)
    expect(hers.get_by_text(REMOVED)).to_have_count(0)
    say(hers, "I am back")
    for page in pages:
        expect(row(page, "I am back")).to_be_visible()
    say(pages[1], "Said after")
    expect(row(hers, "Said after")).to_be_visible()
    expect(row(hers, "Said before")).to_be_visible()
    expect(row(hers, "Said between")).to_have_count(0)
    expect(hers.get_by_text(re.compile("You can ask for|missing"))).to_have_count(0)
    shoot(hers, "let-in-again")
    hers.reload()
    expect(row(hers, "Said after")).to_be_visible()
    expect(row(hers, "Said between")).to_have_count(0)
    said = [one["text"] for one in cyd("history", "Apples")["messages"]]
    assert [text for text in said if text.startswith(("Said", "I am"))] == [
        "Said before",
        "I am back",
        "Said after",
    ]


def strand(ana, cyd, relay, hers, *words):
    """Let Cyd write while the relay is gone, and be removed before she is back."""
    relay.stop()
    expect(hers.get_by_text("You are offline")).to_be_visible(timeout=60_000)
    for said in words:
        say(hers, said)
        expect(row(hers, said)).to_contain_text("Waits for the relay")
    cyd.pause()
    relay.start()
    ana.until("group", "remove", "Apples", "Cyd")
    cyd.go_on()


def test_words_that_were_refused_are_sent_again_or_forgotten_by_keys(
    own_relay, newcomer, show, shoot
):
    ana, ben, cyd = gather(newcomer, own_relay)
    his = enter(show(ben))
    hers = enter(show(cyd))
    strand(ana, cyd, own_relay, hers, "Bring the ladder", "Never mind this")
    expect(hers.get_by_text(REMOVED)).to_be_visible(timeout=60_000)
    ladder, never = row(hers, "Bring the ladder"), row(hers, "Never mind")
    for failed in (ladder, never):
        expect(failed).to_contain_text("Not sent")
        expect(failed).to_have_attribute("aria-label", re.compile("You, .*Not sent$"))
        expect(failed).to_contain_text("did not reach the others")
    again = hers.get_by_role("button", name="Send again")
    # There is nowhere to send it to.
    expect(again).to_have_count(0)
    shoot(hers, "failed-removed")
    ana("group", "add", "Apples", "Cyd")
    cyd.until("accept", "Apples")
    expect(box(hers)).to_be_visible(timeout=30_000)
    expect(hers.get_by_text(REMOVED)).to_have_count(0)
    expect(again).to_have_count(2)
    shoot(hers, "failed-let-in")
    keys = Hands(hers)
    keys.search()
    keys.press("Alt+m")
    keys.go(ladder.get_by_role("button", name="Send again"), "Shift+Tab")
    keys.press("Enter")
    expect(row(his, "Bring the ladder")).to_be_visible()
    expect(ladder).to_have_count(1)
    expect(ladder).not_to_contain_text("Not sent")
    keys.look()
    forget = never.get_by_role("button", name="Forget")
    keys.go(forget, "Shift+Tab")
    keys.press("Enter")
    keys.refuse()
    expect(forget).to_be_focused()
    keys.press("Enter")
    keys.answer("Forget")
    expect(never).to_have_count(0)
    expect(row(his, "Never mind")).to_have_count(0)
    shoot(hers, "failed-sent-again")
