"""`privity doctor CHAT`: what a person is told of one chat, well or not."""

from dataclasses import replace

import pytest
from msgspec import structs

from privity.client.lookup import NotFound
from privity.core.inputs import FollowRefused
from privity.core.state import Outgoing


def by_name(checkup):
    return {check.name: check for check in checkup.checks}


def change(person, **fields):
    """Let a device know something else of its only chat."""
    ((chat_id, chat),) = person.state.chats.items()
    chats = {chat_id: structs.replace(chat, **fields)}
    person.session.driver._state = replace(person.state, chats=chats)


async def test_a_chat_that_goes_on_is_told_to_be_well(pair):
    ana, ben = pair
    await ana.do("send", "Ben", "hello")
    await ben.has_text("Ana", "hello")
    found = await ben.do("doctor", "Ana")
    checks = by_name(found)
    assert found.well
    assert "entries of the log are read" in checks["reading"].detail
    assert checks["keys"].detail == "renewed 0 days ago"
    assert checks["outbox"].detail == "nothing waits"
    assert checks["messages"].detail == "nothing is missing"
    assert checks["help"].detail == "nobody waits"
    assert "of 1 other devices have shown" in checks["agreement"].detail


async def test_old_keys_are_said_to_be_renewed_by_the_next_message(pair):
    _, ben = pair
    ((_, chat),) = ben.state.chats.items()
    change(ben, opened=chat.opened - 9 * 24 * 60)
    keys = by_name(await ben.do("doctor", "Ana"))["keys"]
    assert keys.detail == "renewed 9 days ago; the next message renews them"


async def test_what_waits_without_a_relay_is_counted(pair):
    _, ben = pair
    ((chat_id, _),) = ben.state.chats.items()
    item = Outgoing(chat_id, bytes(16), 9, b"later", bytes(32), bytes(32))
    offline = replace(ben.state.session, online=False)
    ben.session.driver._state = replace(
        ben.state, outgoing={chat_id: (item,)}, session=offline
    )
    found = await ben.do("doctor", "Ana")
    outbox = by_name(found)["outbox"]
    assert (found.well, outbox.ok, outbox.detail) == (False, False, "1 messages wait")


async def test_a_chat_that_stopped_has_its_three_sentences(people, meet):
    ana, ben = await people("Ana", "Ben")
    await meet(ana, ben)
    await ana.session.driver.close()
    ((chat_id, chat),) = ben.state.chats.items()
    ben.session.driver.give(FollowRefused(chat.log_id, chat.generation, "gone"))
    await ben.until(lambda: ben.state.chats[chat_id].status.value == "stuck")
    found = await ben.do("doctor", "Ana")
    standing = by_name(found)["chat"]
    assert not standing.ok
    assert "does not let this device read on" in standing.detail
    assert "Now: the members were asked" in standing.detail
    assert "comes back by itself" in standing.next
    assert "reading" not in by_name(found)


async def test_a_chat_that_is_not_there_is_not_found(pair):
    with pytest.raises(NotFound):
        await pair[0].do("doctor", "Nobody")
