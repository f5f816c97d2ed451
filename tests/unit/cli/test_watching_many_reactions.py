"""Reactions that come faster than somebody reads: told together, and none is lost."""

from contextlib import aclosing

from privity.client.verbs import params
from privity.client.verbs.watch import watch

EMOJI = ("👍", "👎", "🎉", "🐈", "🌊", "🍋", "🚲", "🎈")
END = "that is all"


async def test_reactions_that_wait_together_are_one_item_with_all_of_them(pair):
    ana, ben = pair
    await ana.do("send", "Ben", "what do you think?")
    await ben.has_text("Ana", "what do you think?")
    async with aclosing(watch(ana.session, params.Watch())) as items:
        await anext(items)
        await _react(ana, ben)
        told = await _told(items)
    assert [[one.emoji for one in shown] for shown in told] == [list(EMOJI)]


async def test_who_comes_back_is_told_once_of_reactions_to_one_message(pair):
    ana, ben = pair
    await ana.do("send", "Ben", "what do you think?")
    await ben.has_text("Ana", "what do you think?")
    await _react(ana, ben)
    async with aclosing(watch(ana.session, params.Watch(after=0))) as items:
        told = await _told(items)
    assert [[one.emoji for one in shown] for shown in told] == [list(EMOJI)]


async def test_a_reaction_of_mine_hides_none_of_theirs_from_who_comes_back(pair):
    ana, ben = pair
    await ana.do("send", "Ben", "what do you think?")
    await ben.has_text("Ana", "what do you think?")
    await ben.do("react", "Ana", "last", EMOJI[0])

    async def reacted():
        return (await ana.do("history", "Ben")).messages[-1].reactions

    await ana.until(reacted)
    await ana.do("react", "Ben", "last", EMOJI[1])
    await ben.do("send", "Ana", END)
    await ana.has_text("Ben", END)
    async with aclosing(watch(ana.session, params.Watch(after=0))) as items:
        told = await _told(items)
    assert [{one.emoji for one in shown} for shown in told] == [set(EMOJI[:2])]


async def _react(ana, ben):
    """Let Ben react and say something, and all of it be with Ana."""
    for emoji in EMOJI:
        await ben.do("react", "Ana", "last", emoji)
    await ben.do("send", "Ana", END)
    await ana.has_text("Ben", END)


async def _told(items):
    """Return the reactions of each item that tells of some, up to the end."""
    found = []
    async for item in items:
        if getattr(item, "change", "") == "reaction":
            found.append(item.message.reactions)
        if getattr(getattr(item, "message", None), "text", "") == END:
            return found
    raise AssertionError("the end was not told")
