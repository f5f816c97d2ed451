"""Pictures that somebody sent: shown, or a file with its reason and never decoded."""

import io
import re
import struct

import pytest
from PIL import Image
from playwright.sync_api import expect

SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>"


def picture(form, size=(640, 400)):
    made = io.BytesIO()
    Image.new("RGB", size, "teal").save(made, form)
    return made.getvalue()


def open_chat(page, name):
    page.get_by_role("navigation").get_by_role("link", name=re.compile(name)).click()
    expect(page.get_by_role("textbox", name=re.compile("^Message to"))).to_be_visible()


@pytest.fixture
def send(couple, tmp_path):
    """Send a file of these bytes to Ben as it is: `send("a.png", data)`."""
    ana, _ = couple

    def send_one(name, data):
        path = tmp_path / name
        path.write_bytes(data)
        ana("send", "Ben", "--file", str(path), "--as-is")

    return send_one


def test_a_picture_is_shown_where_it_was_sent_and_at_full_size(
    couple, send, show, shoot
):
    send("lake.png", picture("PNG"))
    page = show(couple[1])
    open_chat(page, "Ana")
    shown = page.get_by_role(
        "button", name=re.compile("Open picture .*lake.png")
    ).get_by_role("img")
    expect(shown).to_be_visible()
    expect(shown).to_have_js_property("naturalWidth", 640)
    shoot(page, "talk-picture")
    shown.click()
    large = page.get_by_role("dialog").get_by_role("img")
    expect(large).to_have_js_property("naturalWidth", 640)


BOMB = picture("PNG")[:16] + struct.pack(">II", 65_000, 65_000) + picture("PNG")[24:]
REASONS = {
    "many.png": (BOMB, "more pixels than a camera gives"),
    "drawn.svg": (SVG, "Files of this kind are not shown"),
    "hidden.png": (SVG, "This picture is damaged"),
    "other.png": (picture("JPEG"), "not the kind of file that it says"),
    "voice.mp3": (picture("PNG"), "not the kind of file that it says"),
    "new.avif": (b"\0\0\0\x20ftypavif" + bytes(99), "Files of this kind"),
}


def test_what_is_not_to_be_decoded_is_a_file_with_its_reason(couple, send, show, shoot):
    page = show(couple[1])
    open_chat(page, "Ana")
    for name, (data, reason) in REASONS.items():
        send(name, data)
        row = page.locator(".message.theirs.file").filter(has_text=name)
        if name == "voice.mp3":
            page.get_by_role("button", name="Play voice message").last.click()
        expect(row.locator(".file-card")).to_contain_text(reason)
        assert row.locator("img, audio, video").count() == 0
        with page.expect_download() as saved:
            row.get_by_role("button", name=re.compile("^Save ")).click()
        assert saved.value.path().read_bytes() == data
    shoot(page, "talk-pictures-unshown")
    page.errors[:] = [one for one in page.errors if "415" not in one]
