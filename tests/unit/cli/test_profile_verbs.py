"""Name and picture: small, stripped, told in each chat with the next message there."""

import io

import msgspec
import pytest
from PIL import Image

from privity.client.verbs.files import ImageRefused
from privity.client.verbs.profile import BadName
from privity.client.verbs.profile_results import ProfileSet
from privity.content.build import control_message, origin
from privity.content.images import is_portrait, portrait
from privity.content.mimi import Control, MimiContent, ProfilePicture, read
from privity.core.inputs import SetProfile
from privity.errors import UsageError


def photo(size=(900, 600)) -> bytes:
    made = Image.effect_noise(size, 90).convert("RGB")
    exif = made.getexif()
    exif[0x010F] = "CANARY-CAMERA"
    target = io.BytesIO()
    made.save(target, "JPEG", exif=exif)
    return target.getvalue()


async def known_as(who, name):
    async def there():
        found = (await who.do("contacts")).contacts
        return next((c.person for c in found if c.person.name == name), None)

    return await who.until(there)


def test_a_portrait_is_square_small_and_tells_nothing_else():
    data = photo()
    assert b"CANARY" in data
    made = portrait(data)
    assert len(made) <= 12 * 1024
    assert b"CANARY" not in made
    with Image.open(io.BytesIO(made)) as image:
        assert image.format == "JPEG"
        assert image.width == image.height


async def test_a_new_name_and_picture_come_with_the_next_message(pair, tmp_path):
    ana, ben = pair
    (tmp_path / "me.jpg").write_bytes(photo())
    mine = await ana.do("profile.set", " Ana  Lima ", path=f"{tmp_path}/me.jpg")
    assert mine.person.name == "Ana Lima"
    assert mine.person.picture
    assert not ana.state.outgoing.get(next(iter(ana.state.chats)))
    assert (await ben.do("contacts")).contacts[0].person.name == "Ana"
    await ana.do("send", "Ben", "it is me")
    person = await known_as(ben, "Ana Lima")
    assert person.picture == mine.person.picture
    shown = await ben.do("profile.picture", "Ana Lima")
    assert shown.data == (await ana.do("profile.picture", "me")).data
    assert await ben.texts("Ana Lima") == ["it is me"]


async def test_it_is_told_once_and_a_picture_can_be_taken_away(pair):
    ana, ben = pair
    await ana.do("profile.set", data=photo((200, 200)))
    await ana.do("send", "Ben", "one")
    await ben.has_text("Ana", "one")
    (chat,) = ana.state.chats.values()
    rows = ana.session.store.history(chat.chat_id, limit=100)
    before = len(rows)
    await ana.do("send", "Ben", "two")
    assert len(ana.session.store.history(chat.chat_id, limit=100)) == before + 1
    await ana.do("profile.set", bare=True)
    await ana.do("send", "Ben", "three")

    async def bare():
        return (await ben.do("contacts")).contacts[0].person.picture == ""

    await ben.until(bare)


async def test_who_has_no_name_can_show_a_picture_and_still_speak(pair):
    ana, ben = pair
    face = portrait(photo((200, 200)))
    await ana.session.do(SetProfile("", face))
    await ana.do("send", "Ben", "guess who")
    await ben.has_text("Ana", "guess who")
    assert (await ben.do("profile.picture", "Ana")).data == face


async def test_whose_account_is_blocked_shows_no_picture(pair):
    ana, ben = pair
    await ana.do("profile.set", data=photo((200, 200)))
    await ana.do("send", "Ben", "look")
    await ben.has_text("Ana", "look")
    await ben.do("block", "Ana")
    assert (await ben.do("profile.picture", "Ana")).data == b""
    assert (await ben.do("contacts")).contacts[0].person.picture == ""


def swollen(jpeg: bytes) -> bytes:
    """Return the picture with the size of four gigapixels in its frame header."""
    at = next(jpeg.find(mark) for mark in (b"\xff\xc0", b"\xff\xc2") if mark in jpeg)
    return jpeg[: at + 5] + b"\xff\xff\xff\xff" + jpeg[at + 9 :]


async def test_a_picture_of_four_gigapixels_is_given_to_no_screen(pair):
    ana, ben = pair
    bomb = swollen(portrait(photo((200, 200))))
    assert not is_portrait(bomb)
    assert is_portrait(portrait(photo((200, 200))))
    await ana.session.do(SetProfile("Ana", bomb))
    await ana.do("send", "Ben", "look")
    await ben.has_text("Ana", "look")
    # What is on the disk is seen before the session goes on with it.
    await ben.until(lambda: [c.picture for c in ben.state.contacts.values()] == [bomb])
    assert (await ben.do("profile.picture", "Ana")).data == b""


async def test_what_is_refused_changes_nothing(pair, tmp_path):
    ana, _ = pair
    before = ana.state.account
    for bad in ("  ", "x" * 257):
        with pytest.raises(BadName):
            await ana.do("profile.set", bad)
    (tmp_path / "no.jpg").write_bytes(b"\xff\xd8\xff nothing")
    for given in ({"path": f"{tmp_path}/no.jpg"}, {"data": b"<svg/>"}):
        with pytest.raises(ImageRefused):
            await ana.do("profile.set", "Other", **given)
    with pytest.raises(ImageRefused):
        await ana.do("profile.set", path=f"{tmp_path}/none.jpg")
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"data": "A" * 800_000}, type=ProfileSet)
    assert ana.state.account == before


def test_a_picture_that_is_no_jpeg_is_never_taken():

    where = origin(b"a" * 16, b"c" * 16, bytes)
    for data in (b"<svg/>", b"GIF89a", b"\xff\xd8\xff" + bytes(20 * 1024)):
        with pytest.raises(UsageError):
            control_message(where, ProfilePicture(data))
    made = control_message(where, ProfilePicture(b"\xff\xd8\xffx"))
    view = read(MimiContent.decode(made.encode()))
    assert view == Control((ProfilePicture(b"\xff\xd8\xffx"),))
    assert "ff" not in repr(view)
