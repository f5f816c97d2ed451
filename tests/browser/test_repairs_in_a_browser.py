"""What once wanted the terminal: a disk that went back twice, a proof, a group anew."""

import re
import shutil

from pages import box, chat_link, go, row, say
from playwright.sync_api import expect
from screens import SCREENS

STILL = "This device stands still"


def gone_back(someone, copy):
    """Let somebody's disk be what it was, after something was said on it."""
    someone.open()
    someone.until("send", "Ben", "after the copy")
    someone.close()
    shutil.rmtree(someone.profile)
    shutil.copytree(copy, someone.profile)


def test_a_disk_that_went_back_twice_in_a_day_waits_for_a_person_in_the_window(
    pair, show, shoot, tmp_path
):
    ana, _ = pair
    ana.close()
    shutil.copytree(ana.profile, tmp_path / "first")
    gone_back(ana, tmp_path / "first")
    ana.open()
    ana.until("send", "Ben", "back for the first time")
    ana.close()
    shutil.copytree(ana.profile, tmp_path / "second")
    gone_back(ana, tmp_path / "second")
    ana.url = ""
    page = show(ana)
    banner = page.locator(".banner.danger", has_text=STILL)
    expect(banner).to_be_visible(timeout=60_000)
    shoot(page, "device-banner")
    assert ana.told("send", "Ben", "too early")["error"]["code"] == "rolled_back"
    banner.get_by_role("link", name="See what to do").click()
    card = page.locator(".section", has_text=STILL)
    expect(card).to_contain_text("for the second time within a day")
    shoot(page, "device-card")
    card.get_by_role("button", name="Go on with this copy").click()
    asked = page.get_by_role("dialog")
    shoot(page, "device-sure")
    asked.get_by_role("button", name="It is the only one").click()
    expect(card).to_have_count(0, timeout=60_000)
    expect(banner).to_have_count(0, timeout=60_000)
    assert ana("doctor")["checks"]
    assert ana.told("send", "Ben", "again")["ok"]


def test_a_proof_is_saved_as_its_bytes_under_its_name(stand, shoot):
    page = stand(SCREENS["health-proof"])
    expect(page.get_by_role("heading", name="Two histories")).to_be_visible()
    shoot(page, "health-proof")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save the proof").click()
    assert saved.value.suggested_filename == "privity-fork-0a0b0c0d.evidence"
    assert saved.value.path().read_bytes() == bytes(range(256))
    expect(page.get_by_text("The browser saves")).to_be_visible()


def test_a_group_that_is_well_is_begun_anew_by_who_was_told_what_it_costs(
    couple, show, shoot
):
    ana, ben = couple
    chat = ana.until("group", "new", "Garden", "Ben")["chat"]["chat"]
    ben.until("accept", "Ana")
    ben.until("history", "Garden")
    pages = show(ana), show(ben)
    for page in pages:
        chat_link(page, "Garden").click()
    say(pages[0], "before")
    expect(row(pages[1], "before")).to_be_visible()
    page = pages[0]
    go(page, f"#/info/{chat}")
    begin = page.get_by_role("button", name="Begin anew…")
    begin.scroll_into_view_if_needed()
    shoot(page, "group-anew-part")
    begin.click()
    asked = page.get_by_role("dialog", name=re.compile("Garden"))
    expect(asked).to_contain_text("no way back")
    shoot(page, "group-anew")
    asked.get_by_role("button", name="Begin anew").click()
    expect(page.get_by_text("goes on here in a new chat")).to_be_visible(timeout=30_000)
    ben.until("accept", "Ana")
    chat_link(page, "Garden").click()
    expect(box(page)).to_be_visible(timeout=60_000)
    say(page, "in the new one")
    expect(row(pages[1], "in the new one")).to_be_visible(timeout=60_000)
    expect(row(page, "before")).to_be_visible()
