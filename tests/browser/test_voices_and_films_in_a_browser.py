"""Voices by a microphone that beeps, and films that the browser makes and shows."""

import re
from base64 import b64decode

import pytest
from capturing import ALLOWED, FAKE, REFUSED, keep_streams, states, until_off
from playwright.sync_api import expect

FILMED = """async () => {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [320, 180];
  const pen = canvas.getContext('2d');
  const stream = canvas.captureStream(20);
  const recorder = new MediaRecorder(stream, {mimeType: 'video/webm'});
  const parts = [];
  recorder.ondataavailable = ({data}) => parts.push(data);
  const over = new Promise((done) => { recorder.onstop = done; });
  recorder.start();
  for (let at = 0; at < 60; at += 1) {
    pen.fillStyle = `hsl(${at * 6} 80% 50%)`;
    pen.fillRect(0, 0, 320, 180);
    await new Promise((next) => setTimeout(next, 50));
  }
  recorder.stop();
  await over;
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  return btoa([...bytes].map((one) => String.fromCharCode(one)).join(''));
}"""


TWENTY_TIMES_AS_FAST = """() => {
  const now = performance.now.bind(performance), send = WebSocket.prototype.send;
  performance.now = () => now() * 20;
  window.asked = 0;
  WebSocket.prototype.send = function (said) {
    window.asked += String(said).includes('ui.prefs');
    send.call(this, said);
  };
}"""

SLOW_TO_READ = """(() => {
  const media = HTMLMediaElement.prototype, load = media.load, later = setTimeout;
  const src = Object.getOwnPropertyDescriptor(media, 'src');
  const listen = media.addEventListener;
  window.films = {read: 0, now: 0, most: 0};
  window.setTimeout = (work, after, ...rest) =>
    later(work, after === 4000 ? 300 : after, ...rest);
  Object.defineProperty(media, 'src', {...src, set(url) {
    films.most = Math.max(films.most, films.now += 1);
    src.set.call(this, url);
  }});
  media.addEventListener = function (name, ...rest) {
    if (name !== 'loadedmetadata') listen.call(this, name, ...rest);
  };
  media.load = function () {
    films.now -= 1;
    films.read += 1;
    load.call(this);
  };
})()"""


def open_chat(page, name):
    page.get_by_role("navigation").get_by_role("link", name=re.compile(name)).click()
    expect(page.get_by_role("textbox", name=re.compile("^Message to"))).to_be_visible()


@pytest.fixture
def speaking(couple, another_chromium):
    """Ana's chat with Ben, in a browser with these flags."""
    pages = []

    def open_one(*flags):
        page = another_chromium(*flags).new_page()
        keep_streams(page)
        page.errors = []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.goto(couple[0].link())
        open_chat(page, "Ben")
        pages.append(page)
        return page

    yield open_one
    assert [page.errors for page in pages if page.errors] == []


def begin(page):
    page.get_by_role("button", name="Record a voice message").click()
    return page.get_by_role("group", name="Recording")


def last_file(one, name):
    said = one("history", name)["messages"]
    return next((m for m in reversed(said) if m["file"]), None)


def test_a_voice_is_recorded_sent_and_heard(couple, speaking, show, shoot, tmp_path):
    _, ben = couple
    page = speaking(FAKE, ALLOWED)
    bar = begin(page)
    expect(bar.get_by_role("timer")).to_have_text(re.compile("0:0[2-9]"))
    louder = "(meter) => new Promise((done) => { (function look() {"
    louder += " meter.value > 0.02 ? done(true) : setTimeout(look, 20); })(); })"
    assert bar.get_by_label("Loudness").evaluate(louder)
    shoot(page, "voice-recording")
    assert states(page) == ["live"]
    bar.get_by_role("button", name="Send").click()
    expect(bar).to_have_count(0)
    until_off(page)
    heard = show(ben)
    open_chat(heard, "Ana")
    heard.get_by_role("button", name="Play voice message").last.click()
    played = heard.locator("audio").last
    played.wait_for(state="attached")
    heard.wait_for_function(
        "() => document.querySelector('.sound audio')?.currentTime > 0.2"
    )
    shoot(heard, "voice-playing")
    found = last_file(ben, "Ana")
    assert found["file"]["media_type"] in {"audio/webm", "audio/ogg"}
    to = tmp_path / "voice"
    ben("save", "Ana", found["message"], "--to", str(to))
    assert to.read_bytes().startswith((b"\x1a\x45\xdf\xa3", b"OggS"))


def test_who_records_a_voice_uses_the_window(speaking):
    page = speaking(FAKE, ALLOWED)
    page.evaluate(TWENTY_TIMES_AS_FAST)
    bar = begin(page)
    page.wait_for_function("() => asked > 3")
    bar.get_by_role("button", name="Throw away").click()
    expect(bar).to_have_count(0)
    until_off(page)


@pytest.mark.parametrize("way", ["button", "key", "leaving"])
def test_a_voice_that_is_thrown_away_goes_nowhere(couple, speaking, way):
    before = last_file(couple[0], "Ben")
    page = speaking(FAKE, ALLOWED)
    bar = begin(page)
    discard = bar.get_by_role("button", name="Throw away")
    expect(bar.get_by_role("timer")).to_have_text("0:01")
    if way == "button":
        discard.click()
    elif way == "key":
        discard.focus()
        page.keyboard.press("Escape")
    else:
        page.evaluate("location.hash = '#/settings'")
    expect(bar).to_have_count(0)
    until_off(page)
    assert last_file(couple[0], "Ben") == before


def test_no_microphone_and_a_refused_one_are_said_in_words(speaking, shoot):
    page = speaking(ALLOWED)
    page.get_by_role("button", name="Record a voice message").click()
    expect(page.locator(".toast")).to_contain_text("There is no microphone here.")
    shoot(page, "voice-no-microphone")
    page = speaking(FAKE, REFUSED)
    page.get_by_role("button", name="Record a voice message").click()
    expect(page.locator(".toast")).to_contain_text("The microphone can't be used.")
    expect(page.get_by_role("textbox", name=re.compile("^Message to"))).to_be_visible()


def test_a_film_shows_a_still_and_plays_and_a_broken_one_is_a_file(
    couple, show, shoot, tmp_path, chromium
):
    ana, ben = couple
    studio = chromium.new_page()
    film = b64decode(studio.evaluate(FILMED))
    studio.close()
    page = show(ben)
    open_chat(page, "Ana")

    def send(name, data):
        path = tmp_path / name
        path.write_bytes(data)
        ana("send", "Ben", "--file", str(path), "--as-is")

    send("lake.webm", film)
    still = page.get_by_role("button", name=re.compile("Open video .*lake.webm"))
    expect(still.locator("img")).to_have_js_property("naturalWidth", 320)
    shoot(page, "talk-film")
    still.click()
    seen = page.get_by_role("dialog").locator("video")
    seen.evaluate("(video) => { video.muted = true; return video.play(); }")
    page.wait_for_function("() => document.querySelector('video')?.currentTime > 0.3")
    shoot(page, "viewer-film")
    page.keyboard.press("Escape")
    for name, data in {
        "cut.webm": film[: len(film) // 20],
        "empty.mp4": b"\0\0\0\x20ftypisom" + bytes(4000),
        "text.webm": b"no film at all",
    }.items():
        send(name, data)
        row = page.locator(".message.theirs.file").filter(has_text=name)
        why = re.compile("can't show it|not the kind of file")
        expect(row.locator(".file-card")).to_contain_text(why)
        expect(row.get_by_role("button", name=re.compile("^Save "))).to_be_visible()
    shoot(page, "talk-film-broken")
    page.errors[:] = [one for one in page.errors if "415" not in one]


def test_films_that_are_slow_to_read_are_whole_and_read_one_at_a_time(
    pair, show, tmp_path, chromium
):
    ana, ben = pair
    studio = chromium.new_page()
    film = b64decode(studio.evaluate(FILMED))
    studio.close()
    for name in ("lake.webm", "hill.webm", "pond.webm"):
        path = tmp_path / name
        path.write_bytes(film)
        ana("send", "Ben", "--file", str(path), "--as-is")
    page = show(ben)
    page.add_init_script(SLOW_TO_READ)
    page.goto("about:blank")
    page.goto(ben.link())
    open_chat(page, "Ana")
    page.wait_for_function("() => films.read === 3")
    assert page.evaluate("films.most") == 1
    films = page.get_by_role("button", name=re.compile("^Open video"))
    expect(films).to_have_count(3)
    expect(page.locator(".file-card")).to_have_count(0)
