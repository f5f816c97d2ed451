"""A chat that stops and comes back at a real relay, and what its people are told."""

import pytest

from privity.cli.render import render
from privity.cli.watching import item_text
from privity.client.lookup import NotFound
from privity.client.verbs import watch_results
from privity.core.errors import CommandRefused
from privity.core.inputs import FollowRefused, MailboxArrived
from privity.identity.ids import id_from_text
from privity.wire.frames import MailboxEntry


async def stop(person, chat_id):
    """Let the relay refuse this device, as one does that lost what it needs."""
    chat = person.state.chats[chat_id]
    refused = FollowRefused(chat.log_id, chat.generation, "gone")
    person.session.driver.give(refused)
    await person.until(lambda: person.state.chats[chat_id].status.value == "stuck")


def chat_of(person):
    return next(iter(person.state.chats))


async def test_a_chat_that_stopped_comes_back_over_the_network(pair):
    ana, ben = pair
    chat_id = chat_of(ben)
    await stop(ben, chat_id)
    listed = await ben.do("repair.list")
    if listed.stuck:
        (shown,) = listed.stuck
        assert shown.cause == "access_refused"
        assert shown.happened
    await ben.until(lambda: ben.state.chats[chat_id].status.value == "active", 40)
    await ben.do("send", "Ana", "I am back")
    await ana.has_text("Ben", "I am back")
    await ana.do("send", "Ben", "welcome")
    await ben.has_text("Ana", "welcome")
    shown = await ana.do("history", "Ben")
    assert "rejoined" in [message.what for message in shown.messages]
    assert not (await ben.do("repair.list")).stuck


async def test_doctor_tells_what_happened_why_and_what_to_do(people, meet):
    ana, ben = await people("Ana", "Ben")
    await meet(ana, ben)
    await ana.session.driver.close()
    await stop(ben, chat_of(ben))
    checkup = await ben.do("doctor")
    (bad,) = [check for check in checkup.checks if check.name.startswith("chat ")]
    assert "does not let this device read on" in bad.detail
    assert "the members were asked" in bad.detail
    listed = await ben.do("repair.list")
    assert "What to do: Nothing, while members are online" in render(listed)
    (stuck,) = listed.stuck
    assert stuck.stage == "pleading"
    asked = await ben.do("repair.ask", "Ana")
    assert id_from_text(asked.stuck.chat) == chat_of(ben)


async def test_there_is_nothing_to_repair_where_all_goes_on(pair):
    ana, _ = pair
    listed = await ana.do("repair.list")
    assert (listed.stuck, listed.pleas) == ((), ())
    with pytest.raises(NotFound):
        await ana.do("repair.answer", "Ben")
    with pytest.raises(CommandRefused):
        await ana.do("repair.ask", "Ben")


async def test_a_relay_that_lied_about_a_mailbox_does_not_lock_it(people, meet):
    ana, ben = await people("Ana", "Ben")
    driver = ben.session.driver
    made_up = 1 << 50
    driver.give(MailboxArrived(MailboxEntry(made_up, "contacts", bytes(8_192))))
    await ben.until(lambda: ben.state.mailbox_cursor == made_up)
    # The relay never sent that: it ends the connection, and the next one knows.
    await ben.until(lambda: ben.state.mailbox_cursor == 0)
    await meet(ana, ben)
    assert 0 < ben.state.mailbox_cursor < made_up


async def test_a_device_that_asks_twice_a_day_is_let_back_by_a_person(pair):
    ana, ben = pair
    chat_id = chat_of(ben)

    def active():
        return ben.state.chats[chat_id].status.value == "active"

    await stop(ben, chat_id)
    await ben.until(active, 40)
    await stop(ben, chat_id)

    async def asked():
        return (await ana.do("repair.list")).pleas

    (plea,) = await ana.until(asked, 40)
    assert (plea.why, plea.person.name) == ("again", "Ben")
    assert not active()
    assert "repair answer" in render(await ana.do("repair.list"))
    assert "asks again" in item_text(watch_results.WatchPlea(plea))
    answered = await ana.do("repair.answer", "Ben")
    assert answered.plea.plea == plea.plea
    await ben.until(active, 40)
    await ana.until(lambda: not ana.state.plights)
    assert render(await ana.do("repair.list")) == "Everything goes on."
    await ben.do("send", "Ana", "back once more")
    await ana.has_text("Ben", "back once more")
