"""Mailboxes: lanes, their doors, repeats and limits."""

import secrets
from hashlib import sha256

import msgspec
import pytest
from minted import minted
from refusing import memory, refuses
from relay_clients import TestAccount, mailbox_path
from worked import worked

from privity.relay import accounts, mailboxes, tokens
from privity.relay.storage.account_tables import ACCOUNT_SCHEMA
from privity.relay.tokens import TokenKind
from privity.wire import http, limits
from privity.wire.codes import Code, Refusal

NONCE = bytes(32)
TODAY = 20_000


@pytest.fixture
def box(accounts_db, ana):
    """The mailbox of Ana's device, who is registered."""
    verified = accounts.verify_registration("localhost", ana.registration(NONCE))
    accounts.register(accounts_db, verified, 0, is_open=True)
    return ana.device.mailbox_id


def mail(account, lane="contacts", **changes):
    fields = {
        "lane": lane,
        "body": secrets.token_bytes(32) * 256,
        "idem": secrets.token_bytes(16),
        "mailbox_key": account.mailbox_key if lane == "contacts" else b"",
        "token": b"" if lane == "contacts" else secrets.token_bytes(84),
    }
    return http.PostMessage(**(fields | changes))


def seqs(db, box, after=0):
    return [entry.seq for entry in mailboxes.read(db, box, after, 1_000)]


def test_messages_stand_in_the_order_they_came(accounts_db, ana, box):
    sent = [mail(ana), mail(ana, "requests"), mail(ana)]
    for message in sent:
        mailboxes.post(accounts_db, box, message, TODAY)
    got = mailboxes.read(accounts_db, box, 0, 10)
    assert [(e.seq, e.lane, e.body) for e in got] == [
        (number, m.lane, m.body) for number, m in enumerate(sent, 1)
    ]


def test_a_repeat_is_stored_once_even_after_it_was_deleted(accounts_db, ana, box):
    message = mail(ana)
    for _ in range(2):
        mailboxes.post(accounts_db, box, message, TODAY)
    assert seqs(accounts_db, box) == [1]
    mailboxes.acknowledge(accounts_db, box, 1)
    mailboxes.post(accounts_db, box, message, TODAY)
    assert seqs(accounts_db, box) == []


def test_a_seq_is_not_used_again_after_its_message_is_gone(accounts_db, ana, box):
    mailboxes.post(accounts_db, box, mail(ana), TODAY)
    mailboxes.acknowledge(accounts_db, box, 1)
    mailboxes.post(accounts_db, box, mail(ana), TODAY)
    assert seqs(accounts_db, box) == [2]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"lane": "friends"}, Code.MALFORMED),
        ({"mailbox_key": b""}, Code.ACCESS_KEY_NEEDED),
        ({"mailbox_key": bytes(32)}, Code.ACCESS_KEY_NEEDED),
    ],
)
def test_a_message_without_a_right_to_its_lane_is_refused(
    accounts_db, ana, box, changes, code
):
    with refuses(code, accounts_db):
        mailboxes.post(
            accounts_db, box, msgspec.structs.replace(mail(ana), **changes), TODAY
        )


def test_an_unknown_mailbox_is_refused(accounts_db, ana, box):
    del box
    with refuses(Code.NO_SUCH_MAILBOX, accounts_db):
        mailboxes.post(accounts_db, bytes(16), mail(ana), TODAY)


def test_an_idem_names_one_message(accounts_db, ana, box):
    message = mail(ana)
    mailboxes.post(accounts_db, box, message, TODAY)
    with refuses(Code.MALFORMED, accounts_db):
        mailboxes.post(accounts_db, box, mail(ana, idem=message.idem), TODAY)


@pytest.mark.parametrize("lane", list(mailboxes.Lane))
def test_a_lane_is_full_at_its_limit_and_the_other_stays_open(
    accounts_db, ana, box, lane
):
    for _ in range(lane.capacity):
        mailboxes.post(accounts_db, box, mail(ana, lane.value), TODAY)
    with refuses(Code.MAILBOX_FULL, accounts_db):
        mailboxes.post(accounts_db, box, mail(ana, lane.value), TODAY)
    other = set(mailboxes.Lane) - {lane}
    mailboxes.post(accounts_db, box, mail(ana, other.pop().value), TODAY)


def test_the_limits_of_the_lanes_are_those_of_the_wire():
    assert mailboxes.Lane.REQUESTS.capacity == limits.MAILBOX_REQUESTS == 20
    assert mailboxes.Lane.CONTACTS.capacity == limits.MAILBOX_CONTACTS


def test_a_replaced_key_opens_nothing_at_once(accounts_db, ana, box):
    fresh = secrets.token_bytes(32)
    accounts.set_mailbox_key(accounts_db, ana.account_id, sha256(fresh).digest())
    with refuses(Code.ACCESS_KEY_NEEDED, accounts_db):
        mailboxes.post(accounts_db, box, mail(ana), TODAY)
    mailboxes.post(accounts_db, box, mail(ana, mailbox_key=fresh), TODAY)


def test_old_mail_and_old_idems_are_forgotten(accounts_db, ana, box):
    mailboxes.post(accounts_db, box, mail(ana), TODAY)
    mailboxes.drop_old(accounts_db, TODAY + 31, 30, 90)
    assert seqs(accounts_db, box) == [1]
    mailboxes.drop_old(accounts_db, TODAY + 97, 30, 90)
    assert seqs(accounts_db, box) == []
    mailboxes.drop_old(accounts_db, TODAY + 121, 30, 90)
    assert accounts_db.execute("SELECT * FROM mailbox_idems").fetchall() == []


async def test_a_request_costs_a_token_and_its_repeat_none(caller, planes, ana):
    await caller.register(ana)
    _, logged_in = await planes.log_in(ana)
    caller.session = logged_in.session
    (token,) = await caller.tokens("request")
    caller.session = b""
    box = ana.device.mailbox_id
    request = worked(mail(ana, "requests", token=token), box)
    for _ in range(2):
        await caller.call("POST", mailbox_path(ana.device), request)
    spent = worked(mail(ana, "requests", token=token), box)
    with pytest.raises(Refusal) as refused:
        await caller.call("POST", mailbox_path(ana.device), spent)
    assert refused.value.code is Code.TOKEN_SPENT


async def test_a_request_without_a_token_is_refused(caller, ana):
    await caller.register(ana)
    request = mail(ana, "requests", token=b"")
    with pytest.raises(Refusal) as refused:
        await caller.call("POST", mailbox_path(ana.device), request)
    assert refused.value.code is Code.TOKEN_NEEDED


def test_a_token_of_another_kind_pays_for_nothing(logs_db):
    token = minted(logs_db, TokenKind.LOG)
    with refuses(Code.TOKEN_SPENT, logs_db):
        tokens.spend(logs_db, TokenKind.REQUEST, token)
    tokens.spend(logs_db, TokenKind.LOG, token)
    with refuses(Code.TOKEN_SPENT, logs_db):
        tokens.spend(logs_db, TokenKind.LOG, token)


def test_the_day_of_a_message_is_not_kept(accounts_db, ana, box):
    for day in (TODAY, TODAY + 1):
        mailboxes.post(accounts_db, box, mail(ana), day)
    for table, period in (("mailbox_entries", 7), ("mailbox_idems", 90)):
        (kept,) = accounts_db.execute(f"SELECT DISTINCT day FROM {table}")
        assert kept[0] % period == 0
        assert kept[0] >= TODAY + 1


def test_a_mailbox_does_not_tell_how_much_came(
    accounts_db, ana, monkeypatch, first_seq
):
    monkeypatch.setattr(accounts, "_FIRST_SEQ", first_seq)
    account, heads = TestAccount.new(), []
    for who in (ana, account):
        request = who.registration(secrets.token_bytes(32))
        verified = accounts.verify_registration("localhost", request)
        accounts.register(accounts_db, verified, 0, is_open=True)
        heads.append(mailboxes.newest(accounts_db, who.device.mailbox_id))
    assert len(set(heads)) == 2
    assert max(heads) > 1 << 20
    mailboxes.post(accounts_db, ana.device.mailbox_id, mail(ana), TODAY)
    assert seqs(accounts_db, ana.device.mailbox_id) == [heads[0] + 1]


def test_what_knows_a_repeat_does_not_say_of_which_mailbox(accounts_db, ana, box):
    message = mail(ana)
    mailboxes.post(accounts_db, box, message, TODAY)
    mailboxes.acknowledge(accounts_db, box, 1)
    (row,) = accounts_db.execute("SELECT * FROM mailbox_idems").fetchall()
    assert box not in row
    assert message.idem not in row
    assert sha256(message.body).digest() not in row
    mailboxes.post(accounts_db, box, message, TODAY)
    assert seqs(accounts_db, box) == []


def test_what_waits_is_counted_without_reading_it():
    plan = (
        memory(ACCOUNT_SCHEMA)
        .execute(
            "EXPLAIN QUERY PLAN SELECT count(*) FROM mailbox_entries"
            " WHERE mailbox_id = ? AND lane = ?",
            (bytes(16), "contacts"),
        )
        .fetchall()
    )
    assert "COVERING INDEX entries_of_lane" in plan[0][-1]
