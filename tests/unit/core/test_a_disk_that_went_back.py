"""A device whose disk was restored drops its keys, says so, and heals in every chat."""

from dataclasses import replace

import pytest
from msgspec import structs
from town_logins import copy_of, put_back

from privity import mls
from privity.core import engine
from privity.core import inputs as i
from privity.core.effects import Save, Send
from privity.core.errors import CommandRefused, Refusal
from privity.core.events import Notice
from privity.core.restoring import ONCE_SECONDS
from privity.core.rollbacks import RollbackStage
from privity.core.state import Status

DAY_MS = ONCE_SECONDS * 1_000


def settle(town, *people):
    town.run(seconds=1_300)
    for person in people:
        assert not person.state.jobs
        assert not person.state.repairs
        assert not any(person.state.outgoing.values())


def agree(chat, *people):
    groups = [person.state.groups[chat] for person in people]
    return len({group.epoch_authenticator for group in groups}) == 1


def lines(person, chat, what):
    needle = f'"what":"{what}"'.encode()
    return [row for row in person.messages(chat) if needle in row.content]


def later(person):
    """Log in once more: from now on the relay knows an older copy by its value."""
    person.disconnect()
    person.connect()


def test_a_restored_disk_comes_back_into_every_chat_by_itself(trio):
    direct = trio.ana.state.contacts[trio.ben.id].chat_id
    trio.ben.say(trio.chat, "before")
    trio.town.run()
    copy = copy_of(trio.ben)
    trio.ben.say(trio.chat, "lost here")
    trio.ben.say(direct, "lost here too")
    later(trio.ben)
    trio.cem.say(trio.chat, "meanwhile")
    trio.town.run()
    put_back(trio.ben, copy)
    assert trio.ben.online
    assert not trio.ben.state.groups
    settle(trio.town, *trio.everybody)
    assert agree(trio.chat, *trio.everybody)
    assert agree(direct, trio.ana, trio.ben)
    trio.ben.say(trio.chat, "after")
    trio.ben.say(direct, "after")
    settle(trio.town, *trio.everybody)
    for person in (trio.ana, trio.cem):
        said = ["before", "lost here", "meanwhile", "after"]
        assert person.texts(trio.chat) == said
        assert len(lines(person, trio.chat, "rejoined")) == 1
    assert trio.ana.texts(direct) == ["lost here too", "after"]
    assert trio.ben.texts(trio.chat) == ["before", "after"]
    for chat in (trio.chat, direct):
        assert len(lines(trio.ben, chat, "restored")) == 1
        assert len(lines(trio.ben, chat, "gap")) == 1


def test_all_keys_are_dropped_in_the_one_save_before_anything_is_sent(trio):
    trio.ben.say(trio.chat, "on its way")
    ben = trio.ben
    ben.crash()
    old = set(ben.state.packages)
    assert old
    assert ben.state.groups
    step = engine.step(ben.state, i.DiskWentBack(), trio.town.context())
    assert [type(e) for e in step.effects].count(Save) == 1
    assert isinstance(step.effects[0], Save)
    assert not any(isinstance(effect, Send) for effect in step.effects)
    for write in step.effects[0].writes:
        ben.write(write)
    ben.crash()
    after = ben.state
    assert after == step.state.without_session()
    assert after.rollback.stage is RollbackStage.RETURNING
    assert not after.groups
    assert not after.packages
    assert not after.pending
    asked = {type(job.request).__name__ for job in after.jobs.values()}
    assert asked == {"PostPlea", "SetRequestsLane"}
    (item,) = after.outgoing[trio.chat]
    assert (item.job, item.digest, item.again) == (0, b"", True)
    assert after.contacts == ben.state.contacts
    for chat in after.chats.values():
        assert (chat.status, chat.cause) == (Status.STUCK, "rolled_back")


def test_bytes_that_were_in_flight_never_leave_again(trio):
    ben = trio.ben
    ben.say(trio.chat, "twice?")
    (request,) = [s.request for s in ben.requests]
    copy = copy_of(ben)
    later(ben)
    trio.town.run()
    before = len(ben.sent_frames)
    put_back(ben, copy)
    settle(trio.town, *trio.everybody)
    again = [frame.envelope for frame in ben.sent_frames[before:]]
    assert request.envelope not in again
    for person in trio.everybody:
        assert person.texts(trio.chat) == ["twice?"]
    assert ben.state.chats[trio.chat].status is Status.ACTIVE


@pytest.mark.parametrize("is_noticed", [True, False], ids=["login", "log"])
def test_what_was_queued_and_sent_by_the_later_disk_is_shown_once(trio, is_noticed):
    """Whether the relay notices the old copy, or this device, in the log."""
    ben = trio.ben
    ben.disconnect()
    ben.say(trio.chat, "queued")
    copy = copy_of(ben)
    ben.connect()
    trio.town.run()
    assert trio.ana.texts(trio.chat) == ["queued"]
    if not is_noticed:
        copy = replace(copy, login=ben.login)
    put_back(ben, copy)
    ben.say(trio.chat, "written while stuck")
    settle(trio.town, *trio.everybody)
    for person in trio.everybody:
        assert person.texts(trio.chat) == ["queued", "written while stuck"]
    assert ben.state.chats[trio.chat].status is Status.ACTIVE
    assert all(row.state.value != "failed" for row in ben.messages(trio.chat))


def test_nobody_misses_a_number_of_a_device_that_counts_again(trio):
    """It uses numbers twice; then it goes on behind the highest one."""
    ben = trio.ben
    copy = copy_of(ben)
    later(ben)
    for number in range(3):
        ben.say(trio.chat, f"lost {number}")
    trio.town.run()
    put_back(ben, copy)
    settle(trio.town, *trio.everybody)
    for number in range(5):
        ben.say(trio.chat, f"new {number}")
    settle(trio.town, *trio.everybody)
    for person in (trio.ana, trio.cem):
        assert len(person.texts(trio.chat)) == 8
        assert not lines(person, trio.chat, "missing")
        assert not any(tally.holes for tally in person.state.tallies.values())


def test_nobody_is_invited_with_a_package_whose_keys_are_dropped(trio):
    ben = trio.ben
    old = {
        mls.KeyPackageBundle.decode(p.bundle).key_package.encode()
        for p in ben.state.packages.values()
    }
    assert old
    copy = copy_of(ben)
    ben.say(trio.chat, "on")
    trio.town.run()
    later(ben)
    put_back(ben, copy)
    settle(trio.town, *trio.everybody)
    rows = trio.town.accounts.execute(
        "SELECT package FROM key_packages WHERE account_id = ?", (ben.id,)
    ).fetchall()
    shelf = {bytes(row[0]) for row in rows}
    assert len(shelf) == 21
    assert not shelf & old


def test_a_restored_disk_heals_a_chat_that_was_being_joined(town, strangers):
    """The later disk joined; the restored one only knows that it was admitted."""
    ana, ben, _ = strangers
    link = ben.take(i.MakeLink())
    ana.take(i.RequestByLink(link, "hello"))
    town.run()
    (asked,) = ben.state.requests
    ben.take(i.Accept(asked))
    copy = None
    while copy is None:
        assert ana.act_alive() or ben.act_alive()
        if any(c.status is Status.JOINING for c in ben.state.chats.values()):
            copy = copy_of(ben)
    town.run()
    (chat,) = ben.state.chats
    assert ben.state.chats[chat].status is Status.ACTIVE
    put_back(ben, copy)
    settle(town, ana, ben)
    assert agree(chat, ana, ben)
    ben.say(chat, "here")
    settle(town, ana, ben)
    assert ana.texts(chat) == ["here"]


def test_an_acceptance_whose_keys_are_dropped_waits_for_its_owner_again(
    town, strangers
):
    ana, ben, _ = strangers
    link = ben.take(i.MakeLink())
    ana.take(i.RequestByLink(link, "hello"))
    town.run()
    (asked,) = ben.state.requests
    ben.take(i.Accept(asked))
    copy = copy_of(ben)
    ben.requests.clear()
    later(ben)
    ben.requests.clear()
    put_back(ben, copy)
    assert ben.state.requests[asked].state == "pending"
    town.run()
    assert not ana.state.chats
    ben.take(i.Accept(asked))
    town.run()
    (chat,) = ana.state.chats
    assert agree(chat, ana, ben)


def test_what_a_person_has_to_decide_stays_undecided(trio):
    ben = trio.ben
    chat = ben.state.chats[trio.chat]
    stuck = structs.replace(chat, status=Status.STUCK, cause="chain")
    chats = {**ben.state.chats, trio.chat: stuck}
    state = replace(ben.state, chats=chats)
    step = engine.step(state, i.DiskWentBack(), trio.town.context())
    assert step.state.chats[trio.chat] == stuck
    assert trio.chat not in step.state.repairs
    assert trio.chat not in step.state.groups


def test_two_live_copies_do_not_fight_for_ever(trio):
    """Each comes back once a day by itself; then a person decides which one stays."""
    ben, town = trio.ben, trio.town
    copies = [copy_of(ben), copy_of(ben)]
    later(ben)
    turns = 0
    while True:
        put_back(ben, copies[turns % 2])
        if not ben.online:
            break
        town.run(seconds=60)
        copies[turns % 2] = copy_of(ben)
        turns += 1
        assert turns < 5
    assert turns == 2
    assert ben.state.rollback.stage is RollbackStage.ASKING
    before = ben.state
    ben.connect()
    assert not ben.online
    assert ben.state == before
    ben.take(i.ComeBack())
    ben.connect()
    assert ben.online
    town.run(seconds=60)
    # Within a day of the last time, members ask a person too.
    assert ben.state.chats[trio.chat].status is Status.STUCK
    for plight in tuple(trio.ana.state.plights.values()):
        trio.ana.take(i.AnswerPlea(plight.chat_id, plight.plea_id))
    settle(town, ben)
    assert agree(trio.chat, *trio.everybody)


def test_a_day_later_it_comes_back_by_itself_again(trio):
    ben, town = trio.ben, trio.town
    copy = copy_of(ben)
    later(ben)
    put_back(ben, copy)
    settle(town, *trio.everybody)
    copy = copy_of(ben)
    later(ben)
    town.now_ms += DAY_MS
    put_back(ben, copy)
    assert ben.online
    settle(town, *trio.everybody)
    assert len(ben.state.rollback.times) == 2
    assert agree(trio.chat, *trio.everybody)
    assert [e for e in ben.events if e == Notice("restored")]


def test_who_never_went_back_has_nothing_to_confirm(trio):
    before = trio.ben.state
    with pytest.raises(CommandRefused) as refused:
        trio.ben.take(i.ComeBack())
    assert refused.value.code is Refusal.NOT_ROLLED_BACK
    assert trio.ben.state is before


def test_the_number_of_a_job_is_never_used_again(trio):
    ben = trio.ben
    ben.say(trio.chat, "one")
    trio.town.run()
    assert not ben.state.jobs
    following = ben.state.next_job
    ben.crash()
    assert ben.state.next_job == following
    del ben.disk["cursor", b"jobs"]
    ben.crash()
    assert ben.state.next_job == 1
