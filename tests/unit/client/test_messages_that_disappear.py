"""Messages with an end leave the disk: content, edits and words, for good."""

import dataclasses
import os

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from privity.client.index import Find
from privity.client.store import Store
from privity.client.words import said_of
from privity.content import build, limits
from privity.content.mimi import Expiration, message_id
from privity.core.effects import ForgetMessages, MessageRow, MessageState, PutMessage

CHAT, ANA, BEN = b"c" * 16, b"a" * 16, b"b" * 16
NOW = 1_800_000_000
HOUR = 3600
LASTS = Expiration(relative=True, time=HOUR)


@pytest.fixture
def store(profile, key):
    opened = Store(profile.database, key, said_of, create=True)
    yield opened
    opened.close()


def row(seq, make, *args, sender=BEN, state=MessageState.RECEIVED, **options):
    content = make(build.origin(sender, CHAT, os.urandom), *args, **options)
    data = content.encode()
    return MessageRow(
        chat_id=CHAT,
        idem=os.urandom(16),
        sender=sender,
        message_id=message_id(data, content.sender, content.room, content.salt),
        seq=seq,
        minute=NOW // 60,
        state=state,
        content=data,
    )


def keep(store, *rows):
    store.apply([PutMessage(one) for one in rows])


def text(seq, words="hello", expires=LASTS, **options):
    return row(seq, build.text_message, words, expires=expires, **options)


def idems(store):
    return [kept.row.idem for kept in store.history(CHAT)]


def swept(store, now, read=0):
    return [one.idem for one in store.sweep({CHAT: read}, now)]


def test_a_received_message_counts_from_when_it_was_seen(store):
    one = text(1)
    keep(store, one)
    assert swept(store, NOW + 9 * HOUR) == []
    assert store.end_of(CHAT, one.idem) == 0
    assert swept(store, NOW + 9 * HOUR, read=1) == []
    assert store.end_of(CHAT, one.idem) == NOW + 10 * HOUR
    assert swept(store, NOW + 10 * HOUR - 1) == []
    assert swept(store, NOW + 10 * HOUR) == [one.idem]
    assert idems(store) == []


def test_an_own_message_counts_from_when_the_relay_has_it(store):
    queued = text(0, sender=ANA, state=MessageState.QUEUED)
    sent = text(1, sender=ANA, state=MessageState.SENT)
    keep(store, queued, sent)
    swept(store, NOW)
    assert swept(store, NOW + HOUR) == [sent.idem]
    assert idems(store) == [queued.idem]


def test_a_note_to_oneself_counts_from_when_it_was_kept(store):
    note = text(1, sender=ANA, state=MessageState.KEPT)
    keep(store, note)
    swept(store, NOW)
    assert swept(store, NOW + HOUR) == [note.idem]


def test_an_absolute_end_needs_no_reader_and_nonsense_is_none(store):
    soon = text(1, expires=Expiration(relative=False, time=NOW + 60))
    past = text(2, expires=Expiration(relative=False, time=1))
    far = text(3, expires=Expiration(relative=False, time=NOW + limits.EXPIRY + 61))
    keep(store, soon, past, far)
    assert swept(store, NOW) == [past.idem]
    assert swept(store, NOW + 60) == [soon.idem]
    assert store.next_end() == 0
    assert idems(store) == [far.idem]


def test_what_has_no_end_stays(store):
    keep(store, text(1, expires=None))
    assert swept(store, NOW + 99 * HOUR, read=9) == []
    assert store.next_end() == 0


def test_its_edits_and_its_words_go_with_it_and_those_of_others_stay(store):
    one, other = text(1, "first"), text(2, "mine", expires=None)
    edit = row(3, build.edit, one.message_id, "second")
    forged = row(4, build.edit, one.message_id, "third", sender=ANA)
    keep(store, one, other, edit, forged)
    assert len(store.search(Find("second"))) == 1
    swept(store, NOW, read=4)
    assert swept(store, NOW + HOUR) == [one.idem]
    assert idems(store) == [other.idem, forged.idem]
    assert store.search(Find("second")) == store.search(Find("first")) == []
    assert store.count_after(CHAT, 0) == 1


def test_a_clock_that_is_set_back_lengthens_nothing(store):
    one = text(1)
    keep(store, one)
    swept(store, NOW + 1_000_000, read=1)
    assert swept(store, NOW, read=1) == []
    assert store.end_of(CHAT, one.idem) == NOW + HOUR
    assert swept(store, NOW + HOUR) == [one.idem]


def test_what_ended_while_nobody_looked_goes_when_the_store_opens(store, profile, key):
    one = text(1)
    keep(store, one)
    swept(store, NOW, read=1)
    # As after kill -9: nothing is closed, another process opens the same files.
    again = Store(profile.database, key, said_of)
    assert again.next_end() == NOW + HOUR
    assert swept(again, NOW + HOUR) == [one.idem]
    again.close()


def test_a_sweep_that_dies_has_swept_nothing(store, monkeypatch):
    one = text(1)
    keep(store, one)
    swept(store, NOW, read=1)
    remove = store._remove

    def dies(db, gone):
        remove(db, gone)
        raise KeyboardInterrupt

    monkeypatch.setattr(store, "_remove", dies)
    with pytest.raises(KeyboardInterrupt):
        store.sweep({}, NOW + HOUR)
    monkeypatch.undo()
    assert idems(store) == [one.idem]
    assert len(store.search(Find("hello"))) == 1
    assert swept(store, NOW + HOUR) == [one.idem]


def test_many_go_in_several_transactions(store):
    keep(store, *(text(seq) for seq in range(1, 302)))
    swept(store, NOW, read=400)
    counts = [len(store.sweep({}, NOW + HOUR)) for _ in range(3)]
    assert counts == [200, 101, 0]


def test_a_change_that_comes_when_its_message_is_gone_is_not_kept(store):
    one, mine = text(1), text(2, sender=ANA, state=MessageState.SENT)
    queued = row(
        0, build.edit, mine.message_id, "late", sender=ANA, state=MessageState.QUEUED
    )
    keep(store, one, mine, queued)
    swept(store, NOW, read=2)
    assert set(swept(store, NOW + HOUR)) == {one.idem, mine.idem}
    sent = dataclasses.replace(queued, state=MessageState.SENT, seq=3)
    edit = row(4, build.edit, one.message_id, "late")
    forged = row(5, build.edit, one.message_id, "no change", sender=ANA)
    keep(store, sent, edit, forged, row(6, build.deletion, one.message_id))
    assert idems(store) == [forged.idem]
    assert store.search(Find("late")) == []


def test_what_is_remembered_of_messages_that_went_goes_with_the_chat(store):
    keep(store, text(1))
    swept(store, NOW, read=1)
    swept(store, NOW + HOUR)
    names = "SELECT name FROM settings WHERE name GLOB 'ended/*'"
    read = store.database.read
    assert len(read(lambda db: db.execute(names).fetchall())) == 1
    store.apply([ForgetMessages(CHAT, stays=False)])
    assert read(lambda db: db.execute(names).fetchall()) == []


PAGE, RESERVED = 4096, 80


def opened(profile, key) -> bytes:
    """Decrypt every page of every file, as a thief does who has the key."""
    plain = b""
    for path in profile.root.glob("store.db*"):
        data = path.read_bytes()
        if path.name.endswith("-wal"):
            frames = range(32 + 24, len(data), PAGE + 24)
            pages = [data[at : at + PAGE] for at in frames]
        else:
            pages = [data[at : at + PAGE] for at in range(0, len(data), PAGE)]
        plain += b"".join(_page(one, key) for one in pages if len(one) == PAGE)
    return plain


def _page(page: bytes, key) -> bytes:
    iv, body = page[PAGE - RESERVED :][:16], page[: PAGE - RESERVED]
    cipher = Cipher(algorithms.AES256(key.reveal()), modes.CBC(iv)).decryptor()
    # The first page begins with the file's salt, and its text behind it.
    return cipher.update(body) + cipher.update(page[16 : PAGE - RESERVED])


def test_a_thief_with_the_key_finds_nothing_of_it_in_any_page(store, profile, key):
    canary = "canary" + os.urandom(8).hex()
    one = text(1, f"{canary} {'x' * 3000}")
    rest = [text(n, f"stays {n}", expires=None) for n in range(2, 30)]
    keep(store, one, *rest)
    keep(store, row(31, build.edit, one.message_id, f"new{canary}"))
    copy = profile.database.with_name("store.db.v3")
    copy.write_bytes(profile.database.read_bytes())
    swept(store, NOW, read=40)
    assert canary.encode() in opened(profile, key)
    assert swept(store, NOW + HOUR) == [one.idem]
    assert not copy.exists()
    pages = opened(profile, key)
    assert b"stays 7" in pages
    assert canary.encode() not in pages
