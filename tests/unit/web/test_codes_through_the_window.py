"""A page's frames are looked at by the client: bounded, and only for its own page."""

import asyncio
import io

import pytest
import segno
from PIL import Image

pytestmark = pytest.mark.asyncio(loop_scope="module")
PASSPHRASE = "correct horse"


def frame(text):
    made = io.BytesIO()
    segno.make(text, micro=False).save(made, kind="png", scale=6, border=4)
    return Image.open(made).convert("L")


async def posted(page, width, height, body, **headers):
    return await page.http.post(
        f"{page.origin}/code?width={width}&height={height}",
        content=body,
        headers=page.bearer | headers,
    )


async def read(page, picture):
    answer = await posted(page, *picture.size, picture.tobytes())
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_frame_with_a_code_answers_its_text(pair):
    page, _ = pair
    assert await read(page, Image.new("L", (640, 480))) == {"text": ""}
    assert await read(page, frame("privity:0123")) == {"text": "privity:0123"}
    shown = [frame(f"number {n}") for n in range(4)]
    told = await asyncio.gather(*(read(page, one) for one in shown))
    assert [one["text"] for one in told] == [f"number {n}" for n in range(4)]


@pytest.mark.parametrize(
    ("width", "height", "size"),
    [
        ("3", "3", 8),
        ("3", "3", 10),
        ("", "3", 3),
        ("-1", "-9", 9),
        ("²", "1", 2),
        ("2001", "2000", 4_002_000),
        ("99999", "99999", 9),
    ],
)
async def test_a_frame_of_another_size_than_it_says_is_refused(
    pair, width, height, size
):
    answer = await posted(pair[0], width, height, bytes(size))
    assert answer.status_code == 400
    assert await read(pair[0], frame("still there")) == {"text": "still there"}


async def test_nothing_is_read_for_who_has_no_session_or_while_it_is_locked(pair):
    page, _ = pair
    shown = frame("whose?")
    strange = {"authorization": "Bearer " + "0" * 64}
    answer = await posted(page, *shown.size, shown.tobytes(), **strange)
    assert answer.status_code == 401
    other = {"origin": "http://127.0.0.1:9"}
    answer = await posted(page, *shown.size, shown.tobytes(), **other)
    assert answer.status_code == 403
    process = page.served.window.codes._process
    await page.do("ui.lock")
    assert (await posted(page, *shown.size, shown.tobytes())).status_code == 423
    if process is not None:
        await asyncio.wait_for(process.wait(), 20)
    await page.do("ui.unlock", passphrase=PASSPHRASE)


async def test_an_empty_frame_is_refused_in_words(pair):
    answer = await posted(pair[0], 0, 0, b"")
    assert answer.json()["error"]["code"] == "code_unread"
