"""What a person reads and is asked: harmless text, tables, recovery key, chat."""

import asyncio
import io
import sys

import pytest

from privity.cli import chatting, recovering
from privity.cli.durations import seconds_of
from privity.cli.message_words import message_line
from privity.cli.options import CommandFailed, Options, ask_new_passphrase
from privity.cli.output import Mode, Output
from privity.cli.render import beside, render
from privity.cli.terminal import one_line, visible
from privity.cli.verifying import _qr
from privity.cli.watching import item_text
from privity.client.sentences import Failure
from privity.client.verbs import results, watch_results
from privity.identity.recovery import render_recovery_key
from privity.identity.secret import Secret

ID = "a" * 26
BEN = results.Person(ID, "Ben", "ben@chat.example", "known to server")
ME = results.Person(ID, "Ana", "", "me")


def message(**fields) -> results.Message:
    values = {
        "message": "abcdef" + "g" * 20,
        "chat": ID,
        "seq": 3,
        "time": 1_740_000_000,
        "sender": BEN,
        "kind": "text",
        "state": "received",
        "text": "hello",
        "edited": False,
        "reply_to": "",
        "quote": "",
        "reactions": (),
    }
    return results.Message(**(values | fields))


def chat(**fields) -> results.Chat:
    values = {
        "missing": 0,
        "devices": 0,
        "agreed": 0,
        "agreed_upto": 0,
        "chat": ID,
        "kind": "group",
        "title": "Us",
        "status": "active",
        "cause": "",
        "suite": 1,
        "unread": 0,
        "queued": 0,
        "members": (ME, BEN),
    }
    return results.Chat(**(values | fields))


def test_text_of_others_cannot_drive_the_terminal():
    hostile = "a\x1b[2Jb\rc\u202ed\u2066e\x07"
    shown = visible(hostile)
    assert shown == "a\ufffd[2Jb\ufffdc\ufffdd\ufffde\ufffd"
    assert one_line("two\nlines\t x") == "two lines x"
    assert visible("👩\u200d👧 नमस्ते\n") == "👩\u200d👧 नमस्ते\n"
    line = message_line(message(text="x\x1b[31m", sender=BEN))
    assert "\x1b" not in line


def test_a_message_shows_its_id_sender_words_and_what_became_of_it():
    liked = (results.Reaction("👍", (ME,)),)
    line = message_line(message(edited=True, reactions=liked, state="queued"))
    assert line.startswith("abcdef  ")
    assert line.endswith("Ben: hello  (edited, queued)  👍 Ana")


def test_each_kind_of_line_has_words():
    file = results.FileInfo("p.jpg", "image/jpeg", 1_500_000)
    assert "[p.jpg, 1.5 MB] hello" in message_line(message(kind="file", file=file))
    assert "(deleted)" in message_line(message(kind="deleted", text=""))
    assert "newer Privity" in message_line(message(kind="unknown", text="x"))
    added = message(kind="line", what="added", about=ME)
    assert message_line(added).endswith("· Ben added Ana")
    stuck = message(kind="line", what="stuck", text="chain")
    assert "two histories" in message_line(stuck)
    answer = message(reply_to="b" * 26, quote="where?", text="here\nor there")
    assert "> where?\n" in message_line(answer)


@pytest.mark.parametrize("title", ["9999999999", "3000000", "٣"])
def test_a_title_of_digits_is_no_day_and_breaks_no_history(title):
    line = message(kind="line", what="title", text=title)
    assert message_line(line).endswith(f"· Ben changed the title to “{title}”")


def test_unread_messages_stand_behind_a_mark():
    history = results.History(
        chat(), (message(seq=1), message(seq=2)), more=True, read_upto=1
    )
    lines = render(history).split("\n")
    assert lines[0] == "…"
    assert lines[2] == "── new ──"
    empty = results.History(chat(), (), more=False, read_upto=0)
    assert render(empty) == "Nothing was said yet."


def test_results_are_told_in_sentences():
    assert "Us" in render(results.ChatList((chat(unread=2, queued=1),)))
    stuck = chat(status="stuck", cause="gone", kind="direct")
    assert "no longer" in render(results.ChatList((stuck,)))
    for uses, words in ((1, "once"), (3, "3 times"), (0, "often")):
        link = results.InviteLink("privity:1#x", 0, uses)
        assert render(link) == "privity:1#x"
        assert words in beside(link)
    assert "until 2" in beside(results.InviteLink("privity:1#x", 1_740_000_000, 1))
    assert render(results.Asked(ID, "", "")).startswith("Asked. ")
    assert "Asked Ben" in render(results.Asked(ID, ID, "Ben"))
    decided = results.Decided(ID, BEN, "group", "Us", "declined")
    assert render(decided) == "Declined: Ben (“Us”)"
    assert "Not blocked" in render(results.Blocked(BEN, blocked=False))
    assert render(results.ChatCreated(chat(), ())) == "Created “Us”."
    changed = results.GroupChanged(chat(), (BEN,), done=False)
    assert "by itself" in render(changed)
    assert "Us" in render(results.Left(ID, "Us", "left"))
    assert "closed" in render(results.Locked(stopped=True))
    check = results.Check("disk", ok=False, detail="full", next="Make room.")
    assert "Make room." in render(results.Checkup(well=False, checks=(check,)))
    assert "12.3 kB" in render(results.Saved("/tmp/x", 12_340))
    assert "seen" in render(results.ReadMark(ID, 1))
    assert "answers" in render(results.Sent(ID, ID, "queued", 0))


def test_a_watch_tells_what_matters_and_keeps_quiet_else():
    request = results.RequestInfo(
        ID, BEN, "group", "Us", "come", by_link=False, received=0, state="pending"
    )
    assert "invites you into “Us”" in item_text(watch_results.WatchRequest(request))
    assert "wants to talk" in item_text(
        watch_results.WatchRequest(
            results.RequestInfo(
                ID, BEN, "direct", "", "", by_link=True, received=0, state="pending"
            )
        )
    )
    assert "refused" in item_text(watch_results.WatchDropped(ID, 1, "franking", ""))
    gone = chat(status="stuck", cause="gone")
    assert "no longer" in item_text(watch_results.WatchChat(gone))
    assert (
        item_text(watch_results.WatchNotice("x", "Told.", "Do it.")) == "Told. Do it."
    )
    assert item_text(watch_results.WatchMessage("edited", message(), 1)).startswith(
        "(edited)"
    )
    assert item_text(watch_results.WatchSent(results.Sent(ID, ID, "sent", 1))) == ""


@pytest.mark.parametrize(
    ("text", "seconds"), [("30m", 1800), ("12h", 43_200), ("7d", 604_800), ("never", 0)]
)
def test_spans_are_read(text, seconds):
    assert seconds_of(text) == seconds


def test_the_code_is_drawn_for_a_terminal():
    drawn = _qr("privity:verify1#" + "x" * 200)
    assert len(drawn.split("\n")) > 20


@pytest.fixture
def terminal(monkeypatch):
    """Answer what is asked, as a person at a terminal would."""
    asked = []

    def answer_with(answers):
        class Keyboard(io.StringIO):
            def isatty(self):
                return True

        monkeypatch.setattr(sys, "stdin", Keyboard("\n".join(answers) + "\n"))
        monkeypatch.setattr(
            "getpass.getpass",
            lambda _question, **_options: sys.stdin.readline().rstrip(),
        )
        return asked

    return answer_with


OPTIONS = Options(None, None, Mode.HUMAN)


def test_a_new_passphrase_is_typed_twice(terminal):
    terminal(["one", "one"])
    assert ask_new_passphrase(OPTIONS) == "one"
    terminal(["one", "two"])
    with pytest.raises(CommandFailed) as failed:
        ask_new_passphrase(OPTIONS)
    assert failed.value.code == "passphrases_differ"
    terminal([""])
    with pytest.raises(CommandFailed) as failed:
        ask_new_passphrase(OPTIONS)
    assert failed.value.code == "passphrase_empty"


def test_the_recovery_key_is_shown_once_and_asked_back(terminal, monkeypatch, capsys):
    key = Secret(bytes(range(32)))
    groups = render_recovery_key(key).split("-")
    monkeypatch.setattr(recovering, "ask_back", lambda _random: (2, 5, 9))
    wrong = ["AAAA"] * 3
    right = [groups[1].lower(), groups[4], groups[8]]
    terminal(["", *wrong, *right])
    assert recovering.hand_over(OPTIONS, key, None) == "confirmed"
    told = capsys.readouterr().err
    assert told.count(render_recovery_key(key)) == 1
    assert recovering._CLEAR in told
    terminal(["", *wrong * 3])
    with pytest.raises(CommandFailed) as failed:
        recovering.hand_over(OPTIONS, key, None)
    assert failed.value.code == "recovery_unchecked"


def test_progress_is_drawn_only_where_somebody_looks(monkeypatch, capsys):
    progress = results.Progress("f.bin", 1, 2)
    Output(Mode.HUMAN).progress(progress)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    Output(Mode.HUMAN).progress(progress)
    assert "50%" in capsys.readouterr().err
    Output(Mode.JSON).progress(progress)
    assert capsys.readouterr().err == ""


async def test_a_conversation_by_typed_lines(pair, capsys):
    ana, ben = pair
    talk = chatting._Talk(ana.service, OPTIONS, "Ben")
    await talk.begin()
    watching = asyncio.create_task(talk.watch())
    for line in (
        "hello Ben",
        "//slash",
        "",
        "/help",
        "/nonsense",
        "/react last 👍",
        "/edit last hello again",
        "/unsend zzzz",
    ):
        assert await talk.take(line)
    await ben.has_text("Ana", "hello again")
    await ben.do("send", "Ana", "an answer")
    await ana.has_text("Ben", "an answer")
    await ana.until(lambda: ana.session.unread(_chat_id(ana)) == 0)
    await talk.take("/reply last noted")
    await talk.take("/react last 👍")
    await ben.has_text("Ana", "noted")
    assert not await talk.take("/quit")
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    out = capsys.readouterr().out
    assert "an answer" in out
    assert "/help lists what there is" in out
    assert "no such" in out or "nothing by that name" in out


async def test_files_are_sent_and_saved_in_a_conversation(pair, tmp_path):
    ana, ben = pair
    source = tmp_path / "f.txt"
    source.write_text("content")
    talk = chatting._Talk(ana.service, OPTIONS, "Ben")
    await talk.take(f"/file {source}")
    await talk.take(f"/save last {tmp_path / 'copy.txt'}")
    assert (tmp_path / "copy.txt").read_text() == "content"
    await talk.take("/unsend last")

    async def gone():
        return (await ben.do("history", "Ana")).messages[-1].kind == "deleted"

    await ben.until(gone)


async def test_typed_lines_end_with_the_input(monkeypatch):
    lines = iter(["one", "two"])

    def typed(_prompt):
        try:
            return next(lines)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr("builtins.input", typed)
    queue = asyncio.Queue()
    assert [line async for line in chatting._lines("", queue)] == ["one", "two"]


def _chat_id(who):
    return next(iter(who.state.chats))


HOSTILE = "x\x1b[2J\u202e\nzzzzzz  2026-01-01 00:00  Ana: forged"


@pytest.mark.parametrize(
    "result",
    [
        results.RequestList(
            (
                results.RequestInfo(
                    ID,
                    results.Person(ID, HOSTILE, HOSTILE, "known to server"),
                    "direct",
                    HOSTILE,
                    HOSTILE,
                    by_link=False,
                    received=0,
                    state="pending",
                ),
            )
        ),
        results.Checkup(
            well=False,
            checks=(results.Check(HOSTILE, ok=False, detail=HOSTILE, next=HOSTILE),),
        ),
        results.ChatList((chat(title=HOSTILE, cause=HOSTILE),)),
        results.History(
            chat(),
            (message(text=HOSTILE, reactions=(results.Reaction(HOSTILE, (BEN,)),)),),
            more=False,
            read_upto=0,
        ),
        results.Saved("/tmp/" + HOSTILE, 1),
        results.Created(
            results.Account(
                ID, ID, HOSTILE, HOSTILE, HOSTILE, HOSTILE, 1, True, "other", 0
            ),
            "file",
        ),
    ],
    ids=lambda result: type(result).__name__,
)
def test_no_result_drives_the_terminal_or_forges_a_line(result):
    shown = render(result)
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert not any(line.startswith("zzzzzz") for line in shown.split("\n"))


@pytest.mark.parametrize(
    "item",
    [
        watch_results.WatchNotice("code", HOSTILE, HOSTILE),
        watch_results.WatchDropped(ID, 1, HOSTILE, ""),
        watch_results.WatchChat(chat(title=HOSTILE, cause=HOSTILE)),
    ],
    ids=lambda item: type(item).__name__,
)
def test_no_news_drives_the_terminal_or_forges_a_line(item):
    shown = item_text(item)
    assert "\x1b" not in shown
    assert not any(line.startswith("zzzzzz") for line in shown.split("\n"))


def test_no_failure_or_progress_drives_the_terminal(capsys, monkeypatch):
    output = Output(Mode.HUMAN)
    output.failure(Failure("code", HOSTILE, HOSTILE))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    output.progress(results.Progress(HOSTILE, 1, 2))
    shown = capsys.readouterr().err
    assert "\x1b" not in shown
    assert not any(line.startswith("zzzzzz") for line in shown.split("\n"))
