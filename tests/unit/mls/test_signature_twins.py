"""ECDSA signatures have a twin that anybody can make; what comes of it (suite 2)."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from mls_groups import DRAW, Company, body_of, key_package, seal, unchanged, wrapped
from rejecting import rejects

from privity.errors import NotAuthentic
from privity.mls import (
    CommitOptions,
    ConfirmationTagMismatch,
    Epoch,
    Group,
    Rule,
    propose_own_add,
    validate_key_package,
)
from privity.mls.protection import as_signed

P256 = 2


def twin(signature):
    r, s = decode_dss_signature(signature)
    return encode_dss_signature(r, ec.SECP256R1().group_order - s)


def of_twin(message):
    body = body_of(message)
    auth = replace(body.auth, signature=twin(body.auth.signature))
    return replace(body, auth=auth)


@pytest.fixture
def company():
    return Company.of("ada", "bob", code=P256)


def test_the_twin_of_a_commit_has_a_wrong_tag(company):
    pending = company["ada"].commit(CommitOptions(), DRAW)
    message, bob = of_twin(pending.message), company["bob"]
    with unchanged(bob), pytest.raises(NotAuthentic):
        bob.process(wrapped(message))
    # A member can make the membership tag right, and nobody the confirmation tag.
    with unchanged(bob), pytest.raises(ConfirmationTagMismatch):
        bob.process(seal(company["ada"], as_signed(message)))


def test_the_twin_of_a_proposal_from_outside_is_committed_once(company):
    ada, eve = company["ada"], company.meet("eve")
    package = key_package(company.crypto, eve).key_package
    epoch = Epoch(company.crypto, ada.group_id, ada.epoch)
    message = propose_own_add(epoch, eve, package)
    company.spread(message, but="")
    company.spread(wrapped(of_twin(message)), but="")
    assert len(company["ada"].pending_proposals) == 2
    pending = company.commit("bob")
    assert len(pending.added) == 1
    assert company.agree()


def test_a_welcome_to_the_twin_of_a_key_package_finds_nobody(company):
    bundle = key_package(company.crypto, company.meet("eve"))
    package = bundle.key_package
    other = replace(package, signature=twin(package.signature))
    validate_key_package(company.crypto, other)
    options = CommitOptions(add=(other,), tree_in_welcome=True)
    pending = company["ada"].commit(options, DRAW)
    with rejects(Rule.WELCOME_FOR_OTHERS):
        Group.join(pending.welcome, bundle, company.meet("eve"))
