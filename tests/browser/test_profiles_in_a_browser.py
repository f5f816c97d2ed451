"""Faces, names behind an @, and an account that is deleted."""

import io
import re

from PIL import Image
from playwright.sync_api import expect


def chat_link(page, name):
    return page.get_by_role("navigation").get_by_role("link", name=re.compile(name))


def box(page):
    return page.get_by_role("textbox", name=re.compile("^Message to"))


def picture():
    made = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(made, "PNG")
    return {"name": "me.png", "mimeType": "image/png", "buffer": made.getvalue()}


def test_a_picture_is_chosen_and_seen_by_the_other_side(couple, show, shoot):
    ana, ben = (show(one) for one in couple)
    ana.goto(ana.url.split("#")[0] + "#/settings/account")
    ana.locator("input[type=file]").set_input_files(picture())
    expect(ana.locator(".own-button .avatar img")).to_be_visible()
    expect(ana.locator(".person-card .avatar img")).to_be_visible()
    shoot(ana, "profile-picture")
    chat_link(ana, "Ben").click()
    box(ana).fill("look at me")
    box(ana).press("Enter")
    face = chat_link(ben, "Ana").locator(".avatar img")
    expect(face).to_be_visible()
    assert face.evaluate("one => one.src.startsWith('blob:') && one.naturalWidth > 0")
    ana.goto(ana.url.split("#")[0] + "#/settings/account")
    ana.get_by_role("button", name="No picture").click()
    expect(ana.locator(".own-button .avatar img")).to_have_count(0)


def test_an_at_sign_offers_members_and_the_name_stands_out(couple, show, shoot):
    ana, ben = (show(one) for one in couple)
    chat_link(ana, "Ben").click()
    chat_link(ben, "Ana").click()
    box(ana).press_sequentially("ask @b")
    expect(ana.get_by_role("option", name="Ben")).to_be_visible()
    shoot(ana, "talk-naming")
    box(ana).press("Enter")
    expect(box(ana)).to_have_value("ask @Ben ")
    box(ana).press_sequentially("please 😀")
    box(ana).press("Enter")
    expect(ben.locator(".mention.me")).to_have_text("@Ben")


def test_an_account_goes_only_by_its_own_name(person, show, shoot):
    ana = person("Ana")
    page = show(ana)
    page.get_by_role("button", name=re.compile("^Menu of")).click()
    page.get_by_role("menuitem", name="Your account").click()
    page.get_by_role("button", name="Delete this account…").click()
    asked = page.get_by_role("dialog")
    asked.get_by_role("textbox").fill("Bob")
    expect(asked.get_by_role("button", name="Delete for good")).to_be_disabled()
    asked.get_by_role("textbox").fill("ana")
    shoot(page, "account-delete")
    asked.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_role("heading", name="Welcome to Privity")).to_be_visible()
    assert not (ana.profile / "vault").exists()
    page.errors.clear()
