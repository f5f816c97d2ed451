"""Numbers in what members say that no log and no clock reaches: refused, or cut."""

from dataclasses import replace

import pytest
from losing import credential, lose
from town import START_MS

from privity.content.build import control_message, origin
from privity.content.control import MissingAsked
from privity.core import handed, outbox
from privity.core import inputs as i
from privity.core.events import Notice
from privity.core.handed import Ask, Frame, Given, OwnWords, Span, decode_ask
from privity.core.tallies import MAX_COUNTER
from privity.errors import DecodeError

MARK = 0x1234_5678_9ABC
BEYOND = [1 << 53, 1 << 63, (1 << 64) - 1]


def swapped(encoded, number):
    """Return an encoding with a number that its type can't state."""
    mark = MARK.to_bytes(8, "big")
    assert encoded.count(mark) == 1
    return encoded.replace(mark, number.to_bytes(8, "big"))


@pytest.mark.parametrize("number", BEYOND)
@pytest.mark.parametrize("name", ["last", "below"])
def test_a_request_with_such_a_number_is_refused(trio, shown, name, number):
    span = replace(Span(credential(trio.ana), 1, 2, 0, 9), **{name: MARK})
    ask = Ask(1, bytes(16), b"key", (span,))
    body = swapped(ask.encode(), number)
    with pytest.raises(DecodeError):
        decode_ask(body)
    where = origin(trio.cem.id, trio.chat, trio.town.random.randbytes)
    content = control_message(where, MissingAsked(body)).encode()
    trio.cem.take(i.SendContent(trio.chat, content))
    trio.town.run(seconds=60)
    assert shown(trio.ana, Notice)[-1].code == "ask_refused"
    assert not trio.ana.state.session.plans


@pytest.mark.parametrize("number", BEYOND)
@pytest.mark.parametrize(
    "given",
    [
        Given(1, (Frame(bytes(32), MARK, 0, b"", b"", b""),), ()),
        Given(1, (Frame(bytes(32), 0, MARK, b"", b"", b""),), ()),
        Given(1, (), (OwnWords(MARK, 0, 0, b""),)),
        Given(1, (), (OwnWords(0, MARK, 0, b""),)),
        Given(1, (), (OwnWords(0, 0, MARK, b""),)),
    ],
    ids=["frame's seq", "frame's minute", "counter", "seq", "minute"],
)
def test_what_is_handed_on_with_such_a_number_is_refused(given, number):
    with pytest.raises(DecodeError):
        Given.decode(swapped(given.encode(), number))


def test_nothing_that_is_handed_on_was_said_after_what_was_read_last(trio, monkeypatch):
    """Ana states a minute in far future for what she hands on of others and herself."""
    lose(trio, monkeypatch)
    true = handed.seal_given

    def late(suite, ask, given):
        frames = tuple(replace(f, minute=1 << 52) for f in given.frames)
        own = tuple(replace(o, minute=1 << 52) for o in given.own)
        return true(suite, ask, replace(given, frames=frames, own=own))

    monkeypatch.setattr("privity.core.handing.seal_given", late)
    trio.town.run(seconds=120)
    assert "lost of Ana" in trio.cem.texts(trio.chat)
    now = trio.town.now_ms // 60_000
    for row in trio.cem.messages(trio.chat):
        assert START_MS // 60_000 <= row.minute <= now


@pytest.mark.parametrize("number", BEYOND)
def test_a_message_whose_count_is_such_a_number_is_kept_without_it(
    trio, monkeypatch, number
):
    true = outbox.AppPayload

    def counted(**fields):
        return true(**fields | {"counter": number})

    monkeypatch.setattr(outbox, "AppPayload", counted)
    trio.ana.say(trio.chat, "hello")
    trio.town.run()
    assert trio.ben.texts(trio.chat)[-1] == "hello"
    assert all(row.order < MAX_COUNTER for row in trio.ben.messages(trio.chat))
