"""Typing: off until wanted, then told live, and nothing of it kept."""

import asyncio
from contextlib import asynccontextmanager, suppress

import msgspec
import pytest

from privity.cli import chatting
from privity.cli import screen as screen_module
from privity.cli.composing import Composing, tell_of_typing
from privity.cli.options import Options
from privity.cli.output import Mode
from privity.cli.screen import Screen
from privity.cli.watching import item_text
from privity.client.ledger import read_lines
from privity.client.verbs import params, watch_results
from privity.core import signalling


@asynccontextmanager
async def typing_seen(who, validate, chat=""):
    """Collect what a watch says of typing meanwhile."""
    seen = []
    ready = asyncio.Event()

    async def collect():
        async for item in who.service.stream("watch", params.Watch(chat=chat)):
            validate("watch", msgspec.json.decode(msgspec.json.encode(item)))
            ready.set()
            if isinstance(item, watch_results.WatchTyping):
                seen.append(item)

    task = asyncio.create_task(collect())
    await ready.wait()
    try:
        yield seen
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def compose(who, chat):
    """Tell that somebody types as soon as that can be told."""

    async def told():
        return (await who.do("compose", chat)).told

    await who.until(told)


async def test_typing_is_off_until_a_person_turns_it_on(pair, validate):
    ana, ben = pair
    assert (await ana.do("typing")).on is False
    assert (await ana.do("compose", "Ben")).told is False
    frames = {line.what for _, line in read_lines(ana.session.store.database)}
    assert "Signal" not in frames
    await ana.do("typing", on=True)
    async with typing_seen(ben, validate) as seen:
        await compose(ana, "Ben")
        await ana.do("send", "Ben", "behind it")
        await ben.has_text("Ana", "behind it")
        assert seen == []
    assert not ben.state.session.hearing


async def test_who_turned_it_on_sees_who_types_until_it_was_said(pair, validate):
    ana, ben = pair
    for one in pair:
        assert (await one.do("typing", on=True)).on is True
    async with typing_seen(ben, validate, "Ana") as seen:
        await compose(ana, "Ben")
        await ben.until(lambda: seen)
        assert (seen[0].person.name, seen[0].typing) == ("Ana", True)
        assert item_text(seen[0]).startswith("Ana is typing")
        await ana.do("send", "Ben", "said")
        await ben.until(lambda: len(seen) == 2)
        assert seen[1].typing is False
        assert item_text(seen[1]) == ""
    assert (await ana.do("compose", "Ben")).told is False


async def test_who_typed_and_said_nothing_fades(pair, validate, monkeypatch):
    monkeypatch.setattr(signalling, "FADE_MS", 300)
    ana, ben = pair
    for one in pair:
        await one.do("typing", on=True)
    async with typing_seen(ben, validate) as seen:
        await compose(ana, "Ben")
        await ben.until(lambda: len(seen) == 2)
        assert [item.typing for item in seen] == [True, False]


async def test_the_choice_outlives_the_process_and_the_ledger_names_a_signal(pair):
    ana, _ = pair
    await ana.do("typing", on=True)
    await compose(ana, "Ben")
    assert ana.session.driver.store.setting("typing") == b"on"

    def lines():
        found = read_lines(ana.session.store.database)
        return [line for _, line in found if line.what == "Signal"]

    (line,) = await ana.until(lines)
    assert line.cause.reason == "typing"
    assert line.cause.id == b""
    await ana.do("typing", on=False)
    assert (await ana.do("typing")).on is False


@pytest.mark.parametrize(
    ("lines", "typing"),
    [
        (["", "w", "wo", "wo", "wor"], [False, True, True, False, True]),
        (["/save x", "/quit", " "], [False, False, False]),
        (["/reply last y", "//no command", "/edit last z"], [True, True, True]),
        (["hello", ""], [True, False]),
    ],
)
def test_only_a_growing_text_for_others_is_typing(lines, typing):
    composing = Composing()
    assert [composing.is_typing(line) for line in lines] == typing


async def test_typing_is_told_for_as_long_as_it_goes_on(monkeypatch):
    monkeypatch.setattr("privity.cli.composing.LOOK", 0)
    lines, told = ["w", "wo", "wo", "wor", ""], []
    ended = asyncio.Event()

    def look():
        if not lines:
            ended.set()
        return lines.pop(0) if lines else ""

    async def tell():
        told.append(len(lines))

    task = asyncio.create_task(tell_of_typing(look, tell))
    await asyncio.wait_for(ended.wait(), 5)
    task.cancel()
    assert told == [4, 3, 1]


async def test_a_conversation_tells_of_the_line_that_grows_and_shows_the_others(
    pair, screen, monkeypatch
):
    monkeypatch.setattr("privity.cli.composing.LOOK", 0.02)
    ana, ben = pair
    for one in pair:
        await one.do("typing", on=True)
    options = Options(None, None, Mode.HUMAN)
    mine = chatting._Talk(ana.service, options, "Ben", screen)
    theirs = chatting._Talk(ben.service, options, "Ana", Screen())
    statuses = []
    monkeypatch.setattr(theirs.screen, "status", statuses.append)
    tasks = [asyncio.create_task(one) for one in (mine.tell(), theirs.watch())]
    lines = iter(f"{number} words" for number in range(10**6))
    monkeypatch.setattr(screen_module.readline, "get_line_buffer", lambda: next(lines))
    await ben.until(lambda: statuses)
    tasks[0].cancel()
    await ana.do("send", "Ben", "so much")
    await ben.until(lambda: len(statuses) == 2)
    assert statuses == ["Ana is typing …", ""]
    tasks[1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
def screen(monkeypatch):
    """Return a screen of 20 columns on which "wor" is being typed."""
    monkeypatch.setattr(screen_module.readline, "get_line_buffer", lambda: "wor")
    monkeypatch.setenv("COLUMNS", "20")
    made = Screen()
    made.prompt = "> "
    return made


GONE = "\r\x1b[K\x1b[1A\r\x1b[K"


def test_a_status_goes_when_it_is_over_and_messages_come_above_it(screen, capsys):
    screen.status("Ana is typing …")
    assert capsys.readouterr().out == "\r\x1b[KAna is typing …\n> wor"
    screen.status("Ana is typing …")
    assert capsys.readouterr().out == ""
    screen.show("12:00 Cem: hi")
    shown = capsys.readouterr().out
    assert shown == f"{GONE}12:00 Cem: hi\nAna is typing …\n> wor"
    screen.status("")
    assert capsys.readouterr().out == f"{GONE}> wor"


def test_what_stands_above_an_entered_line_is_not_erased(screen, capsys):
    screen.status("Ana is typing …")
    screen.entered()
    screen.show("12:00 You: hello")
    assert "\x1b[1A" not in capsys.readouterr().out


def test_where_nobody_looks_on_there_is_no_status(screen, capsys):
    screen.prompt = ""
    screen.status("Ana is typing …")
    screen.show("12:00 Cem: hi")
    assert capsys.readouterr().out == "12:00 Cem: hi\n"
