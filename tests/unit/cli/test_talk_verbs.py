"""Messages by the verbs, between two open profiles at a real relay."""

import pytest

from privity.client.errors import ClientError
from privity.client.lookup import Ambiguous, NotFound
from privity.client.verbs.files import ImageRefused, NoFile, NothingToSend
from privity.client.verbs.talk import NotText, NotYours


async def test_a_text_is_sent_and_read(pair):
    ana, ben = pair
    sent = await ana.do("send", "Ben", "hello *Ben*")
    assert sent.messages[0].state == "sent"
    await ben.has_text("Ana", "hello *Ben*")
    shown = (await ben.do("history", "Ana")).messages[-1]
    assert (shown.sender.name, shown.state, shown.kind) == ("Ana", "received", "text")
    assert shown.time % 60 == 0


async def test_a_reply_quotes_what_it_answers(pair):
    ana, ben = pair
    await ana.do("send", "Ben", "where?")
    await ben.has_text("Ana", "where?")
    await ben.do("send", "Ana", "here", reply_to="last")
    await ana.has_text("Ben", "here")
    where, here = [m for m in (await ana.do("history", "Ben")).messages if m.text][-2:]
    assert (here.reply_to, here.quote) == (where.message, "where?")


async def test_a_reaction_is_seen_once_and_taken_back(pair):
    ana, ben = pair
    await ana.do("send", "Ben", "done")
    await ben.has_text("Ana", "done")
    first = await ben.do("react", "Ana", "last", "👍")
    again = await ben.do("react", "Ana", "last", "👍")
    assert again.message == first.message

    async def reactions():
        shown = (await ana.do("history", "Ben")).messages[-1].reactions
        return [(r.emoji, [p.name for p in r.people]) for r in shown]

    async def liked():
        return await reactions() == [("👍", ["Ben"])]

    await ana.until(liked)
    await ben.do("react", "Ana", "last", "👍", remove=True)

    async def bare():
        return await reactions() == []

    await ana.until(bare)
    with pytest.raises(NotFound):
        await ben.do("react", "Ana", "last", "👍", remove=True)


async def test_an_edit_changes_the_text_everywhere_and_keeps_the_reply(pair):
    ana, ben = pair
    await ana.do("send", "Ben", "at noon?")
    await ben.has_text("Ana", "at noon?")
    await ben.do("send", "Ana", "yse", reply_to="last")
    await ben.do("edit", "Ana", "last", "yes")
    await ana.has_text("Ben", "yes")
    shown = (await ana.do("history", "Ben")).messages[-1]
    assert (shown.text, shown.edited, shown.quote) == ("yes", True, "at noon?")


async def test_unsend_leaves_a_trace_without_words(pair):
    ana, ben = pair
    await ana.do("send", "Ben", "regrettable")
    await ben.has_text("Ana", "regrettable")
    await ana.do("unsend", "Ben", "last")

    async def gone():
        shown = (await ben.do("history", "Ana")).messages[-1]
        return (shown.kind, shown.text) == ("deleted", "")

    await ben.until(gone)


async def test_nobody_changes_what_another_said(pair):
    ana, ben = pair
    sent = await ana.do("send", "Ben", "mine")
    await ben.has_text("Ana", "mine")
    whole = sent.messages[0].message
    with pytest.raises(NotYours):
        await ben.do("edit", "Ana", whole, "yours")
    with pytest.raises(NotYours):
        await ben.do("unsend", "Ana", whole)
    assert await ben.texts("Ana") == ["mine"]


async def test_a_message_is_named_by_its_beginning(pair):
    ana, _ = pair
    sent = await ana.do("send", "Ben", "one")
    message = sent.messages[0].message
    await ana.do("edit", "Ben", message[:6], "two")
    assert await ana.texts("Ben") == ["two"]
    for wanted in (message[:3], "zzzzzzzz", "z" * 26, "é" * 26):
        with pytest.raises(NotFound):
            await ana.do("edit", "Ben", wanted, "three")


async def test_messages_while_offline_are_queued_and_can_be_taken_back(
    pair, monkeypatch
):
    ana, _ = pair
    monkeypatch.setattr(ana.session.driver.network, "send", lambda _effect: None)
    sent = await ana.do("send", "Ben", "one", wait=0)
    assert sent.messages[0].state == "queued"
    chat = (await ana.do("chats")).chats[0]
    assert chat.queued == 1


async def test_a_file_travels_whole_with_its_caption(pair, tmp_path):
    ana, ben = pair
    source = tmp_path / "notes.bin"
    source.write_bytes(bytes(range(256)) * 1000)
    sent = await ana.do("send", "Ben", "see this", files=(str(source),))
    assert len(sent.messages) == 1
    assert ana.progress[-1].done == ana.progress[-1].total
    await ben.has_text("Ana", "see this")
    shown = (await ben.do("history", "Ana")).messages[-1]
    assert (shown.kind, shown.file.name, shown.file.size) == (
        "file",
        "notes.bin",
        256_000,
    )
    saved = await ben.do("save", "Ana", "last", str(tmp_path / "here.bin"))
    assert saved.size == 256_000
    assert (tmp_path / "here.bin").read_bytes() == source.read_bytes()
    folder = tmp_path / "folder"
    folder.mkdir()
    await ben.do("save", "Ana", "last", str(folder))
    assert (folder / "notes.bin").exists()
    with pytest.raises(ClientError) as refused:
        await ben.do("save", "Ana", "last", str(folder))
    assert refused.value.reason == "file_exists"
    with pytest.raises(NotText):
        await ana.do("edit", "Ben", "last", "other")


async def test_a_picture_leaves_without_its_metadata(pair, tmp_path):
    from PIL import Image

    ana, ben = pair
    exif = Image.Exif()
    exif[0x010F] = "CANARY-CAMERA"
    picture = tmp_path / "p.jpg"
    Image.new("RGB", (64, 48), "red").save(picture, exif=exif)
    assert b"CANARY" in picture.read_bytes()
    await ana.do("send", "Ben", files=(str(picture),))

    async def came():
        shown = (await ben.do("history", "Ana")).messages
        return shown and shown[-1].kind == "file"

    await ben.until(came)
    await ben.do("save", "Ana", "last", str(tmp_path / "got.jpg"))
    assert b"CANARY" not in (tmp_path / "got.jpg").read_bytes()
    await ana.do("send", "Ben", files=(str(picture),), as_is=True)
    await ana.do("save", "Ben", "last", str(tmp_path / "asis.jpg"))
    assert (tmp_path / "asis.jpg").read_bytes() == picture.read_bytes()


async def test_what_is_no_picture_is_not_sent_as_one(pair, tmp_path):
    ana, _ = pair
    fake = tmp_path / "fake.png"
    fake.write_bytes(b"not a picture")
    with pytest.raises(ImageRefused):
        await ana.do("send", "Ben", "look", files=(str(fake),))
    assert await ana.texts("Ben") == []
    await ana.do("send", "Ben", files=(str(fake),), as_is=True)


async def test_nothing_is_sent_when_one_file_is_missing(pair, tmp_path):
    ana, _ = pair
    there = tmp_path / "there.txt"
    there.write_text("there")
    files = (str(there), str(tmp_path / "missing.txt"))
    with pytest.raises(ClientError) as refused:
        await ana.do("send", "Ben", "both", files=files)
    assert refused.value.reason == "file_vanished"
    with pytest.raises(ClientError):
        await ana.do("send", "Ben", files=(str(tmp_path),))
    assert await ana.texts("Ben") == []


async def test_there_must_be_something_to_send_or_save(pair):
    ana, _ = pair
    with pytest.raises(NothingToSend):
        await ana.do("send", "Ben", " \n")
    sent = await ana.do("send", "Ben", "text")
    with pytest.raises(NoFile):
        await ana.do("save", "Ben", sent.messages[0].message, "/tmp")
    with pytest.raises(NotFound):
        await ana.do("save", "Ben", "last", "/tmp")


async def test_unread_counts_what_was_not_seen(pair):
    ana, ben = pair
    await ben.do("read", "Ana")
    for text in ("one", "two"):
        await ana.do("send", "Ben", text)
    await ben.has_text("Ana", "two")
    assert (await ben.do("chats")).chats[0].unread == 2
    shown = await ben.do("history", "Ana", limit=1)
    assert shown.more
    assert [m.text for m in shown.messages] == ["two"]
    older = await ben.do("history", "Ana", limit=1, before=shown.messages[0].seq)
    assert [m.text for m in older.messages] == ["one"]
    await ben.do("read", "Ana")
    assert (await ben.do("chats")).chats[0].unread == 0


async def test_a_name_that_fits_two_people_is_sent_to_none(people, meet):
    ana, one, two = await people("Ana", "Ben", "BEN")
    await meet(ana, one)
    link = (await ana.do("invite")).link
    await two.do("join", link)
    await ana.until(lambda: any(r.state == "pending" for r in _requests(ana)))
    pending = next(r for r in _requests(ana) if r.state == "pending")
    from privity.identity.ids import id_to_text

    await ana.do("accept", id_to_text(pending.invite_id)[:8])
    await ana.until(lambda: len(ana.state.chats) == 2)
    with pytest.raises(Ambiguous):
        await ana.do("send", "ben", "who?")


def _requests(who):
    return who.state.requests.values()
