"""The store keeps everything or nothing, in order, encrypted, under its own names."""

import os
import subprocess
import sys
import textwrap

import pytest

from privity.client.errors import Damaged, NewerProfile, StorageFull
from privity.client.index import Find
from privity.client.ledger import Line, read_lines
from privity.client.schema import NEWEST
from privity.client.store import Store
from privity.core.effects import (
    Cause,
    Delete,
    Forget,
    Kind,
    MessageState,
    Put,
    PutMessage,
    Recall,
    Wanted,
)
from privity.identity.secret import Secret

CHAT = b"c" * 16
ANA = b"a" * 16


def texts(kept) -> list[str]:
    return [one.row.content.decode() for one in kept]


def test_what_was_put_is_loaded_after_opening_again(store, open_store):
    store.apply([Put(Kind.CHAT, b"1", b"one"), Put(Kind.TREE, b"1", b"tree")])
    store.apply([Put(Kind.CHAT, b"1", b"two"), Delete(Kind.TREE, b"1")])
    store.close()
    assert open_store().load() == [(Kind.CHAT, b"1", b"two")]


def test_deleting_what_is_not_there_is_harmless(store):
    store.apply([Delete(Kind.JOB, b"9"), Forget(CHAT, b"i" * 16)])
    assert store.load() == []


def test_a_row_comes_back_as_it_was(store, message):
    row = message(
        7, frame=b"frame", header=b"header", stamp_key=24_000, stamp=b"s" * 32, order=-3
    )
    store.apply([PutMessage(row)])
    kept = store.message(CHAT, row.idem)
    assert kept is not None
    assert kept.row == row
    assert store.message_by_id(CHAT, row.message_id) == kept
    assert store.message(CHAT, b"?" * 16) is None
    assert store.message_by_id(CHAT, b"?") is None


def test_queued_messages_stand_behind_all_that_have_a_seq(store, message):
    rows = [message(0, "q2", order=2), message(9, "nine"), message(0, "q1", order=1)]
    store.apply([PutMessage(row) for row in [*rows, message(4, "four")]])
    assert texts(store.history(CHAT)) == ["four", "nine", "q1", "q2"]
    last = store.last(CHAT)
    assert last is not None
    assert last.row.content == b"q2"


def test_a_sent_message_moves_to_its_place_and_keeps_its_number(store, message):
    queued = message(0, "mine", order=1)
    store.apply([PutMessage(queued), PutMessage(message(5, "theirs"))])
    before = store.message(CHAT, queued.idem)
    sent = message(6, "mine", idem=queued.idem, state=MessageState.SENT)
    store.apply([PutMessage(sent), PutMessage(message(7, "later"))])
    after = store.message(CHAT, queued.idem)
    assert before is not None
    assert after is not None
    assert before.place.number == after.place.number
    assert texts(store.history(CHAT)) == ["theirs", "mine", "later"]


def test_what_was_received_is_not_changed_by_its_sender(store, message):
    store.apply([PutMessage(message(3, "as it was"))])
    before = store.message(CHAT, message(3).idem)
    store.apply([PutMessage(message(9, "forged", idem=message(3).idem))])
    assert store.message(CHAT, message(3).idem) == before
    assert texts(store.history(CHAT)) == ["as it was"]
    assert not store.search(Find("forged"))


def test_a_message_that_is_said_again_stands_once_where_it_was(store, message):
    store.apply([PutMessage(message(3, "once")), PutMessage(message(4, "other"))])
    again = message(9, "once", message_id=message(3).message_id)
    store.apply([PutMessage(again)])
    assert texts(store.history(CHAT)) == ["once", "other"]
    assert store.message(CHAT, again.idem) is None


def test_somebody_else_can_not_keep_a_message_away_by_its_id(store, message):
    copied = message(3, "a copy", sender=b"e" * 16)
    store.apply([PutMessage(copied), PutMessage(message(4, "mine"))])
    theirs = message(5, "mine", message_id=copied.message_id)
    store.apply([PutMessage(theirs)])
    assert texts(store.history(CHAT)) == ["a copy", "mine", "mine"]


def test_history_pages_in_both_directions_without_gap_or_repeat(store, message):
    store.apply([PutMessage(message(seq, str(seq))) for seq in range(1, 26)])
    newest = store.history(CHAT, limit=10)
    older = store.history(CHAT, before=newest[0].place, limit=10)
    oldest = store.history(CHAT, before=older[0].place, limit=10)
    assert texts(oldest + older + newest) == [str(seq) for seq in range(1, 26)]
    on = store.history(CHAT, after=oldest[-1].place, limit=3)
    assert texts(on) == ["6", "7", "8"]


def test_lines_of_one_seq_keep_their_order(store, message):
    lines = [
        message(
            3,
            f"line {order}",
            idem=bytes([order]) * 16,
            order=order,
            state=MessageState.LINE,
        )
        for order in (2, 0, 1)
    ]
    store.apply([PutMessage(line) for line in lines])
    assert texts(store.history(CHAT)) == ["line 0", "line 1", "line 2"]


def test_arrival_counts_over_all_chats_and_never_again(store, message):
    other = b"d" * 16
    store.apply(
        [PutMessage(message(1, "a")), PutMessage(message(1, "b", chat_id=other))]
    )
    first = store.arrived_after(0)
    assert texts(first) == ["a", "b"]
    store.apply([Forget(other, first[1].row.idem), PutMessage(message(2, "c"))])
    assert texts(store.arrived_after(first[1].place.number)) == ["c"]


def test_recall_finds_a_number_however_many_messages_stand_around_it(store, message):
    rows = [message(seq, str(seq), order=seq + 100) for seq in range(1, 41)]
    store.apply([PutMessage(row) for row in rows])
    spans = Wanted(ANA, 139, 139, 0, 41), Wanted(ANA, 102, 104, 0, 4)
    found = store.recall(Recall(CHAT, b"ask", spans, 3))
    assert [row.content for row in found] == [b"39", b"2", b"3"]
    nobody = Wanted(b"b" * 16, 1, 1 << 53, 0, 1 << 53)
    assert store.recall(Recall(CHAT, b"ask", (nobody,), 3)) == ()


def test_only_messages_of_others_count_as_unread(store, message):
    rows = [
        message(1),
        message(2),
        message(3, state=MessageState.SENT),
        message(4, state=MessageState.LINE),
        message(0),
    ]
    store.apply([PutMessage(row) for row in rows])
    assert store.count_after(CHAT, 1) == 1
    assert store.count_after(CHAT, 2) == 0


def test_the_last_write_of_a_transaction_counts_and_the_others_leave_no_trace(
    store, profile
):
    early = b"a secret that was replaced at once"
    store.apply([Put(Kind.RATCHET, b"r", b"old")])
    statements = []
    store.database.transact(lambda db: db.set_trace_callback(statements.append))
    store.apply(
        [
            Put(Kind.CHAT, b"c", b"1"),
            Put(Kind.RATCHET, b"r", early),
            Delete(Kind.CHAT, b"c"),
            Put(Kind.RATCHET, b"r", b"new"),
        ]
    )
    store.database.transact(lambda db: db.set_trace_callback(None))
    assert store.load() == [(Kind.RATCHET, b"r", b"new")]
    assert sum("INSERT INTO state" in statement for statement in statements) == 1


def test_a_failing_write_undoes_the_whole_batch(store):
    store.apply([Put(Kind.CHAT, b"1", b"before")])
    bad = Put(Kind.CHAT, b"2", None)
    with pytest.raises(Damaged):
        store.apply([Put(Kind.CHAT, b"1", b"after"), bad])
    assert store.load() == [(Kind.CHAT, b"1", b"before")]


def test_a_full_disk_is_named_and_leaves_the_old_state(store):
    store.apply([Put(Kind.CHAT, b"1", b"before")])
    writer = store.database._writer
    pages = writer.execute("PRAGMA page_count").fetchone()[0]
    writer.execute(f"PRAGMA max_page_count = {pages}")
    full = [Put(Kind.CHAT, b"1", b"after"), Put(Kind.TREE, b"1", os.urandom(1 << 20))]
    with pytest.raises(StorageFull):
        store.apply(full)
    assert store.load() == [(Kind.CHAT, b"1", b"before")]
    writer.execute("PRAGMA max_page_count = 1000000")
    store.apply(full)
    assert len(store.load()) == 2


def test_a_write_that_the_disk_refuses_is_named_and_undone(profile, key):
    """The size limit of a process stands for the disk that takes nothing more."""
    script = f"""
        import resource, signal
        from pathlib import Path
        from privity.client.errors import StorageFull
        from privity.client.store import Store
        from privity.core.effects import Kind, Put
        from privity.identity.secret import Secret

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        store = Store(Path({str(profile.database)!r}), Secret({key.reveal()!r}),
                      lambda row: "", create=True)
        store.apply([Put(Kind.CHAT, b"1", b"before")])
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, -1))
        try:
            store.apply([Put(Kind.CHAT, b"1", b"after"),
                         Put(Kind.TREE, b"1", bytes(1 << 20))])
        except StorageFull:
            assert store.load() == [(Kind.CHAT, b"1", b"before")]
            resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1))
            store.apply([Put(Kind.CHAT, b"1", b"after")])
            print("named")
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "named"), done.stderr


def test_another_key_opens_nothing(store, profile, text_of):
    store.close()
    with pytest.raises(Damaged):
        Store(profile.database, Secret(bytes(32)), text_of)


def test_a_missing_database_is_not_made_anew(open_store, profile):
    with pytest.raises(Damaged):
        open_store()
    assert not profile.database.exists()


def read_all(store) -> None:
    store.load()
    damage = store.database.check()
    if damage:
        raise Damaged(damage[0])


@pytest.mark.parametrize("place", [0, 100, 5_000, -100])
def test_one_changed_byte_is_noticed(store, open_store, profile, place):
    store.apply([Put(Kind.TREE, bytes([n]), os.urandom(3000)) for n in range(9)])
    store.close()
    data = bytearray(profile.database.read_bytes())
    data[place] ^= 1
    profile.database.write_bytes(data)
    with pytest.raises(Damaged):
        read_all(open_store())


def test_a_check_names_damaged_pages_and_nothing_else(store, open_store, profile):
    store.apply([Put(Kind.TREE, bytes([n]), os.urandom(3000)) for n in range(99)])
    assert store.database.check() == []
    store.close()
    data = bytearray(profile.database.read_bytes())
    data[-3000] ^= 1
    profile.database.write_bytes(data)
    assert len(open_store().database.check()) == 1


def test_damage_is_not_mistaken_for_a_full_disk(store, open_store, profile):
    store.apply([Put(Kind.TREE, bytes([n]), os.urandom(3000)) for n in range(99)])
    store.close()
    data = bytearray(profile.database.read_bytes())
    for place in range(4096 * 30, len(data), 4096):
        data[place + 7] ^= 1
    profile.database.write_bytes(data)
    again = open_store()
    with pytest.raises(Damaged):
        again.apply([Delete(Kind.TREE, bytes([n])) for n in range(99)])


def test_a_cut_file_is_noticed(store, open_store, profile):
    store.apply([Put(Kind.TREE, bytes([n]), os.urandom(3000)) for n in range(50)])
    store.close()
    data = profile.database.read_bytes()
    profile.database.write_bytes(data[: len(data) // 2])
    with pytest.raises(Damaged):
        open_store().load()


def test_a_profile_from_the_future_is_left_alone(store, open_store, profile):
    store.database.transact(lambda db: db.execute("PRAGMA user_version = 99"))
    store.close()
    before = profile.database.read_bytes()
    with pytest.raises(NewerProfile):
        open_store()
    assert profile.database.read_bytes() == before


def test_a_migration_keeps_a_copy_that_the_older_version_opens(
    store, open_store, profile, monkeypatch
):
    store.apply([Put(Kind.CHAT, b"1", b"one")])
    store.close()
    statements = ("CREATE TABLE more (x TEXT) STRICT",)
    for module in ("database",):
        steps = ((),) * NEWEST + (statements,)
        monkeypatch.setattr(f"privity.client.{module}.NEWEST", NEWEST + 1)
        monkeypatch.setattr(f"privity.client.{module}.MIGRATIONS", steps)
    open_store().close()
    monkeypatch.undo()
    with pytest.raises(NewerProfile):
        open_store()
    old = open_store(profile.database.with_name(f"store.db.v{NEWEST}"))
    assert old.load() == [(Kind.CHAT, b"1", b"one")]


def test_the_files_hold_no_plaintext_open_or_closed(store, profile, message):
    canary = "canary-" + os.urandom(8).hex()
    store.apply([PutMessage(message(1, canary)), Put(Kind.CHAT, b"1", canary.encode())])
    for _ in ("open", "closed"):
        for file in profile.root.rglob("*"):
            if file.is_file():
                assert canary.encode() not in file.read_bytes()
                assert file.stat().st_mode & 0o077 == 0, file
        store.close()


def test_closing_leaves_one_file(store, profile):
    store.apply([Put(Kind.CHAT, b"1", b"x")])
    store.close()
    names = {path.name for path in profile.root.iterdir() if path.is_file()}
    assert names == {"store.db"}


def test_settings_are_kept_and_replaced(store):
    assert store.setting("cursor") is None
    store.set_setting("cursor", b"1")
    store.set_setting("cursor", b"2")
    assert store.setting("cursor") == b"2"


def test_ledger_lines_are_written_with_the_transaction(store):
    line = Line(29_000_000, "anonymous", "Append", 700, Cause("message", b"i" * 16))
    store.apply([Put(Kind.CHAT, b"1", b"x")], [line])
    with pytest.raises(Damaged):
        store.apply([Put(Kind.CHAT, b"1", None)], [line])
    assert read_lines(store.database) == [(1, line)]
    assert read_lines(store.database, after=1) == []
