"""Requests become calls, refusals become answers, tokens are spent once."""

import asyncio
import os

import pytest

from privity.client import logins
from privity.client.errors import StorageFull, Unreachable
from privity.client.online import Online
from privity.client.wallet import BATCH, Wallet
from privity.core import requests
from privity.core.effects import Cause, Send
from privity.core.generations import Generation
from privity.wire.codes import Code
from privity.wire.entry import NO_TAG, Header, Kind

WHY = Cause("test")


@pytest.fixture
def wallet(store):
    return Wallet(store.database)


@pytest.fixture
async def ana(make_person, handle):
    return await make_person("ana", handle=handle)


@pytest.fixture
def calls(ana):
    return ana.driver.network.connection.calls


def test_a_claim_keeps_its_token_also_after_a_restart(wallet, store):
    tokens = [os.urandom(32) for _ in range(3)]
    assert wallet.reserve("log", b"1") is None
    wallet.add("log", tokens)
    first = wallet.reserve("log", b"1")
    assert first in tokens
    assert wallet.reserve("log", b"1") == first
    assert Wallet(store.database).reserve("log", b"1") == first
    assert wallet.reserve("log", b"2") not in {None, first}
    assert wallet.count("log") == 1


def test_kinds_of_tokens_are_not_mixed(wallet):
    wallet.add("log", [bytes(32)])
    assert wallet.reserve("blob", b"1") is None
    assert wallet.count("log") == 1


def test_a_released_token_is_gone(wallet):
    wallet.add("log", [bytes(32)])
    wallet.reserve("log", b"1")
    assert wallet.has_claim(b"1")
    wallet.release(b"1")
    assert not wallet.has_claim(b"1")
    assert wallet.reserve("log", b"2") is None


def test_after_a_start_only_living_claims_keep_tokens(wallet):
    wallet.add("log", [bytes([n]) * 32 for n in range(3)])
    kept, lost = wallet.reserve("log", b"1"), wallet.reserve("log", b"2")
    wallet.keep_only({b"1"})
    assert wallet.reserve("log", b"1") == kept
    assert wallet.reserve("log", b"2") not in {None, lost}
    assert wallet.reserve("log", b"3") is None


def test_a_login_value_is_saved_before_it_is_proposed(store):
    values = logins.propose(store.database, os.urandom)
    assert (values.prev, values.next) == (b"", b"")
    assert logins.load(store.database) == (b"", values.proposed)
    again = logins.propose(store.database, os.urandom)
    assert (again.next, again.proposed) == (values.proposed,) * 2
    logins.confirm(store.database, values.proposed)
    later = logins.propose(store.database, os.urandom)
    assert (later.prev, later.next) == (values.proposed, b"")
    assert later.proposed != values.proposed


async def test_an_account_is_found_by_its_handle(calls, ana, handle):
    found = await calls.perform(1, requests.FindAccount(handle), WHY)
    assert found == requests.Found(ana.account.account_id, ana.account.device_list)
    whole = requests.FindAccount(f"{handle}@localhost")
    assert await calls.perform(1, whole, WHY) == found


async def test_a_refusal_is_an_answer(calls):
    answer = await calls.perform(1, requests.FindAccount("nobody-here"), WHY)
    assert isinstance(answer, requests.Refused)
    assert answer.code == Code.NO_SUCH_ACCOUNT


async def test_the_same_job_creates_its_log_once_and_pays_once(calls):
    asked = requests.CreateLog(os.urandom(16), bytes(32), bytes(32), b"checkpoint")
    assert await calls.perform(7, asked, WHY) == requests.Done()
    left = calls.wallet.count("log")
    assert left == BATCH - 1
    assert await calls.perform(7, asked, WHY) == requests.Done()
    assert calls.wallet.count("log") == left


async def test_a_token_that_was_spent_is_replaced(calls):
    first = requests.CreateLog(os.urandom(16), bytes(32), bytes(32), b"checkpoint")
    other = requests.CreateLog(os.urandom(16), bytes(32), bytes(32), b"checkpoint")
    assert await calls.perform(7, first, WHY) == requests.Done()
    # The same claim: its token was spent for the other log.
    assert await calls.perform(7, other, WHY) == requests.Done()


async def test_mail_goes_with_the_key_or_with_a_token(calls, ana):
    post = requests.PostSealed(ana.account.mailbox_id, bytes(8192), os.urandom(16))
    assert await calls.perform(1, post, WHY) == requests.Done()
    assert await calls.perform(1, post, WHY) == requests.Done()
    known = requests.PostSealed(
        ana.account.mailbox_id,
        bytes(8192),
        os.urandom(16),
        ana.account.mailbox_key,
    )
    assert await calls.perform(2, known, WHY) == requests.Done()
    wrong = requests.PostSealed(
        ana.account.mailbox_id, bytes(8192), os.urandom(16), bytes(32)
    )
    answer = await calls.perform(3, wrong, WHY)
    assert isinstance(answer, requests.Refused)


async def test_key_packages_are_claimed_by_strangers_and_contacts(
    calls, ana, eventually
):
    await eventually(lambda: not ana.driver.state.jobs)
    account, suite = ana.account.account_id, ana.account.suite
    paid = await calls.perform(1, requests.ClaimPackages(account, suite), WHY)
    assert isinstance(paid, requests.Claimed)
    key = ana.account.mailbox_key
    free = await calls.perform(2, requests.ClaimPackages(account, suite, key), WHY)
    assert isinstance(free, requests.Claimed)
    assert free.device_list == ana.account.device_list
    assert [device for device, _ in free.packages] == [ana.account.device_id]
    assert free.packages != paid.packages


async def test_a_mailbox_key_is_replaced(calls):
    done = await calls.perform(1, requests.SetMailboxKey(bytes(32)), WHY)
    assert done == requests.Done()


async def test_an_append_attaches_first_and_is_refused_by_name(calls):
    seed = os.urandom(32)
    asked = requests.AppendEntry(os.urandom(16), 0, seed, b"header", b"envelope")
    answer = await calls.perform(1, asked, WHY)
    assert answer == requests.Refused(Code.NO_SUCH_LOG, answer.detail)


async def test_a_walk_through_a_log_that_is_not_there_is_refused(calls):
    walk = requests.JoinWalk(os.urandom(16), 0, os.urandom(32), 0, 1)
    answer = await calls.perform(1, walk, WHY)
    assert isinstance(answer, requests.Refused)
    assert answer.code == Code.NO_SUCH_LOG


async def test_a_session_that_is_over_leaves_the_answer_open(calls, ana):
    ana.driver.network.connection.session = bytes(32)
    with pytest.raises(Unreachable):
        await calls.perform(1, requests.SetMailboxKey(bytes(32)), WHY)


async def test_a_request_is_asked_again_until_it_is_answered(ana, monkeypatch):
    """The token can't be saved at first; nothing is answered before it is."""
    connection = ana.driver.network.connection
    whole, failures = connection.calls.wallet.reserve, []

    def refuse_twice(kind, claim):
        if len(failures) < 2:
            failures.append(claim)
            raise StorageFull
        return whole(kind, claim)

    monkeypatch.setattr(connection.calls.wallet, "reserve", refuse_twice)
    given = []
    host = ana.driver
    online = Online(host)
    monkeypatch.setattr(host, "give", given.append)
    asked = requests.CreateLog(os.urandom(16), bytes(32), bytes(32), b"c")
    await online._answer(connection, Send(9, asked, WHY))
    assert [one.answer for one in given if one.job == 9] == [requests.Done()]
    assert len(failures) == 2


async def test_a_chat_goes_on_behind_junk_over_a_real_relay(pair, eventually):
    """The further child is paid for with a token that the relay gave to this device."""
    ana, ben, chat_id = pair
    await eventually(lambda: not ana.driver.state.pending)
    chat = ana.driver.state.chats[chat_id]
    junk = junk_commit(chat)
    calls = ana.driver.network.connection.calls
    await asyncio.sleep(2.1)
    answer = await calls.perform(1 << 40, junk, WHY)
    assert isinstance(answer, requests.Appended), answer.code
    failed = answer.seq
    for person in (ana, ben):
        await eventually(
            lambda p=person: p.driver.state.chats[chat_id].failed == failed
        )
    await ben.send(chat_id, "hello")
    await eventually(lambda: "hello" in ana.texts(chat_id))
    assert ana.driver.state.chats[chat_id].parent > failed
    groups = [p.driver.state.groups[chat_id] for p in (ana, ben)]
    assert groups[0].epoch_authenticator == groups[1].epoch_authenticator
    wallets = [p.driver.network.connection.calls.wallet for p in (ana, ben)]
    assert sorted(wallet.count("child") for wallet in wallets) == [0, BATCH - 1]


def junk_commit(chat):
    """Return a commit that holds nothing, as whoever knows the keys can append it."""
    header = Header(
        version=1,
        log_id=chat.log_id,
        kind=Kind.COMMIT,
        parent=chat.parent,
        generation=chat.generation,
        idem=os.urandom(16),
        tag=NO_TAG,
        opens=False,
        next_access_pk=None,
        next_lobby_pk=None,
        welcome_hash=None,
        checkpoint_hash=None,
    )
    return requests.AppendEntry(
        log_id=chat.log_id,
        generation=chat.generation,
        access_seed=Generation(chat.secret).access_seed,
        header=header.encode(),
        envelope=b"junk",
        resume=True,
    )
