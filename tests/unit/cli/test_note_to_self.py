"""A note to oneself: a chat like any other for its owner, and no byte of it leaves."""

import pytest

from privity.cli.render import render
from privity.client.ledger import read_lines
from privity.client.notes import NoteHasNone
from privity.client.verbs.local_params import Which
from privity.client.verbs.params import Upload
from privity.core.errors import CommandRefused
from privity.identity.ids import id_to_text


async def listed(who):
    chats = (await who.do("chats", Which.ALL)).chats
    return [(chat.kind, chat.title) for chat in chats]


def me_of(who):
    return id_to_text(who.state.account.account_id)


def lines_left(who):
    return [line for _, line in read_lines(who.session.store.database)]


async def test_it_is_written_read_changed_and_found(people):
    (ana,) = await people("Ana")
    assert await listed(ana) == []
    sent = (await ana.do("send", "note to self", "buy milk")).messages[0]
    assert (sent.state, sent.seq) == ("kept", 1)
    await ana.do("send", "me", "call Ben", reply_to="last")
    await ana.do("edit", "me", "last", "call Ben at six")
    await ana.do("react", "me", "last", "👍")
    history = await ana.do("history", me_of(ana))
    assert [m.text for m in history.messages] == ["buy milk", "call Ben at six"]
    last = history.messages[-1]
    assert (last.quote, last.edited, last.state) == ("buy milk", True, "kept")
    assert [r.emoji for r in last.reactions] == ["👍"]
    assert [p.trust for p in history.chat.members] == ["me"]
    assert "call Ben at six" in render(history)
    found = (await ana.do("search", "milk")).found
    assert [one.title for one in found] == ["Note to self"]
    assert await listed(ana) == [("note", "Note to self")]
    assert (await ana.do("read", "me")).seq == 0
    assert not (await ana.do("compose", "me")).told
    assert not ana.state.outgoing
    assert not ana.state.chats
    said = (*lines_left(ana), *ana.session.driver.ledger.take())
    assert "message" not in {line.cause.reason for line in said}


async def test_a_note_is_deleted_for_good(people):
    (ana,) = await people("Ana")
    for text in ("one", "two"):
        await ana.do("send", "me", text)
    await ana.do("draft", "me", "thr")
    gone = await ana.do("unsend", "me", "last")
    assert gone.state == "taken back"
    assert await ana.texts("me") == ["one"]
    assert not (await ana.do("search", "two")).found
    assert (await ana.do("chats.delete", "me")).state == "emptied"
    assert await ana.texts("me") == []
    assert await listed(ana) == []
    await ana.do("send", "me", "again")
    assert await listed(ana) == [("note", "Note to self")]


async def test_nobody_gets_a_note_by_being_called_so(people, meet):
    ana, eve = await people("Ana", "Me")
    await meet(ana, eve)
    await ana.do("send", "Me", "my secret")
    assert (await ana.do("history", me_of(ana))).messages[-1].text == "my secret"
    theirs = next(iter(ana.state.contacts.values())).chat_id
    assert "my secret" not in await ana.texts(id_to_text(theirs))
    await ana.do("contacts.rename", me_of(eve), "note")
    await ana.do("send", "note", "for Eve")
    await eve.has_text("Ana", "for Eve")
    assert theirs in ana.state.chats


async def test_what_needs_others_is_refused_and_changes_nothing(people, tmp_path):
    (ana,) = await people("Ana")
    path = tmp_path / "a.txt"
    path.write_text("x")
    with pytest.raises(NoteHasNone):
        await ana.do("send", "me", "see", files=(str(path),))
    sealed = ana.session.profile.transfers / "a-1"
    sealed.write_text("x")
    upload = Upload(str(sealed), "a", "00" * 32, 1, "00" * 32)
    with pytest.raises(NoteHasNone):
        await ana.do("send", "me", "see", uploads=(upload,))
    with pytest.raises(CommandRefused):
        await ana.do("chats.leave", "me")
    assert await ana.texts("me") == []


async def test_somebody_who_watches_sees_a_note_arrive(people):
    (ana,) = await people("Ana")
    with ana.session.driver.subscribe() as happening:
        await ana.do("send", "me", "hello")
        assert [type(e).__name__ for e in happening.taken()] == ["MessageArrived"]
