"""A path secret that only one member can't open: all verdicts agree all the same."""

from dataclasses import replace

import pytest
from forger import Forger, leaf, package_of, poisoned

from privity import mls
from privity.core.chat_rules import CHAT_RULES, CommitStatement, parse_rules
from privity.core.errors import Outcome, OutcomeError, Reason
from privity.core.events import MessageDropped
from privity.core.generations import Generation
from privity.core.outside import seen_from_outside
from privity.core.past import way_on
from privity.core.state import Status


def verdicts(trio, shown):
    """Return under which names Ben and Cem refuse the newest commit of the log."""
    before = [p.state.groups[trio.chat] for p in (trio.ben, trio.cem)]
    trio.town.run(seconds=0)
    after = [p.state.groups[trio.chat] for p in (trio.ben, trio.cem)]
    assert after[1] is before[1]
    return [
        Reason(shown(p, MessageDropped)[-1].cause) if shown(p, MessageDropped) else None
        for p in (trio.ben, trio.cem)
    ]


def test_a_good_commit_with_one_bad_slot_stops_only_whose_slot_it_is(
    trio, shown, monkeypatch
):
    with poisoned(monkeypatch, trio.ana, trio.chat, trio.cem):
        Forger(trio.ana, trio.chat).commit(path=True)
    assert verdicts(trio, shown) == [None, Reason.PATH]
    chat = trio.cem.state.chats[trio.chat]
    assert (chat.status, chat.cause) == (Status.STUCK, "path")
    assert chat.secret
    assert trio.ben.state.chats[trio.chat].status is Status.ACTIVE


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"opens": True, "stated": False}, Reason.OPENS),
        ({"opens": True, "header_keys": bytes(range(32))}, Reason.ACCESS),
        (
            {"opens": True, "keys": Generation(bytes(range(32))).next_keys},
            Reason.ACCESS,
        ),
        ({"extensions": ()}, Reason.RULES_CHANGED),
    ],
)
def test_whose_slot_is_bad_skips_a_broken_commit_by_the_same_name(
    trio, shown, monkeypatch, how, reason
):
    with poisoned(monkeypatch, trio.ana, trio.chat, trio.cem):
        Forger(trio.ana, trio.chat).commit(path=True, **how)
    assert verdicts(trio, shown) == [reason, reason]


def test_a_removal_without_the_role_is_no_removal_for_whose_slot_is_bad(
    trio, shown, monkeypatch, town
):
    dan = town.person("Dan")
    with poisoned(monkeypatch, trio.ben, trio.chat, trio.cem):
        Forger(trio.ben, trio.chat).commit(path=True, add=(package_of(dan),))
    town.run(seconds=0)
    for person in (trio.ana, trio.cem):
        assert shown(person, MessageDropped)[-1].cause == Reason.ROLE.value


def test_what_is_seen_from_outside_is_what_members_see(trio, town):
    dan = town.person("Dan")
    group = trio.ana.state.groups[trio.chat]
    target = leaf(trio.ana, trio.chat, trio.cem)
    options = mls.CommitOptions(
        add=(package_of(dan),),
        remove=(target,),
        authenticated_data=CommitStatement(1, opens=True, device_list=None).encode(),
    )
    made = group.commit(options, town.random.randbytes)
    ben = trio.ben.state.groups[trio.chat]
    inside = ben.process(made.message)
    outside, after = seen_from_outside(ben.public, made.message)
    for name in (
        "committer",
        "added",
        "removed",
        "updated",
        "path_leaf",
        "proposals",
        "authenticated_data",
        "context",
    ):
        assert getattr(outside, name) == getattr(inside, name)
    assert after.encode() == inside.next.public.encode()


def test_a_commit_in_a_private_message_is_no_commit_of_a_chat(trio, shown):
    """Joiners couldn't follow it; members must not either."""
    forger = Forger(trio.ana, trio.chat)
    made = forger.group.commit(mls.CommitOptions(), forger.random)
    message, _ = forger.group.protect(b"no commit", random=forger.random)
    forger.append(replace(made, message=message), opens=False)
    assert verdicts(trio, shown) == [Reason.KIND, Reason.KIND]


def test_an_unknown_rules_version_asks_for_an_update(trio):
    context = trio.ben.state.groups[trio.chat].context
    other = tuple(
        mls.Extension(e.extension_type, b"\x00\x02" + e.extension_data[2:])
        if e.extension_type == CHAT_RULES
        else e
        for e in context.extensions
    )
    with pytest.raises(OutcomeError) as caught:
        parse_rules(replace(context, extensions=other))
    assert caught.value.outcome is Outcome.UNAPPLIABLE


def test_who_came_back_knows_the_commit_that_it_could_not_follow(trio, monkeypatch):
    """Whom that commit stopped too is helped by that answer alone."""
    trio.cem.disconnect()
    before = trio.ana.state.chats[trio.chat].parent
    with poisoned(monkeypatch, trio.ana, trio.chat, trio.cem):
        forger = Forger(trio.ana, trio.chat)
        forger.commit(path=True)
    trio.town.run()
    own = trio.ana.state.chats[trio.chat]
    assert own.status is Status.ACTIVE
    assert own.parent > forger.seq
    assert way_on(trio.ana.state.pasts[trio.chat], before) == forger.seq
    trio.ben.disconnect()
    trio.cem.connect()
    trio.town.run(seconds=900)
    assert trio.cem.state.chats[trio.chat].status is Status.ACTIVE
