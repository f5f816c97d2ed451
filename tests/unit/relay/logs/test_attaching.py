import secrets

import pytest
from log_plane import Chat
from msgspec import structs

from privity.wire import frames
from privity.wire.codes import Code
from privity.wire.entry import Rights


async def test_the_access_key_of_a_generation_attaches(world, chat):
    plane = await world.connect()
    answer = await plane.ask(chat.attach(plane.greeting))
    assert structs.replace(answer, signed=b"") == frames.Attached(1, 0, False)


async def test_an_attached_connection_learns_where_the_log_stands(world, chat):
    plane = await world.member(chat)
    await plane.ask_all(chat.app(), chat.app())
    other = await world.connect()
    assert (await other.ask(chat.attach(other.greeting))).head == 2


async def test_another_key_does_not_attach(world, chat):
    plane = await world.connect()
    asked = chat.attach(plane.greeting, seed=secrets.token_bytes(32))
    assert (await plane.ask(asked)).code is Code.NOT_AUTHENTIC


async def test_an_attach_is_worth_nothing_on_another_connection(world, chat):
    first, second = await world.connect(), await world.connect()
    asked = chat.attach(first.greeting)
    assert isinstance(await first.ask(asked), frames.Attached)
    assert (await second.ask(asked)).code is Code.NOT_AUTHENTIC


@pytest.mark.parametrize(
    "changes",
    [{"nonce": bytes(32)}, {"rights": 1}, {"signature": bytes(64)}],
)
async def test_an_attach_that_was_changed_is_refused(world, chat, changes):
    plane = await world.connect()
    asked = structs.replace(chat.attach(plane.greeting), **changes)
    assert (await plane.ask(asked)).code is Code.NOT_AUTHENTIC


async def test_a_log_that_is_not_there_has_a_name(world):
    plane = await world.connect()
    answer = await plane.ask(Chat().attach(plane.greeting))
    assert answer.code is Code.NO_SUCH_LOG


async def test_a_generation_that_nobody_opened_has_a_name(world, chat):
    plane = await world.connect()
    chat.seeds[7] = chat.seeds[0]
    answer = await plane.ask(chat.attach(plane.greeting, generation=7))
    assert answer.code is Code.WRONG_GENERATION


async def test_who_did_not_attach_neither_reads_nor_appends(world, chat):
    plane = await world.connect()
    before = await world.stored()
    asked = (
        chat.app(),
        frames.Sync(0, [chat.cursor()]),
        frames.Subscribe(0, [chat.cursor()]),
        frames.Fetch(0, chat.log_id, 0, 0, "checkpoint"),
    )
    answers = await plane.ask_all(*asked)
    assert {answer.code for answer in answers} == {Code.NOT_ATTACHED}
    assert await world.stored() == before


async def test_a_right_to_read_does_not_append(world, chat):
    plane = await world.connect()
    await plane.ask(chat.attach(plane.greeting, rights=Rights.READ))
    assert (await plane.ask(chat.app())).code is Code.NOT_ATTACHED
    answer = await plane.ask(frames.Sync(0, [chat.cursor()]))
    assert isinstance(answer, frames.Synced)


async def test_a_right_to_append_does_not_read(world, chat):
    plane = await world.connect()
    await plane.ask(chat.attach(plane.greeting, rights=Rights.APPEND))
    assert isinstance(await plane.ask(chat.app()), frames.Appended)
    answer = await plane.ask(frames.Sync(0, [chat.cursor()]))
    assert answer.code is Code.NOT_ATTACHED


async def test_who_detached_has_no_rights_and_hears_nothing(world, chat):
    reader, writer = await world.member(chat), await world.member(chat)
    await reader.ask(frames.Subscribe(0, [chat.cursor()]))
    reader.put(frames.Detach(chat.log_id))
    assert (await reader.ask(chat.app())).code is Code.NOT_ATTACHED
    await writer.ask(chat.app())
    assert await reader.quiet()


async def test_one_chat_s_key_opens_no_other_chat(world, chat):
    other = Chat()
    await world.create(other)
    plane = await world.member(chat)
    assert (await plane.ask(other.app())).code is Code.NOT_ATTACHED
    asked = other.attach(plane.greeting, seed=chat.seeds[0])
    assert (await plane.ask(asked)).code is Code.NOT_AUTHENTIC


async def test_a_connection_that_ends_leaves_nothing_behind(world, chat):
    plane = await world.member(chat)
    await plane.ask(frames.Subscribe(0, [chat.cursor()]))
    assert len(world.side.grants) == len(world.side.bus) == 1
    await plane.__aexit__()
    assert len(world.side.grants) == len(world.side.bus) == 0
