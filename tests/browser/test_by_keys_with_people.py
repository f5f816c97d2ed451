"""By the keyboard alone: safety numbers, groups, settings, what left this device."""

import re

import pytest
from hands import Hands
from playwright.sync_api import expect


@pytest.fixture
def ana(couple, show):
    return Hands(show(couple[0]))


def chat_link(page, name):
    return page.get_by_role("navigation").get_by_role("link", name=re.compile(name))


def heading(hands, name):
    """See that a screen is there, and that it is the one that is read aloud."""
    found = hands.page.get_by_role("heading", name=name, level=1)
    expect(found).to_be_focused()


def open_chat(hands, name):
    box = hands.page.get_by_role("textbox", name=re.compile("^Message to"))
    hands.search()
    hands.type(name)
    expect(chat_link(hands.page, f"^(Group .)?{name}")).to_be_visible()
    hands.press("ArrowDown", "Enter")
    expect(box).to_be_focused()
    hands.search()
    hands.press("Alt+m")
    expect(box).to_be_focused()


def test_a_safety_number_is_compared_and_doubted(ana):
    open_chat(ana, "Ben")
    ana.go(ana.page.locator(".talk-who"), "Shift+Tab")
    ana.press("Enter")
    heading(ana, "Person")
    ana.use("link", "Check safety number")
    heading(ana, "Safety number")
    same = ana.page.get_by_role("button", name="They are the same")
    ana.go(same)
    ana.press("Enter")
    expect(ana.page.get_by_text("You have compared it with")).to_be_visible()
    expect(same).to_have_count(0)
    ana.look()
    differ = ana.page.get_by_role("button", name="They differ")
    ana.go(differ)
    ana.press("Enter")
    ana.refuse()
    expect(differ).to_be_focused()
    ana.press("Enter")
    ana.answer("They differ")
    expect(same).to_be_visible()
    expect(differ).to_be_focused()
    ana.go(ana.page.get_by_label("Text of their code"))
    ana.type("not a code")
    ana.press("Enter")
    expect(ana.page.get_by_role("alert")).to_be_visible()
    ana.look()
    ana.go(ana.page.get_by_role("button", name="Back"), "Shift+Tab")
    ana.press("Enter")
    heading(ana, "Person")


def test_a_person_gets_a_name_of_ones_own_and_is_blocked_for_a_moment(ana):
    open_chat(ana, "Ben")
    ana.go(ana.page.locator(".talk-who"), "Shift+Tab")
    ana.press("Enter")
    heading(ana, "Person")
    ana.fill("Your name for them", "Benny")
    ana.press("Enter")
    expect(ana.page.get_by_text("The name is kept.")).to_be_visible()
    expect(chat_link(ana.page, "Benny")).to_be_visible()
    ana.look()
    ana.fill("Your name for them", "")
    ana.press("Backspace")
    ana.use("button", "Save")
    expect(chat_link(ana.page, "^Ben,")).to_be_visible()
    ana.look()
    ana.use("button", "Block")
    ana.answer("Block")
    undo = ana.page.get_by_role("button", name="Unblock")
    expect(undo).to_be_focused()
    # The button takes no key while the relay is being told.
    expect(undo).to_be_enabled()
    ana.press("Enter")
    expect(ana.page.get_by_role("button", name="Block", exact=True)).to_be_focused()


def test_a_group_is_made_changed_and_left(couple, person, ana):
    _, ben = couple
    cleo = person("Cleo")
    cleo.open()
    couple[0]("join", cleo("invite")["link"])
    cleo.until("accept", "Ana")
    expect(chat_link(ana.page, "^Cleo, (?!You asked)")).to_be_visible()
    makes_group(ana)
    ben.until("accept", "Garden")
    expect(ana.page.get_by_role("log")).to_contain_text("Ben")
    ana.go(ana.page.locator(".talk-who"), "Shift+Tab")
    ana.press("Enter")
    heading(ana, "Group")
    members = ana.page.locator(".people .person-row")
    asks(ana, "Cleo")
    cleo.until("accept", "Garden")
    expect(members).to_have_count(3)
    renames(ana)
    removes(ana, "Cleo")
    expect(members).to_have_count(2)
    ana.look()
    leaves(ana)


def makes_group(ana):
    ana.press("Alt+n")
    heading(ana, "New chat")
    ana.use("link", "New group")
    heading(ana, "New group")
    ana.go(ana.page.get_by_label("Title"))
    ana.press("Enter")
    expect(ana.page.get_by_text("Give the group a title.")).to_be_visible()
    ana.type("Garden")
    ana.go(ana.page.get_by_role("checkbox", name=re.compile("Ben")))
    ana.press("Space")
    ana.use("button", "Make the group")
    box = ana.page.get_by_role("textbox", name=re.compile("^Message to"))
    expect(box).to_be_focused()


def asks(ana, name):
    add = ana.page.get_by_role("button", name="Add people")
    ana.go(add)
    ana.press("Enter")
    ana.go(ana.page.get_by_role("checkbox", name=re.compile(name)))
    ana.press("Space")
    ana.answer("Ask")
    expect(add).to_be_focused()


def renames(ana):
    title = ana.page.get_by_role("button", name="Change the title")
    ana.go(title, "Shift+Tab")
    ana.press("Enter")
    expect(ana.page.get_by_label("Title")).to_be_focused()
    ana.press("Control+a")
    ana.type("Garden and shed")
    ana.press("Enter")
    expect(title).to_be_visible()
    ana.look()


def removes(ana, name):
    more = ana.page.get_by_role("button", name=re.compile(f"More about .*{name}"))
    ana.go(more)
    ana.press("Enter")
    ana.choose("Remove from group")
    ana.refuse()
    expect(more).to_be_focused()
    ana.press("Enter")
    ana.choose("Remove from group")
    ana.answer("Remove from group")


def leaves(ana):
    leave = ana.page.get_by_role("button", name="Leave group")
    ana.go(leave)
    ana.press("Enter")
    ana.refuse()
    expect(leave).to_be_focused()
    ana.press("Enter")
    ana.answer("Leave group")
    expect(ana.page.get_by_text("You have left").first).to_be_visible()
    ana.look()


def test_the_settings_and_the_language_are_chosen(ana):
    ana.press("Control+,")
    heading(ana, "Settings")
    ana.use("link", re.compile("^Appearance"))
    heading(ana, "Appearance")
    ana.go(ana.page.get_by_role("radio", name="As the computer"))
    ana.press("ArrowDown")
    expect(ana.page.locator("html")).to_have_attribute("data-theme", "light")
    ana.go(ana.page.get_by_role("slider", name="Text size"))
    ana.press("ArrowRight")
    expect(ana.page.get_by_text(re.compile("115.? %"))).to_be_visible()
    ana.press("ArrowLeft")
    back(ana, "Back")
    heading(ana, "Settings")
    ana.use("link", re.compile("^Privacy"))
    heading(ana, "Privacy")
    for name in ("Tell and show who is typing", "Only people with a link"):
        switch = ana.page.get_by_role("switch", name=re.compile(name))
        ana.go(switch)
        ana.press("Space")
        expect(switch).to_be_checked()
        expect(switch).to_be_focused()
        ana.press("Space")
        expect(switch).not_to_be_checked()
        expect(switch).to_be_focused()
    back(ana, "Back")
    ana.use("link", re.compile("^Language"))
    heading(ana, "Language")
    ana.go(ana.page.get_by_role("radio", name=re.compile("As the browser")))
    ana.press("ArrowUp")
    expect(ana.page.locator("html")).to_have_attribute("lang", "ja")
    ana.look()
    ana.press("ArrowDown")
    expect(ana.page.locator("html")).to_have_attribute("lang", "en")
    ana.look()


def back(hands, name):
    hands.go(hands.page.get_by_role("button", name=name, exact=True), "Shift+Tab")
    hands.press("Enter")


def test_the_own_name_is_changed_and_the_account_is_not_deleted_by_mistake(ana):
    ana.use("button", re.compile("^Menu of"))
    ana.choose("Your account")
    heading(ana, "Account")
    ana.fill("Your name", "Ana Maria")
    ana.use("button", "Save")
    expect(ana.page.get_by_text("Kept.")).to_be_visible()
    ana.look()
    ana.fill("Your name", "Ana")
    ana.press("Enter")
    expect(ana.page.get_by_role("heading", name="Ana", level=2)).to_be_visible()
    ana.look()
    ask = ana.page.get_by_role("button", name="Delete this account…")
    ana.go(ask)
    ana.press("Enter")
    ana.go(ana.page.get_by_role("dialog").get_by_role("textbox"))
    ana.type("Bob")
    ana.press("Enter")
    expect(ana.page.get_by_role("button", name="Delete for good")).to_be_disabled()
    ana.refuse()
    expect(ask).to_be_focused()


def test_what_left_this_device_is_read_to_its_end(ana):
    ana.use("button", re.compile("^Menu of"))
    ana.choose("What left this device")
    heading(ana, "What left this device")
    ana.go(ana.page.locator("summary", has_text="What for").first)
    ana.press("Enter")
    expect(ana.page.locator("details[open]").first).to_be_visible()
    ana.go(ana.page.get_by_role("region", name="Ledger"))
    more = ana.page.get_by_role("button", name="Older lines")
    while more.count():
        ana.go(more)
        ana.press("Enter")
        expect(ana.page.locator(".page .waiting")).to_have_count(0)
        ana.look()
    ana.go(ana.page.locator("summary", has_text=re.compile("files")))
    ana.press("Enter")


def test_the_sheet_of_keys_is_opened_from_anywhere_and_leads_back(ana):
    open_chat(ana, "Ben")
    box = ana.page.get_by_role("textbox", name=re.compile("^Message to"))
    sheet = ana.page.get_by_role("dialog", name="Keyboard shortcuts")
    for key in ("Control+/", "F1"):
        expect(box).to_be_focused()
        ana.press(key)
        expect(sheet).to_be_visible()
        ana.refuse()
    expect(box).to_be_focused()
    ana.press("Alt+ArrowDown", "Alt+ArrowUp")
    expect(box).to_be_focused()


def test_notes_to_oneself_are_written_at_once_and_deleted(ana):
    ana.use("button", re.compile("^Menu of"))
    ana.choose("Note to self")
    box = ana.page.get_by_role("textbox", name=re.compile("^Message to"))
    expect(box).to_be_focused()
    ana.type("buy bread")
    ana.press("Enter")
    expect(ana.page.locator("[data-message]", has_text="buy bread")).to_be_visible()
    ana.go(ana.page.get_by_role("button", name=re.compile("^More about")), "Shift+Tab")
    ana.press("Enter")
    ana.choose("Delete all notes…")
    ana.answer("Delete")
    expect(chat_link(ana.page, "Note to self")).to_have_count(0)
