"""A statement that does not hold is shown as an invitation to another chat, by name."""

from dataclasses import replace

import pytest
from msgspec import structs
from refounds import agreed, asked, call, follow, stated

from privity.core import chats, refounding
from privity.core import inputs as i
from privity.core.chat_rules import ChatRules, Role, RoleEntry
from privity.core.errors import CommandRefused, Doubt, Refusal
from privity.core.events import Notice
from privity.core.leaves import chat_extensions
from privity.core.moving import is_meant
from privity.core.refounds import is_not_weaker, rank
from privity.core.state import ChatKind, Status
from privity.core.step import Draft


@pytest.fixture
def doubts(shown):
    def find(person):
        notices = shown(person, Notice)
        return [n.detail for n in notices if n.code == "refound_doubted"]

    return find


def invited(person):
    """Return the invitation that waits and is no refound."""
    requests = person.state.requests.values()
    return [r.invite_id for r in requests if r.state == "pending" and not r.refound]


@pytest.mark.parametrize(
    ("changes", "doubt"),
    [
        ({"version": 2}, Doubt.VERSION),
        ({"log_hash": bytes(32)}, Doubt.OTHER_LOG),
        ({"authenticator": bytes(48)}, Doubt.EPOCH),
        ({"seq": 0}, Doubt.EPOCH),
        ({"host": b"other.example"}, Doubt.OTHER_RELAY),
        ({"suite": 1}, Doubt.SUITE),
        ({"suite": 0x1234}, Doubt.SUITE),
    ],
    ids=["version", "log", "authenticator", "epoch", "relay", "weaker", "unknown"],
)
def test_an_owners_statement_must_hold_where_i_stand(trio, doubts, changes, doubt):
    statement, _ = stated(trio.ana, trio.chat, **changes)
    before = trio.ben.state.chats[trio.chat]
    call(trio.ana, trio.chat, statement, (trio.ben,))
    assert trio.ben.state.chats[trio.chat] == before
    assert doubts(trio.ben) == [doubt.value]
    assert len(invited(trio.ben)) == 1
    assert not asked(trio.ben)


def test_who_is_left_out_is_not_asked_along(trio, doubts):
    statement, _ = stated(trio.ana, trio.chat, without=(trio.cem.id,))
    call(trio.ana, trio.chat, statement, (trio.ben, trio.cem))
    assert len(asked(trio.ben)) == 1
    assert not doubts(trio.cem)
    assert not asked(trio.cem)


def test_who_was_removed_moves_nobody(trio, doubts):
    statement, _ = stated(trio.cem, trio.chat)
    trio.ana.take(i.RemoveMember(trio.chat, trio.cem.id))
    trio.town.run()
    for_old = trio.cem.state.chats[trio.chat]
    assert for_old.status is Status.REMOVED
    call(trio.cem, trio.chat, statement, (trio.ana, trio.ben))
    for person in (trio.ana, trio.ben):
        assert doubts(person) == [Doubt.SIGNER.value]
        assert not asked(person)


def test_a_member_without_a_role_moves_nobody_and_removes_nobody(trio, doubts):
    alone, _ = stated(trio.ben, trio.chat)
    call(trio.ben, trio.chat, alone, (trio.cem,))
    smaller, _ = stated(trio.ben, trio.chat, without=(trio.ana.id,))
    call(trio.ben, trio.chat, smaller, (trio.cem,))
    assert doubts(trio.cem) == [Doubt.TOO_SOON.value, Doubt.ROLE.value]
    assert not asked(trio.cem)


def test_what_is_no_refound_of_mine_can_not_take_its_place(trio, monkeypatch):
    old = trio.cem.state.chats[trio.chat]
    monkeypatch.setattr(refounding, "_check_standing", lambda *_: None)
    trio.ben.take(i.Refound(trio.chat))
    trio.town.run()
    (invite_id,) = invited(trio.cem)
    trio.cem.take(i.Accept(invite_id))
    trio.town.run()
    assert Notice("admission_into_mine", trio.chat.hex()) in trio.cem.events
    assert trio.cem.state.chats[trio.chat].log_id == old.log_id
    trio.ana.say(trio.chat, "as before")
    trio.town.run()
    assert trio.cem.texts(trio.chat)[-1] == "as before"


def test_other_roles_than_before_are_found_out_and_the_old_chat_stays(
    trio, monkeypatch
):
    old = trio.ben.state.chats[trio.chat]
    honest = chats.found

    def found(draft, bare, _extensions, suite):
        owners = (trio.ana.id, trio.ben.id)
        extensions = chat_extensions(bare.chat_id, ChatKind.GROUP, owners)
        return honest(draft, bare, extensions, suite)

    monkeypatch.setattr(chats, "found", found)
    trio.ana.take(i.Refound(trio.chat))
    trio.town.run()
    follow(trio.town, trio.ben)
    now = trio.ben.state.chats[trio.chat]
    assert Notice("join_failed", "refound: rules") in trio.ben.events
    assert (now.log_id, now.status) == (old.log_id, Status.ACTIVE)
    assert trio.chat not in trio.ben.state.moved
    trio.cem.say(trio.chat, "still here")
    trio.town.run()
    assert trio.ben.texts(trio.chat)[-1] == "still here"


def test_an_old_statement_said_again_moves_nobody_back(trio, doubts):
    old, _ = stated(trio.ana, trio.chat)
    for _ in range(2):
        trio.ana.take(i.Refound(trio.chat))
        trio.town.run()
        follow(trio.town, trio.ben, trio.cem)
    assert agreed(trio.everybody, trio.chat)
    before = trio.ben.state.chats[trio.chat]
    call(trio.ana, trio.chat, old, (trio.ben,))
    assert doubts(trio.ben) == [Doubt.OTHER_LOG.value]
    assert trio.ben.state.chats[trio.chat] == before


def test_the_statement_that_one_followed_counts_once(trio, doubts):
    trio.ana.take(i.Refound(trio.chat))
    trio.town.run()
    follow(trio.town, trio.ben, trio.cem)
    moved = trio.ben.state.moved[trio.chat]
    again = type(stated(trio.ana, trio.chat)[0]).decode(moved.statement)
    call(trio.ana, trio.chat, again, (trio.ben,))
    assert doubts(trio.ben) == [Doubt.OVERTAKEN.value]
    assert not asked(trio.ben)


def test_a_signer_that_left_meanwhile_is_not_followed(trio):
    statement, _ = stated(trio.ana, trio.chat)
    call(trio.ana, trio.chat, statement, (trio.ben,))
    (invite_id,) = asked(trio.ben)
    trio.ana.take(i.Leave(trio.chat))
    trio.town.run()
    before = trio.ben.state
    with pytest.raises(CommandRefused, match=Doubt.SIGNER.value) as refused:
        trio.ben.take(i.Accept(invite_id))
    assert refused.value.code is Refusal.REFOUND_DOUBTED
    assert trio.ben.state is before


def test_an_admission_into_another_log_than_stated_is_not_followed(trio):
    statement, _ = stated(trio.ana, trio.chat)
    call(trio.ana, trio.chat, statement, (trio.ben,))
    (invite_id,) = asked(trio.ben)
    draft = Draft(trio.ben.state, trio.town.context())
    request = trio.ben.state.requests[invite_id]
    assert is_meant(draft, request, trio.chat, statement.log_id)
    assert not is_meant(draft, request, trio.chat, bytes(16))
    assert not is_meant(draft, request, bytes(16), statement.log_id)


def test_of_two_by_one_owner_all_choose_the_lower_hash(trio, doubts):
    pair = [stated(trio.ana, trio.chat) for _ in range(2)]
    ground = pair[0][1]
    pair.sort(key=lambda one: rank(ground, trio.ana.id, one[0]))
    lower, higher = (statement for statement, _ in pair)
    for person, order in ((trio.ben, (lower, higher)), (trio.cem, (higher, lower))):
        for statement in order:
            call(trio.ana, trio.chat, statement, (person,))
        (invite_id,) = asked(person)
        assert person.state.requests[invite_id].refound == lower.encode()
    assert doubts(trio.ben) == [Doubt.OVERTAKEN.value]
    assert doubts(trio.cem) == []


def test_an_owner_goes_before_an_admin_before_a_member(trio):
    statement, ground = stated(trio.ana, trio.chat)
    rules = ChatRules.decode(ground.rules)
    admin = RoleEntry(trio.ben.id, Role.ADMIN)
    mixed = replace(rules, roles=(*rules.roles, admin))
    ground = structs.replace(ground, rules=mixed.encode())
    ranks = [rank(ground, who.id, statement) for who in trio.everybody]
    assert ranks == sorted(ranks)
    assert [one[0] for one in ranks] == [Role.OWNER, Role.ADMIN, Role.MEMBER]


def test_a_suite_is_weaker_that_stands_behind_or_is_not_known():
    best = 0xF5A1
    assert is_not_weaker(best, best)
    assert is_not_weaker(best, 1)
    assert not is_not_weaker(1, best)
    assert not is_not_weaker(0x1234, 1)
