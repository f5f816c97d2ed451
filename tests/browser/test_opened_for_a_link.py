"""A link on the command line, shown by the window where it serves."""

import re

from playwright.sync_api import expect


def test_somebody_with_an_account_asks_the_person_behind_it(person, show, shoot):
    ana, ben = person("Ana"), person("Ben")
    ana.open()
    ben.open()
    page = show(ben)
    link = ana("invite")["link"]
    url = ben("open", "--no-browser", link)["url"]
    assert "privity" not in url
    page.goto("about:blank")
    page.goto(url)
    target = page.get_by_label(re.compile("link or handle", re.IGNORECASE))
    expect(target).to_have_value(link)
    assert "privity" not in page.url
    shoot(page, "opened-for-a-link")
    page.get_by_role("button", name=re.compile("^Ask")).click()
    expect(page.get_by_role("status").filter(has_text="You have asked")).to_be_visible()
    expect(target).to_have_value("")
    ana.until("accept", "Ben")


def test_a_newcomer_finds_it_filled_in(relay, newcomer, show):
    ben = newcomer("Ben")
    ben.open()
    page = show(ben)
    link = relay.invite()
    page.goto("about:blank")
    page.goto(ben("open", "--no-browser", link)["url"])
    expect(page.get_by_label("Invitation link")).to_have_value(link)
