"""Messages that disappear: said how long, marked with a clock, gone on both sides."""

import re

from playwright.sync_api import expect


def chat_link(page, name):
    return page.get_by_role("navigation").get_by_role("link", name=re.compile(name))


def said(page, words):
    return page.locator("[data-message]", has_text=words)


def test_the_timer_of_a_chat_is_set_and_both_are_told(couple, show, shoot):
    ana, ben = (show(one) for one in couple)
    chat_link(ana, "Ben").click()
    chat_link(ben, "Ana").click()
    chat_link(ana, "Ben").click(button="right")
    ana.get_by_role("menuitem", name="Disappearing messages…").click()
    ana.get_by_role("dialog").get_by_role("radio", name="A day").click()
    ana.get_by_role("button", name="Done").click()
    expect(ana.locator(".talk-head .timer")).to_contain_text("1 day")
    expect(ben.locator(".talk-head .timer")).to_contain_text("1 day")
    told = re.compile("Ana.* asks all apps to delete new messages .?1 day")
    expect(ben.locator(".line-row", has_text=told)).to_be_visible()
    box = ana.get_by_role("textbox", name=re.compile("^Message to"))
    box.fill("until tomorrow")
    box.press("Enter")
    clock = said(ben, "until tomorrow").locator(".ending")
    expect(clock).to_have_attribute("title", re.compile("^Disappears"))
    shoot(ana, "talk-timer")


def test_a_message_whose_time_is_over_leaves_both_windows(couple, show):
    ana, ben = couple
    pages = show(ana), show(ben)
    for page, name in zip(pages, ("Ben", "Ana"), strict=True):
        chat_link(page, name).click()
    ben("send", "Ana", "soon gone", "--expires", "4s")
    for page in pages:
        expect(said(page, "soon gone")).to_be_visible()
        page.bring_to_front()
    for page in pages:
        expect(said(page, "soon gone")).to_have_count(0, timeout=60_000)
    assert "soon gone" not in str(ana("history", "Ben"))
