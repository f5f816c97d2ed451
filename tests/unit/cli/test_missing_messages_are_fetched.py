"""Missing messages at a real relay: what doctor says, and how they come back."""

from dataclasses import replace

import pytest
from msgspec import structs

from privity.cli.message_words import message_line
from privity.cli.render import render
from privity.client import index
from privity.client.verbs import repair_results
from privity.core.effects import Kind, Put
from privity.core.tallies import Hole
from privity.core.values import encode

_ASKED = "Asked the members of “Picnic” for 16 missing messages."


async def lose(person, sender, text):
    """Let a device lose a message, as if it had been away when that was said."""
    driver = person.session.driver
    ((chat_id, chat),) = person.state.chats.items()
    store = person.session.store
    kept = next(k for k in store.history(chat_id) if text.encode() in k.row.content)
    row = kept.row
    account = sender.state.account
    key = chat_id + account.account_id + account.device_id
    tally = person.state.tallies[key]
    hole = Hole(tally.next - 1, tally.next - 1, row.seq - 1, row.seq + 1)
    tally = structs.replace(tally, holes=(hole,))
    tallies = {**person.state.tallies, key: tally}
    driver._state = replace(person.state, tallies=tallies)

    def lost(db):
        gone = db.execute(
            "DELETE FROM messages WHERE chat_id = ? AND idem = ?"
            " RETURNING number, entry, target",
            (chat_id, row.idem),
        ).fetchone()
        index.leave(db, store._entries, chat_id, gone)

    await driver.disk.write(store.database.transact, lost)
    await driver.disk.write(store.apply, [Put(Kind.TALLY, key, encode(tally))])
    assert chat.cursor >= row.seq


async def test_doctor_names_what_is_missing_and_a_fetch_brings_it_back(pair):
    ana, ben = pair
    await ana.do("send", "Ben", "lost and found")
    await ben.has_text("Ana", "lost and found")
    assert (await ben.do("doctor")).well
    await lose(ben, ana, "lost and found")
    assert "lost and found" not in await ben.texts("Ana")
    (bad,) = [c for c in (await ben.do("doctor")).checks if not c.ok]
    assert "1 of Ana" in bad.detail
    assert "privity repair fetch" in bad.next
    assert (await ben.do("chats")).chats[0].missing == 1
    asked = await ben.do("repair.fetch", "Ana")
    assert asked.messages == asked.missing == 1
    assert "for 1 missing" in render(asked)
    await ben.has_text("Ana", "lost and found")
    assert (await ben.do("doctor")).well
    shown = await ben.do("history", "Ana")
    assert "found" in [message.what for message in shown.messages]
    assert "handed on 1 missing message of Ana" in render(shown)


async def test_where_nothing_is_missing_nobody_is_asked(pair):
    ana, _ = pair
    asked = await ana.do("repair.fetch", "Ben")
    assert asked.messages == asked.missing == 0
    assert "Nothing is missing" in render(asked)


@pytest.mark.parametrize(
    ("asked", "missing", "said"),
    [
        (0, 0, "Nothing is missing in “Picnic”."),
        (0, 2, "Nobody else is in “Picnic” to ask for 2 missing messages."),
        (1, 1, "Asked the members of “Picnic” for 1 missing message."),
        (16, 20, f"{_ASKED} Ask again for the other 4."),
    ],
)
def test_a_person_is_told_for_how_much_was_asked(asked, missing, said):
    assert render(repair_results.FetchAsked("Picnic", asked, missing)) == said


@pytest.mark.parametrize(
    ("what", "count", "said"),
    [
        ("gap", "1", "up to 1 message from before can't be read on this device"),
        ("gap", "7", "up to 7 messages from before can't be read on this device"),
        (
            "expired",
            "20741",
            "messages from 2026-10-15 on left the relay before this device read them",
        ),
        ("missing", "1", "this device lacks 1 message of Ana"),
        ("missing", "2", "this device lacks 2 messages of Ana"),
        ("found", "2", "Ana handed on 2 missing messages of Ana"),
    ],
)
async def test_a_line_counts_as_people_do(pair, what, count, said):
    ana, _ = pair
    await ana.do("send", "Ben", "hello")
    shown = (await ana.do("history", "Ben")).messages[-1]
    line = structs.replace(shown, kind="line", what=what, text=count)
    assert message_line(line).endswith(said)
