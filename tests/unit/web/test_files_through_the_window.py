"""Files that a page hands in and gets: sealed on the disk, whole, and its own."""

import asyncio
import io
import os
import struct

import pytest
from PIL import Image

pytestmark = pytest.mark.asyncio(loop_scope="module")
PASSPHRASE = "correct horse"
BODY = os.urandom(300_000)


async def sent(ana, ben, upload, **options):
    """Send a file to Ben and return the message there."""
    told = await ana.do("send", chat="Ben", files=[upload], **options)
    message = told["messages"][-1]["message"]

    def there(shown):
        return next((m for m in shown["messages"] if m["message"] == message), None)

    return await ben.until("history", there, chat="Ana")


async def handed_in(page, name="plan.bin", body=BODY):
    answer = await page.upload(name, body)
    assert answer.status_code == 200, answer.text
    return answer.json()["upload"]


def on_disk(profile):
    return b"".join(p.read_bytes() for p in profile.transfers.iterdir())


def window_of(page):
    return page.served.window


def waiting(page):
    return list(window_of(page).profile.transfers.glob("upload-*"))


async def test_a_file_goes_from_page_to_page_and_is_never_in_the_clear(pair):
    ana, ben = pair
    text = b"the harbour plan, in the clear " * 20_000
    upload = await handed_in(ana, "plan.txt", text)
    assert b"harbour" not in on_disk(window_of(ana).profile)
    message = await sent(ana, ben, upload)
    got = await ben.media(message["chat"], message["message"])
    assert got.content == text
    assert b"harbour" not in on_disk(window_of(ben).profile)
    assert waiting(ana) == []


async def test_what_is_fetched_is_an_attachment_of_a_harmless_type(pair):
    ana, ben = pair
    page = b"<script>alert(1)</script>"
    message = await sent(ana, ben, await handed_in(ana, "page.html", page))
    got = await ben.media(message["chat"], message["message"])
    assert got.content == page
    assert got.headers["content-type"] == "application/octet-stream"
    assert got.headers["content-disposition"].startswith("attachment;")
    assert got.headers["x-content-type-options"] == "nosniff"


async def test_to_be_shown_a_picture_is_looked_at_and_to_be_saved_it_is_bytes(pair):
    ana, ben = pair
    made = io.BytesIO()
    Image.new("RGB", (20, 10), "teal").save(made, "PNG")
    whole = made.getvalue()
    wide = struct.pack(">II", 65_000, 65_000)
    bomb = whole[:16] + wide + whole[24:]
    lie = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
    for name, body, reason in (
        ("fine.png", whole, ""),
        ("bomb.png", bomb, "picture_too_large"),
        ("lie.png", lie, "picture_damaged"),
        ("drawn.svg", lie, "file_not_shown"),
        ("page.html", b"<p>hello</p>", "file_not_shown"),
        ("voice.mp3", whole, "file_mislabelled"),
    ):
        message = await sent(ana, ben, await handed_in(ana, name, body), as_is=True)
        where = (message["chat"], f"{message['message']}")
        saved = await ben.media(*where)
        assert saved.content == body
        assert saved.headers["content-type"] == "application/octet-stream"
        got = await ben.media(where[0], f"{where[1]}?shown")
        if reason:
            assert (got.status_code, got.json()["error"]["code"]) == (415, reason)
        else:
            assert (got.status_code, got.content) == (200, body)
            assert got.headers["content-type"] == "image/png"


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("voice.weba", "audio/webm"),
        ("voice.ogg", "audio/ogg"),
        ("VOICE.M4A", "audio/mp4"),
        ("bell.wav", "audio/wav"),
        ("film.webm", "video/webm"),
        ("page.html", "text/html"),
        ("nothing", "application/octet-stream"),
    ],
)
async def test_a_file_is_sent_as_what_its_ending_says(pair, name, media_type):
    ana, ben = pair
    message = await sent(ana, ben, await handed_in(ana, name, b"content"))
    assert message["file"]["media_type"] == media_type


async def test_a_part_of_a_file_can_be_asked_for(pair):
    ana, ben = pair
    message = await sent(ana, ben, await handed_in(ana))
    where = (message["chat"], message["message"])
    fetched = await ben.do("media", chat=where[0], message=where[1])
    assert fetched["length"] == len(BODY)
    assert any(told["method"] == "progress" for told in ben.told)
    for first, last in ((0, 0), (65_530, 65_540), (131_072, 299_999)):
        got = await ben.media(*where, range=f"bytes={first}-{last}")
        assert (got.status_code, got.content) == (206, BODY[first : last + 1])
    got = await ben.media(*where, range="bytes=299990-")
    assert got.content == BODY[299_990:]
    got = await ben.media(*where, range="bytes=300000-")
    assert got.status_code == 416


async def test_two_that_look_at_one_file_at_once_both_get_it(pair):
    ana, ben = pair
    message = await sent(ana, ben, await handed_in(ana))
    where = (message["chat"], message["message"])
    got = await asyncio.gather(*(ben.media(*where) for _ in range(3)))
    assert [one.content == BODY for one in got] == [True] * 3


async def test_a_sealed_file_that_was_changed_is_fetched_anew_or_refused(pair):
    ana, ben = pair
    message = await sent(ana, ben, await handed_in(ana))
    where = (message["chat"], message["message"])
    assert (await ben.media(*where)).content == BODY
    for sealed in window_of(ben).profile.transfers.iterdir():
        sealed.write_bytes(b"\0" * sealed.stat().st_size)
    await ben.do("ui.lock")
    await ben.do("ui.unlock", passphrase=PASSPHRASE)
    got = await ben.media(*where)
    assert got.status_code == 409
    assert got.json()["error"]["code"] == "file_tampered"
    assert (await ben.media(*where)).content == BODY


async def test_an_upload_is_sent_once_and_can_be_dropped(pair):
    ana, _ = pair
    upload = await handed_in(ana)
    await ana.do("ui.drop_upload", upload=upload)
    assert waiting(ana) == []
    refused = (await ana.call("send", chat="Ben", files=[upload]))["error"]["data"]
    assert refused["code"] == "no_upload"


async def test_a_message_of_the_page_can_have_a_time_of_its_own(pair):
    ana, ben = pair
    message = await sent(ana, ben, await handed_in(ana), expires=3600)
    assert message["lasts"] == 3600
    refused = await ana.call("send", chat="Ben", text="x", expires=-1)
    assert "error" in refused


async def test_a_send_that_is_refused_keeps_the_upload(pair):
    ana, _ = pair
    upload = await handed_in(ana)
    assert "error" in await ana.call("send", chat="Nobody", files=[upload])
    await ana.do("send", chat="Ben", files=[upload])


async def test_the_same_file_again_goes_on_under_the_same_name(pair):
    ana, _ = pair
    one = window_of(ana).uploads.find(await handed_in(ana))
    two = window_of(ana).uploads.find(await handed_in(ana))
    assert (one.root, one.length) == (two.root, two.length)
    assert one.key != two.key


async def test_locking_deletes_what_waits(pair):
    ana, _ = pair
    await handed_in(ana)
    await ana.do("ui.lock")
    assert waiting(ana) == []
    assert (await ana.upload("late.bin", b"x")).status_code == 423
    await ana.do("ui.unlock", passphrase=PASSPHRASE)


@pytest.mark.parametrize("announced", ["5", "", "-1", str(1 << 40)])
async def test_a_body_of_another_length_leaves_nothing(pair, announced):
    ana, _ = pair
    host, port = ana.served.host.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    length = f"content-length: {announced}\r\n" if announced else ""
    writer.write(
        f"POST /upload?name=x HTTP/1.1\r\nhost: {ana.served.host}\r\n{length}"
        f"origin: {ana.origin}\r\n"
        f"authorization: Bearer {ana.session}\r\n\r\nabc".encode()
    )
    writer.write_eof()
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    assert not answer or answer.startswith(b"HTTP/1.1 400")
    # The connection may be closed a moment before the file is gone.
    for _ in range(200):
        if not waiting(ana):
            break
        await asyncio.sleep(0.02)
    assert waiting(ana) == []


async def test_another_process_that_holds_the_profile_sends_and_fetches_it(pair):
    ana, ben = pair
    second = await ana.open_one(window_of(ana).profile)
    assert window_of(second).held.session is None
    message = await sent(second, ben, await handed_in(second))
    got = await second.media("Ben", message["message"])
    assert got.content == BODY
