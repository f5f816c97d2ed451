"""Pleas and answers made with bad intent: bounded, and nobody comes in by them."""

import itertools
import secrets
from dataclasses import replace

import pytest
from msgspec import structs
from troubles import (
    a_plea,
    answer_of,
    give,
    lobby_of,
    poison,
    post,
    waiting,
)

from privity.core import choosing
from privity.core import inputs as i
from privity.core import requests as r
from privity.core.errors import Reason
from privity.core.events import PleaArrived
from privity.core.pleas import PleaPlace
from privity.core.repairs import Repair, Stage
from privity.core.sealed import Locator
from privity.core.state import Status
from privity.identity.certificates import DeviceCertificate, certify
from privity.identity.signing import public_of


def read(person, chat, plea_id, generation=None):
    lobby = lobby_of(person, chat, generation)
    log_id = person.state.chats[chat].log_id
    got = person.perform(r.ReadAnswers(log_id, lobby.generation, lobby.seed, plea_id))
    return getattr(got, "answers", None)


def refused_plea(trio, plea, seed, **how):
    """Post a plea; see that nobody answers it and somebody takes it away."""
    post(trio.cem, trio.chat, plea, seed, **how)
    groups = [p.state.groups[trio.chat] for p in trio.everybody]
    trio.town.run()
    assert waiting(trio.ana, trio.chat) == ()
    after = [p.state.groups[trio.chat] for p in trio.everybody]
    assert all(one is other for one, other in zip(groups, after, strict=True))
    assert not trio.ana.state.plights
    assert not any(p.state.pasts[trio.chat].helps for p in trio.everybody)


def test_a_lobby_key_without_a_leaf_s_key_gets_nothing(trio):
    """A thief of a lobby key can seal a plea, and sign it with a key of its own."""
    plea, _ = a_plea(trio.cem, trio.chat)
    refused_plea(trio, plea, secrets.token_bytes(32))


def test_a_stranger_s_plea_is_taken_away(trio, town):
    dan = town.person("Dan")
    plea, seed = a_plea(trio.cem, trio.chat, account=dan.state.account)
    refused_plea(trio, plea, seed)


def test_a_plea_with_a_certificate_by_nobody_is_taken_away(trio):
    account = trio.ben.state.account
    claim = DeviceCertificate.decode(account.certificate).claim
    forged = DeviceCertificate(claim, bytes(64))
    plea, seed = a_plea(trio.cem, trio.chat, certificate=forged)
    refused_plea(trio, plea, seed)


def test_a_plea_of_another_log_is_taken_away(trio):
    plea, seed = a_plea(trio.cem, trio.chat, log_hash=bytes(32))
    refused_plea(trio, plea, seed)


def test_a_plea_under_another_id_than_its_own_is_taken_away(trio):
    plea, seed = a_plea(trio.cem, trio.chat)
    log_id = trio.cem.state.chats[trio.chat].log_id
    other = PleaPlace(log_id, 0, bytes(16))
    refused_plea(trio, replace(plea, plea_id=b"i" * 16), seed, place=other)


def test_a_plea_with_a_key_that_is_none_is_taken_away(trio):
    plea, seed = a_plea(trio.cem, trio.chat, key=b"short")
    refused_plea(trio, plea, seed)


def test_a_flood_of_junk_is_swept_and_makes_room_for_a_true_plea(trio, monkeypatch):
    lobby = lobby_of(trio.cem, trio.chat)
    log_id = trio.cem.state.chats[trio.chat].log_id
    for person in trio.everybody:
        person.disconnect()
    for _ in range(6):
        name, body = secrets.token_bytes(16), secrets.token_bytes(2_048)
        request = r.PostPlea(log_id, lobby.generation, lobby.seed, name, body)
        assert isinstance(trio.cem.perform(request), r.Done)
    for person in trio.everybody:
        person.connect()
    trio.town.run()
    assert waiting(trio.ana, trio.chat) == ()
    poison(trio, monkeypatch)
    trio.town.run()
    assert trio.cem.state.chats[trio.chat].status is Status.ACTIVE


def test_a_plea_posted_again_after_its_repair_stays_hidden(trio, shown, monkeypatch):
    poison(trio, monkeypatch)
    kept = waiting(trio.ana, trio.chat)[0]
    lobby = lobby_of(trio.cem, trio.chat, kept.generation)
    log_id = trio.cem.state.chats[trio.chat].log_id
    trio.town.run()
    assert trio.cem.state.chats[trio.chat].status is Status.ACTIVE
    trio.cem.disconnect()
    given = read(trio.cem, trio.chat, kept.plea_id, kept.generation)
    again = r.PostPlea(log_id, kept.generation, lobby.seed, kept.plea_id, kept.body)
    assert isinstance(trio.ben.perform(again), r.Done)
    trio.town.run()
    assert waiting(trio.ana, trio.chat) == ()
    assert read(trio.cem, trio.chat, kept.plea_id, kept.generation) == given
    assert not shown(trio.ana, PleaArrived)


def test_a_device_that_a_known_list_omits_is_not_answered(trio, shown, monkeypatch):
    contact = trio.ana.state.contacts[trio.cem.id]
    other = trio.ben.state.account.device_list
    for person in (trio.ana, trio.ben):
        contact = person.state.contacts[trio.cem.id]
        contacts = person.state.contacts | {
            trio.cem.id: structs.replace(contact, device_list=other)
        }
        person.state = replace(person.state, contacts=contacts)
    poison(trio, monkeypatch)
    plea_id = trio.cem.state.repairs[trio.chat].plea_id
    trio.town.run()
    assert read(trio.cem, trio.chat, plea_id) == ()
    assert trio.cem.state.chats[trio.chat].status is Status.STUCK
    assert not shown(trio.ana, PleaArrived)


def new_device(person, **changes):
    """Return the account of a person on a new device that replaces the old one."""
    account = person.state.account
    seed = person.town.random.randbytes(32)
    claim = replace(
        DeviceCertificate.decode(account.certificate).claim,
        signature_key=public_of(seed),
        device_id=b"n" * 16,
        list_version=2,
        **({"replaces": account.device_id} | changes),
    )
    certificate = certify(account.identity_seed, claim).encode()
    return structs.replace(
        account, device_id=b"n" * 16, signature_seed=seed, certificate=certificate
    )


def test_a_new_device_in_place_of_a_lost_one_waits_for_a_person(trio, shown):
    plea, seed = a_plea(trio.cem, trio.chat, account=new_device(trio.cem))
    post(trio.cem, trio.chat, plea, seed)
    trio.town.run()
    (asked,) = shown(trio.ana, PleaArrived)
    assert (asked.why, asked.account_id) == ("new_device", trio.cem.id)
    assert read(trio.cem, trio.chat, plea.plea_id) == ()
    trio.ana.take(i.AnswerPlea(trio.chat, plea.plea_id))
    trio.town.run()
    assert len(read(trio.cem, trio.chat, plea.plea_id)) == 1


def test_a_new_device_that_replaces_none_gets_nothing(trio):
    account = new_device(trio.cem, replaces=None)
    plea, seed = a_plea(trio.cem, trio.chat, account=account)
    refused_plea(trio, plea, seed)


def stuck_and_unanswered(trio, monkeypatch):
    """Stick Cem while the honest are away; return what its plea says, and its seal."""
    poison(trio, monkeypatch)
    for person in (trio.ana, trio.ben):
        person.disconnect()
    (sealed,) = waiting(trio.ana, trio.chat)
    from privity.core.pleas import open_plea

    lobby = lobby_of(trio.cem, trio.chat)
    log_id = trio.cem.state.chats[trio.chat].log_id
    place = PleaPlace(log_id, sealed.generation, sealed.plea_id)
    return open_plea(lobby.seal, place, sealed.body), sealed.body


@pytest.mark.parametrize(
    "changes",
    [
        {"plea": bytes(32)},
        {"log_hash": bytes(32)},
        {"head": 0},
        {"generation": 1 << 40},
        {"chain": bytes(32)},
        {"secret": bytes(32)},
        {"leaf": 7},
        {"leaf": 1},
        {"group_info": b"none"},
        {"checkpoint": Locator(0, 0, bytes(32))},
        {"seed": bytes(range(32))},
    ],
    ids=lambda changes: "-".join(map(str, next(iter(changes.items()))))[:16],
)
def test_a_false_answer_leads_nowhere_and_a_true_one_heals(trio, monkeypatch, changes):
    plea, sealed = stuck_and_unanswered(trio, monkeypatch)
    before = trio.cem.state.chats[trio.chat], trio.cem.state.groups[trio.chat]
    answer_of(trio.ana, trio.chat, plea, sealed, **changes)
    trio.town.run(seconds=600)
    now = trio.cem.state.chats[trio.chat], trio.cem.state.groups[trio.chat]
    assert now == before
    assert trio.cem.state.repairs[trio.chat].stage is Stage.PLEADING
    assert trio.chat not in trio.cem.state.pending
    trio.ben.connect()
    trio.town.run(seconds=1_200)
    assert trio.cem.state.chats[trio.chat].status is Status.ACTIVE


def test_bytes_that_are_no_answer_are_passed_over(trio, monkeypatch):
    plea, _ = stuck_and_unanswered(trio, monkeypatch)
    give(trio.ana, trio.chat, plea.plea_id, secrets.token_bytes(8_192))
    give(trio.ana, trio.chat, plea.plea_id, b"short")
    trio.town.run(seconds=60)
    trio.ben.connect()
    trio.town.run(seconds=1_200)
    assert trio.cem.state.chats[trio.chat].status is Status.ACTIVE


def test_an_answer_by_an_account_that_nobody_knows_is_passed_over(
    trio, town, monkeypatch
):
    dan = town.person("Dan")
    plea, sealed = stuck_and_unanswered(trio, monkeypatch)
    certificate = DeviceCertificate.decode(dan.state.account.certificate)
    seed = dan.state.account.signature_seed
    answer_of(trio.ana, trio.chat, plea, sealed, certificate=certificate, seed=seed)
    trio.town.run(seconds=60)
    assert trio.cem.state.repairs[trio.chat].answer == b""
    assert trio.cem.state.chats[trio.chat].status is Status.STUCK


def a_repair(cause=Reason.PATH, **changes):
    values = {
        "chat_id": bytes(16),
        "plea_id": bytes(16),
        "generation": 0,
        "private": b"",
        "digest": b"",
        "cause": cause.value,
        "seq": 9,
        "parent": 5,
        "since": 0,
        "posted": 0,
    }
    return Repair(**(values | changes))


@pytest.fixture
def answers(trio):
    """Return answers by two people that differ in `via`, `seq` and `head`."""
    from privity.core.helping import _answer_to
    from privity.core.step import Draft

    def make(person, via, seq=12, head=20):
        draft = Draft(person.state, trio.town.context())
        chat = person.state.chats[trio.chat]
        plea, _ = a_plea(trio.cem, trio.chat)
        honest = _answer_to(draft, chat, plea, b"")
        return replace(honest, via=via, seq=seq, head=head)

    return make


def test_of_several_answers_the_newest_on_the_lowest_sibling_is_taken(trio, answers):
    lower = answers(trio.ana, 9, seq=12), answers(trio.ben, 9, seq=14)
    later = answers(trio.ben, 11, seq=30)
    assert choosing._best(a_repair(), [later, *lower]) is lower[1]


def test_one_account_alone_leads_nobody_to_a_later_sibling(trio, answers):
    one, again = answers(trio.ana, 11), answers(trio.ana, 11, head=21)
    other = answers(trio.ben, 11)
    assert choosing._best(a_repair(), [one, again]) is None
    members = (trio.ana.id, trio.ben.id)
    assert choosing._best(a_repair(members=members), [one, other]) is not None
    assert choosing._best(a_repair(confirmed=True), [one]) is one


def test_who_does_not_remember_the_way_is_believed_last(trio, answers):
    known, unknown = answers(trio.ana, 9), answers(trio.ben, 0, seq=40)
    assert choosing._best(a_repair(), [unknown, known]) is known
    assert choosing._best(a_repair(), [unknown]) is None
    rolled_back = a_repair(Reason.OWN_LEAF)
    assert choosing._best(rolled_back, [unknown]) is unknown


def test_no_answer_is_none(trio):
    assert choosing._best(a_repair(), []) is None


def test_a_plea_that_expired_is_made_anew_after_an_hour(trio, monkeypatch):
    poison(trio, monkeypatch)
    for person in (trio.ana, trio.ben):
        person.disconnect()
    first = trio.cem.state.repairs[trio.chat]
    trio.town.logs.execute("DELETE FROM pleas")
    trio.town.run(seconds=1_800)
    assert trio.cem.state.repairs[trio.chat].plea_id == first.plea_id
    trio.town.run(seconds=3_600)
    renewed = trio.cem.state.repairs[trio.chat]
    assert renewed.plea_id != first.plea_id
    assert (renewed.since, renewed.cause) == (first.since, first.cause)
    trio.ben.connect()
    trio.town.run(seconds=1_200)
    assert trio.cem.state.chats[trio.chat].status is Status.ACTIVE


def test_a_person_can_trust_one_account_with_a_later_sibling(trio, monkeypatch):
    plea, sealed = stuck_and_unanswered(trio, monkeypatch)
    later = trio.cem.state.repairs[trio.chat].seq + 1
    answer_of(trio.ana, trio.chat, plea, sealed, via=later)
    trio.town.run(seconds=600)
    assert trio.cem.state.repairs[trio.chat].answer == b""
    trio.cem.take(i.AskForHelp(trio.chat))
    trio.town.run(seconds=60)
    assert trio.cem.state.chats[trio.chat].status is Status.ACTIVE


def test_two_accounts_are_believed_on_a_later_sibling(trio, monkeypatch):
    plea, sealed = stuck_and_unanswered(trio, monkeypatch)
    later = trio.cem.state.repairs[trio.chat].seq + 1
    for person in (trio.ana, trio.ben):
        answer_of(person, trio.chat, plea, sealed, via=later)
    trio.town.run(seconds=600)
    assert trio.cem.state.chats[trio.chat].status is Status.ACTIVE


def test_answers_are_looked_for_more_and_more_rarely(trio, monkeypatch):
    stuck_and_unanswered(trio, monkeypatch)
    asked, honest = [], trio.cem.perform

    def perform(request):
        if isinstance(request, r.ReadAnswers):
            asked.append(trio.town.now_ms)
        return honest(request)

    monkeypatch.setattr(trio.cem, "perform", perform)
    trio.town.run(seconds=6 * 3_600)
    waits = [b - a for a, b in itertools.pairwise(asked)]
    assert len(asked) < 90
    assert max(waits) <= 600_000 + 1_000
    assert waits[-1] > waits[3]
