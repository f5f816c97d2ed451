"""An old copy repeats a plea whose answer a later copy of its disk has taken."""

from troubles import DAY

from privity.core import inputs as i
from privity.core.events import PleaArrived
from privity.core.state import Status


def loses_its_thread(trio):
    """Let Cem's disk go back behind what it said, while nobody is there to help."""
    older = dict(trio.cem.disk)
    trio.cem.say(trio.chat, "soon forgotten")
    trio.town.run()
    for person in (trio.ana, trio.ben):
        person.disconnect()
    goes_back(trio, older)


def goes_back(trio, disk):
    trio.cem.disk = dict(disk)
    trio.cem.crash()
    trio.cem.connect()
    trio.town.run(seconds=0)
    assert trio.cem.state.chats[trio.chat].status is Status.STUCK


def comes_back(trio):
    for person in (trio.ana, trio.ben):
        person.connect()
    trio.town.run(seconds=1_200)
    assert trio.cem.state.chats[trio.chat].status is Status.ACTIVE


def test_a_day_later_an_old_copy_asks_anew_and_needs_nobody(trio, shown):
    loses_its_thread(trio)
    stuck = dict(trio.cem.disk)
    comes_back(trio)
    goes_back(trio, stuck)
    asked = trio.cem.state.repairs[trio.chat].plea_id
    trio.town.run(seconds=DAY - 3_600)
    assert trio.cem.state.repairs[trio.chat].plea_id == asked
    trio.town.run(seconds=DAY)
    for person in (trio.ana, trio.ben):
        person.take(i.Tick())
    trio.town.run(seconds=1_200)
    assert trio.cem.state.chats[trio.chat].status is Status.ACTIVE
    assert not shown(trio.ana, PleaArrived)
    groups = [person.state.groups[trio.chat] for person in trio.everybody]
    assert len({group.epoch_authenticator for group in groups}) == 1
