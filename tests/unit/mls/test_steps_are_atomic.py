"""A step that fails anywhere inside leaves the state as it was."""

from itertools import count

import pytest
from mls_groups import DRAW, Company, key_package, stored

from privity.mls import CommitOptions
from privity.mls.suites import CipherSuite


class Broken(Exception):
    """A fault that was planted."""


PRIMITIVES = (
    "expand",
    "mac",
    "open",
    "hash",
    "verify_with_label",
    "decrypt_with_label",
)


def commit_by_bob(company):
    bundle = key_package(company.crypto, company.meet("dan"))
    options = CommitOptions(add=(bundle.key_package,), remove=(2,))
    return company["bob"].commit(options, DRAW).message


def application_by_bob(company):
    return company["bob"].protect(b"text", random=DRAW)[0]


def proposal_by_bob(company):
    return company["bob"].propose_remove(2)[0]


@pytest.mark.parametrize(
    "make",
    [commit_by_bob, application_by_bob, proposal_by_bob],
    ids=lambda f: f.__name__,
)
def test_whichever_primitive_fails_the_state_is_unchanged(monkeypatch, make):
    company = Company.of("ada", "bob", "cyd")
    message, ada = make(company), company["ada"]
    before, expected = stored(ada), stored(ada.process(message).next)
    failed = 0
    for at in count():
        if fails_at(monkeypatch, at, lambda: ada.process(message)):
            assert stored(ada) == before
            failed += 1
        else:
            break
    assert failed >= 3
    assert stored(ada.process(message).next) == expected


def fails_at(monkeypatch, at, act):
    """Run with the primitive call of that number failing; say whether it came to it."""
    calls = count()

    def failing(real):
        def call(*arguments):
            if next(calls) == at:
                raise Broken
            return real(*arguments)

        return call

    with monkeypatch.context() as patch:
        for name in PRIMITIVES:
            patch.setattr(CipherSuite, name, failing(getattr(CipherSuite, name)))
        try:
            act()
        except Broken:
            return True
        return False
