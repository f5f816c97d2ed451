"""An account is deleted by its identity key alone; its names are given to nobody."""

from dataclasses import replace

import msgspec
import pytest
from refusing import refuses

from privity.identity import labels
from privity.identity.signing import sign_with_label
from privity.relay import accounts, farewells
from privity.relay.logins import mailbox_of_device
from privity.wire import http
from privity.wire.codes import Code

NOW = 1_800_000_000
NONCE = bytes(32)
HOST = "localhost"


@pytest.fixture
def known(accounts_db, ana, ben):
    for account, handle in ((ana, "ana"), (ben, "ben")):
        request = account.registration(NONCE, handle=handle)
        verified = accounts.verify_registration(HOST, request)
        accounts.register(accounts_db, verified, NOW, is_open=True)
    return ana, ben


def word(account, *, by=None, label=labels.DELETE_ACCOUNT, host=HOST):
    claim = http.DeleteClaim(1, host.encode(), NONCE, account.account_id)
    seed = (by or account).identity_seed
    signature = sign_with_label(seed, label, claim.encode())
    return http.DeleteAccount(account.account_id, NONCE, signature)


def test_an_account_goes_with_its_devices_and_stays_nobodys(accounts_db, known):
    ana, ben = known
    gone = farewells.delete(accounts_db, HOST, word(ana))
    assert gone == ((ana.account_id, ana.device.device_id),)
    for look in (
        lambda: accounts.directory(accounts_db, ana.account_id),
        lambda: accounts.account_of_handle(accounts_db, "ana"),
        lambda: farewells.delete(accounts_db, HOST, word(ana)),
    ):
        with refuses(Code.NO_SUCH_ACCOUNT, accounts_db):
            look()
    with refuses(Code.NOT_LOGGED_IN, accounts_db):
        mailbox_of_device(accounts_db, gone[0])
    assert accounts.account_of_handle(accounts_db, "ben") == ben.account_id
    heir = replace(ben, account_id=b"n" * 16)
    with refuses(Code.HANDLE_TAKEN, accounts_db):
        request = heir.registration(NONCE, handle="ana")
        verified = accounts.verify_registration(HOST, request)
        accounts.register(accounts_db, verified, NOW, is_open=True)


def test_nobody_else_and_no_other_signature_deletes_an_account(accounts_db, known):
    ana, ben = known
    for asked in (
        word(ana, by=ben),
        word(ana, host="elsewhere"),
        word(ana, label=labels.REGISTER),
        msgspec.structs.replace(word(ana), nonce=b"n" * 32),
        msgspec.structs.replace(word(ana), signature=bytes(64)),
    ):
        with refuses(Code.NOT_AUTHENTIC, accounts_db):
            farewells.delete(accounts_db, HOST, asked)
