"""Names of files and texts that want to be something else, seen in the window."""

import pytest
from looking import MEASURED, paint, violations
from playwright.sync_api import expect
from screens import Screen
from staged_world import BEN, ME, chat, contact, message, open_stage

from privity.client.verbs.message_results import FileInfo

TURNED = "invoice\u202egpj.exe"
PILE = "Z" + "\u0335\u200d\u0321\u200d\u0327\u0322\u0334" * 60 + "algo"
NAMES = {
    TURNED: ("invoicegpj", ".exe"),
    "photo.jpg" + " " * 300 + ".exe": ("photo.jpg", ".exe"),
    "lake" * 1000 + ".jpg.scr": ("lake" * 20, ".scr"),
    PILE + ".pdf": ("Z", ".pdf"),
    "<img src=x onerror=alert(1)>.txt": ("<img src=x onerror=alert(1)>", ".txt"),
    "\u0641\u0627\u062a\u0648\u0631\u0629.exe": ("\u0641\u0627\u062a", ".exe"),
    "\u2066\u2067\n\u0007": ("…", ""),
    "no ending": ("no ending", ""),
}
LONG = "All work and no play. " * 5000


def talk():
    within = chat(PILE, (ME, BEN))
    files = [
        message(within, n, kind="file", text="", file=FileInfo(name, "x/y", 9))
        for n, name in enumerate(NAMES, 1)
    ]
    start = len(files) + 1
    texts = [
        message(within, start, text=LONG),
        message(within, start + 1, text=PILE),
        message(within, start + 2, text="below", quote=PILE, reply_to=files[0].message),
    ]
    people = (contact(BEN, chat_id=within.chat),)
    stage = open_stage((within,), people, (*files, *texts))
    return Screen(f"#/chat/{within.chat}", lambda: stage)


@pytest.mark.parametrize("size", [(1180, 3000), (320, 3000)])
def test_a_name_of_a_file_shows_what_it_is_at_its_end(stand, shoot, size):
    page = stand(talk(), size)
    cards = page.locator(".file-card .file-name")
    expect(cards).to_have_count(len(NAMES))
    for card, (stem, ending) in zip(cards.all(), NAMES.values(), strict=True):
        words = card.text_content()
        assert words.startswith(stem)
        assert words.endswith(ending)
        assert not set(words) & set("\u202e\u2066\u2067\n\u0007")
        assert card.bounding_box()["height"] < 40
        if ending:
            box, last = card.bounding_box(), card.locator("span").last.bounding_box()
            assert last["width"] > 10
            assert last["x"] >= box["x"] - 1
            assert last["x"] + last["width"] <= box["x"] + box["width"] + 1
    assert page.locator(".log img, .log script").count() == 0
    shoot(page, f"hostile-files-{size[0]}")


def test_no_text_climbs_out_of_its_place(stand, shoot):
    page = stand(talk(), (1180, 3000))
    expect(page.get_by_role("button", name="Show all of it")).to_have_count(1)
    loose = page.evaluate(
        """() => {
          const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          const found = [];
          for (let node = walk.nextNode(); node; node = walk.nextNode()) {
            if (!/\\p{M}{2}/u.test(node.data)) continue;
            let at = node.parentElement;
            const leaks = () => getComputedStyle(at).overflowY === 'visible';
            while (at && leaks()) at = at.parentElement;
            if (!at || at.matches('.log, :has([data-message])'))
              found.push(node.parentElement.className || node.parentElement.tagName);
          }
          return found;
        }"""
    )
    assert loose == []
    for theme in ("light", "dark"):
        paint(page, theme, (1180, 3000))
        assert page.evaluate(MEASURED) == []
        assert violations(page) == []
        shoot(page, f"hostile-texts-{theme}")
