"""Deleting a chat by the verb: nothing of it is left in the profile's files."""

import os

from privity.cli.render import render
from privity.client.verbs.local_params import Which


async def titles(who):
    return [chat.title for chat in (await who.do("chats", Which.ALL)).chats]


def decrypted(store) -> str:
    """Return every value of every table: what a thief with the passphrase would see."""

    def read(db):
        tables = db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        names = [name for (name,) in tables.fetchall()]
        return [
            value
            for name in names
            for row in db.execute(f"SELECT * FROM {name}").fetchall()
            for value in row
        ]

    values = store.database.read(read)
    return " ".join(
        v.decode("latin-1") if isinstance(v, bytes) else str(v) for v in values
    )


async def test_a_group_is_left_and_gone_with_its_words_and_keys(people, meet):
    ana, ben = await people("Ana", "Ben")
    await meet(ana, ben)
    canary = "canary" + os.urandom(8).hex()
    chat = (await ana.do("group.new", canary + "title", ("Ben",))).chat.chat

    async def asked():
        return (await ben.do("requests")).requests

    await ben.until(asked)
    await ben.do("accept", canary + "title")
    await ben.until(lambda: bool(ben.state.groups.keys() & {_id(chat)}))
    await ana.do("send", chat, canary)
    await ben.has_text(chat, canary)
    await ben.do("draft", chat, canary)
    await ben.do("chats.pin", chat)
    secret = ben.state.chats[_id(chat)].secret
    copy = ben.session.profile.root / "store.db.v2"
    copy.write_bytes(b"an older copy")
    gone = await ben.do("chats.delete", chat)
    assert (gone.state, [p.name for p in gone.others]) == ("gone", ["Ana"])
    assert "Ana have stays" in render(gone)
    seen = decrypted(ben.session.store)
    assert canary not in seen
    assert secret.decode("latin-1") not in seen
    assert chat not in seen
    assert not copy.exists()
    assert await titles(ben) == ["Ana"]
    assert canary in await ana.texts(chat)


def _id(chat):
    from privity.identity.ids import id_from_text

    return id_from_text(chat)


async def test_what_is_deleted_leaves_the_write_ahead_log_too(pair):
    ana, _ = pair
    wal = ana.session.profile.root / "store.db-wal"
    shred, sizes = ana.session.store.database.shred, []

    def seen():
        before = wal.stat().st_size
        shred()
        sizes.append((before > 0, wal.stat().st_size))

    ana.session.store.database.shred = seen
    for text, where in (("canary", "Ben"), ("note", "me")):
        await ana.do("send", where, text)
        await ana.do("chats.delete", where)
    assert sizes == [(True, 0), (True, 0)]


async def test_a_chat_of_two_is_out_of_sight_until_somebody_writes(pair):
    ana, ben = pair
    canary = "canary" + os.urandom(8).hex()
    await ana.do("send", "Ben", canary)
    await ben.has_text("Ana", canary)
    deleted = await ana.do("chats.delete", "Ben")
    assert deleted.state == "emptied"
    assert canary not in decrypted(ana.session.store)
    assert await titles(ana) == []
    assert await ana.texts("Ben") == []
    await ben.do("send", "Ana", "still there?")
    await ana.has_text("Ben", "still there?")
    assert await titles(ana) == ["Ben"]
    await ana.do("chats.delete", "Ben")
    await ana.do("send", "Ben", "yes")
    assert await titles(ana) == ["Ben"]
    assert await ana.texts("Ben") == ["yes"]
    assert canary in await ben.texts("Ana")


async def test_files_that_were_being_fetched_go_with_the_chat(pair, tmp_path):
    ana, ben = pair
    path = tmp_path / "a.bin"
    path.write_bytes(os.urandom(5000))
    await ana.do("send", "Ben", files=(str(path),))

    async def there():
        return (await ben.do("history", "Ana")).messages[-1].file

    await ben.until(there)
    row = ben.session.store.history(ben.state.contacts[_peer(ben)].chat_id)[-1].row
    from privity.client.timeline import offer_of
    from privity.identity.ids import id_to_text

    waiting = ben.session.profile.transfers / id_to_text(offer_of(row).blob_id)
    other = ben.session.profile.transfers / id_to_text(b"o" * 16)
    for file in (waiting, other):
        file.write_bytes(b"sealed")
    await ben.do("chats.delete", "Ana")
    assert not waiting.exists()
    assert other.exists()


def _peer(who):
    return next(iter(who.state.contacts))


def test_a_program_is_not_asked_back_and_a_person_is(run, account, capsys, monkeypatch):
    from privity.cli.app import main

    profile = account("Ana")
    status, error = run(profile, "chats", "delete", "Ben")
    assert (status, error["code"]) == (3, "not_found")
    assert main(["--profile", str(profile), "chats", "delete", "Ben"]) == 2
    assert "nobody to ask" in capsys.readouterr().err
