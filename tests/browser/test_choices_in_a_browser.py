"""What is chosen on a page is asked of the client, with the verb for it."""

from dataclasses import replace

from msgspec import structs
from playwright.sync_api import expect
from screens import CROWD, GROUP, SCREENS
from staged_world import BEN, ME

from privity.client.verbs import results
from privity.client.verbs.profile_results import ProfileShown
from privity.client.verbs.repair_results import Refounded
from privity.client.verbs.timer_results import ChatTimer


def asked(page, verb):
    return [dict(params) for name, params in page.stage.called if name == verb]


def test_a_timer_is_set_for_everybody_in_a_group(stand):
    page = stand(SCREENS["group"])
    page.stage.answers["timer"] = ChatTimer(GROUP.chat, 86_400, done=True)
    page.get_by_label("A day").check()
    assert asked(page, "timer") == [{"chat": GROUP.chat, "seconds": 86_400}]


def test_a_new_name_is_told_and_a_picture_is_shrunk_before(stand, tmp_path):
    from PIL import Image

    page = stand(SCREENS["settings-account"])
    page.stage.answers["profile.set"] = ProfileShown(ME)
    page.get_by_label("Your name").fill("Ana Maria")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Kept.").wait_for()
    Image.new("RGB", (3000, 2000), "green").save(tmp_path / "me.png")
    page.locator("input[type=file]").set_input_files(tmp_path / "me.png")
    page.wait_for_timeout(1500)
    named, pictured = asked(page, "profile.set")
    assert named == {"name": "Ana Maria"}
    assert 100 < len(pictured["data"]) < 100_000


def test_a_stuck_chat_is_begun_anew_without_who_stays_behind(stand):
    page = stand(SCREENS["health-anew"])
    asked_along = tuple(one for one in GROUP.members if one not in (ME, BEN))
    page.stage.answers["repair.refound"] = Refounded(GROUP, asked_along, (BEN,))
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("checkbox", name="Ben").uncheck()
    dialog.get_by_label("A word on why (optional)").fill("the relay lost it")
    dialog.get_by_role("button", name="Begin anew").click()
    page.get_by_text("The others were asked along").wait_for()
    assert asked(page, "repair.refound") == [
        {"chat": GROUP.chat, "without": [BEN.account], "text": "the relay lost it"}
    ]


def _in_a_crowd():
    stage = SCREENS["health-anew"].stage()
    crowd = structs.replace(GROUP, members=CROWD.members)
    stage.answers["chats"] = results.ChatList((crowd,))
    return stage


def test_in_a_large_chat_the_search_finds_who_stays_behind(stand):
    page = stand(replace(SCREENS["health-anew"], stage=_in_a_crowd))
    page.stage.answers["repair.refound"] = Refounded(GROUP, (), ())
    dialog = page.get_by_role("dialog")
    away = [one for one in CROWD.members if one.name in ("Member 997", "Member 998")]
    for one in away:
        dialog.get_by_role("searchbox").fill(one.name)
        expect(dialog.get_by_role("checkbox")).to_have_count(1)
        dialog.get_by_role("checkbox").uncheck()
    dialog.get_by_role("searchbox").fill("Member 99")
    # Of 99 and of 990 to 998, those two are still left out.
    expect(dialog.get_by_role("checkbox")).to_have_count(10)
    expect(dialog.get_by_role("checkbox", checked=False)).to_have_count(2)
    dialog.get_by_role("button", name="Begin anew").click()
    page.get_by_text("The others were asked along").wait_for()
    (told,) = asked(page, "repair.refound")
    assert set(told["without"]) == {one.account for one in away}
