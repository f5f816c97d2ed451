"""What real clients see of a relay that goes on from an old copy of itself."""

import os
import shutil

from relay_process import RelayThread

from privity.core import inputs
from privity.core.state import Status
from privity.relay.backup import back_up
from privity.relay.restoring import fill


async def meet(ana, ben, until):
    """Give two people a direct chat and return its id."""
    link = await ana.driver.do(inputs.MakeLink())
    await ben.driver.do(inputs.RequestByLink(link, "hello"))

    def pending():
        requests = ana.driver.state.requests.items()
        return [name for name, one in requests if one.state == "pending"]

    (invite_id,) = await until(pending)
    await ana.driver.do(inputs.Accept(invite_id))

    def active(person):
        chats = person.driver.state.chats.values()
        return {chat.chat_id for chat in chats if chat.status is Status.ACTIVE}

    (chat_id,) = await until(lambda: active(ana) & active(ben))
    return chat_id


def stuck(person, chat_id):
    return person.driver.state.chats[chat_id].status is Status.STUCK


async def test_devices_are_not_blamed_and_chats_that_had_not_gone_on_do(
    tmp_path, person_of, eventually
):
    with RelayThread(tmp_path / "relay") as relay:
        people = [person_of(relay, name) for name in ("ana", "ben", "eve")]
        for person in people:
            await person.register()
            await person.start()
        ana, ben, eve = people
        quiet = await meet(ana, ben, eventually)
        busy = await meet(ana, eve, eventually)
        await ana.send(quiet, "before")
        await eventually(lambda: ben.texts(quiet) == ["before"])
        back_up(relay.data, tmp_path / "copy")
        await ana.send(busy, "after the copy")
        await eventually(lambda: eve.texts(busy) == ["after the copy"])
        for person in people:
            await person.stop()
            await person.start()
            await person.stop()
        relay.stop()
        shutil.rmtree(relay.data)
        relay.data.mkdir(mode=0o700)
        fill(tmp_path / "copy", relay.data, os.urandom, is_lossy=True)
        relay.start()
        for person in people:
            await person.start()
        await ben.send(quiet, "and on")
        await eventually(lambda: ana.texts(quiet) == ["before", "and on"])
        await eventually(
            lambda: [stuck(person, busy) for person in (ana, eve)] == [True, True]
        )
        assert not stuck(ana, quiet)
        assert [person.driver.problem for person in people] == [None] * 3
        assert [person.driver.state.rollback.times for person in people] == [()] * 3
        # Mail has numbers that no device acknowledged before, so it is read.
        await meet(eve, ben, eventually)
        for person in people:
            await person.stop()
