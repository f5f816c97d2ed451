"""How much a commit may bring in, and what a proposal may be: judged alike by all."""

import pytest
from forger import Forger, make_package, package_of
from msgspec import structs

from privity import mls
from privity.core.envelopes import seal_envelope
from privity.core.errors import Reason
from privity.core.events import MessageDropped
from privity.core.generations import Generation
from privity.core.leaving import LeaveStatement, make_leave
from privity.core.requests import Appended, AppendEntry
from privity.identity.certificates import DeviceClaim, certify
from privity.identity.signing import public_of
from privity.wire.entry import NO_TAG, VERSION, Header, Kind


def stranger(account, number):
    """Return an account of somebody else, with a certificate that holds."""
    identity, device = bytes([number]) * 32, bytes([100 + number]) * 32
    claim = DeviceClaim(
        version=1,
        account_id=bytes([number]) * 16,
        identity_key=public_of(identity),
        signature_key=public_of(device),
        device_id=bytes([number]) * 16,
        list_version=1,
        replaces=None,
    )
    return structs.replace(
        account,
        account_id=claim.account_id,
        device_id=claim.device_id,
        identity_key=claim.identity_key,
        signature_seed=device,
        certificate=certify(identity, claim).encode(),
    )


def refused(trio, shown, by):
    """Let the others read; return under which names they refuse it, unchanged."""
    others = [person for person in trio.everybody if person is not by]
    before = [person.state.groups[trio.chat] for person in others]
    trio.town.run(seconds=0)
    assert [person.state.groups[trio.chat] for person in others] == before
    dropped = (shown(person, MessageDropped) for person in others)
    return {Reason(found[-1].cause) for found in dropped if found}


@pytest.mark.parametrize("many", [8, 9])
def test_a_commit_brings_in_eight_at_most(trio, shown, many):
    account = trio.ana.state.account
    made = [make_package(trio.town, stranger(account, n)) for n in range(many)]
    Forger(trio.ana, trio.chat).commit(add=tuple(made))
    if many == 9:
        assert refused(trio, shown, trio.ana) == {Reason.TOO_MANY_ADDS}
    else:
        trio.town.run(seconds=0)
        assert len(trio.ben.state.groups[trio.chat].members()) == 3 + many


def test_nobody_takes_in_more_than_a_group_may_have(trio, town, shown, monkeypatch):
    monkeypatch.setattr("privity.core.judging.LEAF_CAP", 3)
    Forger(trio.ana, trio.chat).commit(add=(package_of(town.person("Dan")),))
    assert refused(trio, shown, trio.ana) == {Reason.LEAF_CAP}


def propose(person, chat_id, message):
    """Append a proposal as a member's engine never would."""
    chat, random = person.state.chats[chat_id], person.town.random.randbytes
    generation = Generation(chat.secret)
    header = Header(
        version=VERSION,
        log_id=chat.log_id,
        kind=Kind.PROPOSAL,
        parent=chat.parent,
        generation=chat.generation,
        idem=random(16),
        tag=NO_TAG,
        opens=False,
        next_access_pk=None,
        next_lobby_pk=None,
        welcome_hash=None,
        checkpoint_hash=None,
    ).encode()
    envelope = seal_envelope(generation, header, message, random(32))
    answer = person.perform(
        AppendEntry(
            log_id=chat.log_id,
            generation=chat.generation,
            access_seed=generation.access_seed,
            header=header,
            envelope=envelope,
            resume=True,
        )
    )
    assert isinstance(answer, Appended), answer


def add_somebody(person, group):
    return group.propose_add(package_of(person))


def remove_another(person, group):
    other = next(n for n, _ in group.members() if n != group.own_leaf)
    leave = make_leave(group, person.state.account.signature_seed)
    return group.propose_remove(other, authenticated_data=leave)


def leave_without_a_word(person, group):
    return group.propose_remove(group.own_leaf)


def leave_by_another_key(person, group):
    leave = make_leave(group, bytes(range(32)))
    return group.propose_remove(group.own_leaf, authenticated_data=leave)


def leave_by_a_later_version(person, group):
    made = make_leave(group, person.state.account.signature_seed)
    later = LeaveStatement(2, LeaveStatement.decode(made).signature).encode()
    return group.propose_remove(group.own_leaf, authenticated_data=later)


def update(person, group):
    return group.propose_update(random=person.town.random.randbytes)


def other_rules(person, group):
    return group.propose_extensions(())


@pytest.mark.parametrize(
    "forge",
    [
        add_somebody,
        remove_another,
        leave_without_a_word,
        leave_by_another_key,
        leave_by_a_later_version,
        update,
        other_rules,
    ],
)
def test_a_proposal_is_a_signed_leave_of_its_sender_or_nothing(trio, shown, forge):
    group = trio.ben.state.groups[trio.chat]
    assert isinstance(group, mls.Group)
    message, _ = forge(trio.ben, group)
    propose(trio.ben, trio.chat, message)
    assert refused(trio, shown, trio.ben) == {Reason.NOT_A_LEAVE}
    for person in (trio.ana, trio.cem):
        assert not person.state.groups[trio.chat].pending_proposals
    trio.cem.say(trio.chat, "goes on")
    trio.town.run(seconds=0)
    assert trio.ana.texts(trio.chat)[-1] == "goes on"
    assert len(trio.ana.state.groups[trio.chat].members()) == 3
