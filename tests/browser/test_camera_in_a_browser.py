"""A safety number compared by a camera, in a browser that reads no codes itself."""

import io
import re

import segno
from capturing import ALLOWED, FAKE, REFUSED, keep_streams, states, until_off
from PIL import Image
from playwright.sync_api import expect

WIDTH, HEIGHT = 640, 480


def code(text):
    made = io.BytesIO()
    segno.make(text, error="l", micro=False).save(made, kind="png", scale=4, border=4)
    return Image.open(made).convert("L")


def film(path, text):
    """Write what a camera sees: a grey wall, and then somebody's code before it."""
    wall = Image.new("L", (WIDTH, HEIGHT), 150)
    held = wall.copy()
    shown = code(text)
    shown.thumbnail((HEIGHT - 40, HEIGHT - 40))
    held.paste(shown.rotate(4, expand=True, fillcolor=150), (70, 20))
    colours = bytes([128]) * (WIDTH * HEIGHT // 2)
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420\n".encode())
        for picture in [wall] * 5 + [held] * 20:
            file.write(b"FRAME\n" + picture.tobytes() + colours)


def verify_page(browser, ana):
    """Open Ana's page about Ben's safety number."""
    who = next(c["person"]["account"] for c in ana("contacts")["contacts"])
    page = browser.new_page()
    keep_streams(page)
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.goto(ana.link())
    page.get_by_role("link", name=re.compile("Ben")).first.wait_for()
    page.evaluate("(place) => { location.hash = place; }", f"#/verify/{who}")
    page.locator(".digits").wait_for()
    return page


def start_scan(page):
    page.get_by_role("button", name="Scan with the camera").click()
    return page.get_by_role("dialog", name="Scan with the camera")


def test_a_code_before_the_camera_verifies_and_the_camera_goes_off(
    couple, another_chromium, tmp_path, shoot
):
    ana, ben = couple
    seen = tmp_path / "seen.y4m"
    film(seen, ben("verify", "Ana")["qr"])
    capture = f"--use-file-for-fake-video-capture={seen}"
    page = verify_page(another_chromium(FAKE, ALLOWED, capture), ana)
    assert not page.evaluate("'BarcodeDetector' in window")
    start_scan(page)
    expect(page.get_by_text("You have compared it with")).to_be_visible()
    assert states(page) == ["ended"]
    shoot(page, "verify-by-camera")
    assert ana("verify", "Ben")["verified"]
    assert page.errors == []
    ana("verify", "Ben", "--doubt")


def test_a_scan_that_is_closed_turns_the_camera_off(
    couple, another_chromium, tmp_path, shoot
):
    seen = tmp_path / "wall.y4m"
    film(seen, "nothing of anybody's")
    seen.write_bytes(seen.read_bytes()[: 60 + 5 * (6 + WIDTH * HEIGHT * 3 // 2)])
    capture = f"--use-file-for-fake-video-capture={seen}"
    page = verify_page(another_chromium(FAKE, ALLOWED, capture), couple[0])
    asked = start_scan(page)
    with page.expect_response(re.compile("/code")) as answered:
        expect(asked.get_by_label("What the camera sees")).to_be_visible()
    assert answered.value.json() == {"text": ""}
    shoot(page, "verify-camera")
    page.keyboard.press("Escape")
    expect(asked).to_have_count(0)
    until_off(page)
    assert page.errors == []


def test_no_camera_and_a_refused_one_are_said_in_words(couple, another_chromium):
    page = verify_page(another_chromium(ALLOWED), couple[0])
    expect(start_scan(page)).to_contain_text("There is no camera here.")
    page = verify_page(another_chromium(FAKE, REFUSED), couple[0])
    expect(start_scan(page)).to_contain_text("The camera can't be used.")
    page.keyboard.press("Escape")
    expect(page.get_by_label("Text of their code")).to_be_visible()


def test_a_picture_of_a_code_is_chosen_or_pasted(couple, show, shoot, tmp_path):
    ana, ben = couple
    page = show(ana)
    page.get_by_role("link", name=re.compile("Ben")).first.wait_for()
    who = next(c["person"]["account"] for c in ana("contacts")["contacts"])
    page.evaluate("(place) => { location.hash = place; }", f"#/verify/{who}")
    page.locator(".digits").wait_for()
    path = tmp_path / "screen.png"
    Image.new("L", (1600, 900), 255).save(path)
    page.locator("input[type=file]").set_input_files(path)
    expect(page.get_by_role("alert")).to_contain_text("No code could be read there.")
    screen = Image.new("L", (1600, 900), 255)
    screen.paste(code(ben("verify", "Ana")["qr"]), (500, 100))
    screen.save(path)
    page.locator("input[type=file]").set_input_files(path)
    expect(page.get_by_text("You have compared it with")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    shoot(page, "verify-by-picture")
    ana("verify", "Ben", "--doubt")
    assert ana("verify", "Ben", "--qr", str(path))["verified"]


def test_the_code_of_a_link_fills_the_form_of_a_new_chat_and_asks_nobody(
    couple, person, show, shoot, tmp_path
):
    ana, _ = couple
    cleo = person("Cleo")
    page = show(cleo)
    page.get_by_role("heading", name="Chats").wait_for()
    page.evaluate("() => { location.hash = '#/new'; }")
    expect(page.get_by_role("button", name="Scan with the camera")).to_be_visible()
    shoot(page, "new-chat-scan")
    link = ana("invite")["link"]
    path = tmp_path / "link.png"
    shown = code(link)
    screen = Image.new("L", (shown.width + 300, shown.height + 200), 255)
    screen.paste(shown, (150, 100))
    screen.save(path)
    page.locator("input[type=file]").set_input_files(path)
    expect(page.get_by_label("Link or handle")).to_have_value(link)
    ask = page.get_by_role("button", name="Ask for a chat")
    expect(ask).to_be_focused()
    assert ana("requests")["requests"] == []
    ask.click()
    expect(page.get_by_text("You have asked")).to_be_visible()
    assert ana.until("accept", "Cleo")["state"] == "accepted"


def test_a_link_before_the_camera_fills_the_form_of_a_new_chat(
    couple, another_chromium, tmp_path
):
    ana, ben = couple
    seen = tmp_path / "seen.y4m"
    # Such a code is large: it is nearer to the camera than a safety number is.
    text = ben("verify", "Ana")["qr"]
    film(seen, text)
    capture = f"--use-file-for-fake-video-capture={seen}"
    page = verify_page(another_chromium(FAKE, ALLOWED, capture), ana)
    page.evaluate("() => { location.hash = '#/new'; }")
    page.get_by_role("heading", name="New chat").wait_for()
    start_scan(page)
    expect(page.get_by_label("Link or handle")).to_have_value(text)
    assert states(page) == ["ended"]
    assert page.errors == []
