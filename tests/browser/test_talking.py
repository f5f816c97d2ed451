"""Conversations in the window: said, answered, changed, taken back, found again."""

import re

import pytest
from pages import box, chat_link, row, say
from playwright.sync_api import expect


def act(page, words, item):
    row(page, words).locator(".bubble").click(button="right")
    page.get_by_role("menuitem", name=item, exact=True).click()


@pytest.fixture
def both(couple, show):
    """Two live windows, each with the chat of the two open."""
    ana, ben = couple
    pages = show(ana), show(ben)
    for page, name in zip(pages, ("Ben", "Ana"), strict=True):
        chat_link(page, name).click()
        expect(box(page)).to_be_visible()
    return pages


def test_words_go_both_ways_with_their_state_in_words(both, shoot):
    ana, ben = both
    say(ana, "Do you come on Saturday?")
    expect(row(ana, "Do you come")).to_contain_text(re.compile("Sent|Delivered|Read"))
    expect(row(ben, "Do you come")).to_be_visible()
    say(ben, "Yes, at seven.")
    expect(row(ana, "Yes, at seven.")).to_be_visible()
    expect(box(ana)).to_have_value("")
    lines = ana.locator(".log > li:is([data-seq])")
    expect(lines.first).to_contain_text(re.compile("created|added|joined"))
    expect(lines.last).to_contain_text("Yes, at seven.")
    shoot(ana, "talk-two")


def test_a_message_is_answered_changed_reacted_to_and_taken_back(both, shoot):
    ana, ben = both
    say(ana, "The train goes at sevn.")
    act(ana, "The train goes", "Edit")
    expect(box(ana)).to_have_value("The train goes at sevn.")
    say(ana, "The train goes at seven.")
    changed = row(ben, "The train goes at seven.")
    expect(changed).to_contain_text("edited")
    act(ben, "The train goes", "Reply")
    say(ben, "I will be there.")
    answer = row(ana, "I will be there.")
    expect(answer.locator(".quote")).to_contain_text("The train goes at seven.")
    row(ana, "I will be there.").locator(".bubble").click(button="right")
    ana.get_by_role("group", name="React").get_by_role("button", name="👍").click()
    given = row(ben, "I will be there.").get_by_role("button", name=re.compile("👍"))
    expect(given).to_be_visible()
    shoot(ben, "talk-answered")
    act(ana, "The train goes", "Delete")
    ana.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(ben.locator(".message.deleted")).to_contain_text("Message deleted")
    expect(ben.get_by_text("The train goes")).to_have_count(0)


def test_a_reaction_is_taken_back_by_the_same_click(both):
    ana, ben = both
    say(ana, "Cake at four")
    row(ben, "Cake at four").locator(".bubble").click(button="right")
    ben.get_by_role("group", name="React").get_by_role("button", name="❤️").click()
    mine = row(ben, "Cake at four").get_by_role("button", pressed=True)
    expect(mine).to_be_visible()
    mine.click()
    expect(row(ben, "Cake at four").locator(".reaction")).to_have_count(0)
    expect(row(ana, "Cake at four").locator(".reaction")).to_have_count(0)


def test_all_of_it_goes_by_the_keyboard_alone(both):
    ana, ben = both
    ana.keyboard.press("Control+k")
    expect(ana.get_by_role("searchbox")).to_be_focused()
    ana.keyboard.type("Ben")
    ana.keyboard.press("ArrowDown")
    ana.keyboard.press("Enter")
    ana.keyboard.press("Alt+m")
    expect(box(ana)).to_be_focused()
    ana.keyboard.type("one line")
    ana.keyboard.press("Shift+Enter")
    ana.keyboard.type("and another")
    ana.keyboard.press("Enter")
    expect(row(ben, "and another")).to_be_visible()
    ana.get_by_role("log").focus()
    ana.keyboard.press("ArrowUp")
    expect(row(ana, "and another")).to_be_focused()
    ana.keyboard.press("Enter")
    expect(
        ana.get_by_role("group", name="React").get_by_role("button").first
    ).to_be_focused()
    ana.keyboard.press("Escape")
    expect(row(ana, "and another")).to_be_focused()


def test_enter_of_an_input_method_sends_nothing(both):
    ana, _ = both
    box(ana).fill("かな")
    box(ana).dispatch_event(
        "keydown", {"key": "Enter", "isComposing": True, "bubbles": True}
    )
    expect(box(ana)).to_have_value("かな")
    expect(row(ana, "かな")).to_have_count(0)
    box(ana).fill("")


def test_what_was_begun_is_there_again_after_the_window_was_closed(couple, show):
    ana, _ = couple
    page = show(ana)
    chat_link(page, "Ben").click()
    box(page).fill("I wanted to say")
    page.wait_for_timeout(900)
    page.context.close()
    again = show(ana)
    expect(chat_link(again, "Ben")).to_contain_text(
        re.compile("Draft: .?I wanted to say")
    )
    chat_link(again, "Ben").click()
    expect(box(again)).to_have_value("I wanted to say")
    box(again).fill("")
    again.wait_for_timeout(900)
    assert ana("draft", "Ben")["text"] == ""


def test_news_is_counted_until_somebody_looks(couple, show):
    ana, ben = couple
    page = show(ana)
    expect(chat_link(page, "Ben")).to_be_visible()
    ben("send", "Ana", "first")
    ben("send", "Ana", "second")
    expect(chat_link(page, "Ben, 2 new messages")).to_be_visible()
    expect(page).to_have_title(re.compile("2"))
    chat_link(page, "Ben").click()
    expect(page.get_by_text("New", exact=True)).to_be_visible()
    expect(chat_link(page, "2 new messages")).to_have_count(0)


def test_a_chat_is_pinned_muted_archived_and_brought_back(couple, show, shoot):
    ana, ben = couple
    ben("send", "Ana", "hello")
    page = show(ana)
    chat_link(page, "Ben").click(button="right")
    shoot(page, "chat-menu")
    page.get_by_role("menuitem", name="Pin to the top").click()
    expect(chat_link(page, "Ben.*pinned")).to_be_visible()
    chat_link(page, "Ben").click(button="right")
    page.get_by_role("menuitem", name="Mute…").click()
    page.get_by_role("button", name="For eight hours").click()
    expect(chat_link(page, "Ben.*muted")).to_be_visible()
    chat_link(page, "Ben").click(button="right")
    page.get_by_role("menuitem", name="Archive", exact=True).click()
    expect(chat_link(page, "Ben")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(chat_link(page, "Ben")).to_be_visible()
    chat_link(page, "Ben").click(button="right")
    page.get_by_role("menuitem", name="Unmute").click()
    expect(chat_link(page, "Ben.*muted")).to_have_count(0)
    marks = ana("chats")["chats"][0]["marks"]
    assert not marks["muted"]
    assert not marks["archived"]


def test_words_are_found_and_lead_to_where_they_were_said(couple, show, shoot):
    ana, ben = couple
    ben("send", "Ana", "the blue bicycle is in the cellar")
    page = show(ana)
    page.get_by_role("searchbox").fill("bicyc")
    hit = page.get_by_role("region", name="Messages").get_by_role("link")
    expect(hit).to_contain_text("bicycle")
    shoot(page, "search-found")
    hit.click()
    expect(row(page, "blue bicycle")).to_be_focused()


def test_typing_is_shown_where_both_want_it(couple, show):
    ana, ben = couple
    ana("typing", "on")
    ben("typing", "on")
    one, other = show(ana), show(ben)
    chat_link(one, "Ben").click()
    chat_link(other, "Ana").click()
    box(one).press_sequentially("Hm", delay=50)
    expect(other.locator(".typists")).to_contain_text("Ana")


def test_a_person_who_asks_is_shown_harmlessly_and_accepted(person, show, shoot):
    ana, eve = person("Ana"), person("Eve")
    ana.open()
    link = ana("invite")["link"]
    eve("join", link, "--text", "Look: https://evil.example/x <b>bold</b>")
    page = show(ana)
    chat = page.get_by_role("link", name=re.compile("request to talk"))
    chat.click()
    asked = page.get_by_role("listitem", name="Eve")
    expect(asked).to_contain_text("<b>bold</b>")
    expect(asked.get_by_role("link")).to_have_count(0)
    expect(asked.get_by_role("img")).to_have_count(0)
    shoot(page, "request")
    asked.get_by_role("button", name="Accept").click()
    # Her device is away: the chat begins when it is back.
    expect(page.get_by_role("link", name=re.compile("^Eve, Begins"))).to_be_visible()
    eve.open()
    began = chat_link(page, "^Eve, (?!Begins)")
    expect(began).to_be_visible(timeout=30_000)
    expect(chat_link(page, "^Eve, Begins")).to_have_count(0)
    began.click()
    expect(box(page)).to_be_visible(timeout=30_000)


def test_a_declined_and_a_blocked_person_are_gone(person, show):
    ana, eve, bob = person("Ana"), person("Eve"), person("Bob")
    ana.open()
    for one in (eve, bob):
        one("join", ana("invite")["link"])
    page = show(ana)
    page.get_by_role("link", name=re.compile("2 requests")).click()
    page.get_by_role("listitem", name="Eve").get_by_role(
        "button", name="Decline"
    ).click()
    expect(page.get_by_role("listitem", name="Eve")).to_have_count(0)
    page.get_by_role("listitem", name="Bob").get_by_role("button", name="Block").click()
    page.get_by_role("dialog").get_by_role("button", name="Block").click()
    expect(page.get_by_text("No requests")).to_be_visible()
    assert ana("requests")["requests"] == []


def test_a_window_without_chats_says_what_to_do(person, show, shoot):
    ana = person("Ana")
    page = show(ana)
    expect(page.get_by_role("heading", name="No chats yet")).to_be_visible()
    shoot(page, "chats-empty")
