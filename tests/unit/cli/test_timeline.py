"""What a chat shows of its rows; only a sender changes what it sent."""

import os

import msgspec
import pytest

from privity.client.timeline import Scene, project
from privity.client.verbs import results
from privity.content import build
from privity.content.mimi import ChatTitle, Reported, Status, message_id
from privity.core.effects import MessageRow, MessageState
from privity.core.events import Line
from privity.identity.ids import id_to_text

CHAT = b"c" * 16
ANA, BEN = b"a" * 16, b"b" * 16
NAMES = {ANA: "Ana", BEN: "Ben"}


def person(account: bytes) -> results.Person:
    return results.Person(id_to_text(account), NAMES[account], "", "known to server")


@pytest.fixture
def chat():
    return Story()


class Story:
    """Rows of one chat, made by real content."""

    def __init__(self) -> None:
        self.rows = []
        self.receipts = False

    def say(self, who, make, *args, state=MessageState.RECEIVED, **kwargs):
        origin = build.origin(who, CHAT, os.urandom)
        content = make(origin, *args, **kwargs)
        data = content.encode()
        row = MessageRow(
            chat_id=CHAT,
            idem=os.urandom(16),
            sender=who,
            message_id=message_id(data, content.sender, content.room, content.salt),
            seq=len(self.rows) + 1,
            minute=29_000_000,
            state=state,
            content=data,
        )
        self.rows.append(row)
        return row.message_id

    def shown(self, start=0):
        by_id = {row.message_id: row for row in self.rows}
        return project(
            self.rows[start:], Scene(ANA, person, by_id.get, receipts=self.receipts)
        )


def test_a_text_is_shown_with_its_sender_and_minute(chat):
    chat.say(ANA, build.text_message, "hello")
    (message,) = chat.shown()
    assert (message.text, message.sender.name, message.time) == (
        "hello",
        "Ana",
        29_000_000 * 60,
    )


def test_only_its_sender_edits_or_deletes_a_message(chat):
    first = chat.say(ANA, build.text_message, "hello")
    chat.say(BEN, build.edit, first, "forged")
    chat.say(BEN, build.deletion, first)
    (message,) = chat.shown()
    assert (message.text, message.kind, message.edited) == ("hello", "text", False)


def test_the_newest_edit_counts_and_nothing_edits_what_is_deleted(chat):
    first = chat.say(ANA, build.text_message, "one")
    chat.say(ANA, build.edit, first, "two")
    chat.say(ANA, build.edit, first, "three")
    assert chat.shown()[0].text == "three"
    chat.say(ANA, build.deletion, first)
    chat.say(ANA, build.edit, first, "four")
    (message,) = chat.shown()
    assert (message.kind, message.text, message.edited) == ("deleted", "", False)


def test_a_deletion_takes_quotes_reactions_and_files_with_it(chat):
    first = chat.say(ANA, build.text_message, "secret plan")
    chat.say(BEN, build.reaction, first, "👍")
    chat.say(BEN, build.reply, first, "oh")
    chat.say(ANA, build.deletion, first)
    gone, answer = chat.shown()
    assert gone.reactions == ()
    assert answer.quote == ""
    assert answer.reply_to == gone.message


def test_a_quote_is_short_and_of_the_edited_text(chat):
    first = chat.say(ANA, build.text_message, "x")
    chat.say(BEN, build.reply, first, "answer")
    chat.say(ANA, build.edit, first, "y" * 200)
    quote = chat.shown()[1].quote
    assert quote == "y" * 79 + "…"


def test_what_is_answered_outside_the_page_is_named_and_not_quoted(chat):
    first = chat.say(ANA, build.text_message, "early")
    chat.say(BEN, build.reply, first, "late")
    (answer,) = chat.shown(start=1)
    assert answer.reply_to == id_to_text(chat.rows[0].idem)
    assert answer.quote == ""


def test_only_who_reacted_takes_the_reaction_back(chat):
    first = chat.say(ANA, build.text_message, "hello")
    given = chat.say(BEN, build.reaction, first, "👍")
    chat.say(ANA, build.reaction, first, "👍")
    chat.say(ANA, build.unreaction, given, first)
    assert [p.name for p in chat.shown()[0].reactions[0].people] == ["Ben", "Ana"]
    chat.say(BEN, build.deletion, given)
    assert [p.name for p in chat.shown()[0].reactions[0].people] == ["Ana"]


def test_one_person_reacts_once_with_one_emoji(chat):
    first = chat.say(ANA, build.text_message, "hello")
    for _ in range(2):
        chat.say(BEN, build.reaction, first, "👍")
    (reaction,) = chat.shown()[0].reactions
    assert len(reaction.people) == 1


def test_a_change_that_failed_changes_nothing(chat):
    first = chat.say(ANA, build.text_message, "hello")
    chat.say(ANA, build.edit, first, "never sent", state=MessageState.FAILED)
    assert chat.shown()[0].text == "hello"


def test_control_messages_have_no_line_and_unreadable_ones_say_so(chat):
    chat.say(ANA, build.control_message, ChatTitle("Us"))
    chat.rows.append(
        MessageRow(
            chat_id=CHAT,
            idem=b"i" * 16,
            sender=ANA,
            message_id=b"m" * 32,
            seq=9,
            minute=1,
            state=MessageState.RECEIVED,
            content=b"not CBOR",
        )
    )
    (message,) = chat.shown()
    assert message.kind == "unknown"


def test_lines_say_who_did_what_to_whom_and_nobody_edits_them(chat):
    line = Line(CHAT, 3, "added", ANA, BEN)
    row = MessageRow(
        chat_id=CHAT,
        idem=b"l" * 16,
        sender=ANA,
        message_id=b"",
        seq=3,
        minute=1,
        state=MessageState.LINE,
        content=msgspec.json.encode(line),
    )
    chat.rows.append(row)
    (message,) = chat.shown()
    assert (message.kind, message.what, message.about.name) == ("line", "added", "Ben")


def test_changes_of_what_is_not_loaded_are_left_alone(chat):
    missing = b"\x01" + b"z" * 31
    chat.say(ANA, build.edit, missing, "x")
    chat.say(ANA, build.deletion, missing)
    chat.say(ANA, build.reaction, missing, "👍")
    chat.say(ANA, build.unreaction, missing, missing)
    assert chat.shown() == ()


def test_a_message_names_its_links_as_they_are_after_its_edits(chat):
    first = chat.say(ANA, build.text_message, "[a](http://b.example)")
    (link,) = chat.shown()[0].links
    assert (link.target, link.warnings) == (
        "http://b.example",
        ("insecure", "text_differs"),
    )
    chat.say(ANA, build.edit, first, "at https://c.example")
    assert [one.target for one in chat.shown()[0].links] == ["https://c.example"]
    chat.say(ANA, build.deletion, first)
    assert chat.shown()[0].links == ()


def test_a_plain_text_has_no_markdown_in_it(chat):
    chat.say(ANA, build.text_message, "[a](mailto:b@c.example)", plain=True)
    assert chat.shown()[0].links == ()


@pytest.fixture
def told(chat):
    """Return a chat whose owner Ana has receipts on, and a message of hers."""
    chat.receipts = True
    return chat.say(ANA, build.text_message, "hello", state=MessageState.SENT)


def reported(chat, who, message, status):
    chat.say(who, build.report, Reported(message, status))


def test_a_message_goes_from_sent_to_delivered_to_read_and_never_back(chat, told):
    assert chat.shown()[0].state == "sent"
    for status, state in (
        (Status.UNREAD, "sent"),
        (Status.DELIVERED, "delivered"),
        (Status.READ, "read"),
        (Status.DELIVERED, "read"),
        (Status.ERROR, "read"),
    ):
        reported(chat, BEN, told, status)
        (message,) = chat.shown()
        assert message.state == state
    assert (message.delivered, message.read) == (1, 1)


def test_nobody_reports_on_their_own_message(chat, told):
    reported(chat, ANA, told, Status.READ)
    assert chat.shown()[0].state == "sent"


def test_a_report_that_stands_before_its_message_is_ignored(chat):
    chat.receipts = True
    message = chat.say(ANA, build.text_message, "x", state=MessageState.SENT)
    reported(chat, BEN, message, Status.READ)
    chat.rows.reverse()
    assert chat.shown()[0].state == "sent"


def test_where_receipts_are_off_none_is_shown(chat, told):
    reported(chat, BEN, told, Status.READ)
    chat.receipts = False
    (message,) = chat.shown()
    assert (message.state, message.delivered, message.read) == ("sent", 0, 0)


def test_of_messages_of_others_no_receipt_is_shown(chat, told):
    other = chat.say(BEN, build.text_message, "mine")
    reported(chat, ANA, other, Status.READ)
    message = chat.shown()[-1]
    assert (message.state, message.read) == ("received", 0)
