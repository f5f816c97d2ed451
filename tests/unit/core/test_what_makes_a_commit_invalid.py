"""A member who breaks the rules of a chat: named by everybody, and the chat goes on."""

from dataclasses import replace

import forger
import pytest
from forger import Forger, leaf, make_package, package_of
from msgspec import structs

from privity import mls
from privity.core.chat_rules import CommitStatement
from privity.core.errors import Reason
from privity.core.events import MessageDropped
from privity.core.generations import Generation
from privity.core.state import Status
from privity.identity.certificates import DeviceClaim, certify
from privity.identity.signing import public_of


@pytest.fixture
def judged(trio, shown):
    """Let the others read, and return the one name under which they refuse it.

    Nothing has changed for them then; and they go on, whatever it was.
    """

    def judge(by):
        others = [p for p in trio.everybody if p is not by]
        before = [p.state.groups[trio.chat] for p in others]
        trio.town.run(seconds=0)
        for person, group in zip(others, before, strict=True):
            assert person.state.groups[trio.chat] is group
        causes = {shown(p, MessageDropped)[-1].cause for p in others}
        assert len(causes) == 1
        goes_on(trio, others)
        return Reason(causes.pop())

    return judge


def goes_on(trio, others):
    """See that what the others say reaches them all, in one epoch."""
    epoch = others[0].state.groups[trio.chat].epoch
    said = [f"{number} goes on" for number in range(len(others))]
    for person, text in zip(others, said, strict=True):
        person.say(trio.chat, text)
    trio.town.run()
    groups = [person.state.groups[trio.chat] for person in others]
    # Whoever forged finds a commit of its own leaf that it does not know, and comes
    # back: so there may be a second epoch.
    epochs = {group.epoch for group in groups}
    assert len(epochs) == 1
    assert epochs <= {epoch + 1, epoch + 2}
    assert len({group.epoch_authenticator for group in groups}) == 1
    for person in others:
        assert sorted(person.texts(trio.chat)) == said
        assert person.texts(trio.chat) == others[0].texts(trio.chat)


def test_the_forger_makes_commits_that_are_taken(trio):
    Forger(trio.ana, trio.chat).commit()
    trio.town.run(seconds=0)
    assert (
        trio.ben.state.chats[trio.chat].parent == trio.ben.state.chats[trio.chat].cursor
    )


def test_a_member_without_the_role_removes_nobody(trio, judged):
    target = leaf(trio.ben, trio.chat, trio.cem)
    Forger(trio.ben, trio.chat).commit(opens=True, remove=(target,))
    assert judged(trio.ben) is Reason.ROLE


def test_a_removal_that_opens_nothing_is_invalid(trio, judged):
    target = leaf(trio.ana, trio.chat, trio.cem)
    Forger(trio.ana, trio.chat).commit(remove=(target,))
    assert judged(trio.ana) is Reason.CLOSES_WITHOUT_OPENING


def test_header_and_statement_agree_on_what_is_opened(trio, judged):
    Forger(trio.ana, trio.chat).commit(opens=True, stated=False)
    assert judged(trio.ana) is Reason.OPENS


def test_the_keys_in_the_header_are_those_of_the_new_epoch(trio, judged):
    Forger(trio.ana, trio.chat).commit(opens=True, header_keys=bytes(range(32)))
    assert judged(trio.ana) is Reason.ACCESS


def test_the_keys_in_the_group_info_are_those_of_the_new_epoch(trio, judged):
    other = Generation(bytes(range(32))).next_keys
    Forger(trio.ana, trio.chat).commit(opens=True, keys=other)
    assert judged(trio.ana) is Reason.ACCESS


def test_who_would_be_removed_judges_what_it_can_see_like_the_others(trio, judged):
    target = leaf(trio.ana, trio.chat, trio.cem)
    Forger(trio.ana, trio.chat).commit(
        opens=True, header_keys=bytes(range(32)), remove=(target,)
    )
    assert judged(trio.ana) is Reason.ACCESS
    assert trio.cem.state.chats[trio.chat].status is Status.ACTIVE


def test_who_would_be_replaced_judges_what_it_can_see_like_the_others(trio, judged):
    """A rejoin in Cem's place whose GroupInfo names other keys than its header."""
    target = leaf(trio.cem, trio.chat, trio.cem)
    Forger(trio.cem, trio.chat).rejoin(replaces=target, header_keys=bytes(range(32)))
    trio.town.run(seconds=0)
    for person in trio.everybody:
        assert person.state.chats[trio.chat].status is Status.ACTIVE
        assert target in dict(person.state.groups[trio.chat].members())
    goes_on(trio, list(trio.everybody))


@pytest.mark.parametrize("garbage", [bytes(700), b"short"])
def test_the_checkpoint_is_that_of_the_new_epoch(trio, judged, monkeypatch, garbage):
    with monkeypatch.context() as patch:
        patch.setattr(forger, "seal_checkpoint", lambda *_: garbage)
        Forger(trio.ana, trio.chat).commit(path=True, opens=True)
    assert judged(by=trio.ana) is Reason.CHECKPOINT


def test_a_member_adds_nobody_without_the_role(trio, town, judged):
    stranger = town.person("Dan")
    Forger(trio.ben, trio.chat).commit(add=(package_of(stranger),))
    assert judged(trio.ben) is Reason.ROLE


def test_nobody_is_added_under_a_certificate_of_another(trio, town, judged):
    stranger = town.person("Dan")
    certificate = trio.ben.state.account.certificate
    Forger(trio.ana, trio.chat).commit(add=(package_of(stranger, certificate),))
    assert judged(trio.ana) is Reason.CERTIFICATE


def test_an_account_keeps_its_identity_key(trio, town, judged):
    """A second leaf of Ben's account, certified by a key that is not Ben's."""
    ben, seed = trio.ben.state.account, bytes(range(32))
    device = structs.replace(ben, device_id=bytes(16), signature_seed=seed)
    claim = DeviceClaim(
        version=1,
        account_id=ben.account_id,
        identity_key=public_of(seed),
        signature_key=public_of(seed),
        device_id=bytes(16),
        list_version=1,
        replaces=None,
    )
    certificate = certify(seed, claim).encode()
    impostor = structs.replace(device, certificate=certificate)
    package = make_package(town, impostor)
    Forger(trio.ana, trio.chat).commit(add=(package,))
    assert judged(trio.ana) is Reason.OTHER_IDENTITY


def test_the_rules_of_a_chat_stay_as_they_are(trio, judged):
    extensions = tuple(
        e
        for e in trio.ana.state.groups[trio.chat].context.extensions
        if e.extension_type != 0xF5A3
    )
    Forger(trio.ana, trio.chat).commit(extensions=extensions)
    assert judged(trio.ana) is Reason.RULES_CHANGED


def test_a_direct_chat_takes_no_third(pair, town, shown):
    stranger = town.person("Dan")
    pair.town.now_ms += 5_000
    Forger(pair.ana, pair.chat).commit(add=(package_of(stranger),))
    town.run(seconds=0)
    assert shown(pair.ben, MessageDropped)[-1].cause == Reason.DIRECT_CHAT.value


def test_a_direct_chat_loses_nobody_against_its_will(pair, town, shown):
    target = leaf(pair.ana, pair.chat, pair.ben)
    pair.town.now_ms += 5_000
    Forger(pair.ana, pair.chat).commit(opens=True, remove=(target,))
    town.run(seconds=0)
    assert shown(pair.ben, MessageDropped)[-1].cause == Reason.DIRECT_CHAT.value


def test_an_envelope_that_holds_no_commit_is_invalid(trio, judged):
    forger = Forger(trio.ana, trio.chat)
    made = forger.group.commit(mls.CommitOptions(), forger.random)
    forger.append(made, opens=False, payload=b"\x01\x00")
    assert judged(trio.ana) is Reason.ENVELOPE


def test_nobody_ends_a_chat_by_a_reinit(trio, judged):
    forger = Forger(trio.ana, trio.chat)
    reinit = mls.ReInit(b"next", 1, forger.group.suite.code, ())
    forger.commit(path=False, reinit=reinit)
    assert judged(trio.ana) is Reason.KIND


def test_a_group_info_of_another_epoch_is_invalid(trio, judged):
    forger = Forger(trio.ana, trio.chat)
    statement = CommitStatement(1, opens=False, device_list=None).encode()
    options = mls.CommitOptions(authenticated_data=statement)
    made = forger.group.commit(options, forger.random)
    other = forger.group.group_info()
    forger.append(replace(made, group_info=other), opens=False)
    assert judged(trio.ana) is Reason.GROUP_INFO
