"""Safety numbers, groups, pictures: between real people, seen in the window."""

import re

from pages import go
from PIL import Image
from playwright.sync_api import expect


def account_of(one, name):
    return next(
        c["person"]["account"]
        for c in one("contacts")["contacts"]
        if c["person"]["name"] == name
    )


def test_a_code_that_is_pasted_verifies_and_a_doubt_takes_it_back(pair, show, shoot):
    ana, ben = pair
    page = show(ana)
    page.get_by_role("link", name=re.compile("Ben")).first.wait_for()
    go(page, f"#/verify/{account_of(ana, 'Ben')}")
    page.locator(".digits").wait_for()
    shown = page.locator(".digits li > [aria-hidden]").all_inner_texts()
    told = ben("verify", "Ana")
    assert shown == list(told["number"])
    page.get_by_label("Text of their code").fill("not a code")
    page.get_by_role("button", name="Compare", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Text of their code").fill(told["qr"])
    page.get_by_role("button", name="Compare", exact=True).click()
    expect(page.get_by_text("You have compared it with")).to_be_visible()
    shoot(page, "verify-done")
    page.get_by_role("button", name="They differ").click()
    page.get_by_role("dialog").get_by_role("button", name="They differ").click()
    expect(page.get_by_role("button", name="They are the same")).to_be_visible()
    assert not ana("verify", "Ben")["verified"]


def test_a_group_is_made_and_whoever_is_removed_is_gone_from_it(pair, show, shoot):
    ana, ben = pair
    page = show(ana)
    page.get_by_role("link", name=re.compile("Ben")).first.wait_for()
    go(page, "#/new-group")
    page.get_by_label("Title").fill("Garden")
    page.get_by_role("checkbox", name=re.compile("Ben")).check()
    page.get_by_role("button", name="Make the group").click()
    expect(page).to_have_url(re.compile("#/chat/"))
    ben.until("accept", "Garden")
    chat = page.url.rpartition("/")[2]
    go(page, f"#/info/{chat}")
    expect(page.get_by_text("You and 1 other person")).to_be_visible()
    page.get_by_role("button", name=re.compile("More about")).click()
    page.get_by_role("menuitem", name="Remove from group").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("You and 0 other people")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("More about"))).to_have_count(0)
    shoot(page, "group-after-removal")


def test_a_picture_is_shown_where_it_stands_and_at_full_size(
    pair, show, shoot, tmp_path
):
    ana, ben = pair
    picture = tmp_path / "hill.png"
    Image.linear_gradient("L").resize((640, 400)).convert("RGB").save(picture)
    (tmp_path / "notes.txt").write_text("plain")
    ben("send", "Ana", "--file", picture)
    ben("send", "Ana", "--file", tmp_path / "notes.txt")
    page = show(ana)
    page.get_by_role("link", name=re.compile("Ben")).first.click()
    small = page.get_by_role("button", name=re.compile("Open picture"))
    expect(small.locator("img")).to_be_visible()
    shoot(page, "talk-picture")
    small.click()
    viewer = page.get_by_role("dialog")
    expect(viewer.get_by_role("img", name=re.compile("hill.png"))).to_be_visible()
    viewer.get_by_role("button", name="Larger").click()
    expect(viewer.get_by_role("button", name="Smaller")).to_be_enabled()
    shoot(page, "viewer")
    page.keyboard.press("Escape")
    expect(small).to_be_focused()
    chat = page.url.rpartition("/")[2].partition("?")[0]
    go(page, f"#/media/{chat}")
    expect(page.get_by_role("button", name=re.compile("Open picture"))).to_be_visible()
    page.get_by_role("tab", name="Files").click()
    expect(page.get_by_role("tabpanel")).to_contain_text("notes.txt")
    shoot(page, "media-files")
