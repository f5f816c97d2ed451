"""What changes a message is found by it, however much was said since."""

import os
import random

import pytest

from privity.client import changed
from privity.client.timeline import Scene, project
from privity.client.verbs import results
from privity.client.words import said_of
from privity.content import build
from privity.content.message import Expiration
from privity.content.status import Reported, Status
from privity.core.effects import (
    Forget,
    ForgetMessages,
    MessageRow,
    MessageState,
    PutMessage,
)
from privity.identity.ids import id_to_text

CHAT, OTHER = b"c" * 16, b"d" * 16
ANA, BEN = b"a" * 16, b"b" * 16


@pytest.fixture
def text_of():
    return said_of


def keep(store, *rows) -> None:
    store.apply([PutMessage(row) for row in rows])


def changes(store, *rows) -> list[int]:
    names = [row.message_id for row in rows]
    return sorted(kept.row.seq for kept in store.changes_of(CHAT, names))


def indexed(store) -> int:
    return store.database.read(
        lambda db: db.execute("SELECT count(*) FROM changed_by").fetchone()[0]
    )


def test_every_kind_of_change_is_found_by_what_it_changes(store, say):
    one, other = (say(n, ANA, build.text_message, "text") for n in (1, 2))
    smile = say(3, BEN, build.reaction, one.message_id, "👍")
    name = one.message_id
    keep(
        store,
        *(one, other, smile),
        say(4, ANA, build.edit, name, "new"),
        say(5, ANA, build.deletion, name),
        say(
            6,
            BEN,
            build.report,
            *(Reported(n, Status.READ) for n in (name, b"\x01" * 32)),
        ),
        say(7, BEN, build.unreaction, smile.message_id, name),
        say(8, BEN, build.reply, name, "so it is"),
        say(9, BEN, build.reaction, other.message_id, "👍"),
        say(10, BEN, build.text_message, "nothing of that"),
        say(11, BEN, build.text_message, "junk", content=b"\xff"),
    )
    assert changes(store, one) == [3, 4, 5, 6]
    assert changes(store, smile) == [7]
    assert changes(store, one, other) == [3, 4, 5, 6, 9]
    assert changes(store) == []


def test_a_change_that_came_before_its_message_is_found(store, say):
    one = say(1, ANA, build.text_message, "late")
    keep(store, say(2, BEN, build.reaction, one.message_id, "👍"), one)
    assert changes(store, one) == [2]


def test_what_another_chat_says_of_a_message_is_not_among_its_changes(store, say):
    one = say(1, ANA, build.text_message, "here")
    there = say(2, BEN, build.reaction, one.message_id, "👍", chat_id=OTHER)
    keep(store, one, there)
    assert changes(store, one) == []


def test_a_change_that_is_sent_stands_there_once(store, say):
    one = say(1, BEN, build.text_message, "text")
    queued = {"state": MessageState.QUEUED, "order": 1}
    smile = say(0, ANA, build.reaction, one.message_id, "👍", **queued)
    fields = {name: getattr(smile, name) for name in MessageRow.__slots__}
    sent = MessageRow(**fields | {"state": MessageState.SENT, "seq": 2})
    keep(store, one, smile, sent)
    assert (changes(store, one), indexed(store)) == ([2], 1)


def test_finding_the_changes_of_an_old_message_costs_the_same_in_a_long_chat(
    store, say
):
    """Counted in steps of the database's own machine, which no other load moves."""
    old = say(1, ANA, build.text_message, "old")
    keep(store, old, say(2, BEN, build.reaction, old.message_id, "👍"))
    before = steps(store, lambda: changes(store, old))
    rows = [say(n, ANA, build.text_message, "more") for n in range(3, 600)]
    keep(store, *rows)
    keep(
        store,
        *(
            say(600 + n, BEN, build.reaction, rows[n].message_id, "👍")
            for n in range(400)
        ),
    )
    assert changes(store, old) == [2]
    assert steps(store, lambda: changes(store, old)) <= before + 10


def steps(store, look) -> int:
    counted = []
    handler = lambda: counted.append(1)  # noqa: E731  returns None: go on
    store.database.read(lambda db: db.set_progress_handler(handler, 1))
    look()
    store.database.read(lambda db: db.set_progress_handler(None, 1))
    assert counted
    return len(counted)


FORGETTING = {
    "the message": lambda smile: [Forget(CHAT, smile.idem)],
    "the words of the chat": lambda _: [ForgetMessages(CHAT, stays=True)],
    "the chat": lambda _: [ForgetMessages(CHAT, stays=False)],
}


@pytest.mark.parametrize("what", FORGETTING)
def test_nothing_names_what_a_message_changed_once_that_is_gone(store, say, what):
    one = say(1, BEN, build.text_message, "text")
    smile = say(
        0, ANA, build.reaction, one.message_id, "👍", state=MessageState.FAILED, order=1
    )
    keep(store, one, smile)
    assert indexed(store) == 1
    store.apply(FORGETTING[what](smile))
    assert (changes(store, one), indexed(store)) == ([], 0)


def test_the_edits_of_a_message_whose_time_is_over_name_it_no_more(store, say):
    soon = Expiration(relative=True, time=60)
    origin = build.origin(ANA, CHAT, os.urandom)
    content = build.text_message(origin, "ends", expires=soon).encode()
    one = say(1, ANA, build.text_message, "x", content=content)
    keep(store, one, say(2, ANA, build.edit, one.message_id, "ends too"))
    assert indexed(store) == 1
    now = 29_000_100 * 60
    store.sweep({CHAT: 2}, now)
    assert len(store.sweep({CHAT: 2}, now + 61)) == 1
    assert (changes(store, one), indexed(store)) == ([], 0)


@pytest.mark.parametrize("seed", range(8))
def test_what_is_read_of_a_message_shows_the_same_as_reading_the_whole_chat(
    store, say, seed
):
    rows = story(random.Random(seed), say)
    keep(store, *random.Random(seed).sample(rows, len(rows)))
    scene = Scene(ANA, nobody, lambda _: None, receipts=True)
    by_idem = {one.message: one for one in project(rows, scene)}
    kept = [store.message(CHAT, row.idem) for row in rows]
    lines = [one for one in kept if id_to_text(one.row.idem) in by_idem]
    assert len(lines) > 5
    for wanted in ([one] for one in lines), (lines[:9], lines[-9:], lines):
        for some in wanted:
            names = {id_to_text(one.row.idem) for one in some}
            shown = project(store.as_now(some), scene)
            assert {one.message for one in shown} == names
            assert all(one == by_idem[one.message] for one in shown)


def nobody(account: bytes) -> results.Person:
    return results.Person(id_to_text(account), "", "", "")


def story(dice, say) -> list[MessageRow]:
    """Return a chat in which anybody changes anything, also what can't be changed."""
    rows = [say(1, ANA, build.text_message, "first")]
    for seq in range(2, 90):
        who, name = dice.choice((ANA, BEN)), dice.choice(rows).message_id
        builder, *args = dice.choice(
            (
                (build.text_message, f"text {seq}"),
                (build.reaction, name, "👍"),
                (build.unreaction, name, dice.choice(rows).message_id),
                (build.edit, name, f"edit {seq}"),
                (build.deletion, name),
                (
                    build.report,
                    Reported(name, dice.choice((Status.READ, Status.DELIVERED))),
                ),
            )
        )
        rows.append(say(seq, who, builder, *args))
    return rows


def test_two_ids_of_one_name_cost_a_look_and_change_nothing(store, say):
    """Of an id eight bytes are kept; what a change names is read in its content."""
    one = say(1, ANA, build.text_message, "mine")
    twin = one.message_id[:20] + bytes(12)
    keep(store, one, say(2, ANA, build.edit, twin, "not mine"))
    assert changed.named([twin]) == changed.named([one.message_id])
    (found,) = store.changes_of(CHAT, [one.message_id])
    assert said_of(found.row).target == twin
