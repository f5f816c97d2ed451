"""By the keyboard alone: from an invitation to the first words, and the lock."""

import re

import pytest
from hands import Hands
from playwright.sync_api import expect
from windows import befriend

SECRET = "four words of mine"


@pytest.fixture
def hands(show):
    return lambda someone: Hands(show(someone))


def test_an_account_is_made_and_its_key_asked_back(relay, newcomer, hands):
    ana = hands(newcomer("Ana"))
    page = ana.page
    expect(page.get_by_role("heading", name="Welcome to Privity")).to_be_focused()
    ana.fill("Invitation link", relay.invite())
    ana.fill("Your name", "Ana")
    ana.press("Enter")
    expect(page.get_by_role("heading", name="What the relay")).to_be_focused()
    ana.use("button", "Next")
    ana.fill(re.compile("^Passphrase$"), SECRET)
    ana.fill("Once more", SECRET)
    ana.press("Enter")
    expect(page.get_by_role("heading", name="Write down")).to_be_focused()
    groups = page.locator(".key-groups code").all_inner_texts()
    ana.use("button", "I have written it down")
    for field in page.get_by_label(re.compile("^Group")).all():
        name = field.evaluate("it => it.labels[0].textContent")
        ana.go(field)
        ana.type(groups[int(re.sub(r"\D", "", name)) - 1])
    ana.press("Enter")
    expect(page.get_by_role("heading", name="New chat")).to_be_focused()
    ana.look()


def test_a_mistake_on_the_way_leaves_the_focus_where_one_can_go_on(newcomer, hands):
    eve = hands(newcomer("Eve"))
    eve.use("button", "Next")
    expect(eve.page.get_by_text("Paste the link here.")).to_be_visible()
    eve.look()
    eve.fill("Invitation link", "nonsense")
    eve.fill("Your name", "Eve")
    eve.press("Enter")
    eve.use("button", "Next")
    eve.fill(re.compile("^Passphrase$"), SECRET)
    eve.fill("Once more", SECRET)
    eve.use("button", "Make my account")
    expect(eve.page.get_by_role("alert")).to_contain_text("not a link")
    made = eve.page.get_by_role("button", name="Make my account")
    expect(made).to_be_focused()


def test_a_chat_begins_by_a_link_and_the_request_is_accepted(person, hands):
    ana, ben = hands(person("Ana")), hands(person("Ben"))
    ben.press("Alt+n")
    expect(ben.page.get_by_role("heading", name="New chat")).to_be_focused()
    ben.use("button", "Make a link")
    shown = ben.page.locator(".link-text")
    ben.go(shown)
    ana.press("Alt+n")
    ana.fill("Link or handle", shown.inner_text())
    ana.fill(re.compile("A word with it"), "It is me")
    ana.use("button", "Ask for a chat")
    expect(ana.page.get_by_text("You have asked")).to_be_visible()
    ana.look()
    ben.use("link", re.compile("request to talk"))
    expect(ben.page.get_by_role("heading", name="Requests")).to_be_focused()
    ben.use("button", "Accept")
    expect(ben.page.get_by_role("listitem", name="Ana")).to_have_count(0)
    ben.look()
    nav = ana.page.get_by_role("navigation")
    expect(
        nav.get_by_role("link", name=re.compile("^Ben, (?!You asked)"))
    ).to_be_visible()
    ana.use("link", re.compile("^Ben"), within=nav)
    box = ana.page.get_by_role("textbox", name=re.compile("^Message to"))
    expect(box).to_be_focused()
    ana.type("the first words")
    ana.press("Enter")
    expect(ana.page.get_by_role("log")).to_contain_text("the first words")


def test_declining_and_blocking_lead_on_to_what_is_left(person, hands):
    someone = person("Ana")
    someone.open()
    for name in ("Eve", "Bob"):
        person(name)("join", someone("invite")["link"])
    ana = hands(someone)
    page = ana.page
    ana.use("link", re.compile("2 requests"))
    ana.use("button", "Decline", within=page.get_by_role("listitem", name="Eve"))
    expect(page.get_by_role("listitem", name="Eve")).to_have_count(0)
    # Not his "Accept": whoever presses Enter twice would let a stranger in.
    expect(page.get_by_role("heading", name="Bob")).to_be_focused()
    ana.look()
    ana.use("button", "Block", within=page.get_by_role("listitem", name="Bob"))
    ana.refuse()
    expect(page.get_by_role("button", name="Block")).to_be_focused()
    ana.press("Enter")
    ana.answer("Block")
    expect(page.get_by_text("No requests")).to_be_visible()
    ana.look()


def test_the_lock_and_back(person, hands):
    someone, other = person("Ana"), person("Ben")
    ana = hands(someone)
    other.open()
    befriend(someone, other)
    page = ana.page
    ana.use("button", re.compile("^Menu of"))
    ana.choose("Lock")
    expect(page.get_by_role("heading", name="Privity is locked")).to_be_visible()
    box = page.get_by_label("Passphrase")
    expect(box).to_be_focused()
    ana.type("not it")
    ana.press("Enter")
    expect(page.get_by_text("not the passphrase")).to_be_visible()
    expect(box).to_be_focused()
    ana.type(someone.passphrase)
    ana.press("Enter")
    expect(page.get_by_role("link", name=re.compile("^Ben"))).to_be_visible()
    expect(page.get_by_role("searchbox")).to_be_focused()
