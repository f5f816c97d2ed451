"""What the structures of framing say by themselves, without any key."""

import pytest
from mls_groups import DRAW, Company, body_of

from privity.codec import Reader
from privity.errors import DecodeError
from privity.mls import CommitOptions, Welcome
from privity.mls.framing import (
    AuthenticatedContent,
    ContentType,
    FramedContent,
    FramedContentAuthData,
    Sender,
    SenderType,
    WireFormat,
)

SAID = b"said in confidence"
CONTENT = FramedContent(b"group", 3, Sender(SenderType.MEMBER, 7), b"data", SAID)


@pytest.mark.parametrize(
    "kind", [SenderType.NEW_MEMBER_PROPOSAL, SenderType.NEW_MEMBER_COMMIT]
)
def test_a_newcomer_has_no_index_on_the_wire_and_0_in_memory(kind):
    assert Sender(kind).encode() == bytes([kind])
    assert Sender.decode(bytes([kind])) == Sender(kind, 0)
    assert Sender(kind).index == 0


@pytest.mark.parametrize("kind", [SenderType.MEMBER, SenderType.EXTERNAL])
def test_who_has_a_place_names_it(kind):
    assert Sender(kind, 7).encode() == bytes([kind, 0, 0, 0, 7])
    assert Sender.decode(bytes([kind, 0, 0, 0, 7])) == Sender(kind, 7)


def test_the_codes_are_those_of_the_rfc():
    assert [one.value for one in WireFormat] == [1, 2, 3, 4, 5]
    assert [one.value for one in ContentType] == [1, 2, 3]
    assert [one.value for one in SenderType] == [1, 2, 3, 4]


def test_what_was_said_is_not_printed():
    assert SAID.decode() not in repr(CONTENT)


def test_written_into_something_it_is_what_it_encodes():
    auth = FramedContentAuthData(b"signature")
    signed = AuthenticatedContent(WireFormat.PUBLIC_MESSAGE, CONTENT, auth)
    out = bytearray(b"before")
    signed.write(out)
    assert out == b"before" + signed.encode()
    assert AuthenticatedContent.decode(signed.encode()) == signed


@pytest.mark.parametrize("wire", [WireFormat.WELCOME, WireFormat.KEY_PACKAGE])
def test_content_that_is_neither_public_nor_private_is_refused(wire):
    auth = FramedContentAuthData(b"signature")
    signed = AuthenticatedContent(wire, CONTENT, auth)
    with pytest.raises(DecodeError, match="neither public nor private"):
        AuthenticatedContent.read(Reader(signed.encode()))


def test_each_message_is_of_its_wire_format():
    company = Company.of("ada")
    pending = company["ada"].commit(CommitOptions(), DRAW)
    assert pending.message[:4] == b"\0\1\0\1"
    assert company.say("ada", b"text")[:4] == b"\0\1\0\2"
    company.meet("bob")
    welcome = company.commit("ada", add=("bob",)).welcome
    assert welcome[:4] == b"\0\1\0\3"
    assert isinstance(body_of(welcome), Welcome)
