"""What is searched and counted is what the messages say now, in whatever order."""

import os

import pytest

from privity.client.index import Find
from privity.client.schema import NEWEST
from privity.client.store import Store
from privity.client.words import Said, said_of
from privity.content import build
from privity.content.mentions import mention
from privity.core.effects import Forget, MessageRow, MessageState, PutMessage

CHAT = b"c" * 16
ANA, BEN = b"a" * 16, b"b" * 16


def texts(hits) -> list[str]:
    return [hit.text for _, hit in hits]


def found(store, text, *more) -> list[str]:
    return texts(store.search(Find(text, *more)))


@pytest.fixture
def text_of():
    return said_of


def keep(store, *rows) -> None:
    store.apply([PutMessage(row) for row in rows])


def test_words_are_found_whatever_their_case_accents_and_endings(store, say):
    other = b"d" * 16
    keep(
        store,
        say(1, ANA, build.text_message, "Grüße aus Zürich"),
        say(2, ANA, build.text_message, "nothing here"),
        say(3, ANA, build.text_message, "zurich again", chat_id=other),
    )
    assert found(store, "zur") == ["zurich again", "Grüße aus Zürich"]
    assert found(store, "ZÜRICH gruße") == ["Grüße aus Zürich"]
    assert found(store, "aus zürich", CHAT) == ["Grüße aus Zürich"]
    assert found(store, "zurich", other) == ["zurich again"]
    assert found(store, "uerich") == []
    assert found(store, "  ") == []


def test_a_script_without_spaces_is_searched_within(store, say):
    keep(
        store,
        say(1, ANA, build.text_message, "明日は東京へ行きます。"),
        say(2, ANA, build.text_message, "京東 is a shop"),
    )
    assert found(store, "東京") == ["明日は東京へ行きます。"]
    assert found(store, "行き") == ["明日は東京へ行きます。"]
    assert found(store, "shop 京") == ["京東 is a shop"]
    assert found(store, "京 sho") == ["京東 is a shop"]


@pytest.mark.parametrize(
    "query", ['"', "a OR", "NEAR(", "*", "text:", "-", '"" "', "\0", "a" * 512]
)
def test_no_query_is_a_program(store, say, query):
    keep(store, say(1, ANA, build.text_message, "hello"))
    assert found(store, query) == []


def test_hits_come_by_time_and_in_pages(store, say):
    late = [say(n, ANA, build.text_message, f"word {n}") for n in (5, 6, 7)]
    early = [say(n, ANA, build.text_message, f"word {n}") for n in (1, 2)]
    keep(store, *late, *early)
    first = store.search(Find("word", limit=2))
    second = store.search(Find("word", before=first[-1][1].entry, limit=9))
    assert texts(first + second) == [f"word {n}" for n in (7, 6, 5, 2, 1)]


def test_an_edit_takes_the_old_words_out_and_puts_the_new_ones_in(store, say):
    said = say(1, ANA, build.text_message, "at noon")
    keep(store, said, say(2, ANA, build.edit, said.message_id, "at dusk"))
    assert found(store, "noon") == []
    (hit,) = store.search(Find("dusk"))
    assert hit[0].row.idem == said.idem


def test_a_change_that_came_first_counts_all_the_same(store, say):
    said = say(1, ANA, build.text_message, "at noon")
    keep(store, say(2, ANA, build.edit, said.message_id, "at dusk"), said)
    assert found(store, "at") == ["at dusk"]


def test_a_change_that_stands_in_front_of_its_target_is_none(store, say):
    said = say(5, ANA, build.text_message, "at noon")
    keep(store, said, say(2, ANA, build.edit, said.message_id, "at dusk"))
    assert found(store, "at") == ["at noon"]


def test_deleted_words_are_gone_for_good(store, say):
    said = say(1, ANA, build.text_message, "regrettable")
    keep(store, said)
    assert store.count_after(CHAT, 0) == 1
    keep(store, say(2, ANA, build.deletion, said.message_id))
    keep(store, say(3, ANA, build.edit, said.message_id, "regrettable again"))
    assert found(store, "regrettable") == []
    assert store.count_after(CHAT, 0) == 0


def test_each_of_many_edits_costs_the_same(profile, key, say):
    asked = []

    def counted(row):
        asked.append(row)
        return said_of(row)

    store = Store(profile.database, key, counted, create=True)
    first = say(1, ANA, build.text_message, "apple")
    edits = [say(2 + n, ANA, build.edit, first.message_id, f"w{n}") for n in range(50)]
    keep(store, first, *edits)
    assert found(store, "w49") == ["w49"]
    assert len(asked) <= 4 * len(edits)
    store.close()


def test_an_edit_of_an_edit_and_one_behind_a_deletion_change_nothing(
    open_store, profile, key, say
):
    store = open_store(create=True)
    first = say(1, ANA, build.text_message, "apple")
    edit = say(2, ANA, build.edit, first.message_id, "pear")
    keep(store, first, edit, say(3, ANA, build.edit, edit.message_id, "plum"))
    assert (found(store, "pear"), found(store, "plum")) == (["pear"], [])
    gone = say(4, ANA, build.deletion, first.message_id)
    late = say(5, ANA, build.edit, first.message_id, "fig")
    other = say(6, ANA, build.edit, gone.message_id, "date")
    keep(store, gone, late, other, say(7, ANA, build.edit, first.message_id, "kiwi"))
    for word in ("apple", "pear", "fig", "date", "kiwi"):
        assert found(store, word) == []


def test_nobody_changes_what_another_is_found_by(store, say):
    said = say(1, ANA, build.text_message, "mine")
    keep(
        store,
        said,
        say(2, BEN, build.edit, said.message_id, "yours"),
        say(3, BEN, build.deletion, said.message_id),
    )
    assert found(store, "mine") == ["mine"]
    assert found(store, "yours") == []


def test_an_edit_that_failed_or_was_taken_back_changes_nothing(store, say):
    said = say(1, ANA, build.text_message, "first", state=MessageState.SENT)
    queued = {"state": MessageState.QUEUED, "order": 2}
    edit = say(0, ANA, build.edit, said.message_id, "second", **queued)
    keep(store, said, edit)
    assert found(store, "second") == ["second"]
    store.apply([Forget(CHAT, edit.idem)])
    assert (found(store, "first"), found(store, "second")) == (["first"], [])
    keep(store, edit)
    failed = MessageRow(
        **{n: getattr(edit, n) for n in MessageRow.__slots__}
        | {"state": MessageState.FAILED}
    )
    keep(store, failed)
    assert (found(store, "first"), found(store, "second")) == (["first"], [])


def test_a_message_that_was_taken_back_is_found_no_more(store, say):
    row = say(0, ANA, build.text_message, "gone", state=MessageState.QUEUED)
    keep(store, row)
    assert found(store, "gone") == ["gone"]
    store.apply([Forget(CHAT, row.idem)])
    assert found(store, "gone") == []


@pytest.mark.parametrize("state", [MessageState.KEPT, MessageState.FAILED])
def test_a_note_that_is_deleted_takes_its_edits_along(store, say, state):
    note = say(1, ANA, build.text_message, "apple", state=state)
    edit = say(2, ANA, build.edit, note.message_id, "pear", state=state)
    sent = say(3, ANA, build.edit, note.message_id, "fig", state=MessageState.SENT)
    other = say(4, BEN, build.edit, note.message_id, "plum", state=state)
    keep(store, note, edit, sent, other)
    store.apply([Forget(CHAT, note.idem)])
    left = [kept.row.idem for kept in store.history(CHAT)]
    assert left == [sent.idem, other.idem]


def test_a_sent_message_is_found_once_by_the_minute_of_its_stamp(store, say):
    row = say(0, ANA, build.text_message, "once", state=MessageState.QUEUED)
    fields = {n: getattr(row, n) for n in MessageRow.__slots__}
    sent = MessageRow(
        **fields | {"seq": 9, "minute": 1 << 40, "state": MessageState.SENT}
    )
    keep(store, row, sent)
    assert found(store, "once") == ["once"]


def test_only_what_others_say_is_unread(store, say):
    said = say(1, ANA, build.text_message, "one")
    keep(
        store,
        said,
        say(2, ANA, build.reaction, said.message_id, "👍"),
        say(3, ANA, build.edit, said.message_id, "uno"),
        say(4, BEN, build.text_message, "mine", state=MessageState.SENT),
        say(5, ANA, build.text_message, "two"),
        say(6, ANA, build.text_message, "line", state=MessageState.LINE),
        say(7, ANA, build.text_message, "junk", content=b"\xff"),
    )
    assert store.count_after(CHAT, 0) == 3
    assert store.count_after(CHAT, 1) == 2
    assert store.count_after(CHAT, 0, limit=2) == 2


def test_mentions_are_counted_until_they_are_edited_away(profile, key, say):
    names = {b"@ben": BEN, b"@ana": ANA}

    def derived(row):
        said = said_of(row)
        named = {who for name, who in names.items() if name.decode() in said.text}
        return Said(
            said.text,
            said.target,
            said.is_deletion,
            said.is_news,
            frozenset(named),
        )

    store = Store(profile.database, key, derived, create=True)
    said = say(1, ANA, build.text_message, "ask @ben")
    keep(store, said, say(2, ANA, build.text_message, "nobody"))
    assert store.count_mentions(CHAT, 0, BEN) == 1
    assert store.count_mentions(CHAT, 1, BEN) == 0
    assert store.count_mentions(CHAT, 0, ANA) == 0
    keep(store, say(3, ANA, build.edit, said.message_id, "ask @ana"))
    assert store.count_mentions(CHAT, 0, BEN) == 0
    assert store.count_mentions(CHAT, 0, ANA) == 1
    store.close()


def test_an_edit_names_another_by_the_same_words(open_store, say):
    store = open_store(create=True)
    said = say(1, ANA, build.text_message, mention(BEN, "Sam"))
    keep(store, said, say(2, ANA, build.edit, said.message_id, mention(ANA, "Sam")))
    assert found(store, "sam") == ["@Sam"]
    assert store.count_mentions(CHAT, 0, BEN) == 0
    assert store.count_mentions(CHAT, 0, ANA) == 1
    keep(store, say(3, ANA, build.edit, said.message_id, "@Sam"))
    assert store.count_mentions(CHAT, 0, ANA) == 0


def test_the_newest_line_is_found_behind_any_number_of_changes(open_store, say):
    store = open_store(create=True)
    first = say(1, BEN, build.text_message, "first")
    line = say(2, ANA, build.text_message, "left", state=MessageState.LINE)
    gone = say(3, ANA, build.text_message, "gone")
    hidden = [say(4 + n, ANA, build.reaction, first.message_id, "👍") for n in range(9)]
    keep(store, first, line, gone, *hidden)
    keep(store, say(20, ANA, build.edit, first.message_id, "changed"))
    assert [one.row.seq for one in store.lines(CHAT, None, 9)] == [3, 2, 1]
    keep(store, say(21, ANA, build.deletion, gone.message_id))
    assert [one.row.seq for one in store.lines(CHAT, None, 9)] == [3, 2, 1]
    last = store.lines(CHAT, None, 1)[0]
    assert [one.row.seq for one in store.lines(CHAT, last.place, 1)] == [2]


@pytest.fixture
def old_profile(old):
    return old(2)


def test_a_store_of_version_2_is_searched_and_counted_like_a_new_one(
    old_profile, open_store
):
    store = open_store()
    assert found(store, "harbour") == ["the harbour at dusk"]
    assert (found(store, "noon"), found(store, "lantern")) == ([], [])
    assert found(store, "gone") == ["not gone yet"]
    assert store.count_after(CHAT, 0) == 1
    assert len(store.history(CHAT)) == 7
    assert store.setting("typing") == b"on"
    assert store.database.read(version) == NEWEST


def version(db) -> int:
    return db.execute("PRAGMA user_version").fetchone()[0]


def test_an_index_that_was_not_finished_is_made_again(old_profile, key, open_store):
    def dies(row):
        if b"there" in row.content:
            raise KeyboardInterrupt
        return said_of(row)

    with pytest.raises(KeyboardInterrupt):
        Store(old_profile.database, key, dies)
    assert found(open_store(), "there") == ["I will be there"]


def test_a_deleted_word_is_nowhere_in_the_opened_pages(profile, key, say):
    """The database itself is read here, decrypted: what stayed would be seen."""
    canary = "canary" + os.urandom(8).hex()
    store = Store(
        profile.database,
        key,
        lambda row: Said(f"x {canary}") if row.order else Said("y"),
        create=True,
    )
    row = say(0, ANA, build.text_message, "z", order=1, state=MessageState.QUEUED)
    keep(store, row, *(say(n, ANA, build.text_message, "z") for n in range(1, 40)))
    assert canary in dump(store)
    store.apply([Forget(CHAT, row.idem)])
    assert canary not in dump(store)
    store.close()


def dump(store) -> str:
    tables = ("words_data", "words_content", "words_idx", "words_docsize")
    rows = [
        row
        for table in tables
        for row in store.database.read(
            lambda db, table=table: db.execute(f"SELECT * FROM {table}").fetchall()
        )
    ]
    values = [value for row in rows for value in row]
    return " ".join(
        v.decode("latin-1") if isinstance(v, bytes) else str(v) for v in values
    )
