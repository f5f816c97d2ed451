"""Links, requests, blocking, verifying; groups; all at a real relay."""

import asyncio
import threading

import pytest

from privity.cli.render import render
from privity.client.links import BadLink, NotAPersonsLink
from privity.client.lookup import NotFound
from privity.client.sentences import explain
from privity.client.verbs.people import NotVerified
from privity.client.verbs.working import NotAsked
from privity.core.errors import CommandRefused
from privity.errors import PrivityError


async def test_a_request_waits_for_a_decision_and_a_declined_one_is_gone(people):
    ana, ben = await people("Ana", "Ben")
    link = (await ana.do("invite", expires_in=3600, uses=2)).link
    asked = await ben.do("join", link, "it is Ben")
    assert asked.account == (await ana.do("account")).account

    async def requests():
        return (await ana.do("requests")).requests

    (waiting,) = await ana.until(requests)
    assert (waiting.text, waiting.by_link, waiting.kind) == (
        "it is Ben",
        True,
        "direct",
    )
    declined = await ana.do("decline", waiting.request[:6])
    assert declined.state == "declined"
    assert await requests() == ()
    with pytest.raises(NotFound):
        await ana.do("accept", "Ben")


@pytest.mark.parametrize("text", ["hello", "privity:1#AAAA", "privity:9#AAAA"])
async def test_a_text_that_is_no_link_is_refused_by_name(people, text):
    (ana,) = await people("Ana")
    with pytest.raises(BadLink):
        await ana.do("join", text)


async def test_links_that_lead_nowhere_useful_are_refused(people, relay):
    (ana,) = await people("Ana")
    with pytest.raises(NotAPersonsLink):
        await ana.do("join", relay.invite())
    own = (await ana.do("invite")).link
    with pytest.raises(CommandRefused) as refused:
        await ana.do("join", own)
    assert refused.value.code == "own_link"
    with pytest.raises(CommandRefused) as refused:
        await ana.do("join", "ben@elsewhere.example")
    assert refused.value.code == "other_relay"


async def test_an_expired_link_is_not_sent_anywhere(people, monkeypatch):
    ana, ben = await people("Ana", "Ben")
    link = (await ana.do("invite", expires_in=60)).link
    from privity.client.verbs import people as verb

    later = verb.time.time() + 61
    monkeypatch.setattr(verb.time, "time", lambda: later)
    with pytest.raises(PrivityError, match="expired"):
        await ben.do("join", link)
    assert not ben.state.invites


async def test_both_sides_see_one_safety_number_and_can_confirm_it(pair):
    ana, ben = pair
    hers, his = await ana.do("verify", "Ben"), await ben.do("verify", "Ana")
    assert hers.number == his.number
    assert len("".join(hers.number)) == 60
    assert not hers.verified
    scanned = await ana.do("verify", "Ben", scanned=his.qr)
    assert scanned.person.trust == "verified"
    doubted = await ana.do("verify", "Ben", doubt=True)
    assert not doubted.verified
    assert (await ana.do("verify", "Ben", confirm=True)).verified


async def test_another_persons_code_verifies_nobody(people, meet):
    ana, ben, cyd = await people("Ana", "Ben", "Cyd")
    await meet(ana, ben)
    await meet(ana, cyd)
    code = (await cyd.do("verify", "Ana")).qr
    with pytest.raises(NotVerified):
        await ana.do("verify", "Ben", scanned=code)
    assert not (await ana.do("verify", "Ben")).verified


async def test_blocking_and_its_end_are_seen_in_the_contacts(pair):
    ana, _ = pair
    assert (await ana.do("block", "Ben")).blocked
    (ben,) = (await ana.do("contacts")).contacts
    assert ben.state == "blocked"
    assert not (await ana.do("block", "Ben", blocked=False)).blocked
    (ben,) = (await ana.do("contacts")).contacts
    assert ben.state == "accepted"


async def test_who_only_asks_can_be_blocked(people):
    ana, ben = await people("Ana", "Ben")
    await ben.do("join", (await ana.do("invite")).link)
    await ana.until(lambda: ana.state.requests)
    await ana.do("block", "Ben")
    assert (await ana.do("requests")).requests == ()


async def test_a_group_is_talked_in_renamed_shrunk_and_left(people, meet):
    ana, ben, cyd = await people("Ana", "Ben", "Cyd")
    await meet(ana, ben)
    await meet(ana, cyd)
    made = await ana.do("group.new", "The three", ("Ben", "Cyd"))
    assert {p.name for p in made.invited} == {"Ben", "Cyd"}
    for who in (ben, cyd):
        await who.until(lambda who=who: _invited(who))
        accepted = await who.do("accept", "The three")
        assert accepted.title == "The three"
    await ana.until(lambda: len(_members(ana)) == 3)
    for who in (ben, cyd):
        await who.until(lambda who=who: len(_members(who)) == 3)
    await cyd.do("send", "The three", "all here")
    await ben.has_text("The three", "all here")
    await ana.do("group.title", "The three", "Us")
    await ben.until(lambda: _group(ben).title == "Us")
    removed = await ana.do("group.remove", "Us", "Cyd")
    assert removed.done
    await cyd.until(lambda: _group(cyd).status == "removed")
    await ben.until(lambda: len(_members(ben)) == 2)
    await ben.do("send", "Us", "without Cyd")
    await ana.has_text("Us", "without Cyd")
    assert "without Cyd" not in await cyd.texts("Us")
    left = await ben.do("group.leave", "Us")
    assert left.status == "left"
    await ana.until(lambda: len(_members(ana)) == 1)
    (group,) = (await ana.do("group.list")).chats
    assert [p.name for p in group.members] == ["Ana"]


async def test_only_members_can_be_removed_and_only_contacts_invited(pair):
    ana, _ = pair
    await ana.do("group.new", "Alone")
    with pytest.raises(NotFound):
        await ana.do("group.remove", "Alone", "Ben")
    with pytest.raises(NotFound):
        await ana.do("group.add", "Alone", ("Dora",))
    with pytest.raises(NotFound):
        await ana.do("group.leave", "Ben")
    added = await ana.do("group.add", "Alone", ("Ben",), "come in")
    assert not added.done
    with pytest.raises(CommandRefused) as refused:
        await ana.do("group.add", "Alone", ("Ben",))
    assert refused.value.code == "already_asked"


async def test_doctor_finds_a_fresh_profile_well(pair):
    ana, _ = pair
    found = await ana.do("doctor")
    assert found.well, found.checks
    assert {"database", "relay", "clock"} <= {check.name for check in found.checks}


async def test_doctor_names_a_stuck_chat_and_a_lost_relay(pair, monkeypatch):
    from dataclasses import replace

    from msgspec import structs

    from privity.core.state import Status

    ana, _ = pair
    driver = ana.session.driver
    chats = {
        key: structs.replace(chat, status=Status.STUCK, cause="chain")
        for key, chat in driver.state.chats.items()
    }
    monkeypatch.setattr(driver, "_state", replace(driver.state, chats=chats))
    monkeypatch.setattr(driver.network, "_connection", None)
    found = await ana.do("doctor")
    assert not found.well
    bad = {check.name.split()[0]: check for check in found.checks if not check.ok}
    assert bad.keys() == {"chat", "relay"}
    assert "another past" in bad["chat"].detail


def _group(who):
    return next(c for c in who.state.chats.values() if c.kind == "group")


def _members(who):
    from privity.client import views

    groups = [c for c in who.state.chats.values() if c.kind == "group"]
    return views.members(who.state, groups[0].chat_id) if groups else ()


def _invited(who):
    return any(r.kind == "group" for r in who.state.requests.values())


async def test_requests_are_closed_but_for_links_and_opened_again(people):
    ana, ben = await people("Ana", "Ben")
    assert not (await ana.do("requests")).closed
    lane = await ana.do("requests.close")
    assert (lane.closed, lane.done) == (True, True)
    assert (await ana.do("requests")).closed
    link = (await ana.do("invite")).link
    await ben.do("join", link)

    async def requests():
        return (await ana.do("requests")).requests

    await ana.until(requests)
    await ana.do("accept", "Ben")

    async def friends():
        return (await ben.do("contacts")).contacts[0].state == "accepted"

    await ben.until(friends)
    lane = await ana.do("requests.open")
    assert (lane.closed, lane.done) == (False, True)


async def test_a_request_that_cannot_arrive_is_refused_by_name(people):
    ana, ben, cyd = await people("Ana", "Ben", "Cyd")
    await ana.do("requests.close")
    link = (await ana.do("invite", uses=1)).link
    await ben.do("join", link)

    async def requests():
        return (await ana.do("requests")).requests

    await ana.until(requests)
    with pytest.raises(NotAsked) as refused:
        await cyd.do("join", link)
    assert explain(refused.value).code == "requests_closed"
    assert not cyd.state.invites


async def test_the_work_for_a_request_is_told_while_it_lasts(people, monkeypatch):
    from privity.client import working

    ana, ben = await people("Ana", "Ben")
    link = (await ana.do("invite")).link
    hold, search = threading.Event(), working.search

    def slow(*args):
        hold.wait(5)
        return search(*args)

    monkeypatch.setattr(working, "search", slow)
    asking = asyncio.create_task(ben.do("join", link))

    async def told():
        return ben.progress

    await ben.until(told)
    assert ben.progress[0].done < ben.progress[0].total
    hold.set()
    await asking


async def test_a_contact_is_removed_and_added_again_in_the_chat_that_stays(pair):
    ana, ben = pair
    await ana.do("contacts.rename", "Ben", "Benny")
    removed = await ana.do("contacts.remove", "Benny")
    assert (removed.person.name, removed.done) == ("Ben", True)
    assert render(removed).startswith("Ben is no contact of yours any more.")
    (chat,) = (await ana.do("chats")).chats
    assert removed.chat == chat.chat
    (known,) = (await ana.do("contacts")).contacts
    assert (known.state, known.nickname) == ("known", "")
    asked = await ana.do("join", (await ben.do("invite")).link)
    assert (asked.again, asked.request, asked.name) == (True, chat.chat, "Ben")
    assert "contact again" in render(asked)
    (known,) = (await ana.do("contacts")).contacts
    assert known.state == "accepted"
    await ben.do("send", "Ana", "the same chat")
    await ana.has_text("Ben", "the same chat")
