"""The object under the recovery key: looked at in each login, missed by name."""

import asyncio
import sqlite3

import pytest

from privity.client import recovery, views
from privity.client.driver import Driver
from privity.client.recovery import Recovery
from privity.core.events import Notice
from privity.identity.self_storage import OBJECT_SIZE

WRITE = "UPDATE self_storage SET object = ? WHERE account_id = ?"
TAKE = "DELETE FROM self_storage WHERE account_id = ?"
READ = "SELECT object FROM self_storage WHERE account_id = ?"


def at_relay(relay, statement, *values):
    accounts = sqlite3.connect(relay.data / "accounts.sqlite", timeout=10)
    with accounts:
        found = accounts.execute(statement, values).fetchall()
    accounts.close()
    return found


@pytest.fixture
async def ana(make_person, eventually):
    """Somebody who has logged in once, and is offline again."""
    person = await make_person("ana", start=False)
    await person.start()
    await eventually(lambda: found(person) is Recovery.IN_PLACE)
    await person.stop()
    return person


def found(person):
    return recovery.last(person.driver.store).found


async def log_in_and_hear(person, code):
    """Log in; return once a notice has come."""
    person.driver = Driver(person.open())
    person.driver.start()
    with person.driver.subscribe() as events:
        async with asyncio.timeout(15):
            async for event in events:
                if event == Notice(code):
                    return


async def test_an_object_that_is_in_place_is_said_to_be(ana):
    driver = await ana.start(online=False)
    shown = views.account(driver.state, recovery.last(driver.store))
    assert (shown.recovery, shown.holds_identity_key) == ("in_place", True)
    assert shown.recovery_checked > 0
    await ana.stop()


@pytest.mark.parametrize("whose", ["older", "foreign"])
async def test_a_relay_that_gives_another_object_is_named(
    ana, relay, make_person, whose
):
    me = ana.account.account_id
    if whose == "older":
        other = at_relay(relay, READ, me)[0][0][::-1]
    else:
        ben = await make_person("ben")
        other = at_relay(relay, READ, ben.account.account_id)[0][0]
    assert len(other) == OBJECT_SIZE
    at_relay(relay, WRITE, other, me)
    await log_in_and_hear(ana, "recovery_other")
    assert found(ana) is Recovery.OTHER
    await ana.stop()


async def test_a_relay_that_has_lost_the_object_is_named(ana, relay):
    at_relay(relay, TAKE, ana.account.account_id)
    await log_in_and_hear(ana, "recovery_missing")
    assert found(ana) is Recovery.MISSING
    await ana.stop()


async def test_what_was_lost_and_is_back_is_in_place_again(ana, relay, eventually):
    me = ana.account.account_id
    kept = at_relay(relay, READ, me)[0][0]
    at_relay(relay, WRITE, b"x" * OBJECT_SIZE, me)
    await log_in_and_hear(ana, "recovery_other")
    await ana.stop()
    at_relay(relay, WRITE, kept, me)
    await ana.start()
    await eventually(lambda: found(ana) is Recovery.IN_PLACE)
    await ana.stop()


async def test_a_profile_that_never_logged_in_has_looked_at_nothing(make_person):
    person = await make_person("cem", start=False)
    store = person.open()
    assert recovery.last(store) == recovery.Checked()
    store.close()
