"""The window in other languages: nothing left in English, nothing cut, all mirrored."""

import pytest
from looking import MEASURED, paint
from playwright.sync_api import expect
from screens import SCREENS

from privity.web.prefs import Prefs

SOME = ("new-chat", "group", "verify", "settings", "settings-privacy", "left", "about")
# Names that people and programs have, and what is typed into a terminal.
SAID_BY_OTHERS = (
    ".name, bdi, code, kbd, .avatar, .digits, .qr, .facts dd, option, script,"
    " .chats-pane, [dir=ltr]"
)
UNTRANSLATED = f"""() => {{
  const left = [];
  const all = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let depth = 0;
  while (all.nextNode()) {{
    const it = all.currentNode.parentElement;
    if (!it.checkVisibility() || it.closest({SAID_BY_OTHERS!r})) continue;
    const words = all.currentNode.data
      .replace(/\\u2068[^\\u2069]*\\u2069/gu, "").replace(/⟦[^⟧]*⟧/gu, "");
    if (/[A-Za-z]{{3}}/u.test(words)) left.push(words.trim().slice(0, 60));
  }}
  return left;
}}"""


def speaking(name, language):
    screen = SCREENS[name]

    def staged():
        stage = screen.stage()
        stage.answers["ui.prefs"] = Prefs(language=language)
        return stage

    return type(screen)(screen.hash, staged)


@pytest.mark.parametrize("name", SOME)
def test_every_word_of_a_screen_comes_from_the_catalogue(name, stand):
    page = stand(speaking(name, "en-XA"))
    expect(page.locator("html")).to_have_attribute("lang", "en-XA")
    assert page.evaluate(UNTRANSLATED) == []
    paint(page, "light", "phone")
    assert page.evaluate(MEASURED) == []


@pytest.mark.parametrize("name", SOME)
@pytest.mark.parametrize("language", ["ar", "ja"])
def test_a_translated_screen_is_whole_on_a_phone(name, language, stand, shoot):
    page = stand(speaking(name, language))
    expect(page.locator("html")).to_have_attribute("lang", language)
    shoot(page, f"{name}-{language}")
    paint(page, "light", "phone")
    assert page.evaluate(MEASURED) == []
    shoot(page, f"{name}-{language}-phone")


def test_arabic_is_mirrored(stand):
    page = stand(speaking("settings", "ar"))
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    pane = page.locator(".chats-pane").bounding_box()
    assert pane["x"] + pane["width"] == pytest.approx(1180, abs=2)


def test_a_language_is_chosen_in_the_settings_and_kept_by_the_client(stand):
    page = stand(SCREENS["settings-language"])
    page.get_by_label("日本語").check()
    expect(page.locator("html")).to_have_attribute("lang", "ja")
    kept = [
        params["prefs"]["language"]
        for name, params in page.stage.called
        if params.get("prefs")
    ]
    assert kept == ["ja"]
