"""What `privity account` says of the account's way back."""

import pytest

from privity.cli.render import render
from privity.client.recovery import Recovery
from privity.client.verbs import results


def account(recovery, *, holds=True):
    names = ("Ana", "ana@relay.example", "relay.example", "https://relay.example")
    return results.Account("a" * 26, "b" * 26, *names, 1, holds, recovery, 0)


@pytest.mark.parametrize("found", list(Recovery))
def test_each_state_of_what_the_recovery_key_opens_is_said_in_words(found):
    said = render(account(found.value))
    others = {render(account(one.value)) for one in Recovery if one is not found}
    assert "recovery key opens: " in said
    assert said not in others


def test_it_says_whether_the_identity_key_is_here():
    assert "This device holds the identity key." in render(account("none"))
    assert "does not hold" in render(account("none", holds=False))
