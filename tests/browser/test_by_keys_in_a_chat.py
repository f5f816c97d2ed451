"""By the keyboard alone: what is said in a chat, and what is done with the chat."""

import io
import re

import pytest
from hands import Hands
from PIL import Image
from playwright.sync_api import expect


def row(page, words):
    said = page.locator(".flow .words", has_text=words)
    return page.locator("[data-message]", has=said)


def box(page):
    return page.get_by_role("textbox", name=re.compile("^Message to"))


def chat_link(page, name):
    return page.get_by_role("navigation").get_by_role("link", name=re.compile(name))


@pytest.fixture
def both(couple, show):
    """Ana's keys, and the window of Ben, each with the chat of the two open."""
    ana, ben = (Hands(show(one)) for one in couple)
    for one, name in ((ana, "Ben"), (ben, "Ana")):
        one.go(chat_link(one.page, f"^{name}"))
        one.press("Enter")
        expect(box(one.page)).to_be_focused()
    return ana, ben


def say(hands, words):
    hands.press("Alt+m")
    expect(box(hands.page)).to_be_focused()
    hands.type(words)
    hands.press("Enter")
    expect(row(hands.page, words)).to_be_visible()
    expect(box(hands.page)).to_be_focused()


def menu_of(hands, words):
    """Go from the box to a message, and open what can be done with it."""
    hands.go(hands.page.get_by_role("log"), "Shift+Tab")
    hands.go(row(hands.page, words), "ArrowUp")
    hands.press("Enter")


def test_a_message_is_written_answered_reacted_to_changed_and_taken_back(both):
    ana, ben = both
    say(ana, "The train goes at sevn.")
    expect(row(ben.page, "The train")).to_be_visible()
    menu_of(ben, "The train")
    ben.choose("Reply")
    expect(box(ben.page)).to_be_focused()
    ben.type("I will be there.")
    ben.press("Enter")
    answer = row(ana.page, "I will be there.")
    expect(answer.locator(".quote")).to_contain_text("The train")

    menu_of(ana, "I will be there.")
    ana.press("ArrowRight", "Enter")
    expect(answer).to_be_focused()
    expect(answer.locator(".reaction")).to_have_count(1)
    ana.go(answer.locator(".reaction"))
    ana.press("Enter")
    expect(answer.locator(".reaction")).to_have_count(0)
    ana.look()

    ana.press("Alt+m", "ArrowUp")
    expect(box(ana.page)).to_have_value("The train goes at sevn.")
    ana.press("Control+a")
    ana.type("The train goes at seven.")
    ana.press("Enter")
    expect(row(ben.page, "at seven.")).to_contain_text("edited")
    expect(box(ana.page)).to_be_focused()

    menu_of(ana, "at seven.")
    ana.choose("Delete")
    ana.refuse()
    expect(row(ana.page, "at seven.")).to_be_focused()
    ana.press("Enter")
    ana.choose("Delete")
    ana.answer("Delete")
    expect(ben.page.locator(".message.deleted")).to_be_visible()
    ana.rests(ana.page.locator(".message.deleted"))


def test_any_emoji_is_found_group_by_group_and_the_box_has_the_focus_again(both):
    ana, _ = both
    ana.use("button", "Emoji")
    picker = ana.page.get_by_role("dialog", name="Emoji")
    expect(picker).to_be_visible()
    ana.press("Tab", "ArrowRight", "Enter")
    ana.press("Shift+Tab", "Escape")
    expect(picker).to_have_count(0)
    expect(ana.page.get_by_role("button", name="Emoji")).to_be_focused()
    ana.press("Alt+m", "Enter")
    expect(ana.page.locator(".message.jumbo").last).to_be_visible()
    menu_of(ana, re.compile(r"\S"))
    ana.go(ana.page.get_by_role("button", name="More emoji"), "ArrowRight")
    ana.press("Enter", "ArrowDown", "Enter")
    reacted = ana.page.locator("[data-message]", has=ana.page.locator(".reaction"))
    expect(reacted).to_have_count(1)
    expect(reacted).to_be_focused()


def picture(name):
    made = io.BytesIO()
    Image.new("RGB", (640, 400), "teal").save(made, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": made.getvalue()}


def test_files_are_looked_at_left_out_sent_and_opened(both):
    ana, ben = both
    page = ana.page
    ana.go(page.get_by_role("button", name="Attach files"), "Shift+Tab")
    ana.pick([picture("lake.png"), picture("wrong.png")])
    tray = page.get_by_role("list", name="Files to send")
    expect(tray.get_by_role("listitem")).to_have_count(2)
    expect(box(page)).to_be_focused()
    leave_out = tray.get_by_role("button", name=re.compile("Leave out .*wrong"))
    ana.go(leave_out, "Shift+Tab")
    ana.press("Enter")
    expect(tray.get_by_role("listitem")).to_have_count(1)
    ana.look()
    clean = page.get_by_role("switch", name="Remove metadata from pictures")
    ana.go(clean)
    ana.press("Space", "Space")
    expect(clean).to_be_checked()
    ana.press("Alt+m")
    ana.type("the lake")
    ana.use("button", "Send", exact=True)
    expect(box(page)).to_be_focused()

    arrived = ben.page.get_by_role("button", name=re.compile("Open picture .*lake"))
    expect(arrived).to_be_visible()
    ben.go(arrived, "Shift+Tab")
    ben.press("Enter")
    viewer = ben.page.get_by_role("dialog", name=re.compile("lake.png"))
    expect(viewer).to_be_visible()
    ben.use("button", "Larger", within=viewer)
    ben.press("Escape")
    expect(arrived).to_be_focused()


def test_a_file_alone_that_is_left_out_gives_the_focus_back_to_the_box(both):
    ana, _ = both
    attach = ana.page.get_by_role("button", name="Attach files")
    ana.go(attach, "Shift+Tab")
    ana.pick([picture("wrong.png")])
    tray = ana.page.get_by_role("list", name="Files to send")
    ana.go(tray.get_by_role("button"), "Shift+Tab")
    ana.press("Enter")
    expect(tray).to_have_count(0)
    expect(box(ana.page)).to_be_focused()


def test_words_are_searched_for_and_lead_to_where_they_were_said(both):
    ana, ben = both
    say(ben, "the blue bicycle is in the cellar")
    expect(row(ana.page, "bicycle")).to_be_visible()
    ana.search()
    ana.type("bicyc")
    hit = ana.page.get_by_role("region", name="Messages").get_by_role("link")
    ana.go(hit)
    ana.press("Enter")
    expect(row(ana.page, "blue bicycle")).to_be_focused()
    ana.search()
    ana.type("Ben")
    ana.press("ArrowDown", "Enter")
    expect(box(ana.page)).to_be_focused()
    ana.search()


def test_the_timer_of_a_chat_is_set_and_its_menu_has_the_focus_again(both):
    ana, ben = both
    ana.go(more(ana), "Shift+Tab")
    ana.press("Enter")
    ana.choose("Disappearing messages…")
    dialog = ana.page.get_by_role("dialog")
    ana.go(dialog.get_by_role("radio", name="Never"))
    ana.press("ArrowDown", "ArrowDown")
    expect(dialog.get_by_role("radio", name="A day")).to_be_checked()
    ana.answer("Done")
    expect(more(ana)).to_be_focused()
    expect(ben.page.locator(".talk-head .timer")).to_contain_text("1 day")
    ana.press("Enter")
    ana.choose("Disappearing messages…")
    ana.go(dialog.get_by_role("radio", name="A day"))
    ana.press("ArrowUp", "ArrowUp")
    ana.answer("Done")
    expect(ben.page.locator(".talk-head .timer")).to_have_count(0)


def more(hands):
    return hands.page.locator(".talk-head").get_by_role(
        "button", name=re.compile("^More")
    )


def test_a_chat_is_pinned_muted_put_away_and_taken_out_again(both):
    ana, _ = both

    def do(item):
        ana.go(more(ana), "Shift+Tab")
        ana.press("Enter")
        ana.choose(item)

    do("Pin to the top")
    expect(chat_link(ana.page, "^Ben.*pinned")).to_be_visible()
    do("Mute…")
    ana.answer("For eight hours")
    expect(more(ana)).to_be_focused()
    expect(chat_link(ana.page, "^Ben.*muted")).to_be_visible()
    do("Archive")
    expect(chat_link(ana.page, "^Ben")).to_have_count(0)
    ana.look()
    ana.use("button", "Undo")
    expect(chat_link(ana.page, "^Ben")).to_be_visible()
    ana.look()
    do("Unmute")
    do("Mark as unread")
    expect(chat_link(ana.page, "^Ben.*marked as unread")).to_be_visible()
    do("Mark as read")
    expect(chat_link(ana.page, "^Ben.*marked as unread")).to_have_count(0)
    ana.search()
    ana.press("Tab")
    expect(chat_link(ana.page, "^Ben")).to_be_focused()
    ana.press("Shift+F10")
    ana.choose("Archive")
    ana.use("button", re.compile("1 archived chat"))
    ana.look()
    ana.search()
    ana.press("Tab")
    expect(chat_link(ana.page, "^Ben")).to_be_focused()
    ana.press("Shift+F10")
    ana.choose("Take out of the archive")
    ana.look()
    ana.use("button", "Chats", exact=True)
    expect(chat_link(ana.page, "^Ben")).to_be_visible()


def test_a_chat_is_deleted_and_the_list_has_the_focus(both):
    ana, _ = both
    ana.go(more(ana), "Shift+Tab")
    ana.press("Enter")
    ana.choose("Delete chat…")
    ana.refuse()
    expect(more(ana)).to_be_focused()
    ana.press("Enter")
    ana.choose("Delete chat…")
    ana.answer("Delete")
    expect(chat_link(ana.page, "^Ben")).to_have_count(0)
    expect(ana.page.get_by_role("searchbox")).to_be_focused()
