"""Which messages some content names, as it is seen without decoding it."""

import os

import pytest

from privity.client.timeline import named_in
from privity.content import build
from privity.content.status import Reported, Status

ONE, OTHER = (bytes([1]) + bytes([fill]) * 31 for fill in (7, 8))
CHANGES = {
    "reply": lambda where: build.reply(where, ONE, "so it is"),
    "edit": lambda where: build.edit(where, ONE, "so it was"),
    "deletion": lambda where: build.deletion(where, ONE),
    "reaction": lambda where: build.reaction(where, ONE, "👍"),
    "unreaction": lambda where: build.unreaction(where, ONE, OTHER),
    "report": lambda where: build.report(
        where, Reported(OTHER, Status.READ), Reported(ONE, Status.READ)
    ),
}


def an_origin():
    return build.origin(bytes(16), bytes(range(16)), os.urandom)


@pytest.mark.parametrize("kind", CHANGES)
def test_every_kind_of_change_names_what_it_changes(kind):
    assert ONE in named_in(CHANGES[kind](an_origin()).encode())


def test_an_unreaction_names_the_reaction_and_the_message():
    content = build.unreaction(an_origin(), ONE, OTHER).encode()
    assert {ONE, OTHER} <= named_in(content)


def test_a_text_that_looks_like_an_id_hides_none_behind_it():
    content = build.edit(an_origin(), ONE, "X X X X " * 40).encode()
    assert ONE in named_in(content)


def test_a_text_names_nothing_that_was_said():
    assert ONE not in named_in(build.text_message(an_origin(), "hello").encode())
