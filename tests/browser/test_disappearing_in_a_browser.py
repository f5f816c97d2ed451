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


def test_one_message_gets_a_time_of_its_own_and_the_next_has_none(couple, show, shoot):
    ana, ben = (show(one) for one in couple)
    chat_link(ana, "Ben").click()
    chat_link(ben, "Ana").click()
    ana.get_by_role("button", name="Time for this message").click()
    shoot(ana, "once-menu")
    ana.get_by_role("menuitem", name=re.compile("30 seconds")).click()
    box = ana.get_by_role("textbox", name=re.compile("^Message to"))
    expect(box).to_be_focused()
    chip = ana.locator(".once-chip")
    expect(chip).to_contain_text(
        re.compile("disappears .?30 seconds.? after it is read")
    )
    box.fill("the code is 4711")
    shoot(ana, "once-chip")
    box.press("Enter")
    expect(chip).to_have_count(0)
    box.fill("and this stays")
    box.press("Enter")
    for page in (ana, ben):
        clock = said(page, "the code is 4711").locator(".ending")
        expect(clock).to_have_attribute("title", re.compile("^Disappears"))
    files = ana.locator("input[type=file]").first
    ana.get_by_role("button", name="Time for this message").click()
    ana.get_by_role("menuitem", name=re.compile("1 hour")).click()
    files.set_input_files(
        {"name": "plan.txt", "mimeType": "text/plain", "buffer": b"x"}
    )
    ana.get_by_role("button", name="Send", exact=True).click()
    expect(said(ben, "plan.txt").locator(".ending")).to_have_count(1)
    ben.bring_to_front()
    for page in (ana, ben):
        expect(said(page, "the code is 4711")).to_have_count(0, timeout=90_000)
        expect(said(page, "and this stays")).to_be_visible()


def test_a_time_that_was_chosen_can_be_dropped_before_sending(couple, show):
    ana = show(couple[0])
    chat_link(ana, "Ben").click()
    ana.get_by_role("button", name="Time for this message").click()
    ana.get_by_role("menuitem", name=re.compile("5 minutes")).click()
    ana.locator(".once-chip").get_by_role("button").click()
    expect(ana.locator(".once-chip")).to_have_count(0)
    expect(ana.get_by_role("textbox", name=re.compile("^Message to"))).to_be_focused()
