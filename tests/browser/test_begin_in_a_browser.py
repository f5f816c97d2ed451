"""From an invitation to an account and the first message; the lock, and back."""

import re

from playwright.sync_api import expect
from windows import befriend

SECRET = "four words of mine"


def fill_invitation(page, link, name):
    page.get_by_label("Invitation link", exact=True).fill(link)
    page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Passphrase", exact=True).fill(SECRET)
    page.get_by_label("Once more").fill(SECRET)
    page.get_by_role("button", name="Make my account").click()


def groups_of(page):
    return page.locator(".key-groups code").all_inner_texts()


def answer(page, groups):
    page.get_by_role("button", name="I have written it down").click()
    for field in page.get_by_label(re.compile("^Group")).all():
        name = field.evaluate("it => it.labels[0].textContent")
        field.fill(groups[int(re.sub(r"\D", "", name)) - 1])
    page.get_by_role("button", name="Check").click()


def test_an_invitation_becomes_an_account_and_a_first_message(
    relay, newcomer, person, show, shoot
):
    ben = person("Ben")
    ben.open()
    link = ben("invite")["link"]
    page = show(newcomer("Ana"))
    expect(page.get_by_role("heading", name="Welcome to Privity")).to_be_focused()
    shoot(page, "begin-1-invitation")
    fill_invitation(page, relay.invite(), "Ana")
    expect(page.get_by_role("heading", name="Write down")).to_be_visible()
    shoot(page, "begin-4-recovery-key")
    groups = groups_of(page)
    assert len(groups) == 14
    answer(page, groups)
    expect(page.get_by_role("heading", name="New chat")).to_be_visible()
    page.get_by_label("Link or handle").fill(link)
    page.get_by_role("button", name="Ask for a chat").click()
    expect(page.get_by_text("You have asked")).to_be_visible()
    ben.until("accept", "Ana")
    page.get_by_role("link", name=re.compile("Ben")).first.click()
    box = page.get_by_role("textbox", name=re.compile("Message"))
    box.fill("the first words")
    box.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("the first words")
    ben.until("history", "Ana")


def test_a_wrong_group_is_named_and_the_right_ones_open_the_profile(
    relay, newcomer, show
):
    page = show(newcomer("Cleo"))
    fill_invitation(page, relay.invite(), "Cleo")
    expect(page.get_by_role("heading", name="Write down")).to_be_visible()
    groups = groups_of(page)
    answer(page, ["AAAA"] * 14)
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_role("button", name="Show the key again").click()
    assert groups_of(page) == groups
    page.reload()
    expect(page.get_by_role("heading", name="Write down")).to_be_visible()
    assert groups_of(page) == groups
    answer(page, groups)
    expect(page.get_by_role("heading", name="New chat")).to_be_visible()


def test_what_is_missing_is_said_before_anything_is_sent(newcomer, show):
    page = show(newcomer("Dana"))
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("Paste the link here.")).to_be_visible()
    expect(page.get_by_text("What should people call you?")).to_be_visible()


def test_a_link_that_is_none_is_refused_in_words(newcomer, show):
    page = show(newcomer("Eve"))
    fill_invitation(page, "nonsense", "Eve")
    expect(page.get_by_role("alert")).to_contain_text("not a link")


def test_the_lock_closes_everything_and_the_passphrase_opens_it(person, show, shoot):
    ana, ben = person("Ana"), person("Ben")
    page = show(ana)
    ben.open()
    befriend(ana, ben)
    page.get_by_role("link", name=re.compile("Ben")).first.wait_for()
    page.goto(page.url.partition("#")[0] + "#/settings/account")
    page.get_by_role("button", name="Lock now").click()
    expect(page.get_by_role("heading", name="Privity is locked")).to_be_visible()
    expect(page.get_by_text("Ben")).to_have_count(0)
    shoot(page, "unlock")
    box = page.get_by_label("Passphrase")
    expect(box).to_be_focused()
    box.fill("not it")
    box.press("Enter")
    expect(page.get_by_text("not the passphrase")).to_be_visible()
    shoot(page, "unlock-wrong")
    box.fill(ana.passphrase)
    box.press("Enter")
    expect(page.get_by_role("link", name=re.compile("Ben")).first).to_be_visible()
