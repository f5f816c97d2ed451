"""Notes to oneself, and chats that are deleted."""

import re

from playwright.sync_api import expect


def chat_link(page, name):
    return page.get_by_role("navigation").get_by_role("link", name=re.compile(name))


def test_a_note_to_self_stays_in_the_list_and_is_cleared(person, show, shoot):
    ana = person("Ana")
    page = show(ana)
    page.get_by_role("button", name=re.compile("^Menu of")).click()
    page.get_by_role("menuitem", name="Note to self").click()
    box = page.get_by_role("textbox", name=re.compile("^Message to"))
    box.fill("buy bread")
    box.press("Enter")
    expect(page.locator("[data-message]", has_text="buy bread")).to_be_visible()
    expect(page.locator(".talk-head")).to_contain_text("Only on this device")
    expect(page.get_by_role("button", name="Attach files")).to_have_count(0)
    expect(chat_link(page, "Note to self.*buy bread")).to_be_visible()
    shoot(page, "note-to-self")
    chat_link(page, "Note to self").click(button="right")
    page.get_by_role("menuitem", name="Delete all notes…").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(chat_link(page, "Note to self")).to_have_count(0)
    assert ana("chats")["chats"] == []


def test_a_chat_is_deleted_after_a_question(pair, show):
    ana, ben = pair
    ben("send", "Ana", "nobody shall find this")
    page = show(ana)
    chat_link(page, "Ben").click()
    expect(page.get_by_text("nobody shall find this").first).to_be_visible()
    chat_link(page, "Ben").click(button="right")
    page.get_by_role("menuitem", name="Delete chat…").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("nobody shall find this")).to_have_count(0)
    expect(chat_link(page, "Ben,")).to_have_count(0)
    assert "nobody" not in str(ana("search", "nobody"))
