"""A list of a thousand chats: made as one reads on, and whole for who wants its end."""

from pages import until
from playwright.sync_api import expect
from screens import Screen
from staged_world import ME, chat, open_stage, person

MANY = tuple(chat(f"Somebody {n}", (ME, person(f"Somebody {n}"))) for n in range(1000))
ROWS = "document.querySelectorAll('.chat-list > li').length"


def a_thousand():
    return open_stage(MANY)


def test_a_thousand_chats_are_made_as_one_scrolls(stand):
    page = stand(Screen("", a_thousand))
    assert 0 < page.evaluate(ROWS) < 200
    pane = page.locator(".chats-scroll")
    last = page.locator(".chat-list").get_by_text("Somebody 999", exact=True)
    for _ in range(60):
        if last.count():
            break
        pane.evaluate("it => { it.scrollTop = it.scrollHeight; }")
        page.wait_for_timeout(50)
    expect(last).to_be_visible()
    assert page.evaluate(ROWS) == len(MANY)


def test_the_open_chat_stands_in_the_list_however_far_down_it_is(stand):
    far = MANY[700]
    page = stand(Screen(f"#/chat/{far.chat}", a_thousand))
    here = page.locator(".chat-list [aria-current=page]")
    expect(here).to_be_in_viewport()
    expect(here).to_contain_text(far.title)
    page.keyboard.press("Alt+ArrowDown")
    until(page, f"location.hash.includes('{MANY[701].chat}')")
    expect(here).to_contain_text(MANY[701].title)


def test_a_search_finds_a_chat_that_no_row_was_made_of(stand):
    page = stand(Screen("", a_thousand))
    page.get_by_role("searchbox").fill("Somebody 998")
    expect(page.locator(".chat-list > li")).to_have_count(1)
