"""What the search knows of a message: its words, and nothing of what it can't read."""

import os

import pytest

from privity.client.words import words_of
from privity.content import build
from privity.content.attachments import SealedFile
from privity.content.files import FileOffer
from privity.core.effects import MessageState


@pytest.fixture
def origin():
    return build.origin(b"a" * 16, b"c" * 16, os.urandom)


@pytest.fixture
def row_of(message):
    return lambda content: message(1, content=content.encode())


def test_texts_replies_and_edits_have_their_words(origin, row_of):
    target = b"\x01" + bytes(31)
    assert words_of(row_of(build.text_message(origin, "hello"))) == "hello"
    assert words_of(row_of(build.reply(origin, target, "yes"))) == "yes"
    assert words_of(row_of(build.edit(origin, target, "better"))) == "better"


def test_a_file_has_its_name_and_its_caption(origin, row_of):
    sealed = SealedFile(bytes(32), 10, bytes(32), bytes(32))
    offer = FileOffer(sealed, "localhost", bytes(16), "text/plain", "notes.txt")
    content = build.file_message(origin, offer, caption="for you")
    assert words_of(row_of(content)) == "notes.txt for you"


def test_reactions_and_deletions_have_none(origin, row_of):
    target = b"\x01" + bytes(31)
    assert words_of(row_of(build.reaction(origin, target, "👍"))) == ""
    assert words_of(row_of(build.deletion(origin, target))) == ""


def test_what_can_not_be_read_stands_in_nobodys_way(message):
    assert words_of(message(1, content=b"\xff junk")) == ""
    line = message(1, content=b'{"event":"line"}', state=MessageState.LINE)
    assert words_of(line) == ""
