"""Somebody who is blocked, in the window: silent in a chat of two, folded in groups."""

import re

from pages import chat_link, go, row
from playwright.sync_api import expect
from windows import befriend


def account_of(one, name):
    return next(
        c["person"]["account"]
        for c in one("contacts")["contacts"]
        if c["person"]["name"] == name
    )


def test_who_is_blocked_is_silent_and_the_composer_says_so(pair, show, shoot):
    ana, ben = pair
    page = show(ana)
    chat_link(page, "Ben").click()
    ben("send", "Ana", "Said before")
    expect(row(page, "Said before")).to_be_visible()
    chat = page.url.rpartition("#")[2]
    go(page, f"#/person/{account_of(ana, 'Ben')}")
    page.get_by_role("button", name="Block", exact=True).click()
    asked = page.get_by_role("dialog")
    expect(asked).to_contain_text("what was said before stays")
    asked.get_by_role("button", name="Block", exact=True).click()
    go(page, f"#{chat}")
    expect(page.locator(".composer.closed")).to_contain_text("You have blocked")
    expect(page.get_by_role("textbox", name=re.compile("^Message to"))).to_have_count(0)
    ben("send", "Ana", "Said meanwhile")
    shoot(page, "blocked-direct")
    page.get_by_role("button", name="Unblock").click()
    expect(page.get_by_role("textbox", name=re.compile("^Message to"))).to_be_visible()
    ben("send", "Ana", "Said after")
    expect(row(page, "Said after")).to_be_visible()
    expect(row(page, "Said meanwhile")).to_have_count(0)
    expect(row(page, "Said before")).to_be_visible()
    expect(page.locator(".line-row").last).to_contain_text("You unblocked")


def test_in_a_group_they_are_one_line_that_opens(pair, person, show, shoot):
    ana, ben = pair
    cyd = person("Cyd")
    cyd.open()
    befriend(ana, cyd)
    ana("group", "new", "Garden", "Ben", "Cyd")
    for one in (ben, cyd):
        one.until("accept", "Garden")
    for one in (ben, cyd):
        one.until("history", "Garden")
    page = show(ana)
    chat_link(page, "Garden").click()
    ben("send", "Garden", "Sour apples")
    ben("send", "Garden", "Sour pears")
    cyd("send", "Garden", "Sweet plums")
    expect(row(page, "Sweet plums")).to_be_visible()
    expect(row(page, "Sour pears")).to_be_visible()
    ana("block", "Ben")
    folded = page.get_by_role("button", name="2 messages from somebody you blocked")
    expect(folded).to_be_visible()
    expect(row(page, "Sour")).to_have_count(0)
    go(page, "#/")
    ben("send", "Garden", "Sour grapes")
    cyd("send", "Garden", "Sweet figs")
    expect(chat_link(page, "Garden")).to_contain_text("Sweet figs")
    expect(chat_link(page, "Garden").locator(".badge")).to_have_text("1")
    chat_link(page, "Garden").click()
    expect(page.get_by_role("button", name="1 message from somebody")).to_be_visible()
    shoot(page, "blocked-group")
    folded.press("Enter")
    expect(folded).to_have_attribute("aria-expanded", "true")
    expect(row(page, "Sour apples")).to_be_visible()
    expect(row(page, "Sour pears")).to_be_visible()
    shoot(page, "blocked-group-open")
    ana("block", "Ben", "--undo")
    expect(row(page, "Sour grapes")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("somebody you"))).to_have_count(0)


def test_no_answer_quotes_what_they_change_afterwards(pair, person, show):
    ana, ben = pair
    cyd = person("Cyd")
    cyd.open()
    befriend(ana, cyd)
    ana("group", "new", "Garden", "Ben", "Cyd")
    for one in (ben, cyd):
        one.until("accept", "Garden")
    for one in (ben, cyd):
        one.until("history", "Garden")
    page = show(ana)
    chat_link(page, "Garden").click()
    ben("send", "Garden", "Sour apples")
    cyd.until("send", "Garden", "Not at all", "--reply", "last")
    expect(row(page, "Not at all")).to_contain_text("Sour apples")
    ana("block", "Ben")
    expect(row(page, "Not at all")).not_to_contain_text("Sour")
    ben("edit", "Garden", "last", "Sourest apples")
    cyd("send", "Garden", "Sweet figs")
    expect(row(page, "Sweet figs")).to_be_visible()
    expect(row(page, "Not at all")).not_to_contain_text("Sour")
