"""What is chosen for a chat stays on this device, and survives its process."""

import pytest

from privity.cli.render import render
from privity.client import marks
from privity.client.lookup import NotFound
from privity.client.session import open_session
from privity.client.verbs.local_params import Which
from privity.core.errors import CommandRefused


async def shown(who, which=Which.OPEN):
    return [chat.title for chat in (await who.do("chats", which)).chats]


async def the_chat(who, title, which=Which.ALL):
    chats = (await who.do("chats", which)).chats
    return next(chat for chat in chats if chat.title == title)


@pytest.fixture
async def three(people, meet):
    ana, ben, cleo = await people("Ana", "Ben", "Cleo")
    await meet(ana, ben)
    await meet(ana, cleo)
    return ana, ben, cleo


async def test_pinned_chats_come_first_and_then_the_newest(three):
    ana, *_ = three
    assert await shown(ana) == ["Cleo", "Ben"]
    marked = await ana.do("chats.pin", "Ben")
    assert marked.chat.marks.pinned
    assert await shown(ana) == ["Ben", "Cleo"]
    assert "pinned" in render(marked)
    await ana.do("chats.pin", "Ben", on=False)
    assert await shown(ana) == ["Cleo", "Ben"]


async def test_an_archived_chat_comes_back_when_somebody_writes(three):
    ana, ben, _ = three
    await ana.do("chats.archive", "Ben")
    assert await shown(ana) == ["Cleo"]
    assert await shown(ana, Which.ARCHIVED) == ["Ben"]
    assert await shown(ana, Which.ALL) == ["Cleo", "Ben"]
    await ben.do("send", "Ana", "are you there?")
    await ana.has_text("Ben", "are you there?")
    assert await shown(ana) == ["Ben", "Cleo"]


async def test_a_muted_chat_stays_archived_and_a_reaction_wakes_none(three):
    ana, ben, cleo = three
    for who in ("Ben", "Cleo"):
        await ana.do("send", who, "hello")
        await ana.do("chats.archive", who)
    await ana.do("chats.mute", "Ben", seconds=3600)
    await ben.has_text("Ana", "hello")
    await cleo.has_text("Ana", "hello")
    await ben.do("send", "Ana", "psst")
    await cleo.do("react", "Ana", "last", "👍")
    await ana.has_text("Ben", "psst")

    async def liked():
        return (await ana.do("history", "Cleo")).messages[-1].reactions

    await ana.until(liked)
    assert await shown(ana) == []
    assert (await the_chat(ana, "Ben")).unread == 1


async def test_a_mute_ends_by_itself_or_when_it_is_undone(pair, monkeypatch):
    ana, _ = pair
    for_ever = (await ana.do("chats.mute", "Ben")).chat.marks
    assert (for_ever.muted, for_ever.muted_until) == (True, 0)
    an_hour = (await ana.do("chats.mute", "Ben", seconds=3600)).chat.marks
    assert an_hour.muted_until > 1_700_000_000
    now = an_hour.muted_until
    monkeypatch.setattr("privity.client.verbs.chat_views.time.time", lambda: now)
    assert not (await the_chat(ana, "Ben")).marks.muted
    monkeypatch.undo()
    assert (await the_chat(ana, "Ben")).marks.muted
    undone = (await ana.do("chats.mute", "Ben", on=False)).chat.marks
    assert not undone.muted


async def test_a_chat_that_is_marked_unread_is_so_until_it_is_read(pair):
    ana, _ = pair
    assert (await ana.do("chats.unread", "Ben")).chat.marks.unread
    await ana.do("read", "Ben")
    assert not (await the_chat(ana, "Ben")).marks.unread


async def test_choices_and_drafts_survive_the_process(pair):
    ana, _ = pair
    await ana.do("chats.pin", "Ben")
    await ana.do("draft", "Ben", "half a thou")
    profile = ana.session.profile
    await ana.session.driver.close()
    opening = open_session(profile, ana.lock, lambda: "correct horse", offline=True)
    async with opening as again:
        ana.service.session = again
        ana.session = again
        chat = await the_chat(ana, "Ben")
        assert (chat.marks.pinned, chat.marks.draft) == (True, "half a thou")


async def test_a_change_is_told_to_whoever_watches(pair):
    ana, _ = pair
    with ana.session.driver.subscribe() as happening:
        await ana.do("chats.archive", "Ben")
        assert [type(e).__name__ for e in happening.taken()] == ["ChatChanged"]


async def test_nobody_elses_chat_is_chosen(pair):
    ana, _ = pair
    for verb in ("chats.pin", "chats.mute", "chats.archive", "chats.unread", "draft"):
        with pytest.raises(NotFound):
            await ana.do(verb, "Nobody")
    with pytest.raises(KeyError):
        marks.change(ana.session.store.database, b"c" * 16, planted=1)


async def test_a_draft_is_kept_shown_and_emptied(pair):
    ana, _ = pair
    assert (await ana.do("draft", "Ben")).text == ""
    sent = await ana.do("send", "Ben", "where?")
    kept = await ana.do("draft", "Ben", "in the *har", reply_to="last")
    assert (kept.text, kept.reply_to) == ("in the *har", sent.messages[0].message)
    assert await ana.do("draft", "Ben") == kept
    assert render(kept).endswith("in the *har")
    await ana.do("draft", "Ben", "")
    assert (await ana.do("draft", "Ben")).text == ""


async def test_a_draft_is_emptied_with_the_sending_and_by_nothing_else(pair, tmp_path):
    ana, _ = pair
    await ana.do("draft", "Ben", "see you at s")
    await ana.do("send", "Ben", "something else")
    assert (await ana.do("draft", "Ben")).text == "see you at s"
    await ana.do("send", "Ben", "see you at six")
    assert (await ana.do("draft", "Ben")).text == ""
    await ana.do("draft", "Ben", "my notes")
    path = tmp_path / "notes.txt"
    path.write_text("x")
    await ana.do("send", "Ben", "my notes", files=(str(path),))
    assert (await ana.do("draft", "Ben")).text == ""


async def test_a_list_shows_how_a_chat_ends(pair):
    ana, ben = pair
    await ana.do("send", "Ben", "x" * 100)
    last = (await the_chat(ana, "Ben")).last
    assert (last.mine, last.kind, last.state) == (True, "text", "sent")
    assert last.text == "x" * 79 + "…"
    await ben.has_text("Ana", "x" * 100)
    await ben.do("react", "Ana", "last", "👍")
    await ana.do("unsend", "Ben", "last")
    last = (await the_chat(ana, "Ben")).last
    assert (last.kind, last.text) == ("deleted", "")


async def test_a_nickname_is_mine_alone(pair):
    ana, ben = pair
    renamed = await ana.do("contacts.rename", "Ben", "  Big   Ben ")
    assert renamed.contact.person.name == "Big Ben"
    assert await shown(ana) == ["Big Ben"]
    await ana.do("send", "big ben", "hello")
    await ben.has_text("Ana", "hello")
    assert (await ben.do("account")).name == "Ben"
    assert (await ana.do("contacts.rename", "Ben")).contact.person.name == "Ben"


async def test_a_nickname_that_is_too_long_or_of_nobody_changes_nothing(pair):
    ana, _ = pair
    before = ana.state.contacts
    with pytest.raises(CommandRefused):
        await ana.do("contacts.rename", "Ben", "ö" * 65)
    with pytest.raises(NotFound):
        await ana.do("contacts.rename", "Nobody", "x")
    assert ana.state.contacts == before


def test_the_command_line_lists_and_chooses(run, account, capsys):
    profile = account("Ana")
    for command in (("chats", "--archived"), ("chats", "--all"), ("chats",)):
        assert run(profile, *command) == (0, {"chats": []})
    assert run(profile, "contacts") == (0, {"contacts": []})
    for command in (
        ("chats", "pin", "Ben"),
        ("chats", "mute", "Ben", "--for", "8h"),
        ("chats", "archive", "Ben", "--undo"),
        ("chats", "unread", "Ben"),
        ("draft", "Ben", "--clear"),
        ("contacts", "rename", "Ben", "Benno"),
    ):
        status, error = run(profile, *command)
        assert (status, error["code"]) == (3, "not_found"), command
    assert run(profile, "chats", "mute", "Ben", "--for", "soon")[0] == 2
