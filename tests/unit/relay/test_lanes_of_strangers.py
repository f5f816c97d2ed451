"""What a stranger's message costs, and what floods of them reach: as the attacker."""

import secrets
import sqlite3
from contextlib import closing
from hashlib import sha256

import pytest
from msgspec import structs
from refusing import refuses
from relay_clients import mailbox_path
from worked import BITS, today, worked

from privity.identity.ids import id_to_text
from privity.relay import accounts, key_packages, lanes, mailboxes
from privity.wire import http, limits
from privity.wire.codes import Code, Refusal
from privity.wire.work import MOST_BITS, Work

HOST = "localhost"
DAY = 20_000
SUITE = 0xF5A1


def request(**changes):
    fields = {
        "lane": "requests",
        "body": secrets.token_bytes(32) * 256,
        "idem": secrets.token_bytes(16),
        "token": bytes(84),
    }
    return http.PostMessage(**(fields | changes))


@pytest.fixture
def box(accounts_db, ana):
    """The mailbox of Ana's device, who is registered."""
    verified = accounts.verify_registration(HOST, ana.registration(bytes(32)))
    accounts.register(accounts_db, verified, 0, is_open=True)
    return ana.device.mailbox_id


def check(message, box, *, bits=12, host=HOST, day=DAY):
    lanes.check_work((host, box), message, bits, day)


def needs_work():
    return pytest.raises(Refusal, match="work_needed")


@pytest.fixture
def done(ana):
    """A message with twelve bits of work for Ana's mailbox."""
    return worked(request(), ana.device.mailbox_id, day=DAY, bits=12)


def test_work_is_good_on_its_day_and_the_days_around_it(ana, done):
    box = ana.device.mailbox_id
    for day in (DAY - 1, DAY, DAY + 1):
        check(done, box, day=day)
    for day in (DAY - 2, DAY + 2):
        with needs_work():
            check(done, box, day=day)


@pytest.mark.parametrize(
    "changes",
    [
        {"idem": bytes(16)},
        {"body": bytes(8192)},
        {"work": b""},
        {"work": bytes(11)},
        {"work": Work(DAY + 1, bytes(8)).encode()},
    ],
)
def test_work_is_good_for_one_message(ana, done, changes):
    with needs_work():
        check(structs.replace(done, **changes), ana.device.mailbox_id)


def test_work_is_good_at_one_mailbox_of_one_relay_and_for_so_many_bits(ana, done):
    box = ana.device.mailbox_id
    for other in ({"host": "elsewhere.example"}, {"bits": MOST_BITS}):
        with needs_work():
            check(done, box, **other)
    with needs_work():
        check(done, bytes(16))


async def test_junk_is_refused_before_the_database_is_asked(relay, caller, ana):
    """Nobody learns of a mailbox, and no token is looked at, for what costs nothing."""
    await caller.register(ana)
    for where in (ana.device.mailbox_id, bytes(16)):
        junk = request(work=Work(today(), bytes(8)).encode())
        while _has_work(junk, where):
            junk = request(work=junk.work)
        with pytest.raises(Refusal) as refused:
            await caller.call("POST", f"/v1/mailboxes/{id_to_text(where)}", junk)
        assert refused.value.code is Code.WORK_NEEDED
    with closing(sqlite3.connect(relay.data / "logs.sqlite")) as logs:
        assert logs.execute("SELECT count(*) FROM spent_tokens").fetchone() == (0,)


def _has_work(message, where):
    try:
        check(message, where, bits=BITS, day=today())
    except Refusal:
        return False
    return True


async def test_a_message_too_long_for_a_mailbox_is_not_read_on(caller, ana):
    await caller.register(ana)
    with pytest.raises(Refusal) as refused:
        await caller.call(
            "POST", mailbox_path(ana.device), bytes(limits.MAILBOX_POST + 1)
        )
    assert refused.value.code is Code.TOO_LARGE


async def test_the_twenty_first_request_is_refused_and_keeps_its_token(
    caller, planes, ana
):
    await caller.register(ana)
    _, logged_in = await planes.log_in(ana)
    caller.session = logged_in.session
    tokens = await caller.tokens("request", limits.MAILBOX_REQUESTS + 1)
    caller.session, box = b"", ana.device.mailbox_id
    for token in tokens[:-1]:
        message = worked(request(token=token), box)
        await caller.call("POST", mailbox_path(ana.device), message)
    over = worked(request(token=tokens[-1]), box)
    for _ in range(2):
        with pytest.raises(Refusal) as refused:
            await caller.call("POST", mailbox_path(ana.device), over)
        # Not `token_spent`: it was not taken.
        assert refused.value.code is Code.MAILBOX_FULL
        assert refused.value.wait_ms > 0


async def test_an_old_key_opens_nothing_and_its_holder_pays_as_a_stranger(
    caller, planes, ana
):
    await caller.register(ana)
    _, logged_in = await planes.log_in(ana)
    caller.session = logged_in.session
    fresh = http.SetMailboxKey(sha256(secrets.token_bytes(32)).digest())
    (token,) = await caller.tokens("request")
    await caller.call("PUT", "/v1/mailbox-key", fresh)
    caller.session, box = b"", ana.device.mailbox_id
    old = request(lane="contacts", mailbox_key=ana.mailbox_key, token=b"")
    paid = request(token=token)
    for message, code in (
        (old, Code.ACCESS_KEY_NEEDED),
        (structs.replace(old, lane="requests"), Code.TOKEN_NEEDED),
        (paid, Code.WORK_NEEDED),
    ):
        with pytest.raises(Refusal) as refused:
            await caller.call("POST", mailbox_path(ana.device), message)
        assert refused.value.code is code
    await caller.call("POST", mailbox_path(ana.device), worked(paid, box))


@pytest.mark.parametrize("door", [b"", bytes(32), b"d" * 31])
def test_a_closed_lane_takes_nobody_without_a_door(accounts_db, ana, box, door):
    hashes = [sha256(b"d" * 32).digest(), sha256(b"e" * 32).digest()]
    asked = http.SetRequestsLane(closed=True, doors=hashes)
    lanes.set_lane(accounts_db, ana.account_id, asked)
    with refuses(Code.REQUESTS_CLOSED, accounts_db):
        mailboxes.post(accounts_db, box, request(door=door), DAY)
    mailboxes.post(accounts_db, box, request(door=b"d" * 32), DAY)
    contact = request(lane="contacts", mailbox_key=ana.mailbox_key)
    mailboxes.post(accounts_db, box, contact, DAY)


def test_a_closed_lane_gives_strangers_no_key_package(accounts_db, ana, box):
    del box
    lane = http.SetRequestsLane(closed=True)
    lanes.set_lane(accounts_db, ana.account_id, lane)
    device = (ana.account_id, ana.device.device_id)
    published = http.PublishKeyPackages(SUITE, [b"one"], 86_400, b"last")
    key_packages.publish(accounts_db, device, published, 0)
    stranger = http.Claim(ana.account_id, SUITE)
    with refuses(Code.REQUESTS_CLOSED, accounts_db):
        key_packages.check_claim(accounts_db, stranger, 0)
    with refuses(Code.REQUESTS_CLOSED, accounts_db):
        key_packages.claim(accounts_db, stranger, 0, is_stranger=True)
    contact = http.Claim(ana.account_id, SUITE, ana.mailbox_key)
    got = key_packages.claim(accounts_db, contact, 0, is_stranger=False)
    assert got.packages[0].package == b"one"


def test_an_open_lane_has_no_doors(accounts_db, ana, box):
    del box
    asked = http.SetRequestsLane(closed=False, doors=[bytes(32)])
    with refuses(Code.MALFORMED, accounts_db):
        lanes.set_lane(accounts_db, ana.account_id, asked)


def test_nothing_is_kept_of_a_lane_whose_account_is_gone(accounts_db, ana, box):
    del box
    lane = http.SetRequestsLane(closed=True)
    lanes.set_lane(accounts_db, ana.account_id, lane)
    accounts.remove_account(accounts_db, ana.account_id)
    left = accounts_db.execute("SELECT count(*) FROM closed_lanes").fetchone()
    assert left == (0,)


async def test_only_its_account_closes_a_lane(caller, ana):
    await caller.register(ana)
    lane = http.SetRequestsLane(closed=True)
    for session in (b"", bytes(72)):
        caller.session = session
        with pytest.raises(Refusal) as refused:
            await caller.call("PUT", "/v1/requests-lane", lane)
        assert refused.value.code is Code.NOT_LOGGED_IN
