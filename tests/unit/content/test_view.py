from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privity.content import limits, mimi
from privity.content.build import MARKDOWN, PLAIN
from privity.content.control import CONTENT_TYPE, control_from_part, control_to_part
from privity.content.mimi import (
    ChatTitle,
    Control,
    Delete,
    Edit,
    Expiration,
    File,
    MailboxKey,
    MimiContent,
    Profile,
    Reaction,
    Reply,
    Text,
    Unknown,
    Unreaction,
    read,
)
from privity.content.parts import (
    ExternalPart,
    MultiPart,
    NullPart,
    PartSemantics,
    SinglePart,
)
from privity.errors import DecodeError, UsageError

ID = b"\x01" + b"i" * 31
OTHER = b"\x01" + b"o" * 31


def round_trip(content):
    return read(MimiContent.decode(content.encode()))


def body(here, part, **changes):
    return round_trip(replace(mimi.deletion(here, ID), body=part, **changes))


def test_texts_replies_and_edits_say_what_was_meant(here):
    soon = Expiration(relative=True, time=60)
    text = mimi.text_message(here, "*hi*", expires=soon)
    assert round_trip(text) == Text("*hi*", plain=False, expires=soon)
    assert round_trip(mimi.text_message(here, "hi", plain=True)) == Text(
        "hi", plain=True
    )
    assert round_trip(mimi.reply(here, ID, "yes")) == Reply(ID, "yes", plain=False)
    assert round_trip(mimi.edit(here, ID, "no")) == Edit(ID, "no", plain=False)


def test_an_edit_keeps_what_the_original_answers(here):
    edit = mimi.edit(here, ID, "no", in_reply_to=OTHER)
    assert edit.in_reply_to == OTHER
    assert round_trip(edit) == Edit(ID, "no", plain=False)


def test_reactions_come_and_go_and_messages_are_deleted(here):
    medic = "\U0001f469\U0001f3fd\u200d\u2695\ufe0f"
    assert round_trip(mimi.reaction(here, ID, medic)) == Reaction(ID, medic)
    assert round_trip(mimi.reaction(here, ID, "❤")) == Reaction(ID, "❤")
    assert round_trip(mimi.unreaction(here, OTHER, ID)) == Unreaction(OTHER, ID)
    assert round_trip(mimi.deletion(here, ID)) == Delete(ID)


def test_a_file_comes_with_thumbnail_and_caption(here, offer):
    content = mimi.file_message(here, offer, thumbnail=b"jpeg", caption="look")
    assert round_trip(content) == File(offer, b"jpeg", "look", None)
    assert round_trip(replace(content, in_reply_to=ID)) == File(
        offer, b"jpeg", "look", ID
    )


def test_a_file_alone_needs_no_other_part(here, offer):
    content = mimi.file_message(here, offer)
    assert isinstance(content.body, ExternalPart)
    assert round_trip(content) == File(offer, b"", "", None)


def test_controls_travel_alone_or_together(here):
    items = (ChatTitle("Choir"), Profile("Ana"), MailboxKey(b"k" * 32))
    for item in items:
        assert round_trip(mimi.control_message(here, item)) == Control((item,))
    assert round_trip(mimi.control_message(here, *items)) == Control(items)
    assert "kkkk" not in repr(items)


def test_a_title_can_be_taken_away(here):
    assert round_trip(mimi.control_message(here, ChatTitle(""))) == Control(
        (ChatTitle(""),)
    )


@pytest.mark.parametrize(
    "item",
    [ChatTitle("t" * 257), Profile(""), Profile("n" * 257), MailboxKey(bytes(31))],
)
def test_a_control_beyond_its_limits_is_never_built(here, item):
    with pytest.raises(UsageError):
        mimi.control_message(here, item)


def test_a_control_message_says_something(here):
    with pytest.raises(UsageError):
        mimi.control_message(here)


@pytest.mark.parametrize("text", ["", "  \n", "x" * (limits.TEXT + 1)])
def test_an_empty_or_too_long_text_is_our_own_fault(here, text):
    with pytest.raises(UsageError):
        mimi.text_message(here, text)


def test_a_text_of_the_largest_size_fits(here):
    assert isinstance(round_trip(mimi.text_message(here, "x" * limits.TEXT)), Text)


def test_the_largest_file_message_fits(here, offer):
    large = mimi.file_message(
        here, offer, thumbnail=bytes(limits.THUMBNAIL), caption="x" * limits.TEXT
    )
    assert isinstance(round_trip(large), File)


@pytest.mark.parametrize("emoji", ["", "x" * 65, "a\nb", "a b", "\x00", "\u202e!"])
def test_what_is_no_emoji_is_not_sent_as_a_reaction(here, emoji):
    with pytest.raises(UsageError):
        mimi.reaction(here, ID, emoji)


TEXT_PART = SinglePart(1, "", PLAIN, b"hello")
HEART = SinglePart(2, "", PLAIN, "❤".encode())


@pytest.mark.parametrize(
    ("part", "changes"),
    [
        (NullPart(1), {"replaces": None}),
        (SinglePart(1, "", "application/x-new", b""), {}),
        (SinglePart(1, "", MARKDOWN, b"\xff"), {"replaces": None}),
        (SinglePart(1, "", "text/plain;charset=utf-16", b"hi"), {"replaces": None}),
        (SinglePart(1, "", 'text/plain; CHARSET="x"', b"hi"), {"replaces": None}),
        (HEART, {"replaces": None, "in_reply_to": None}),
        (HEART, {"in_reply_to": ID}),
        (SinglePart(2, "", PLAIN, b"x" * 65), {"replaces": None, "in_reply_to": ID}),
        (SinglePart(1, "", CONTENT_TYPE, b"\x82\x09\x00"), {"replaces": None}),
        (control_to_part(ChatTitle("x")), {}),
        (control_to_part(ChatTitle("x")), {"replaces": None, "in_reply_to": ID}),
        (MultiPart(1, "", PartSemantics.PROCESS_ALL, (TEXT_PART,) * 2), {}),
        (MultiPart(1, "", PartSemantics.CHOOSE_ONE, (TEXT_PART,) * 2), {}),
    ],
)
def test_what_this_version_cannot_show_is_unknown_with_a_reason(here, part, changes):
    view = body(here, part, **changes)
    assert isinstance(view, Unknown)
    assert view.what


def test_a_link_to_elsewhere_and_odd_files_are_unknown(here, offer):
    content = mimi.file_message(here, offer, thumbnail=b"jpeg", caption="look")
    external, preview, caption = content.body.parts
    odd = [
        replace(content, replaces=ID),
        with_parts(content, external, preview, preview),
        with_parts(content, external, caption, caption),
        with_parts(content, external, NullPart(1)),
        replace(with_parts(content, caption, external), files=moved(content, 2)),
        replace(content, body=replace(external, enc_alg=1), files=()),
    ]
    assert all(isinstance(round_trip(one), Unknown) for one in odd)


def with_parts(content, *parts):
    return replace(content, body=replace(content.body, parts=parts))


def moved(content, part):
    return (replace(content.files[0], part=part),)


@pytest.mark.parametrize(
    "data", ["80", "8101", "820161", "8218ff00", "82f500", "820401"]
)
def test_a_control_part_of_another_shape_is_refused(data):
    part = SinglePart(3, "", CONTENT_TYPE, bytes.fromhex(data))
    with pytest.raises(DecodeError):
        control_from_part(part)


@given(st.binary(max_size=40))
def test_any_control_part_is_refused_or_builds_the_same_bytes(data):
    try:
        item = control_from_part(SinglePart(3, "", CONTENT_TYPE, data))
    except DecodeError:
        return
    assert control_to_part(item).content == data
