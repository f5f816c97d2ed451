"""`watch`: what it tells, and that it goes on where it was left."""

import asyncio
from contextlib import asynccontextmanager, suppress

import msgspec
import pytest

from privity.client.errors import ClientError
from privity.client.verbs import params


@asynccontextmanager
async def watching(who, validate, asked=None):
    """Collect what a watch yields meanwhile."""
    seen = []

    async def collect():
        async for item in who.service.stream("watch", asked or params.Watch()):
            validate("watch", msgspec.json.decode(msgspec.json.encode(item)))
            seen.append(item)

    task = asyncio.create_task(collect())
    await who.until(lambda: seen or task.done())
    try:
        yield seen
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def changes(seen):
    return [
        (item.change, item.message.text)
        for item in seen
        if type(item).__name__ == "WatchMessage" and item.message.kind != "line"
    ]


async def test_messages_and_what_changes_them_are_told(pair, validate):
    ana, ben = pair
    async with watching(ben, validate) as seen:
        await ana.do("send", "Ben", "one")
        await ana.do("edit", "Ben", "last", "two")
        await ana.do("send", "Ben", "three")
        await ana.do("unsend", "Ben", "last")
        await ben.until(lambda: len(changes(seen)) == 4)
        assert type(seen[0]).__name__ == "WatchReady"
        assert changes(seen)[1] == ("edited", "two")
        assert changes(seen)[3] == ("deleted", "")
        await ben.do("react", "Ana", "last", "👍")
        kinds = {type(item).__name__ for item in seen}
        await ben.until(lambda: any(type(i).__name__ == "WatchSent" for i in seen))
        assert "WatchMessage" in kinds


async def test_a_later_watch_begins_behind_the_number_that_it_names(pair, validate):
    ana, ben = pair
    await ana.do("send", "Ben", "one")
    await ana.do("send", "Ben", "two")
    await ben.has_text("Ana", "two")
    async with watching(ben, validate, params.Watch(after=0)) as seen:
        await ben.until(lambda: len(changes(seen)) == 2)
        number = next(
            i.number
            for i in seen
            if getattr(i, "change", "") == "new" and i.message.text == "one"
        )
    asked = params.Watch(chat="Ana", after=number)
    async with watching(ben, validate, asked) as seen:
        await ben.until(lambda: changes(seen) == [("new", "two")])
        await ana.do("send", "Ben", "three")
        await ben.until(lambda: changes(seen)[-1] == ("new", "three"))
        assert len(changes(seen)) == 2


async def test_requests_chats_and_contacts_are_told(people, meet, validate):
    ana, ben = await people("Ana", "Ben")
    async with watching(ana, validate) as seen:
        await meet(ana, ben)
        names = {type(item).__name__ for item in seen}
        assert {"WatchRequest", "WatchChat", "WatchContact"} <= names


async def test_somebody_who_was_forgotten_altogether_is_told(people, validate):
    ana, ben = await people("Ana", "Ben")
    await ana.do("join", (await ben.do("invite")).link)
    (asked,) = (await ana.do("contacts")).contacts
    async with watching(ana, validate) as seen:
        await ana.do("contacts.remove", asked.person.account)
        await ana.until(lambda: "WatchContact" in kinds(seen))
        (told,) = [i.contact for i in seen if type(i).__name__ == "WatchContact"]
    assert (told.person.account, told.state) == (asked.person.account, "")
    assert (await ana.do("contacts")).contacts == ()


async def test_a_watch_of_one_chat_says_nothing_of_another(people, meet, validate):
    ana, ben, cyd = await people("Ana", "Ben", "Cyd")
    await meet(ana, ben)
    await meet(ana, cyd)
    async with watching(ana, validate, params.Watch(chat="Ben")) as seen:
        await cyd.do("send", "Ana", "from Cyd")
        await ben.do("send", "Ana", "from Ben")
        await ana.until(lambda: changes(seen))
        assert changes(seen) == [("new", "from Ben")]


async def test_locking_ends_a_watch_quietly(people):
    (ana,) = await people("Ana")
    items = ana.service.stream("watch", params.Watch())
    assert type(await anext(items)).__name__ == "WatchReady"
    assert (await ana.do("lock")).stopped
    with pytest.raises(StopAsyncIteration):
        await anext(items)


async def test_a_client_that_broke_ends_a_watch_by_name(people):
    (ana,) = await people("Ana")
    items = ana.service.stream("watch", params.Watch())
    await anext(items)
    ana.session.driver._stop(RuntimeError("planted"))
    with pytest.raises(ClientError):
        await anext(items)


def kinds(seen):
    return [type(item).__name__ for item in seen]


async def test_a_chat_that_was_deleted_is_told_and_its_next_message_too(pair, validate):
    ana, ben = pair
    ((chat,),) = [[c.chat for c in (await ben.do("chats")).chats]]
    async with watching(ben, validate) as seen:
        await ben.do("chats.delete", "Ana")
        await ben.until(lambda: "WatchChatGone" in kinds(seen))
        assert next(i.chat for i in seen if kinds([i]) == ["WatchChatGone"]) == chat
        await ana.do("send", "Ben", "are you there?")
        await ben.until(lambda: ("new", "are you there?") in changes(seen))
        assert [one.chat for one in (await ben.do("chats")).chats] == [chat]


async def test_a_note_that_was_cleared_is_told_as_a_chat_that_is_gone(pair, validate):
    ana, _ = pair
    await ana.do("send", "me", "bread")
    async with watching(ana, validate) as seen:
        await ana.do("chats.delete", "me")
        await ana.until(lambda: "WatchChatGone" in kinds(seen))


async def test_a_deleted_group_is_told_gone_last(people, meet, validate):
    ana, ben = await people("Ana", "Ben")
    await meet(ana, ben)
    chat = (await ana.do("group.new", "Garden", ("Ben",))).chat.chat

    async def asked():
        return (await ben.do("requests")).requests

    await ben.until(asked)
    await ben.do("accept", "Garden")
    await ben.until(lambda: len(ben.state.groups) == 2)
    async with watching(ben, validate) as seen:
        await ben.do("chats.delete", chat)
        await ben.until(lambda: len(ben.state.chats) == 1)
        await ana.do("send", "Ben", "hello")
        await ben.until(lambda: ("new", "hello") in changes(seen))
    told = kinds(seen)
    behind = seen[told.index("WatchChatGone") + 1 :]
    assert chat not in [i.chat.chat for i in behind if kinds([i]) == ["WatchChat"]]
