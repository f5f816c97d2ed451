"""A store of an older version is taken over whole, whenever the power goes."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import sqlcipher3

from privity.client import index
from privity.client.schema import NEWEST
from privity.client.store import Store
from privity.client.words import said_of
from privity.content import build
from privity.core.effects import Forget, MessageState, PutMessage

ROOT = Path(__file__).parents[3]
CHAT = b"c" * 16
ANA, BEN = b"a" * 16, b"b" * 16
OPENER = """
import sys
from pathlib import Path
from privity.client.store import Store
from privity.client.words import said_of
from privity.identity.secret import Secret

path, key, dies = sys.argv[1:]
seen = 0

def derived(row):
    global seen
    seen += 1
    if seen == int(dies):
        print("now", flush=True)
        sys.stdin.read()
    return said_of(row)

Store(Path(path), Secret(bytes.fromhex(key)), derived)
print("open", flush=True)
"""


@pytest.fixture
def text_of():
    return said_of


def changes_by_seq(store) -> dict[int, list[int]]:
    """Return which messages change which, as the open store finds them."""
    rows = [kept.row for kept in store.history(CHAT, limit=10_000)]
    found = {
        row.seq: sorted(
            kept.row.seq for kept in store.changes_of(CHAT, [row.message_id])
        )
        for row in rows
    }
    return {seq: by for seq, by in found.items() if by}


def version(store) -> int:
    return store.database.read(lambda db: db.execute("PRAGMA user_version").fetchone())[
        0
    ]


@pytest.mark.parametrize("number", [2, 4])
def test_there_is_a_sample_of_what_a_version_wrote_and_it_still_opens(
    number, old, open_store
):
    old(number)
    store = open_store()
    assert version(store) == NEWEST
    assert store.setting("typing") == b"on"
    assert [hit.text for _, hit in store.search(index.Find("harbour"))] == [
        "the harbour at dusk"
    ]


def test_a_store_of_version_4_finds_what_changed_its_messages(old, open_store):
    old(4)
    store = open_store()
    assert changes_by_seq(store) == {1: [5, 8], 2: [6, 10], 3: [0], 4: [9], 5: [7]}
    assert store.count_after(CHAT, 0) == 2


def test_a_store_of_version_4_derives_no_word_anew(old, key):
    """Only what may change something is read: the rest is as it was."""
    profile, asked = old(4), []

    def derived(row):
        asked.append(row.seq)
        return said_of(row)

    Store(profile.database, key, derived).close()
    assert asked == [4, 5, 6, 7, 8, 9, 10, 0]
    Store(profile.database, key, derived).close()
    assert len(asked) == 8


def test_whoever_opens_is_told_once_that_it_takes_longer(old, key, tmp_path):
    profile, told = old(4), []
    for _ in range(2):
        store = Store(
            profile.database, key, said_of, renewing=lambda: told.append("longer")
        )
        store.close()
    fresh = tmp_path / "fresh.db"
    Store(fresh, key, said_of, create=True, renewing=lambda: told.append("new")).close()
    assert told == ["longer"]


@pytest.fixture
def long_past(old, key, say):
    """A store of version 4 with 600 reactions, of which the index knows nothing."""
    profile = old(4)
    store = Store(profile.database, key, said_of)
    text = say(100, ANA, build.text_message, "react to me")
    smiles = [
        say(101 + n, BEN, build.reaction, text.message_id, "👍") for n in range(600)
    ]
    store.apply([PutMessage(row) for row in (text, *smiles)])
    store.close()
    db = raw(profile, key)
    db.execute("DROP TABLE changed_by")
    db.execute("UPDATE settings SET body = x'34' WHERE name = 'index'")
    db.execute("PRAGMA user_version = 4")
    db.close()
    return profile


def raw(profile, key):
    db = sqlcipher3.connect(str(profile.database), isolation_level=None)
    db.execute(f"PRAGMA key = \"x'{key.reveal().hex()}'\"")
    return db


def killed_at(profile, key, row: int) -> bool:
    """Open the store in a process that is killed (-9) at a row; tell whether it was."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-c", OPENER),
            *(str(profile.database), key.reveal().hex(), str(row)),
        ],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        said = process.stdout.readline()
        process.kill()
    assert process.returncode in (-signal.SIGKILL, 0)
    return said == b"now\n"


def test_who_is_killed_in_the_middle_of_it_opens_the_next_time(
    long_past, key, open_store
):
    for row in (1, 7, 300, 608):
        assert killed_at(long_past, key, row)
        db = raw(long_past, key)
        assert db.execute("SELECT count(*) FROM changed_by").fetchone()[0] == 0
        db.close()
    store = open_store()
    found = changes_by_seq(store)
    assert found[100] == list(range(101, 701))
    assert found[1] == [5, 8]
    assert store.setting("index") == index.VERSION


def test_a_half_written_copy_from_before_is_written_again(long_past, key, open_store):
    copy = long_past.database.with_name("store.db.v4")
    copy.write_bytes(long_past.database.read_bytes()[:5000])
    open_store()
    db = sqlcipher3.connect(str(copy), isolation_level=None)
    db.execute(f"PRAGMA key = \"x'{key.reveal().hex()}'\"")
    assert db.execute("PRAGMA cipher_integrity_check").fetchall() == []
    assert db.execute("SELECT count(*) FROM messages").fetchone()[0] == 612
    db.close()


def test_what_is_deleted_later_is_not_kept_in_the_copy_from_before(
    old, open_store, say
):
    profile = old(4)
    store = open_store()
    copy = profile.database.with_name("store.db.v4")
    note = say(20, ANA, build.text_message, "a note", state=MessageState.KEPT)
    store.apply([PutMessage(note)])
    assert copy.exists()
    store.apply([Forget(CHAT, note.idem)])
    assert not copy.exists()
