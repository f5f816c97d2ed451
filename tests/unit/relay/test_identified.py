"""The identified plane over a real WebSocket: login, sessions, and the mailbox."""

import asyncio
import secrets
import sqlite3
import time
from dataclasses import replace

import pytest
from relay_clients import login_frame, mailbox_path
from websockets.exceptions import ConnectionClosed

from privity.client.blinding import Blinding
from privity.identity.ids import id_to_text
from privity.relay import mailboxes
from privity.relay.admin import list_users, remove_user
from privity.relay.paths import ACCOUNTS_NAME
from privity.wire import frames, http
from privity.wire.codes import Code, Refusal

BODY = bytes(8_192)


async def refused(plane):
    """Return the code of the refusal that ends a connection."""
    answer = await plane.receive()
    assert isinstance(answer, frames.Refused), answer
    with pytest.raises(ConnectionClosed) as closed:
        await plane.receive()
    assert closed.value.rcvd.code == 1008
    return answer.code


def mail(account, body=BODY, idem=None):
    return http.PostMessage(
        lane="contacts",
        body=body,
        idem=idem or secrets.token_bytes(16),
        mailbox_key=account.mailbox_key,
    )


async def post(caller, account, body=BODY, idem=None):
    message = mail(account, body, idem)
    await caller.call("POST", mailbox_path(account.device), message)


def post_at_once(relay, account, count):
    """Do what so many posts do at the relay, with one wait for the disk."""
    accounts = sqlite3.connect(relay.data / ACCOUNTS_NAME, timeout=10)
    today = int(time.time()) // 86_400
    with accounts:
        for _ in range(count):
            mailboxes.post(accounts, account.device.mailbox_id, mail(account), today)
    accounts.close()


async def test_a_registered_device_logs_in_and_calls_with_its_session(
    planes, caller, ana
):
    await caller.register(ana)
    _, logged_in = await planes.log_in(ana)
    caller.session = logged_in.session
    assert len(await caller.tokens("log", 3)) == 3


async def test_the_value_proposed_last_is_the_one_to_show_next(planes, caller, ana):
    await caller.register(ana)
    value = secrets.token_bytes(32)
    await planes.log_in(ana, proposed=value)
    await planes.log_in(ana, prev=value)


async def test_a_proposal_whose_answer_was_lost_is_shown_as_next(planes, caller, ana):
    await caller.register(ana)
    value = secrets.token_bytes(32)
    await planes.log_in(ana, proposed=value)
    await planes.log_in(ana, next=value)


async def test_a_device_with_an_old_disk_is_told_so(planes, caller, ana):
    await caller.register(ana)
    await planes.log_in(ana)
    plane, greeting = await planes.open()
    await plane.send(login_frame(ana, ana.device, greeting.nonce))
    assert await refused(plane) is Code.ROLLED_BACK


async def test_a_renewed_value_takes_the_place_of_the_old_one(planes, caller, ana):
    await caller.register(ana)
    plane, _ = await planes.log_in(ana)
    value = secrets.token_bytes(32)
    await plane.send(frames.Renew(7, value))
    assert (await plane.receive()).id == 7
    await planes.log_in(ana, prev=value)


async def test_a_login_is_good_for_its_own_nonce_and_host_only(planes, caller, ana):
    await caller.register(ana)
    for nonce, host in ((bytes(32), "localhost"), (None, "other.example")):
        plane, greeting = await planes.open()
        frame = login_frame(ana, ana.device, nonce or greeting.nonce, host=host)
        await plane.send(frame)
        assert await refused(plane) is Code.NOT_AUTHENTIC


async def test_an_unknown_device_is_refused(planes, ana):
    plane, greeting = await planes.open()
    await plane.send(login_frame(ana, ana.device, greeting.nonce))
    assert await refused(plane) is Code.NO_SUCH_ACCOUNT


async def test_nothing_is_done_before_a_login(planes):
    plane, _ = await planes.open()
    await plane.send(frames.MailboxOpen(1, 0))
    assert await refused(plane) is Code.NOT_LOGGED_IN


@pytest.mark.parametrize(
    "data", [b"", b"\x90", b"\xc1", b"\x91\x93\x02", b"\xdd\xff\xff\xff\xff"]
)
async def test_malformed_frames_end_the_connection(planes, caller, ana, data):
    await caller.register(ana)
    plane, _ = await planes.log_in(ana)
    await plane.socket.send(data or "text")
    if data == b"\x90":
        await plane.send(frames.MailboxAck(1))
    assert await refused(plane) is Code.MALFORMED


async def test_a_frame_of_the_other_plane_is_refused(planes, caller, ana):
    await caller.register(ana)
    plane, _ = await planes.log_in(ana)
    await plane.send(frames.Detach(bytes(16)))
    assert await refused(plane) is Code.MALFORMED


async def test_a_newer_login_closes_the_older_connection(planes, caller, ana):
    await caller.register(ana)
    value = secrets.token_bytes(32)
    older, logged_in = await planes.log_in(ana, proposed=value)
    await planes.log_in(ana, prev=value)
    with pytest.raises(ConnectionClosed) as closed:
        await older.receive()
    assert closed.value.rcvd.code == 4001
    caller.session = logged_in.session
    with pytest.raises(Refusal, match="not_logged_in"):
        await caller.tokens("log")


async def test_mail_that_waits_comes_first_and_new_mail_after_it(planes, caller, ana):
    await caller.register(ana)
    await post(caller, ana, bytes(8_191) + b"1")
    plane, _ = await planes.log_in(ana)
    await plane.send(frames.MailboxOpen(2, 0))
    waiting = await plane.receive()
    await post(caller, ana, bytes(8_191) + b"2")
    fresh = await plane.receive()
    got = [*waiting.entries, *fresh.entries]
    assert [(entry.seq, entry.lane, entry.body[-1:]) for entry in got] == [
        (1, "contacts", b"1"),
        (2, "contacts", b"2"),
    ]


async def test_an_empty_mailbox_says_that_it_is_open(planes, caller, ana):
    await caller.register(ana)
    plane, _ = await planes.log_in(ana)
    await plane.send(frames.MailboxOpen(2, 0))
    assert await plane.receive() == frames.MailboxEntries([])


async def test_acknowledged_mail_is_gone_and_the_rest_comes_again(planes, caller, ana):
    await caller.register(ana)
    for _ in range(3):
        await post(caller, ana)
    value = secrets.token_bytes(32)
    plane, _ = await planes.log_in(ana, proposed=value)
    await plane.send(frames.MailboxOpen(2, 0))
    await plane.receive()
    await plane.send(frames.MailboxAck(2), frames.Renew(3, value))
    assert (await plane.receive()).id == 3
    again, _ = await planes.log_in(ana, prev=value)
    await again.send(frames.MailboxOpen(2, 0))
    assert [entry.seq for entry in (await again.receive()).entries] == [3]


async def test_a_mailbox_that_never_came_so_far_is_gone_and_opens_from_its_beginning(
    planes, caller, ana
):
    await caller.register(ana)
    await post(caller, ana)
    value = secrets.token_bytes(32)
    plane, _ = await planes.log_in(ana, proposed=value)
    await plane.send(frames.MailboxOpen(2, 99))
    assert await refused(plane) is Code.GONE
    again, _ = await planes.log_in(ana, prev=value)
    await again.send(frames.MailboxOpen(2, 0))
    assert [entry.seq for entry in (await again.receive()).entries] == [1]


async def test_mail_that_was_not_sent_cannot_be_acknowledged(planes, caller, ana):
    await caller.register(ana)
    await post(caller, ana)
    plane, _ = await planes.log_in(ana)
    await plane.send(frames.MailboxAck(1))
    assert await refused(plane) is Code.MALFORMED


async def test_a_mailbox_opens_once(planes, caller, ana):
    await caller.register(ana)
    plane, _ = await planes.log_in(ana)
    await plane.send(frames.MailboxOpen(2, 0), frames.MailboxOpen(3, 0))
    answers = [await plane.receive()]
    if isinstance(answers[0], frames.MailboxEntries):
        answers.append(await plane.receive())
    assert answers[-1].code is Code.MALFORMED


async def test_a_removed_device_is_logged_out_at_once(planes, caller, ana):
    await caller.register(ana)
    other = ana.with_devices(*ana.devices, type(ana.device).new())
    _, logged_in = await planes.log_in(ana)
    caller.session = logged_in.session
    publish = http.PublishList(device_list=other.signed_list())
    await caller.call("PUT", "/v1/device-list", publish)
    plane, _ = await planes.log_in(other, other.devices[1], prev=b"")
    without = other.with_devices(other.devices[0])
    publish = http.PublishList(device_list=without.signed_list())
    await caller.call("PUT", "/v1/device-list", publish)
    with pytest.raises(ConnectionClosed) as closed:
        await plane.receive()
    assert closed.value.rcvd.code == 4001


async def test_nothing_is_done_for_an_account_that_was_removed_meanwhile(
    relay, planes, caller, ana
):
    await caller.register(ana)
    _, logged_in = await planes.log_in(ana)
    caller.session = logged_in.session
    remove_user(relay.data, id_to_text(ana.account_id))
    week = (await caller.token_week()).week
    element = Blinding(b"input").element
    calls = [
        ("POST", "/v1/tokens", http.TokenRequest("log", week, [element])),
        ("PUT", "/v1/self-storage", http.SelfStorage(1, b"sealed")),
        ("PUT", "/v1/mailbox-key", http.SetMailboxKey(bytes(32))),
        ("PUT", "/v1/device-list", http.PublishList(ana.signed_list())),
    ]
    for method, path, sent in calls:
        with pytest.raises(Refusal, match="not_logged_in"):
            await caller.call(method, path, sent)
    assert id_to_text(ana.account_id) not in {
        user.account_id for user in list_users(relay.data)
    }


async def test_the_recovery_object_and_the_mailbox_key_are_kept_over_http(
    planes, caller, ana
):
    await caller.register(ana)
    _, logged_in = await planes.log_in(ana)
    caller.session = logged_in.session
    stored = http.SelfStorage(version=1, object=b"sealed")
    await caller.call("PUT", "/v1/self-storage", stored)
    got = await caller.call("GET", "/v1/self-storage", answer=http.SelfStorage)
    key_hash = http.SetMailboxKey(bytes(32))
    await caller.call("PUT", "/v1/mailbox-key", key_hash)
    assert got == stored
    with pytest.raises(Refusal, match="access_key_needed"):
        await post(caller, ana)


async def test_mail_waits_while_the_window_is_full_and_comes_once(
    planes, caller, ana, relay
):
    await caller.register(ana)
    post_at_once(relay, ana, 512)
    await asyncio.gather(*[post(caller, ana) for _ in range(32)])
    plane, _ = await planes.log_in(ana)
    await plane.send(frames.MailboxOpen(2, 0))
    seen = []
    while len(seen) < 512:
        seen += [entry.seq for entry in (await plane.receive()).entries]
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(plane.receive(), 0.2)
    await plane.send(frames.MailboxAck(512))
    seen += [entry.seq for entry in (await plane.receive()).entries]
    assert seen == list(range(1, 545))


async def test_an_empty_first_container_is_no_login(planes):
    plane, _ = await planes.open()
    await plane.send()
    assert await refused(plane) is Code.NOT_LOGGED_IN


async def test_a_replaced_login_key_ends_the_session_that_it_opened(
    planes, caller, ana
):
    await caller.register(ana)
    _, logged_in = await planes.log_in(ana)
    caller.session = logged_in.session
    stolen = ana.device
    renewed = ana.with_devices(replace(stolen, login_seed=secrets.token_bytes(32)))
    await caller.call(
        "PUT", "/v1/device-list", http.PublishList(device_list=renewed.signed_list())
    )
    with pytest.raises(Refusal) as caught:
        await caller.tokens("log")
    assert caught.value.code is Code.NOT_LOGGED_IN
