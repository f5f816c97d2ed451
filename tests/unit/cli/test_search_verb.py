"""Searching by the verb, between people at a real relay, and at the command line."""

import pytest

from privity.cli.render import render
from privity.client.lookup import NotFound


def said(found):
    return ["".join(piece.text for piece in one.snippet) for one in found.found]


async def test_what_was_said_is_found_in_one_chat_and_in_all(people, meet):
    ana, ben, cleo = await people("Ana", "Ben", "Cleo")
    await meet(ana, ben)
    await meet(ana, cleo)
    for who, text in (("Ben", "the key is here"), ("Cleo", "a key, too")):
        await ana.do("send", who, text)
    await ben.has_text("Ana", "the key is here")
    assert sorted(said(await ana.do("search", "KEY"))) == [
        "a key, too",
        "the key is here",
    ]
    (one,) = (await ana.do("search", "ke", chat="Ben")).found
    assert (one.title, one.sender.name) == ("Ben", "Ana")
    assert [p.text for p in one.snippet if p.found] == ["key"]
    assert "the [key] is here" in render(await ana.do("search", "key", chat="Ben"))
    (theirs,) = (await ben.do("search", "key")).found
    assert theirs.sender.name == "Ana"
    with pytest.raises(NotFound):
        await ana.do("search", "key", chat="nobody")


async def test_pages_follow_each_other_without_gap_or_repeat(pair):
    ana, _ = pair
    for number in range(5):
        await ana.do("send", "Ben", f"word {number}")
    first = await ana.do("search", "word", limit=3)
    second = await ana.do("search", "word", limit=3, before=first.next)
    assert said(first) + said(second) == [f"word {n}" for n in (4, 3, 2, 1, 0)]
    assert second.next == ""


async def test_edited_and_deleted_words_are_found_no_more(pair):
    ana, ben = pair
    await ana.do("send", "Ben", "at noon")
    await ben.has_text("Ana", "at noon")
    await ana.do("edit", "Ben", "last", "at dusk")
    await ben.has_text("Ana", "at dusk")
    for who in (ana, ben):
        assert said(await who.do("search", "noon")) == []
        assert said(await who.do("search", "dusk")) == ["at dusk"]
    await ana.do("unsend", "Ben", "last")

    async def gone():
        return not (await ben.do("search", "dusk")).found

    await ben.until(gone)


def test_the_command_line_searches(run, account):
    profile = account("Ana")
    assert run(profile, "search", "anything") == (0, {"found": [], "next": ""})
    status, error = run(profile, "search", "x", "--before", "soon")
    assert (status, error["code"]) == (2, "malformed_input")
