"""Files from the composer: looked at, left out, sent, and got on the other side."""

import re

from playwright.sync_api import expect


def open_chat(page, name):
    page.get_by_role("navigation").get_by_role("link", name=re.compile(name)).click()
    expect(page.get_by_role("textbox", name=re.compile("^Message to"))).to_be_visible()


def test_files_are_looked_at_before_they_are_sent_and_arrive(couple, show, shoot):
    ana, ben = couple
    one, other = show(ana), show(ben)
    open_chat(one, "Ben")
    open_chat(other, "Ana")
    chosen = [
        {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"the plan"},
        {"name": "wrong.txt", "mimeType": "text/plain", "buffer": b"not this"},
    ]
    one.locator("input[type=file]").first.set_input_files(chosen)
    tray = one.get_by_role("list", name="Files to send")
    expect(tray.get_by_role("listitem")).to_have_count(2)
    shoot(one, "compose-tray")
    tray.get_by_role("button", name=re.compile("Leave out .*wrong")).click()
    one.get_by_role("textbox", name=re.compile("^Message to")).fill("as promised")
    one.get_by_role("button", name="Send", exact=True).click()
    expect(one.locator(".message.mine.file")).to_contain_text("notes.txt")
    arrived = other.locator(".message.theirs.file")
    expect(arrived).to_contain_text("notes.txt")
    expect(arrived).to_contain_text("as promised")
    with other.expect_download() as saved:
        arrived.get_by_role("button", name=re.compile("Save .*notes.txt")).click()
    assert saved.value.path().read_bytes() == b"the plan"
    shoot(other, "talk-file")
