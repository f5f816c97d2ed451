"""Who reaches a mailbox: strangers by an open lane or a door, contacts by their key."""

from dataclasses import replace
from hashlib import sha256

import pytest
from town_logins import copy_of, put_back

from privity import mls
from privity.core import inputs as i
from privity.core.effects import Cause
from privity.core.events import Notice, RequestArrived
from privity.core.requests import PostSealed, Refused, SetMailboxKey, SetRequestsLane
from privity.core.state import ChatKind, ContactState, Invite, Status
from privity.core.step import Context, Draft
from privity.wire.limits import KEY_PACKAGE_LIFETIME, MAILBOX_DOORS


def doors(town, person):
    """Return what the relay keeps of a person's lane, None for an open one."""
    row = town.accounts.execute(
        "SELECT doors FROM closed_lanes WHERE account_id = ?", (person.id,)
    ).fetchone()
    return None if row is None else len(row[0]) // 32


def key_hash(town, person):
    (found,) = town.accounts.execute(
        "SELECT mailbox_key_hash FROM accounts WHERE account_id = ?", (person.id,)
    ).fetchone()
    return found


def lanes_of(person):
    letters = person.town.letters.get(person.state.account.mailbox_id, {})
    return [lane for lane, _ in letters.values()]


def closed(*people):
    for person in people:
        person.take(i.CloseRequests(closed=True))
    people[0].town.run()


def test_a_closed_lane_takes_no_request_by_handle_and_says_so(town, strangers, shown):
    ana, ben, _ = strangers
    closed(ben)
    packages = town.accounts.execute("SELECT count(*) FROM key_packages").fetchone()
    ana.take(i.RequestByHandle("ben"))
    town.run()
    notice = shown(ana, Notice)[-1]
    assert (notice.code, notice.detail) == ("invitation_failed", "requests_closed")
    assert not ben.state.requests
    assert not ana.state.invites
    assert (
        packages
        == town.accounts.execute("SELECT count(*) FROM key_packages").fetchone()
    )


def test_opened_again_it_takes_requests_and_the_relay_keeps_nothing(
    town, strangers, ask
):
    ana, ben, _ = strangers
    closed(ben)
    assert doors(town, ben) == 0
    ben.take(i.CloseRequests(closed=False))
    town.run()
    assert doors(town, ben) is None
    ana.take(i.RequestByHandle("ben"))
    town.run()
    assert ask(ben)


def test_two_whose_lanes_are_closed_meet_by_a_link(town, strangers, ask):
    ana, ben, _ = strangers
    closed(ana, ben)
    link = ben.take(i.MakeLink())
    town.run()
    ana.take(i.RequestByLink(link))
    town.run()
    ben.take(i.Accept(ask(ben)))
    town.run()
    chat = ana.state.contacts[ben.id].chat_id
    for person in (ana, ben):
        assert person.state.chats[chat].status is Status.ACTIVE
    # What was awaited has come: the doors are shut behind it.
    assert doors(town, ana) == doors(town, ben) == 0


def test_a_request_of_mine_leaves_a_door_for_its_answer(town, strangers, ask):
    ana, ben, _ = strangers
    closed(ana)
    ana.take(i.RequestByHandle("ben"))
    town.run()
    assert doors(town, ana) == 1
    ben.take(i.Accept(ask(ben)))
    town.run()
    assert ana.state.contacts[ben.id].state is ContactState.ACCEPTED
    assert doors(town, ana) == 0


def test_a_link_that_was_used_up_leads_nowhere(town, strangers, shown):
    ana, ben, cem = strangers
    closed(ben)
    link = ben.take(i.MakeLink(0, 1))
    town.run()
    assert doors(town, ben) == 1
    ana.take(i.RequestByLink(link, ""))
    town.run()
    assert doors(town, ben) == 0
    cem.take(i.RequestByLink(link, ""))
    town.run()
    assert shown(cem, Notice)[-1].detail == "requests_closed"
    assert not cem.state.invites
    assert len(ben.state.requests) == 1


def test_while_the_lane_is_open_the_relay_hears_of_no_door(town, strangers):
    ben = strangers[1]
    ben.take(i.MakeLink())
    town.run()
    assert doors(town, ben) is None


@pytest.fixture
def late(town, strangers, make_friends):
    """Ana has a group, is away, and does not know of Ben's new mailbox key."""
    ana, ben, cem = strangers
    make_friends(town, ana, ben)
    make_friends(town, cem, ben)
    group = ana.take(i.CreateGroup("Picnic"))
    town.run()
    ana.disconnect()
    ben.take(i.Block(cem.id))
    town.run()
    return group


def test_a_contact_with_an_old_key_is_let_in_silently(town, strangers, late, ask):
    ana, ben, _ = strangers
    ana.take(i.AddMembers(late, (ben.id,)))
    ana.connect()
    town.run()
    assert ben.state.requests[ask(ben)].account_id == ana.id


def test_where_the_lane_is_closed_an_old_key_waits_for_the_new_one(
    town, strangers, late, shown, ask
):
    ana, ben, _ = strangers
    closed(ben)
    ana.take(i.AddMembers(late, (ben.id,)))
    ana.connect()
    town.run()
    assert shown(ana, Notice)[-1].detail == "requests_closed"
    ana.take(i.AddMembers(late, (ben.id,)))
    town.run()
    assert ben.state.requests[ask(ben)].account_id == ana.id
    assert lanes_of(ben)[-1] == "contacts"


def test_a_blocked_contact_comes_as_a_stranger_and_is_dropped(pair, shown):
    pair.ben.take(i.Block(pair.ana.id))
    pair.town.run()
    before, asked = len(lanes_of(pair.ben)), len(shown(pair.ben, RequestArrived))
    pair.ana.take(i.CreateGroup("Come back", (pair.ben.id,)))
    pair.town.run()
    assert lanes_of(pair.ben)[before:] == ["requests"]
    assert len(shown(pair.ben, RequestArrived)) == asked


def test_of_two_new_keys_the_relay_has_the_newer_one(town, strangers, make_friends):
    ana, ben, cem = strangers
    make_friends(town, ana, ben)
    make_friends(town, cem, ben)
    ben.disconnect()
    for person in (ana, cem):
        ben.take(i.Block(person.id))
    telling = [
        j for j in ben.state.jobs.values() if isinstance(j.request, SetMailboxKey)
    ]
    assert len(telling) == 1
    ben.connect()
    town.run()
    assert key_hash(town, ben) == sha256(ben.state.account.mailbox_key).digest()


def test_a_restored_disk_tells_the_relay_its_lane_again(pair):
    copy = copy_of(pair.ben)
    closed(pair.ben)
    pair.ben.disconnect()
    pair.ben.connect()
    put_back(pair.ben, copy)
    pair.town.run(seconds=1_300)
    assert not pair.ben.state.account.requests_closed
    assert doors(pair.town, pair.ben) is None


def test_doors_are_told_one_set_at_a_time(town, strangers):
    ben = strangers[1]
    closed(ben)
    ben.disconnect()
    for _ in range(3):
        ben.take(i.MakeLink())
    telling = [
        job
        for job in ben.state.jobs.values()
        if isinstance(job.request, SetRequestsLane)
    ]
    assert len(telling) == 1
    ben.connect()
    town.run()
    assert doors(town, ben) == 3


def test_a_lane_that_the_relay_would_not_close_is_not_taken_for_closed(pair, shown):
    ben = pair.ben
    ben.take(i.CloseRequests(closed=True))
    (job,) = (
        job
        for job in ben.state.jobs.values()
        if isinstance(job.request, SetRequestsLane)
    )
    ben.take(i.Answered(job.number, Refused("not_found")))
    assert shown(ben, Notice)[-1] == Notice("request_refused", "not_found")
    assert job.number not in ben.state.jobs
    assert ben.state.account.lane_told is None
    ben.take(i.CloseRequests(closed=True))
    pair.town.run()
    assert doors(pair.town, ben) is not None


def test_links_keep_their_doors_before_all_that_came_later(town, strangers, ask):
    ana, ben, _ = strangers
    link = ben.take(i.MakeLink())
    town.run()
    suite = mls.suite(ben.state.account.suite)
    later = {
        bytes([number]) * 16: Invite(
            invite_id=bytes([number]) * 16,
            account_id=bytes(16),
            kind=ChatKind.GROUP,
            chat_id=bytes(16),
            reply_private=suite.derive_key_pair(bytes([number]) * 32)[0],
            created=town.now_ms // 1_000 + 60,
            state="sent",
        )
        for number in range(MAILBOX_DOORS)
    }
    ben.state = replace(ben.state, invites=later)
    closed(ben)
    assert doors(town, ben) == MAILBOX_DOORS
    ana.take(i.RequestByLink(link))
    town.run()
    assert ask(ben)


def test_an_acceptance_for_which_nobody_waits_is_given_up(pair, shown):
    ben = pair.ben
    ben.disconnect()
    draft = Draft(ben.state, Context(now_ms=pair.town.now_ms, random=bytes))
    letter = PostSealed(bytes(16), bytes(8_192), bytes(16))
    draft.send(letter, Cause("acceptance", b"gone" * 4))
    ben.state = draft.finish(None).state
    (job,) = (job for job in ben.state.jobs.values() if job.reason == "acceptance")
    ben.take(i.Answered(job.number, Refused("requests_closed")))
    assert job.number not in ben.state.jobs
    assert shown(ben, Notice)[-1].code == "not_delivered"


def letter_for(ben, town, reason):
    """Leave a letter with Ben that no relay has answered."""
    ben.disconnect()
    draft = Draft(ben.state, Context(now_ms=town.now_ms, random=bytes))
    letter = PostSealed(bytes(16), bytes(8_192), bytes(16))
    draft.send(letter, Cause(reason, b"gone" * 4))
    ben.state = draft.finish(None).state
    return max(ben.state.jobs)


def test_an_admission_waits_for_a_door_as_long_as_a_key_lives(pair, shown):
    ben, town = pair.ben, pair.town
    number = letter_for(ben, town, "admission")
    refused = i.Answered(number, Refused("requests_closed"))
    ben.take(refused)
    town.now_ms += (KEY_PACKAGE_LIFETIME - 1) * 1_000
    ben.take(refused)
    assert number in ben.state.jobs
    assert not [n for n in shown(ben, Notice) if n.code == "not_delivered"]
    town.now_ms += 1_000
    ben.take(refused)
    assert number not in ben.state.jobs
    assert shown(ben, Notice)[-1].code == "not_delivered"


def test_that_the_relay_refuses_the_work_is_told_once_for_each_letter(pair, shown):
    ben = pair.ben
    number = letter_for(ben, pair.town, "invitation")
    for _ in range(3):
        ben.take(i.Answered(number, Refused("work_needed")))
    told = [n.detail for n in shown(ben, Notice) if n.code == "request_refused"]
    assert told == ["work_needed"]
    assert number in ben.state.jobs
