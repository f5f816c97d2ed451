"""Entries that MLS or a franking tag refuses: skipped by all under one name."""

from dataclasses import replace

import pytest
from forger import Forger

from privity import mls
from privity.core import outbox
from privity.core.envelopes import CommitPayload
from privity.core.errors import Reason
from privity.core.events import MessageDropped
from privity.wire.entry import Header


def refused(trio, shown):
    """Let Ben and Cem read, and return under which names they refuse what Ana sent."""
    before = [p.state.chats[trio.chat].parent for p in (trio.ben, trio.cem)]
    trio.town.run(seconds=0)
    after = [p.state.chats[trio.chat].parent for p in (trio.ben, trio.cem)]
    assert after == before
    return {shown(p, MessageDropped)[-1].cause for p in (trio.ben, trio.cem)}


def goes_on(trio):
    """See that Ben still reaches Cem."""
    trio.ben.say(trio.chat, "goes on")
    trio.town.run(seconds=60)
    assert trio.cem.texts(trio.chat)[-1] == "goes on"


def test_a_commit_whose_confirmation_tag_is_not_that_of_its_epoch(
    trio, shown, monkeypatch
):
    def wrong(value, **changes):
        tag = changes.get("confirmation_tag")
        if tag is not None:
            changes["confirmation_tag"] = bytes([tag[0] ^ 1]) + tag[1:]
        return replace(value, **changes)

    with monkeypatch.context() as patch:
        patch.setattr("privity.mls.confirming.replace", wrong)
        Forger(trio.ana, trio.chat).commit(path=True)
    assert refused(trio, shown) == {Reason.TAG.value}
    goes_on(trio)


@pytest.mark.parametrize("at", [40, -1])
def test_a_commit_of_which_a_byte_was_changed(trio, shown, at):
    """In what is signed, or in the membership tag at its end."""
    forger = Forger(trio.ana, trio.chat)
    made = forger.group.commit(mls.CommitOptions(path=True), forger.random)
    message = bytearray(made.message)
    message[at] ^= 1
    payload = CommitPayload(1, bytes(message), made.group_info).encode()
    forger.append(made, opens=False, payload=payload)
    assert refused(trio, shown) == {Reason.MESSAGE.value}
    goes_on(trio)


def test_a_message_that_its_franking_tag_does_not_name(trio, shown, monkeypatch):
    honest = outbox._header

    def wrong(*arguments):
        header = Header.parse(honest(*arguments))
        return replace(header, tag=bytes(len(header.tag))).encode()

    monkeypatch.setattr(outbox, "_header", wrong)
    trio.ana.say(trio.chat, "not what the tag says")
    trio.town.run(seconds=0)
    monkeypatch.undo()
    for person in (trio.ben, trio.cem):
        assert shown(person, MessageDropped)[-1].cause == Reason.FRANKING.value
        assert "not what the tag says" not in person.texts(trio.chat)
    goes_on(trio)
